"""How much memory a match holds: this process, and the processes beside it that solve or compile for it."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import sys
import threading
from contextlib import suppress
from pathlib import Path

KILOBYTES = 1024 / 1e6
"""What the system calls a kilobyte, in megabytes (10^6 bytes)."""


class Memory:
    """The most that this process held since it began or `forget` was called, and the most that its children held.

    A child counts with the most that it ever held while others are there: together they may have held less at any one
    time, never more. Children are looked at by whoever watches a match, ten times a second, and before they are ended.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._children = set[int]()
        self._beside = 0

    def started(self, child: int) -> None:
        """Count a child process, by its number, until it ends."""
        with self._lock:
            self._children.add(child)

    def look(self) -> None:
        """See how much the children hold; those that have ended are forgotten."""
        with self._lock:
            held = {child: _most_of(f"/proc/{child}", parent=os.getpid()) for child in self._children}
            self._children = {child for child, most in held.items() if most}
            self._beside = max(self._beside, sum(held.values()))

    def forget(self) -> None:
        """Begin anew, with what is held now; what nobody uses any more is given back to the system before."""
        gc.collect()
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
        with self._lock:
            self._beside = 0

    def peak_mb(self) -> float:
        """Return the most that was held, megabytes (10^6 bytes).

        Where the system tells nothing of single processes, it is the most since this process began, and of children the
        largest that has ended.
        """
        self.look()
        here = _most_of("/proc/self")
        if here:
            return (here + self._beside) * KILOBYTES
        most = sum(
            resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        return most / 1e6 if sys.platform == "darwin" else most * KILOBYTES


def _most_of(process: str, parent: int | None = None) -> int:
    """Return the most that a process held, kilobytes; 0 where it has ended, or another has its number now."""
    try:
        lines = Path(process, "status").read_text().splitlines()
    except OSError:
        return 0
    told = dict(line.split(":", 1) for line in lines if ":" in line)
    if parent is not None and told.get("PPid", "").strip() != str(parent):
        return 0
    return int(told.get("VmHWM", "0 kB").split()[0])


MEMORY = Memory()
"""That of this process."""
