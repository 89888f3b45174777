"""Which set-ups the next round takes everything off: some that compete with each other."""

from __future__ import annotations

from matcher.improve.lots.dice import chance, drawn
from matcher.improve.lots.tables import SHORT, Given, Ints, State

SHORT_FIRST = 0.5
"""How often a round begins with an order line that is short."""
ATTEMPTS = 8
"""Steps for each set-up that is looked for among those that compete."""


def first_order(p: Given, s: State) -> int:
    """Choose an order line: every other time one that is short, if there is any."""
    orders = len(p.quantity)
    order = drawn(s, orders)
    if s.counts[SHORT] > 0 and chance(s) < SHORT_FIRST:
        for step in range(orders):
            if s.missing[(order + step) % orders] > 0:
                return (order + step) % orders
    return order


def related(p: Given, s: State, order: int, ruined: Ints, size: int, reach: int) -> int:
    """Choose set-ups that compete: each could serve an order line of another, or shares its cell with one."""
    number = 0
    for attempt in range(ATTEMPTS * size):
        if number:
            arc = arc_in_use(p, s, ruined[drawn(s, number)])
            if arc < 0:
                continue
            order = p.order[arc]
        if p.first[order] == p.first[order + 1]:
            order = drawn(s, len(p.quantity))
            continue
        if attempt == 0 and s.uses[order] > 0:
            other = p.set_up[s.used[order, drawn(s, s.uses[order])]]
        else:
            other = on_near(p, s, way_near(p, s, order, reach))
        if other >= 0 and not is_among(ruined, number, other):
            ruined[number] = other
            number += 1
            if number == size:
                break
    return number


def is_among(values: Ints, number: int, value: int) -> bool:
    """Say whether a value is one of the first `number`."""
    found = False
    for index in range(number):
        found = found or values[index] == value
    return found


def way_near(p: Given, s: State, order: int, reach: int) -> int:
    """Return one of the order line's cheapest arcs, more likely a cheaper one."""
    width = min(p.first[order + 1] - p.first[order], reach)
    return int(p.ways[p.first[order] + int(chance(s) ** 2 * width)])


def on_near(p: Given, s: State, arc: int) -> int:
    """Return the set-up of an arc if it is on, else one that is on in the same cell, else -1."""
    set_up = int(p.set_up[arc])
    if s.users[set_up] > 0:
        return set_up
    first, end = p.first_set[p.cell[set_up]], p.first_set[p.cell[set_up] + 1]
    shift = drawn(s, end - first)
    for step in range(end - first):
        other = p.sets[first + (step + shift) % (end - first)]
        if s.users[other] > 0:
            return int(other)
    return -1


def arc_in_use(p: Given, s: State, set_up: int) -> int:
    """Return some arc of a set-up with units on it; -1 where there is none."""
    first, end = p.begin[set_up], p.begin[set_up + 1]
    shift = drawn(s, end - first)
    for step in range(end - first):
        arc = first + (step + shift) % (end - first)
        if s.units[arc] > 0:
            return int(arc)
    return -1
