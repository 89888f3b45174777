"""What an adapter makes of a published file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from scipy.sparse import csr_matrix

from matcher.plan import Outcome, Plan
from matcher.problem import Flags, Problem

NUL = "\N{SYMBOL FOR NULL}"


@dataclass(frozen=True, slots=True)
class Textbook:
    """The plain model of an instance, straight from the published figures, for other solvers to solve.

    Minimise `cost` · x over `row_lower <= matrix x <= row_upper`, `0 <= x <= upper`, whole where `integer`. Columns and
    coefficients are whole numbers; a limit that does not limit is None.
    """

    cost: Sequence[Fraction]
    upper: Sequence[int]
    integer: Flags
    matrix: csr_matrix
    row_lower: Sequence[int | None]
    row_upper: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Instance:
    """A published instance: `money` is what a micro of the problem is worth in the published unit.

    `cost` counts a complete plan again from the published figures. Unit costs of the problem are rounded
    down, so a bound of the problem is one of the instance, of plans in the problem's units. Where published plans make
    fractions of units, that is of plans in parts of them (`parts`): those in any
    fractions may cost a little less, less than 1e-6 of it where small instances were tried (`bench.adapters.lots`). `names`
    are those under which best known values list it. `report` measures more of an outcome, for the kinds that have more to
    say; `textbook` builds the model that `bench.peers` gives to other solvers.
    """

    names: tuple[str, ...]
    problem: Problem
    money: Fraction
    cost: Callable[[Plan], Fraction]
    report: Callable[[Outcome], dict[str, object]] | None = None
    seconds: float | None = None
    """The time limit where the caller names none and the comparison sets one; else the product's own."""
    parts: int = 1
    """How many units of the problem a published unit is (of demand; a job or a whole customer is one)."""
    textbook: Callable[[], Textbook] | None = None


def text_of(path: Path) -> str:
    """Read an old text file: without a byte-order mark, and up to the Ctrl-Z that may end it."""
    return path.read_bytes().removeprefix(b"\xef\xbb\xbf").partition(b"\x1a")[0].decode("latin-1")


def sizes(text: str) -> tuple[int, int]:
    """Read the two sizes that a file begins with. Raises ValueError."""
    words = text.split(maxsplit=2)[:2]
    first, second = [number_of(word) or Fraction(0) for word in [*words, "0", "0"]][:2]
    if min(first, second) <= 0 or first.denominator > 1 or second.denominator > 1:
        raise ValueError(
            f"expected to begin with two whole numbers above 0, not with {' '.join(words)!r:.40}"
        )
    return int(first), int(second)


def numbers(text: str, count: int, spare: int = 0) -> list[Fraction]:
    """Read so many white-space separated numbers, all that there are up to `spare` more.

    What follows them may be anything but numbers, and anything at all from a NUL on; NULs between numbers are blanks.
    Raises ValueError where there are fewer or more: the file is of another form then.
    """
    found, more = list[Fraction](), 0
    for word in text.replace("\x1a", " ").replace("\x00", f" {NUL} ").split():
        number = None if word == NUL else number_of(word)
        if number is not None and len(found) < count:
            found.append(number)
        elif number is not None:
            more += 1
        elif word != NUL or len(found) == count:
            break
    if len(found) < count:
        raise ValueError(f"{count} numbers expected, {len(found)} found")
    if more > spare:
        raise ValueError(f"{count} numbers expected, and {more} more found: a file of another form")
    return found


def number_of(word: str) -> Fraction | None:
    """Return the number that a word is, None where it is none."""
    try:
        return Fraction(word)
    except (ValueError, ZeroDivisionError):
        return None
