"""What is wrong with problem and plan files, told at a terminal and to scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from capweave.cli.exits import CommandError, Exit
from capweave.cli.output import count, print_json

if TYPE_CHECKING:
    from matcher.errors import MatcherError

SHOWN_FAULTS = 20


class FileFault(Exception):  # noqa: N818 - what is wrong, on its way to the terminal
    """What is wrong with a file, in one or several places."""

    def __init__(self, path: Path, error: MatcherError) -> None:
        from matcher.errors import ProblemError

        self.faults: list[dict[str, object]] = [{"file": str(path), "message": str(error)}]
        self.lines = [f"{path}: {error}"]
        if isinstance(error, ProblemError):
            places = (error, *error.more)
            self.faults = [
                {
                    "file": str(path),
                    "table": each.table or None,
                    "row": None if each.row < 0 else each.row,
                    "field": each.field or None,
                    "message": each.reason,
                }
                for each in places
            ]
            self.lines = [f"{path}: {each}" for each in places]


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Say of what is wrong in which file it is."""
    from matcher.errors import MatcherError

    try:
        yield
    except MatcherError as error:
        raise FileFault(path, error) from error


@contextmanager
def matcher_errors(*, as_json: bool = False) -> Iterator[None]:
    """Files that cannot be read or written, as the command's end; with --json as a document too."""
    from matcher.errors import MatcherError

    try:
        yield
    except FileFault as error:
        if as_json:
            print_json({"errors": error.faults})
        few, left = error.lines[:SHOWN_FAULTS], len(error.lines) - SHOWN_FAULTS
        more = [f"... and {count(left)} more (all of them with --json)"] if left > 0 else []
        raise CommandError("\n".join([*few, *more]), Exit.INVALID_INPUT) from error
    except MatcherError as error:
        raise CommandError(str(error), Exit.INVALID_INPUT) from error
    except OSError as error:
        if as_json:
            print_json({"errors": [{"file": str(error.filename), "message": error.strerror}]})
        raise CommandError(f"{error.filename}: {error.strerror}", Exit.INVALID_INPUT) from error
