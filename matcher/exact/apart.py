"""SCIP in a process of its own, because nothing else can stop it: `python -m matcher.exact.apart`.

The parent writes pickled requests to its standard input, each with its length before it, and reads answers of
the same form. The end of the input (the parent's end, however that came) ends this process too, also while it
solves.
"""

from __future__ import annotations

import os
import pickle
import queue
import struct
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from matcher.exact.answer import Answer
from matcher.exact.mip import solve_with_scip
from matcher.exact.model import Frozen
from matcher.problem import Flags
from matcher.progress import Watch

GRACE_SECONDS = 0.5
"""How long before the time limit SCIP is asked to end, so that its answer still counts."""
ROOT = Path(__file__).resolve().parents[2]
"""Where the packages lie: a child started elsewhere finds them too."""
LENGTH = struct.Struct("<Q")


class ScipApart:
    """A child process that runs SCIP: started when first needed, killed at the end or by the watch."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def solve(self, frozen: Frozen, seconds: float, gap_target: float, continuous: Flags) -> Answer:
        """Solve as `solve_with_scip` does; stopped by the watch, nothing is known."""
        child = self._child = self._child or _started()
        with self._watch.stopping(child.kill):
            try:
                _write(child.stdin, (frozen, seconds, gap_target, continuous))
                answer = _read(child.stdout)
            except (BrokenPipeError, EOFError):
                self._end()
                return Answer(None, None)
        assert isinstance(answer, Answer)
        return answer

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            with self._child:
                self._child = None


def _started() -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "-m", "matcher.exact.apart"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path},
    )


def _write(stream: Any, message: object) -> None:
    content = pickle.dumps(message)
    stream.write(LENGTH.pack(len(content)) + content)
    stream.flush()


def _read(stream: Any) -> object:
    """Read one message that this module wrote. Raises EOFError."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    content = stream.read(*LENGTH.unpack(head))
    if len(content) < LENGTH.unpack(head)[0]:
        raise EOFError
    return pickle.loads(content)  # noqa: S301 - the other end of a private pipe


def main() -> None:
    """Answer requests until the input ends."""
    answers = _private_stdout()
    requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_take_in, args=(requests,), daemon=True).start()
    while True:
        _write(answers, solve_with_scip(*requests.get()))


def _take_in(requests: queue.SimpleQueue[Any]) -> None:
    """Pass on requests, and end with the input: what is being solved then, nobody waits for."""
    try:
        while True:
            requests.put(_read(sys.stdin.buffer))
    except EOFError:
        os._exit(0)


def _private_stdout() -> BinaryIO:
    """Keep the pipe for the answers alone: what a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


if __name__ == "__main__":
    main()
