"""One owner at a time for a data folder.

The lock is the kernel's (`flock`), so it ends with the processes that hold it, whatever ended them. The
server inherits it: after a `kill -9` of the owner the folder stays locked until the last PostgreSQL process
is gone.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypedDict

from service.errors import DataBusyError
from service.orphan import Orphan
from service.process import is_alive

Role = Literal["service", "background"]

POLL_SECONDS = 0.05
# Two questions about the lock may meet; a real owner holds it longer than this.
BRIEF_SECONDS = 0.5
# What a killed service's server may take to end, signals that grow louder included.
ORPHAN_SECONDS = 40.0


class Owner(TypedDict):
    """Who holds the folder: a running service (its pid), or a server in the background (PostgreSQL's pid)."""

    pid: int
    role: Role


class FolderLock:
    """The lock of one data folder, in the file `owner.lock`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "owner.lock"
        self.descriptor: int | None = None

    def acquire(self, role: Role, orphan: Callable[[], Orphan]) -> None:
        """Take the lock, waiting for what a killed owner has left.

        Args:
            role: what the holder is.
            orphan: called once if the owner is gone but its server still runs: how to end that server.

        Raises:
            DataBusyError: somebody alive holds it, or the server of a killed owner does not end.
        """
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        started = time.monotonic()
        left: Orphan | None = None
        while not try_lock(descriptor, fcntl.LOCK_EX):
            owner = self.owner()
            abandoned = owner is not None and owner["role"] == "service" and not is_alive(owner["pid"])
            if abandoned:
                left = left or orphan()
                left.end()
            if time.monotonic() - started > (ORPHAN_SECONDS if abandoned else BRIEF_SECONDS):
                os.close(descriptor)
                holder = left.pid if left else owner["pid"] if owner else None
                raise DataBusyError(self.folder, holder or 0, orphaned=left is not None)
            time.sleep(POLL_SECONDS)
        self.descriptor = descriptor
        self.name_owner(os.getpid(), role)

    def name_owner(self, pid: int, role: Role) -> None:
        """Write into the held lock who holds it."""
        assert self.descriptor is not None, "only the holder names itself"
        text = json.dumps(Owner(pid=pid, role=role)).encode()
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, text, 0)

    def release(self) -> None:
        """Let go of the lock; a server that inherited it keeps it."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None

    def owner(self) -> Owner | None:
        """Who wrote itself in last; None before the first."""
        try:
            found = json.loads(self.path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return Owner(pid=int(found["pid"]), role="background" if found["role"] == "background" else "service")

    def is_held(self) -> bool:
        """Whether anybody, this process included, holds the lock."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            return not try_lock(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def wait_until_free(self, seconds: float) -> bool:
        """Whether the lock becomes free within that time."""
        deadline = time.monotonic() + seconds
        while self.is_held():
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True


def try_lock(descriptor: int, kind: int) -> bool:
    """Lock without waiting; False if somebody is in the way."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
