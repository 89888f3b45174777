"""Ctrl-C as a wish and not as an accident: the first one is noted, the second ends the command."""

from __future__ import annotations

import select
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interruption() -> Iterator[Callable[[], bool]]:
    """Yield a function, for any thread, that says whether Ctrl-C was pressed in this block.

    A solver's code lets no handler of Python's run for seconds; the wake-up socket is written to at once.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    seen, written = socket.socketpair()
    pressed = 0

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        pressed += 1
        if pressed > 1:
            raise KeyboardInterrupt

    with seen, written:
        written.setblocking(False)
        handler = signal.signal(signal.SIGINT, handle)
        fd = signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
        try:
            yield lambda: bool(select.select([seen], [], [], 0)[0])
        finally:
            signal.set_wakeup_fd(fd)
            signal.signal(signal.SIGINT, handler)
