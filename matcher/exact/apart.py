"""SCIP in a process of its own, because nothing else can stop it: `python -m matcher.exact.apart`.

The parent writes a pickled request to its standard input and keeps that open; its end (the parent's end, however that
came) ends this process too. The answer comes pickled on standard output.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from matcher.exact.answer import Answer
from matcher.exact.mip import solve_with_scip
from matcher.exact.model import Frozen
from matcher.problem import Flags
from matcher.progress import Watch

ORPHANED = 3
GRACE_SECONDS = 0.5
"""How long before the time limit SCIP is asked to end, so that its answer still counts."""
ROOT = Path(__file__).resolve().parents[2]
"""Where the packages lie: a child started elsewhere finds them too."""


def solve_apart(frozen: Frozen, seconds: float, gap_target: float, continuous: Flags, watch: Watch) -> Answer:
    """Solve as `solve_with_scip` does; stopped by the watch, nothing is known."""
    request = pickle.dumps((frozen, max(seconds - GRACE_SECONDS, 0.1), gap_target, continuous))
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    child = subprocess.Popen(
        [sys.executable, "-m", "matcher.exact.apart"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path},
    )
    with child, watch.stopping(child.kill):
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(struct.pack("<Q", len(request)) + request)
            child.stdin.flush()
            answer = child.stdout.read()
        except BrokenPipeError:
            answer = b""
        finally:
            child.kill()
    # What the child wrote is this module's own; an answer that a kill cut short is none.
    return pickle.loads(answer) if answer.endswith(b".") else Answer(None, None)  # noqa: S301


def main() -> None:
    """Answer the one request that comes in."""
    answers = _private_stdout()
    size = struct.unpack("<Q", sys.stdin.buffer.read(8))[0]
    frozen, seconds, gap_target, continuous = pickle.loads(sys.stdin.buffer.read(size))  # noqa: S301 - from the parent
    threading.Thread(target=_end_with_input, daemon=True).start()
    answer = solve_with_scip(frozen, seconds, gap_target, continuous)
    answers.write(pickle.dumps(answer))
    answers.flush()
    os._exit(0)


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(ORPHANED)


def _private_stdout() -> BinaryIO:
    """Keep the pipe for the answer alone: what a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


if __name__ == "__main__":
    main()
