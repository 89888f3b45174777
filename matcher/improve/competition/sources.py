"""Where a component comes from: what is there, or who makes it, the cheapest first; and what is known to be exhausted."""

from __future__ import annotations

from matcher.improve.competition.booking import makeable, unit_value
from matcher.improve.competition.needs import covered, standing
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
    TIME,
    Given,
    State,
)

NOWHERE = 1e300


def choose(g: Given, s: State, row: int, t: int, still: int) -> tuple[int, int, int]:
    """Return the cheapest offer for a component in bucket t, the capability to make it or -1 if it is there, its source.

    (-1, -1, -1) where there is none.
    """
    best, chosen, by, origin = NOWHERE, -1, -1, -1
    stamp = s.work[s.counts + STAMP]
    for source in range(g.ints[g.source_starts + row], g.ints[g.source_starts + row + 1]):
        first, last = g.ints[g.sources + source * SOURCE + FIRST], g.ints[g.reach + source * g.buckets + t]
        maker, flat = (
            g.ints[g.sources + source * SOURCE + MAKER],
            float(g.ints[g.sources + source * SOURCE + CARRIAGE]),
        )
        stands = g.ints[g.sources + source * SOURCE + STANDS]
        each = stands / g.ints[g.sources + source * SOURCE + FOR]
        for offer in range(last, first - 1, -1):
            if covered(g, source, s.now[g.left + offer]) > 0:
                # What has been made already and lies idle costs no more than its carriage.
                value = each * (flat + g.reals[g.offer_price + offer])
                if value < best:
                    best, chosen, by, origin = value, offer, -1, source
                break
        if maker < 0:
            continue
        flat += g.reals[g.costs + maker * COST + MAKING_COST]
        wanted, saved = sought(g, s, maker)
        for offer in range(last, first - 1, -1):
            cell = maker * g.buckets + offer - first
            # What only adds to the price is asked last: most places are ruled out by the price alone.
            price = g.reals[g.base + cell] - saved * (offer - first == wanted)
            if price >= NOWHERE or each * (flat + price) >= best or s.work[s.failed + cell] == stamp:
                continue
            units = min(makeable(g, s, maker, offer - first), standing(g, source, still))
            if units > 0 and not is_dry(g, s, maker, offer - first):
                value = each * (flat + unit_value(g, s, maker, offer - first, units))
                if value < best:
                    best, chosen, by, origin = value, offer, maker, source
    return chosen, by, origin


def sought(g: Given, s: State, k: int) -> tuple[int, float]:
    """Return the bucket of a capability's line that is to be filled, and what a unit's time costs there; -1 for none."""
    slot = s.work[s.counts + FOCUS]
    t = slot - g.ints[g.capabilities + k * CAPABILITY + LINE] * g.buckets
    if slot < 0 or not 0 <= t < g.buckets:
        return -1, 0.0
    return t, g.ints[g.capabilities + k * CAPABILITY + TIME] * g.reals[g.price + slot]


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
