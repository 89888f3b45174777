"""Compile the matcher's loops ahead, so that the first large run does not spend its time limit on that.

python -m tools.compile_ahead

A minute or two on two cores the first time, seconds where everything is compiled already.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

from matcher.loops import GROUPS, POLL_SECONDS, start

SAY_SECONDS = 5.0
"""Where nobody watches a terminal, how often a line is written."""


def compile_all(say: Callable[[str], None]) -> bool:
    """Compile all groups, as many at once as there are cores; `say` hears how far that is. False: some failed."""
    began, waiting, failed = time.monotonic(), list(GROUPS), list[str]()
    running, cores = dict[str, subprocess.Popen[bytes]](), os.cpu_count() or 1
    try:
        while waiting or running:
            while waiting and len(running) < cores:
                group = waiting.pop(0)
                running[group] = start(group)
            for group in [group for group, child in running.items() if child.poll() is not None]:
                failed += [group] if running.pop(group).returncode else []
            done = len(GROUPS) - len(waiting) - len(running)
            now = ", ".join(GROUPS[group][0] for group in running)
            say(
                f"  {done} of {len(GROUPS)} groups after {time.monotonic() - began:.0f} s{': ' * bool(now)}{now}"
            )
            time.sleep(POLL_SECONDS)
    finally:
        for child in running.values():
            child.kill()
            child.wait()
    return not failed


class _Lines:
    """Writes a line over the last one on a terminal; elsewhere a new one now and then, and when a group is done."""

    def __init__(self) -> None:
        self._seen, self._next = "", 0.0

    def say(self, line: str) -> None:
        """Write what is new."""
        if sys.stdout.isatty():
            print(f"\r\x1b[K{line}", end="", flush=True)
        elif line.split(" groups", maxsplit=1)[0] != self._seen or time.monotonic() >= self._next:
            print(line, flush=True)
            self._seen, self._next = line.split(" groups", maxsplit=1)[0], time.monotonic() + SAY_SECONDS

    def end(self) -> None:
        """Leave the last line standing."""
        if sys.stdout.isatty():
            print(flush=True)


def main() -> int:
    """Compile all groups beside each other, telling how far that is; 1 where some could not be compiled."""
    lines = _Lines()
    try:
        return int(not compile_all(lines.say))
    finally:
        lines.end()


if __name__ == "__main__":
    sys.exit(main())
