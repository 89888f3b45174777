"""What the exit codes mean, and how every error becomes one of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from capweave.client import (
    AnswerTimeoutError,
    CapweaveError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotConfiguredError,
    NotFoundError,
    ServerError,
    UnauthorizedError,
    UnreachableError,
)


class Exit(IntEnum):
    """The exit codes; `capweave --help` lists them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    INVALID_INPUT = 3
    UNREACHABLE = 4
    NOT_VERIFIED = 5
    NOT_ALLOWED = 6
    INTERRUPTED = 130


EXPLAINED = """Exit codes: 0 done; 1 failed; 2 wrong usage; 3 invalid input, nothing was stored;
4 service not reachable; 5 verification failed; 6 no key, or it may not do this; 130 interrupted."""

START_IT = "If it should be on this machine, start it with:   make run   (or capweave serve)"

_BY_ERROR: tuple[tuple[type[CapweaveError], Exit], ...] = (
    (UnreachableError, Exit.UNREACHABLE),
    (AnswerTimeoutError, Exit.UNREACHABLE),
    (ServerError, Exit.UNREACHABLE),
    (NotConfiguredError, Exit.NOT_ALLOWED),
    (UnauthorizedError, Exit.NOT_ALLOWED),
    (ForbiddenError, Exit.NOT_ALLOWED),
    (NotFoundError, Exit.INVALID_INPUT),
    (ConflictError, Exit.INVALID_INPUT),
    (InvalidRequestError, Exit.INVALID_INPUT),
)


class CommandError(Exception):
    """A command ends here: `message` goes to the terminal, `code` to the caller."""

    def __init__(self, message: str, code: Exit = Exit.FAILED) -> None:
        super().__init__(message)
        self.code = code


def run_command(app: Callable[[], Any]) -> int:
    """Run the application; its errors become a sentence on stderr and an exit code."""
    try:
        app()
    except (CommandError, CapweaveError, KeyboardInterrupt) as error:
        code, message = ending(error)
        sys.stderr.write(message)
        return code
    except SystemExit as end:
        if end.code == Exit.INTERRUPTED:  # Typer ends so on Ctrl-C, and says nothing
            sys.stderr.write("Interrupted.\n")
        raise
    except BrokenPipeError:  # the reader of our output (head, less) has seen enough
        sys.stderr.close()
    return Exit.DONE


def ending(error: BaseException) -> tuple[Exit, str]:
    """The exit code and the sentence of an error that ends a command; others are bugs, and raised again."""
    if isinstance(error, CommandError):
        return error.code, f"{error}\n"
    if isinstance(error, UnreachableError):
        return exit_code(error), f"{error}\n{START_IT}\n"
    if isinstance(error, CapweaveError):
        return exit_code(error), f"{error}\n"
    if isinstance(error, KeyboardInterrupt):
        return Exit.INTERRUPTED, "Interrupted.\n"
    raise error


def exit_code(error: CapweaveError) -> Exit:
    """The exit code of an error of the client."""
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), Exit.FAILED)
