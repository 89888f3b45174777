"""What a match is said to hold at most is what it held, children included, and not what came before it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from matcher.memory import Memory
from matcher.progress import Watch

pytestmark = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux tells this alone")
MANY = 200_000_000


def holding(megabytes: int) -> subprocess.Popen[bytes]:
    """Start a process that holds so much, and wait until it does."""
    code = f"import sys; held = bytearray({megabytes} * 10**6); sys.stdout.write('x'); sys.stdout.flush(); sys.stdin.read()"
    child = subprocess.Popen(
        [sys.executable, "-S", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.read(1)
    return child


def end(*children: subprocess.Popen[bytes]) -> None:
    for child in children:
        child.kill()
        child.communicate()


def test_what_an_earlier_match_held_is_forgotten() -> None:
    memory = Memory()
    memory.forget()
    before = memory.peak_mb()
    np.ones(MANY, dtype=np.int8).sum()
    assert memory.peak_mb() > before + 0.9 * MANY / 1e6
    memory.forget()
    assert memory.peak_mb() < before + 0.5 * MANY / 1e6


def test_children_count_together_also_after_they_ended() -> None:
    memory, alone = Memory(), Memory()
    children = [holding(120), holding(90)]
    for child in children:
        memory.started(child.pid)
    memory.look()
    end(*children)
    assert 200 < memory.peak_mb() - alone.peak_mb() < 260
    memory.forget()
    assert memory.peak_mb() - alone.peak_mb() < 10


def test_children_that_come_after_one_another_do_not_add_up() -> None:
    memory, alone = Memory(), Memory()
    for _ in range(2):
        child = holding(100)
        memory.started(child.pid)
        memory.look()
        end(child)
    assert 90 < memory.peak_mb() - alone.peak_mb() < 150


def test_who_watches_a_match_looks_at_its_children(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, alone = Memory(), Memory()
    monkeypatch.setattr("matcher.progress.MEMORY", memory)
    child = holding(100)
    memory.started(child.pid)
    with Watch(10):
        time.sleep(0.3)
        end(child)
    assert 90 < memory.peak_mb() - alone.peak_mb() < 150
