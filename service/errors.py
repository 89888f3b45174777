"""What can stop the service, each error a sentence that says what to do."""

from __future__ import annotations

from pathlib import Path


class ServiceError(Exception):
    """The service cannot go on; the message is meant for the person at the terminal."""


class PostgresNotFoundError(ServiceError):
    """No PostgreSQL server programs were found on this machine."""


class PostgresStartError(ServiceError):
    """PostgreSQL did not start; the message ends with the last lines of its log."""


class PlaceError(ServiceError):
    """A folder cannot be used by the account that must use it."""


class DataBusyError(ServiceError):
    """The data folder is in use by another running service, or by the server that a killed one has left.

    Attributes:
        folder: the data folder.
        pid: the process that holds it; 0 where it is not known.
    """

    def __init__(self, folder: Path, pid: int, *, orphaned: bool = False) -> None:
        if orphaned:
            named = f" (process {pid})" if pid else ""
            stop = f"End it (kill -9 {pid})" if pid else "End its processes"
            told = f"the database of a service that was killed{named}, which does not end. {stop}, and start again"
        else:
            told = f"another running service (process {pid}). Stop that one first (Ctrl-C, or kill {pid})"
        super().__init__(
            f"The data in {folder} are in use by {told}, or name another folder in CAPWEAVE_DATA."
        )
        self.folder = folder
        self.pid = pid


class ChildFailedError(ServiceError):
    """A program of the service did not become healthy; the message ends with the last lines of its log."""
