"""Searches on a thread beside the one that asks them: until when they go on, and what becomes of their errors."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Callable
from typing import Generic, TypeVar

from matcher.progress import Watch

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Alongside:
    """Lets a search run on a thread until `until` (of `watch.elapsed`), the end of the match, or until it is ended.

    The thread is not waited for: the search has to look at `over` often, and to hold nothing when it returns. A search
    that raises is a fault of ours, which does not take from the match what others find: it is said aloud (tests fail on
    the warning), once, to whoever next asks whether it is active or ends it. After that nobody listens any more, and
    threading's own hook has it.
    """

    def __init__(self, name: str, watch: Watch, until: float) -> None:
        self._name, self._watch, self._until = name, watch, until
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._ended = False
        self._failure: Exception | None = None

    def begin(self, search: Callable[[], None]) -> None:
        """Let the search run."""
        self._thread = threading.Thread(target=self._run, args=(search,), name=self._name, daemon=True)
        self._thread.start()

    @property
    def active(self) -> bool:
        """Whether the search runs."""
        active = self._thread is not None and self._thread.is_alive()
        self._say_failure()
        return active

    def end(self) -> None:
        """Let the search end soon."""
        with self._lock:
            self._ended = True
        self._say_failure()

    def over(self) -> bool:
        """Say whether the search is to stop."""
        return self._ended or self._watch.stopped() or self._watch.elapsed >= self._until

    def _run(self, search: Callable[[], None]) -> None:
        try:
            search()
        except Exception as failure:
            with self._lock:
                if self._ended:
                    raise
                self._failure = failure

    def _say_failure(self) -> None:
        with self._lock:
            failure, self._failure = self._failure, None
        if failure is not None:
            # The log has every one of them, the warning, which the process may say only once, fails tests.
            _log.error("the search %s failed", self._name, exc_info=failure)
            warnings.warn(f"the search {self._name} failed: {failure!r}", RuntimeWarning, stacklevel=3)


class Latest(Generic[T]):
    """What one thread last told another, to be taken once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: T | None = None

    def tell(self, told: T) -> None:
        """Replace what has been told before, taken or not."""
        with self._lock:
            self._told = told

    def take(self) -> T | None:
        """Return what has been told since this was last asked, if anything."""
        with self._lock:
            told, self._told = self._told, None
        return told
