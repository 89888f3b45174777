"""A solver in a process of its own, which can be killed: `python -m matcher.exact.apart`.

SCIP cannot be interrupted at all, HiGHS not everywhere. The parent writes pickled orders to the child's
standard input, each with its length before it, and reads news and answers of the same form. The end of the
input (the parent's end, however that came) ends the child too, also while it solves.
"""

from __future__ import annotations

import os
import pickle
import queue
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from matcher.exact.answer import Answer
from matcher.exact.flow import Flow, cheapest_flow
from matcher.exact.highs import Control, solve_with_highs
from matcher.exact.mip import solve_with_scip
from matcher.exact.request import News, Request, Tell
from matcher.memory import MEMORY
from matcher.problem import Ints
from matcher.progress import Watch

GRACE_SECONDS = 0.5
"""How long before the time limit a solver is asked to end, so that its answer still counts."""
PATIENCE_SECONDS = 3.0
"""How long after the end of its time a child that has not answered is killed."""
ROOT = Path(__file__).resolve().parents[2]
"""Where the packages lie: a child started elsewhere finds them too."""
LENGTH = struct.Struct("<Q")
STOP, OFFER, SOLVE = "stop", "offer", "solve"


class SolverApart:
    """A child process that solves: started when first needed, killed at the end or by the watch.

    One request at a time. `begin`, `offer`, `stop` and `next_news` are for those who wait for several
    children at once; `solve` does it all.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._child: subprocess.Popen[bytes] | None = None
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._until = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def solve(self, request: Request, tell: Tell | None = None) -> Answer:
        """Return the best that the solver found; killed by the watch, the best of what it told."""
        self.begin(request)
        best = Answer(None, None)
        while True:
            news = self.next_news(0.2)
            if isinstance(news, Answer):
                values = best.values if news.values is None else news.values
                return Answer(values, _higher(best, news), news.duals)
            if news is not None:
                best = Answer(best.values if news.values is None else news.values, _higher(best, news))
                if tell is not None:
                    tell(news)

    def flow(self, flow: Flow) -> tuple[Ints, int] | None:
        """Return what `cheapest_flow` does; None also where the watch kills it."""
        self.begin(flow)
        while not isinstance(news := self.next_news(0.2), Answer):
            pass
        return None if news.values is None or news.bound is None else (news.values, news.bound)

    def begin(self, request: Request | Flow) -> None:
        """Give the child, which is idle, something to solve."""
        self._until = time.monotonic() + request.seconds + PATIENCE_SECONDS
        self._order(SOLVE, request)

    def offer(self, values: Ints) -> None:
        """Tell the solver of a better plan."""
        self._order(OFFER, values)

    def stop(self) -> None:
        """Ask the solver to answer soon."""
        self._order(STOP, None)

    def next_news(self, seconds: float) -> News | Answer | None:
        """Wait for what the solver tells next: News, or the Answer that ends the request; None after a while.

        A child that the watch stops, or that does not end in time, is killed: that is an empty answer.
        """
        try:
            news: News | Answer | None = self._inbox.get(timeout=seconds)
        except queue.Empty:
            news = None
        if not isinstance(news, Answer) and (self._watch.stopped() or time.monotonic() > self._until):
            self.end()
            self._inbox.put(Answer(None, None))
        return news

    def end(self) -> None:
        """Kill the child; the next request starts another one."""
        if self._child is not None:
            MEMORY.look()
            self._child.kill()
            self._outbox.put(None)
            with self._child:
                self._child = None
            self._inbox = queue.SimpleQueue()

    def _order(self, what: str, content: object) -> None:
        if self._child is None:
            self._child = _started()
            MEMORY.started(self._child.pid)
            self._outbox = queue.SimpleQueue()
            for target, stream in ((_listen, self._child.stdout), (_speak, self._child.stdin)):
                box = self._inbox if target is _listen else self._outbox
                threading.Thread(target=target, args=(stream, box), name="solver-apart", daemon=True).start()
        self._outbox.put((what, content))


def _higher(one: Answer, other: Answer | News) -> int | None:
    return max((bound for bound in (one.bound, other.bound) if bound is not None), default=None)


def _started() -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "-m", "matcher.exact.apart"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path},
    )


def _listen(stream: Any, inbox: queue.SimpleQueue[Any]) -> None:
    """Put what a child says into the inbox; its end is an empty answer."""
    try:
        while True:
            inbox.put(_read(stream))
    except (EOFError, ValueError):
        # ValueError: the pipe was closed while this thread waited for it.
        inbox.put(Answer(None, None))


def _speak(stream: Any, outbox: queue.SimpleQueue[Any]) -> None:
    """Write orders, which may have to wait for a child that is still starting, until there is None."""
    try:
        while (order := outbox.get()) is not None:
            _write(stream, order)
    except (BrokenPipeError, ValueError):
        # The child has ended, which whoever listens to it hears.
        return


def _write(stream: Any, message: object) -> None:
    content = pickle.dumps(message)
    stream.write(LENGTH.pack(len(content)) + content)
    stream.flush()


def _read(stream: Any) -> Any:
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
    answers, lock = _private_stdout(), threading.Lock()
    requests: queue.SimpleQueue[tuple[Request | Flow, Control]] = queue.SimpleQueue()
    threading.Thread(target=_take_in, args=(requests,), daemon=True).start()

    def tell(news: News | Answer) -> None:
        with lock:
            _write(answers, news)

    while True:
        request, control = requests.get()
        if isinstance(request, Flow):
            found = cheapest_flow(request)
            tell(Answer(None, None) if found is None else Answer(*found))
        elif request.solver == "scip":
            tell(solve_with_scip(request))
        else:
            tell(solve_with_highs(request, tell, control))


def _take_in(requests: queue.SimpleQueue[tuple[Request, Control]]) -> None:
    """Pass on orders, and end with the input: what is being solved then, nobody waits for."""
    control = Control()
    try:
        while True:
            what, content = _read(sys.stdin.buffer)
            if what == SOLVE:
                control = Control()
                requests.put((content, control))
            elif what == OFFER:
                control.offered.append(content)
            else:
                control.stop = True
    except EOFError:
        os._exit(0)


def _private_stdout() -> BinaryIO:
    """Keep the pipe for the answers alone: what a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


if __name__ == "__main__":
    main()
