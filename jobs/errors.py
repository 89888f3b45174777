"""What ends the work on a run."""

from __future__ import annotations


class RunFailedError(Exception):
    """The run cannot be completed; `code` and message are for the person who asked for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class SolverDiedError(RunFailedError):
    """The solver process ended without an answer.

    Attributes:
        killed: by a signal (out of memory, a crash), so that another try may do better.
    """

    def __init__(self, message: str, *, killed: bool) -> None:
        super().__init__("solver_died" if killed else "solver_failed", message)
        self.killed = killed
