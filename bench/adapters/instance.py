"""What an adapter makes of a published file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from scipy.sparse import csr_matrix

from matcher.plan import Outcome, Plan
from matcher.problem import Flags, Problem


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
    down, so a bound of the problem is a bound of the instance. `names` are those under which best known
    values list it. `report` measures more of an outcome, for the kinds that have more to say; `textbook` builds the
    model that `bench.peers` gives to other solvers.
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


def numbers(text: str, count: int | None = None) -> list[Fraction]:
    """Read white-space separated numbers, the first `count` of them; what follows may be anything."""
    words = text.replace("\x1a", " ").replace("\x00", " ").split()
    found = [Fraction(word) for word in words[:count]]
    if count is not None and len(found) < count:
        raise ValueError(f"{count} numbers expected, {len(found)} found")
    return found
