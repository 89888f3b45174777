"""How many units of components so many good units need, and how many offered ones stand for these (R8): plain loops."""

from __future__ import annotations

from matcher.improve.competition.tables import (
    FOR,
    NEED,
    PER,
    SOURCE,
    STANDS,
    UNITS,
    Given,
)


def standing(g: Given, source: int, units: int) -> int:
    """Return how many units of what a source offers stand for so many units of its row's component (R8)."""
    per = g.ints[g.sources + source * SOURCE + FOR]
    return (units * g.ints[g.sources + source * SOURCE + STANDS] + per - 1) // per


def covered(g: Given, source: int, units: int) -> int:
    """Return for how many units of its row's component so many units of what a source offers stand (R8)."""
    if units <= 0:
        return 0  # Most offers have nothing left, and dividing is slow.
    return units * g.ints[g.sources + source * SOURCE + FOR] // g.ints[g.sources + source * SOURCE + STANDS]


def needed(g: Given, need: int, units: int) -> int:
    """Return what so many good units need of a component: part 3 of docs/formulation.md."""
    per = g.ints[g.needs + need * NEED + PER]
    return (units * g.ints[g.needs + need * NEED + UNITS] + per - 1) // per


def affordable(g: Given, need: int, amount: int) -> int:
    """Return the most good units whose need of a component is at most an amount."""
    return amount * g.ints[g.needs + need * NEED + PER] // g.ints[g.needs + need * NEED + UNITS]
