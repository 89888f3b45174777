"""Telling how a match gets on, and stopping it: a thread that ticks beside the solvers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from matcher.memory import MEMORY

TICK_SECONDS = 0.1
REPORT_SECONDS = 0.5
OnGain = Callable[[float], bool]
"""Hears by how much the cost has changed since a search began (thousandths of micros); says whether that is enough."""


def nobody(_: float) -> bool:
    """Hear nothing; nothing is enough."""
    return False


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a match stands: micros, a fraction, seconds; None where nothing is known yet."""

    phase: str
    incumbent: int | None
    bound: int | None
    gap: float | None
    elapsed: float


def gap_between(objective: int, bound: int) -> float:
    """Return (objective - bound) / max(|objective|, 1)."""
    return (objective - bound) / max(abs(objective), 1)


class Watch:
    """The clock and the stop button of one match; use it as a context.

    A thread asks `should_stop` ten times a second and reports at least twice a second, so both callables are
    called from that thread. What they raise ends the match and is raised again to whoever leaves the context.
    """

    def __init__(
        self,
        seconds: float,
        on_progress: Callable[[Progress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        self.started = time.monotonic()
        self.deadline = self.started + seconds
        self.cancelled = False
        self.faults = list[str]()
        """Bounds above the cost of a plan (`matcher.proof`), in words: none, unless something is wrong."""
        self._on_progress, self._should_stop = on_progress, should_stop
        self._now = Progress("eligibility", None, None, None, 0.0)
        self._stops: dict[int, Callable[[], object]] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._tick, name="match-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        if self._failure is not None and error is None:
            raise self._failure

    @property
    def elapsed(self) -> float:
        """Seconds since the match began."""
        return time.monotonic() - self.started

    @property
    def remaining(self) -> float:
        """Seconds until the time limit, 0 when it is over or the match was cancelled."""
        return 0.0 if self.cancelled else max(0.0, self.deadline - time.monotonic())

    def stopped(self) -> bool:
        """Whether to stop at once: cancelled, or out of time."""
        return self.remaining <= 0

    def tell(self, phase: str | None = None, incumbent: int | None = None, bound: int | None = None) -> None:
        """Note what is new (micros); the thread passes it on."""
        with self._lock:
            now = self._now
            incumbent = now.incumbent if incumbent is None else incumbent
            bound = now.bound if bound is None else bound
            gap = None if incumbent is None or bound is None else gap_between(incumbent, bound)
            self._now = Progress(phase or now.phase, incumbent, bound, gap, 0.0)

    @contextmanager
    def stopping(self, stop: Callable[[], object]) -> Iterator[None]:
        """While inside, call `stop` once the match has to stop: on its thread, perhaps repeatedly."""
        with self._lock:
            self._stops[id(stop)] = stop
        try:
            yield
        finally:
            with self._lock:
                del self._stops[id(stop)]

    def _tick(self) -> None:
        reported = -REPORT_SECONDS
        try:
            while not self._over.wait(TICK_SECONDS if reported >= 0 else 0):
                if not self.cancelled and self._should_stop is not None and self._should_stop():
                    self.cancelled = True
                MEMORY.look()
                if self.stopped():
                    self._stop_solvers()
                if self._on_progress is not None and self.elapsed - reported >= REPORT_SECONDS:
                    self._on_progress(replace(self._now, elapsed=self.elapsed))
                reported = self.elapsed if self.elapsed - reported >= REPORT_SECONDS else reported
            if self._on_progress is not None:
                self._on_progress(replace(self._now, elapsed=self.elapsed))
        except Exception as failure:  # noqa: BLE001 - a caller's callable may raise anything; __exit__ raises it again
            self._failure = failure
            self.cancelled = True
            self._stop_solvers()

    def _stop_solvers(self) -> None:
        with self._lock:
            stops = list(self._stops.values())
        for stop in stops:
            stop()
