"""Starting child processes that do not outlive their parent."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
LOG_LIMIT_BYTES = 10_000_000

# Loaded once and early: between fork and exec nothing may be imported or allocated that could take a lock.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Account:
    """The operating-system account that a child runs under."""

    uid: int
    gid: int


def dies_with_parent(last_signal: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` after which the kernel sends `last_signal` to the child when its parent is gone.

    It holds for `kill -9` of the parent too. The kernel watches the thread that started the child, so start
    children from a thread that lives as long as the program. Only Linux has it; elsewhere nothing happens,
    and the next start clears away what a killed one has left.
    """
    parent = os.getpid()

    def ask_the_kernel() -> None:
        if _libc is None:
            return
        _libc.prctl(PR_SET_PDEATHSIG, int(last_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel was asked
            os._exit(1)

    return ask_the_kernel


def spawn(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    log: Path,
    cwd: Path | str = "/",
    account: Account | None = None,
    last_signal: signal.Signals | None = signal.SIGTERM,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own (a Ctrl-C reaches the parent only), its output appended to `log`.

    Args:
        argv: the program and its arguments.
        env: the child's whole environment.
        log: the file for its output; started anew beyond 10 MB.
        cwd: its working folder.
        account: run as this account; None for the caller's own.
        last_signal: what the child gets when its parent dies; None lets it live on.
        pass_fds: open file descriptors that it inherits.
    """
    with open_log(log) as output:
        return subprocess.Popen(
            [str(word) for word in argv],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            pass_fds=tuple(pass_fds),
            # One prctl call of a library that is loaded already: safe beside threads.
            preexec_fn=dies_with_parent(last_signal) if last_signal is not None else None,  # noqa: PLW1509
        )


def open_log(path: Path) -> IO[bytes]:
    """The log file, open for appending; the previous one is kept as `.1` once it is large."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_suffix(path.suffix + ".1"))
    return path.open("ab")


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log, indented; empty where there is no log."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 8_000))
        text = file.read().decode(errors="replace")
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


def is_alive(pid: int) -> bool:
    """Whether a process of that number exists, whoever owns it. A zombie counts as gone."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return sys.platform != "linux"
    return state != "Z"


def stop(process: subprocess.Popen[bytes], first: signal.Signals, grace_seconds: float) -> None:
    """Ask the process to stop and wait; after the grace, kill it and the rest of its session."""
    if process.poll() is None:
        process.send_signal(first)
        try:
            process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    end_group(process.pid)


def end_group(group: int) -> None:
    """Kill what a stopped child has left in its own process group, such as helpers that it had forked."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
