"""The solver process: `python -m jobs.solver` reads one problem, tells its progress and writes one outcome.

Asked to stop, by a line on its standard input, it writes what it has.

Only `jobs.match` starts it and speaks to it. It never outlives the process that started it: on Linux the
kernel ends it with its parent, elsewhere (and in any case) the end of its standard input does.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
from dataclasses import asdict
from typing import Any, BinaryIO

from jobs.start import unpacked
from matcher import plan_file, problem_file
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.progress import Progress

NICENESS = 5
"""Solving takes every core it can get; the API and the workers' heartbeats go first."""
PR_SET_PDEATHSIG = 1
ORPHANED = 3
STOP = b"stop\n"
"""What the parent writes when it wants the best plan so far, now."""


def main() -> None:
    """Match the problem that comes in on standard input."""
    parent = os.getppid()
    end_with_parent(parent)
    os.nice(NICENESS)
    answers = private_stdout()
    header = json.loads(sys.stdin.buffer.readline() or sys.exit())
    problem = problem_file.from_bytes(sys.stdin.buffer.read(header["bytes"]))
    start = unpacked(sys.stdin.buffer.read(header["start"])) if header["start"] else None
    enough = threading.Event()
    threading.Thread(target=heed_input, args=(enough,), daemon=True).start()

    def on_progress(progress: Progress) -> None:
        tell(answers, {"progress": asdict(progress)})

    asked = Parameters(**header["parameters"])
    outcome = match(problem, asked, start=start, on_progress=on_progress, should_stop=enough.is_set)
    document = json.dumps(plan_file.to_document(problem, outcome)).encode()
    tell(answers, {"outcome": len(document)}, document)


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended just before
            os._exit(ORPHANED)


def heed_input(enough: threading.Event) -> None:
    """Note the wish for an early end; end with standard input, whose end is the parent's."""
    for line in sys.stdin.buffer:
        if line == STOP:
            enough.set()
    os._exit(ORPHANED)


def private_stdout() -> BinaryIO:
    """Keep the pipe to the parent for answers alone: what a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def tell(answers: BinaryIO, message: dict[str, Any], payload: bytes = b"") -> None:
    """Write a line of JSON, and the payload that it announces."""
    answers.write(json.dumps(message).encode() + b"\n" + payload)
    answers.flush()


if __name__ == "__main__":
    main()
