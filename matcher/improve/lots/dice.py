"""Random numbers that compiled loops draw: the next comes from the last, which the state keeps."""

from __future__ import annotations

from matcher.improve.lots.tables import DICE, Ints, State


def drawn(s: State, below: int) -> int:
    """Draw a number from 0 to below - 1 (Marsaglia's xorshift, 2003)."""
    x = s.counts[DICE]
    x ^= (x << 13) & 0x7FFFFFFFFFFFFFFF
    x ^= x >> 7
    x ^= (x << 17) & 0x7FFFFFFFFFFFFFFF
    s.counts[DICE] = x
    return int((x >> 11) % below)


def chance(s: State) -> float:
    """Draw a number above 0 and at most 1."""
    return (drawn(s, 2**30) + 1) / 2**30


def noisy(s: State, noise: float) -> float:
    """Draw a factor of 1 but for some noise."""
    return 1.0 + noise * (chance(s) - 0.5)


def shuffle(s: State, values: Ints, number: int) -> None:
    """Put the first `number` values into a random order."""
    for last in range(number - 1, 0, -1):
        other = drawn(s, last + 1)
        values[last], values[other] = values[other], values[last]
