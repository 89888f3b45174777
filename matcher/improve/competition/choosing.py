"""What a step of the search takes out: an order line to begin with, and others that hold what it wants."""

from __future__ import annotations

from matcher.improve.competition.allocating import placed
from matcher.improve.competition.tables import (
    CAPABILITY,
    LINE,
    N_AFTER,
    N_DRAWS,
    N_NEXT,
    N_OFFER,
    N_ORDER,
    N_SLOT,
    N_WHAT,
    NEXT,
    OFFERED,
    ORDER,
    QUANTITY,
    SLOT,
    STAYS,
    Given,
    State,
)
from matcher.pricing.relaxation import Reals
from matcher.problem import Ints

FEW = 4
"""Most order lines of a step that aims at something."""
LOOKS = 8
"""How often a better place to begin is sought."""


def draw_number(dice: Ints, below: int) -> int:
    """Return a number from 0 to below - 1 (xorshift, Marsaglia 2003)."""
    x = dice[0]
    x ^= (x << 13) & 0x7FFFFFFFFFFFFFFF
    x ^= x >> 7
    x ^= (x << 17) & 0x7FFFFFFFFFFFFFFF
    dice[0] = x
    return (x >> 11) % below


def open_units(g: Given, s: State, o: int) -> int:
    """Return how many units of an order line are unmet."""
    return g.ints[g.orders + o * ORDER + QUANTITY] - placed(g, s, o)


def slot_of(g: Given, arc: int) -> int:
    """Return the slot of an arc's line."""
    k = int(g.capability[arc])
    return g.ints[g.capabilities + k * CAPABILITY + LINE] * g.buckets + int(g.bucket[arc])


def idle_slot(g: Given, s: State, dice: Ints, wanted: Ints) -> int:
    """Return the slot of a few random ones of those wanted whose idle time is worth most."""
    chosen, most = -1, 0.0
    for _ in range(min(LOOKS, len(wanted))):
        slot = wanted[draw_number(dice, len(wanted))]
        worth = s.now[slot] * g.reals[g.price + slot]
        if worth > most:
            chosen, most = slot, worth
    return chosen


def short_in(g: Given, s: State, dice: Ints, by_slot: Ints, slot_starts: Ints, slot: int) -> int:
    """Return of a few order lines that could use a slot the one that lacks most, -1 where none is short."""
    chosen, most, width = -1, 0.0, slot_starts[slot + 1] - slot_starts[slot]
    for _ in range(min(LOOKS, width)):
        o = by_slot[slot_starts[slot] + draw_number(dice, width)]
        lack = open_units(g, s, o) * g.reals[g.shortfall + o]
        if lack > most:
            chosen, most = o, lack
    return chosen


def fill_idle(
    g: Given,
    s: State,
    dice: Ints,
    by_slot: Ints,
    slot_starts: Ints,
    made: Ints,
    made_starts: Ints,
    users: Ints,
    user_starts: Ints,
    group: Ints,
    focus: int,
) -> int:
    """Choose an order line for an idle slot, and short ones for the time that it leaves elsewhere."""
    line = focus // g.buckets
    width, user = slot_starts[focus + 1] - slot_starts[focus], -1
    if width == 0 or (made_starts[line + 1] > made_starts[line] and draw_number(dice, 2) == 0):
        item = made[made_starts[line] + draw_number(dice, made_starts[line + 1] - made_starts[line])]
        user = user_of(g, s, dice, users, user_starts[item], user_starts[item + 1], focus % g.buckets)
    if user < 0 and width == 0:
        return 0
    group[0] = user if user >= 0 else by_slot[slot_starts[focus] + draw_number(dice, width)]
    count, node = 1, s.now[g.first + group[0]]
    while node != 0 and count < FEW:
        other = short_in(g, s, dice, by_slot, slot_starts, s.now[node + N_SLOT])
        count = joined(group, count, other)
        draw = s.now[node + N_DRAWS]
        while draw != 0 and count < FEW:
            offer = s.now[draw + N_OFFER]
            if offer >= g.supplies:
                k = g.ints[g.makers + (offer - g.supplies) // g.buckets]
                maker = g.ints[g.capabilities + k * CAPABILITY + LINE] * g.buckets
                slot = maker + (offer - g.supplies) % g.buckets
                if slot_starts[slot + 1] > slot_starts[slot]:
                    count = joined(group, count, short_in(g, s, dice, by_slot, slot_starts, slot))
            draw = s.now[draw + N_NEXT]
        node = s.now[node + N_NEXT]
    return count


def user_of(g: Given, s: State, dice: Ints, users: Ints, start: int, end: int, bucket: int) -> int:
    """Return an order line that uses an item, if a few looks find one made after a bucket; -1 where nobody uses it."""
    o = -1
    for _ in range(min(LOOKS, end - start)):
        o = users[start + draw_number(dice, end - start)]
        node = s.now[g.first + o]
        if node != 0 and g.bucket[s.now[node + N_WHAT]] > bucket:
            break
    return o


def push_in(
    g: Given,
    s: State,
    dice: Ints,
    users: Ints,
    user_starts: Ints,
    needed: Ints,
    needed_starts: Ints,
    movable: Ints,
    group: Ints,
) -> int:
    """Choose the order line of a few that lacks most; those that hold its good slots, or what it is made of, join it."""
    most = 0.0
    group[0] = movable[draw_number(dice, len(movable))]
    for _ in range(LOOKS):
        o = movable[draw_number(dice, len(movable))]
        lack = open_units(g, s, o) * g.reals[g.shortfall + o]
        if lack > most and g.starts[o + 1] > g.starts[o]:
            group[0], most = o, lack
    width = needed_starts[group[0] + 1] - needed_starts[group[0]]
    if width == 0 or draw_number(dice, 2) == 0:
        return gather_group(g, s, dice, group, 1, 2 + draw_number(dice, FEW - 1))
    count = 1
    for _ in range(1 + draw_number(dice, FEW - 1)):
        item = needed[needed_starts[group[0]] + draw_number(dice, width)]
        count = joined(group, count, cheap_user(g, s, dice, users, user_starts[item], user_starts[item + 1]))
    return count


def cheap_user(g: Given, s: State, dice: Ints, users: Ints, start: int, end: int) -> int:
    """Return of a few order lines made of an item the one that loses least by going without, -1 where none is made."""
    chosen, least = -1, 0.0
    for _ in range(min(LOOKS, end - start)):
        o = users[start + draw_number(dice, end - start)]
        if s.now[g.first + o] != 0 and (chosen < 0 or g.reals[g.shortfall + o] < least):
            chosen, least = o, g.reals[g.shortfall + o]
    return chosen


def joined(group: Ints, count: int, other: int) -> int:
    """Add an order line to a group unless it is in it, or there is none (-1); return how many there are."""
    if other < 0:
        return count
    for place_ in range(count):
        if group[place_] == other:
            return count
    group[count] = other
    return count + 1


def gather_group(g: Given, s: State, dice: Ints, group: Ints, count: int, most: int) -> int:
    """Add order lines that compete with those of a group; return how many there are."""
    for _ in range(2 * most):
        if count >= most:
            break
        o = group[draw_number(dice, count)]
        arcs = g.starts[o + 1] - g.starts[o]
        if arcs == 0:
            continue
        # Arcs stand in rising reduced cost: the smaller of two draws prefers the good ones.
        arc = g.starts[o] + min(draw_number(dice, arcs), draw_number(dice, arcs))
        slot = slot_of(g, arc)
        if g.ints[g.slots + slot * SLOT + OFFERED] == 0:
            continue  # What is made there, if anything, is another search's.
        node = s.now[g.in_slot + slot]
        for _ in range(draw_number(dice, 3)):
            if node != 0 and s.now[node + N_AFTER] != 0:
                node = s.now[node + N_AFTER]
        if node != 0 and g.ints[g.orders + s.now[node + N_ORDER] * ORDER + STAYS] == 0:
            count = joined(group, count, s.now[node + N_ORDER])
    return count


def shuffle(dice: Ints, group: Ints, count: int, worth: Reals) -> None:
    """Put the group in a new order: at random, or by what a unit of time earns with some noise."""
    for place_ in range(count - 1, 0, -1):
        other = draw_number(dice, place_ + 1)
        group[place_], group[other] = group[other], group[place_]
    if draw_number(dice, 2) == 0:
        for place_ in range(1, count):
            o, at = group[place_], place_
            while at > 0 and worth[group[at - 1]] < worth[o]:
                group[at] = group[at - 1]
                at -= 1
            group[at] = o


def together(g: Given, group: Ints, count: int) -> int:
    """Add to a group the other order lines of orders that ship complete (R14); 0 where it has no room for them."""
    at = 0
    while at < count:
        # Each brings the next of its order, which brings the one after it.
        member = g.ints[g.orders + group[at] * ORDER + NEXT]
        if member != group[at]:
            if count == len(group):
                return 0
            count = joined(group, count, member)
        at += 1
    return count
