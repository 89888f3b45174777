"""The server that a killed service has left: asked to stop, and at last made to."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

# A fast shutdown, an immediate one, and the end. A server whose own processes were killed with the service may wait
# for ever in the recovery that it began, deaf to the first. No row is lost by any of them.
LOUDER = ((0.0, signal.SIGINT), (8.0, signal.SIGQUIT), (15.0, signal.SIGKILL))
QUIET_SECONDS = 0.5
"""Most are gone by then, and nobody needs to hear of it."""


@dataclass
class Orphan:
    """A server without an owner.

    Attributes:
        pid: its process; None where it wrote down none, and only its last children are left to end.
        report: receives a sentence where ending it takes a moment.
    """

    pid: int | None
    report: Callable[[str], None]
    found_at: float = field(default_factory=time.monotonic)
    signals: int = 0
    reported: bool = False

    def end(self) -> None:
        """Send the signals that are due by now; called again and again until it is gone."""
        waited = time.monotonic() - self.found_at
        if waited > QUIET_SECONDS and not self.reported:
            self.reported = True
            who = "" if self.pid is None else f" (process {self.pid})"
            self.report(f"Waiting for the database of a killed service{who} to end ...")
        while self.pid is not None and self.signals < len(LOUDER) and waited >= LOUDER[self.signals][0]:
            send(self.pid, LOUDER[self.signals][1])
            self.signals += 1


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal; nothing happens if the process is gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
