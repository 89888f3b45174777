"""Reading published files of any kind: one that cannot be read is named, with the reason, and the others go on."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bench.adapters import cflp, clsp, frepple, gap, mpclsp, mtu, sscflp
from bench.adapters.instance import Instance
from bench.best_known import BestKnown, best_known_of
from matcher.errors import ProblemError

Adapter = Callable[[Path, BestKnown], Iterator[Instance]]
KINDS: dict[str, Adapter] = {
    "mtu": mtu.instances,
    "cflp": cflp.instances,
    "frepple": frepple.instances,
    "clsp": clsp.instances,
    "gap": gap.instances,
    "mpclsp": mpclsp.instances,
    "sscflp": sscflp.instances,
}
OF_ANOTHER_FORM = (LookupError, TypeError, ArithmeticError, OSError, EOFError, zlib.error, *mtu.UNREADABLE)
"""What files raise that are not of the kind at all; adapters say in a ValueError what is wrong within the kind."""


class UnreadableError(Exception):
    """A file is not an instance of its kind; the message says why."""


def instances_of(kind: str, path: Path) -> Iterator[tuple[Instance, BestKnown]]:
    """Read the instances of a file, and the values known of them. Raises UnreadableError."""
    # What is raised where an instance is used does not come in here.
    try:
        best_known = best_known_of(path)
        for instance in KINDS[kind](path, best_known):
            yield instance, best_known
    except ValueError as error:
        raise UnreadableError(str(error)) from error
    except OF_ANOTHER_FORM as error:
        first = next(iter(str(error).splitlines()), "")
        raise UnreadableError(f"not a file of the kind {kind} ({type(error).__name__}: {first})") from error


def use_each(kind: str, paths: Iterable[Path], use: Callable[[Instance, BestKnown], bool]) -> bool:
    """Use every instance of every file; say whether all could be read and every use said that it was well."""
    well = True
    for path in paths:
        try:
            for instance, best_known in instances_of(kind, path):
                well = use(instance, best_known) and well
        except (UnreadableError, ProblemError) as error:
            print(f"{path}: {error}", file=sys.stderr, flush=True)
            well = False
    return well
