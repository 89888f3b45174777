"""Compiling the matcher's loops while the service runs already: the first large run finds them there."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from service.process import stop
from service.settings import ROOT

Spawn = Callable[[], subprocess.Popen[bytes]]
SOON_SECONDS = 30.0
"""Looking what is compiled already takes less; nobody needs to hear of that."""


def where_loops_are_kept(data_dir: Path, env: Mapping[str, str]) -> dict[str, str]:
    """Return the variable that keeps compiled loops in the data folder where the sources' own cannot be written."""
    if "NUMBA_CACHE_DIR" in env or os.access(ROOT / "matcher", os.W_OK):
        return {}
    return {"NUMBA_CACHE_DIR": str(data_dir / "loops")}


@contextmanager
def compiling(spawn: Spawn, report: Callable[[str], None], *, announced: bool = False) -> Iterator[None]:
    """Compile while inside, in a process that yields to all others; a word is said where that takes its time.

    Args:
        spawn: starts that process.
        report: receives the words.
        announced: whether somebody else says that and how long loops are compiled.
    """
    process, left = spawn(), threading.Event()

    def tell() -> None:
        try:
            process.wait(SOON_SECONDS)
        except subprocess.TimeoutExpired:
            if not announced:
                report(
                    "Compiling the matcher's loops in the background, once: two to four minutes on two cores. "
                    "Small runs do not wait for it."
                )
            done = process.wait() == 0
            if not left.is_set():
                what = "are compiled" if done else "could not be compiled; large runs do it themselves"
                report(f"The matcher's loops {what}.")

    threading.Thread(target=tell, name="loops", daemon=True).start()
    try:
        yield
    finally:
        left.set()
        stop(process, signal.SIGKILL, 1)
