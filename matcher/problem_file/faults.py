"""What is wrong with a problem file, gathered so that all of it is told at once."""

from __future__ import annotations

from matcher.errors import ProblemError

MOST_FAULTS = 100
"""So many are enough to see what is wrong with a file."""


class Faults:
    """Errors found so far."""

    def __init__(self) -> None:
        self._found: list[ProblemError] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, error: ProblemError) -> None:
        """Keep an error and go on; raises them all once there are enough."""
        self._found.append(error)
        if len(self._found) >= MOST_FAULTS:
            self.tell()

    def tell(self) -> None:
        """Raise the first error, which has the others in `more`; nothing where there is none."""
        if self._found:
            first, *others = self._found
            first.more = tuple(others)
            raise first
