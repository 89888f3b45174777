"""Where a component comes from: what is there, what can be made for others, and which of these is cheapest."""

from __future__ import annotations

from matcher.improve.competition.booking import makeable, unit_value
from matcher.improve.competition.tables import (
    CAPABILITY,
    CARRIAGE,
    COST,
    END_NEED,
    EPOCH,
    ERA,
    FIRST,
    FIRST_NEED,
    FOCUS,
    FOR,
    LINE,
    MAKER,
    MAKING_COST,
    NEED,
    ROW,
    SOURCE,
    STAMP,
    STANDS,
    Given,
    State,
)

NOWHERE = 1e300
"""What a place costs that has no room."""


def choose(g: Given, s: State, row: int, t: int, still: int) -> tuple[int, int, int]:
    """Return the cheapest offer for a component in bucket t, the capability to make it or -1 if it is there, its source.

    (-1, -1, -1) where there is none.
    """
    best, chosen, by, origin = NOWHERE, -1, -1, -1
    for source in range(g.ints[g.source_starts + row], g.ints[g.source_starts + row + 1]):
        value, offer = there(g, s, source, t)
        if value < best:
            best, chosen, by, origin = value, offer, -1, source
        maker = g.ints[g.sources + source * SOURCE + MAKER]
        if maker >= 0:
            value, offer = made_for(g, s, source, maker, t, still, best)
            if value < best:
                best, chosen, by, origin = value, offer, maker, source
    return chosen, by, origin


def there(g: Given, s: State, source: int, t: int) -> tuple[float, int]:
    """Return what a unit of what a source has for bucket t costs, and its offer: the last that has something left.

    What has been made already and lies idle costs no more than its carriage.
    """
    first, last = g.ints[g.sources + source * SOURCE + FIRST], g.ints[g.reach + source * g.buckets + t]
    for offer in range(last, first - 1, -1):
        if covered(g, source, s.now[g.left + offer]) > 0:
            flat = float(g.ints[g.sources + source * SOURCE + CARRIAGE])
            return each_of(g, source) * (flat + g.reals[g.offer_price + offer]), offer
    return NOWHERE, -1


def made_for(
    g: Given, s: State, source: int, maker: int, t: int, still: int, best: float
) -> tuple[float, int]:
    """Return what a unit costs that a source makes anew for bucket t, and its offer, where that is below `best`."""
    first, last = g.ints[g.sources + source * SOURCE + FIRST], g.ints[g.reach + source * g.buckets + t]
    each, units, chosen = each_of(g, source), standing(g, source, still), -1
    flat = g.ints[g.sources + source * SOURCE + CARRIAGE] + g.reals[g.costs + maker * COST + MAKING_COST]
    wanted = sought(g, s, maker)
    if wanted >= 0 and first + wanted <= last:
        value = each * (flat + making_value(g, s, maker, wanted, units))
        if value < best:
            best, chosen = value, first + wanted
    for rank in range(first - g.supplies, first - g.supplies + g.buckets):
        offer = first + g.ints[g.by_price + rank]
        # What only adds to the price is asked last: most places are ruled out by the price alone.
        price = g.reals[g.base + maker * g.buckets + offer - first]
        if price >= NOWHERE or each * (flat + price) >= best:
            break
        if offer <= last:
            value = each * (flat + making_value(g, s, maker, offer - first, units))
            if value < best:
                best, chosen = value, offer
    return best if chosen >= 0 else NOWHERE, chosen


def each_of(g: Given, source: int) -> float:
    """Return how many units of what a source offers stand for one of its row's component."""
    row = g.sources + source * SOURCE
    return g.ints[row + STANDS] / g.ints[row + FOR]


def making_value(g: Given, s: State, k: int, t: int, units: int) -> float:
    """Return what a unit costs beside its making if up to so many are made here now for others, NOWHERE for none."""
    if s.work[s.failed + k * g.buckets + t] == s.work[s.counts + STAMP]:
        return NOWHERE
    units = min(makeable(g, s, k, t), units)
    if units <= 0 or is_dry(g, s, k, t):
        return NOWHERE
    return unit_value(g, s, k, t, units)


def sought(g: Given, s: State, k: int) -> int:
    """Return the bucket of a capability's line that is to be filled; -1 for none."""
    slot = s.work[s.counts + FOCUS]
    t = slot - g.ints[g.capabilities + k * CAPABILITY + LINE] * g.buckets
    return t if slot >= 0 and 0 <= t < g.buckets else -1


def standing(g: Given, source: int, units: int) -> int:
    """Return how many units of what a source offers stand for so many units of its row's component (R8)."""
    per = g.ints[g.sources + source * SOURCE + FOR]
    return (units * g.ints[g.sources + source * SOURCE + STANDS] + per - 1) // per


def covered(g: Given, source: int, units: int) -> int:
    """Return for how many units of its row's component so many units of what a source offers stand (R8)."""
    if units <= 0:
        return 0  # Most offers have nothing left, and dividing is slow.
    return units * g.ints[g.sources + source * SOURCE + FOR] // g.ints[g.sources + source * SOURCE + STANDS]


def note_dry(g: Given, s: State, need: int, t: int) -> None:
    """Remember that nothing of a component could be had for bucket t: what comes later is no help before."""
    row = g.ints[g.needs + need * NEED + ROW]
    s.work[s.dry_until + row] = max(s.work[s.dry_until + row], s.work[s.counts + EPOCH] * ERA + t)


def is_dry(g: Given, s: State, k: int, t: int) -> bool:
    """Say whether a component of what capability k makes is known to be exhausted for bucket t."""
    dry, now = False, s.work[s.counts + EPOCH] * ERA + t
    for need in range(
        g.ints[g.capabilities + k * CAPABILITY + FIRST_NEED],
        g.ints[g.capabilities + k * CAPABILITY + END_NEED],
    ):
        dry = dry or s.work[s.dry_until + g.ints[g.needs + need * NEED + ROW]] >= now
    return dry
