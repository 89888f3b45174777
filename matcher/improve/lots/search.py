"""Compiled search for set-ups: ruin a few that compete, place their order lines again, open and close what pays.

(Schrimpf, Schneider, Stamm-Wilbrandt, Dueck, Journal of Computational Physics 159, 2000.) Steps that cost a
little are taken too, by a falling temperature, so that the search leaves local optima.
"""

from __future__ import annotations

import numpy as np

from matcher.improve.lots.moves import DO, LOOK, change, clear, close, opening, place, roll_back
from matcher.improve.lots.tables import (
    BEST,
    CHANGES,
    COST,
    DICE,
    PRICED,
    SHORT,
    SPLIT,
    STAMP,
    Given,
    Ints,
    Pairs,
    Reals,
    State,
)

FEW_USERS = 12
"""Arcs in use of a set-up that is worth trying to close."""
ENOUGH = 1e-9
"""Of the best plan's cost, by how much another has to be cheaper to be kept."""
SHORT_FIRST = 0.5
"""How often a round begins with an order line that is short."""
ATTEMPTS = 8
"""Steps for each set-up that is looked for among those that compete."""
ENTRIES = ("construct", "search", "adopt")


def construct(p: Given, s: State, worth: Reals) -> None:
    """Plan from nothing: open what saves most, were units worth so much; then whatever makes what is missing."""
    orders, sets = len(p.quantity), len(p.set_cost)
    candidates = np.arange(sets)
    width = widest(p)
    saving, rows = np.empty(width), np.empty((width, 2), dtype=np.int64)
    for valued in (worth, p.unmet):
        s.counts[CHANGES] = 0
        open_what_pays(p, s, candidates, sets, valued, 0.0, saving, rows)
        for order in range(orders):
            place(p, s, order)
    s.counts[CHANGES] = 0
    count_again(p, s)
    keep(p, s)


def search(p: Given, s: State, rounds: int, size: int, reach: int, warmth: float, noise: float) -> int:
    """Ruin up to `size` set-ups in each of so many rounds; return how often a better plan was kept."""
    orders, better = len(p.quantity), 0
    ruined, candidates = np.empty(size, dtype=np.int64), np.empty(len(p.set_cost), dtype=np.int64)
    touched, more = np.empty(orders, dtype=np.int64), np.empty(orders, dtype=np.int64)
    width = widest(p)
    saving, rows = np.empty(width), np.empty((width, 2), dtype=np.int64)
    for _ in range(rounds):
        s.counts[CHANGES], before = 0, s.value[PRICED]
        order = first_order(p, s)
        sets = related(p, s, order, ruined, 1 + drawn(s, size), reach)
        s.counts[STAMP] += 1
        number = 0
        if s.missing[order] > 0:
            s.seen[order], touched[0], number = s.counts[STAMP], order, 1
        for index in range(sets):
            number = clear(p, s, ruined[index], touched, number)
        shuffle(s, touched, number)
        place_all(p, s, touched, number)
        found = nearby(p, s, touched, number, ruined[:sets], reach, candidates)
        open_what_pays(p, s, candidates, found, p.unmet, noise, saving, rows)
        place_all(p, s, touched, number)
        close_what_does_not(p, s, touched, number, more)
        if s.value[PRICED] > before - warmth * np.log(chance(s)):
            roll_back(p, s, 0)
        elif s.value[PRICED] < s.value[BEST] - ENOUGH * abs(s.value[BEST]):
            keep(p, s)
            better += 1
    return better


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


def shuffle(s: State, values: Ints, number: int) -> None:
    """Put the first `number` values into a random order."""
    for last in range(number - 1, 0, -1):
        other = drawn(s, last + 1)
        values[last], values[other] = values[other], values[last]


def widest(p: Given) -> int:
    """Return how many arcs the set-up with the most has."""
    width = 0
    for set_up in range(len(p.set_cost)):
        width = max(width, p.begin[set_up + 1] - p.begin[set_up])
    return width


def place_all(p: Given, s: State, touched: Ints, number: int) -> None:
    """Place what is missing of these order lines, one after the other."""
    for index in range(number):
        if s.missing[touched[index]] > 0:
            place(p, s, touched[index])


def keep(p: Given, s: State) -> None:
    """Remember the plan as the best."""
    for order in range(len(p.quantity)):
        for index in range(SPLIT):
            inside = index < s.uses[order]
            s.kept[order, index] = s.used[order, index] if inside else 0
            s.kept_units[order, index] = s.units[s.used[order, index]] if inside else 0
    s.value[BEST] = s.value[PRICED]


def adopt(p: Given, s: State, units: Ints) -> None:
    """Go on from another plan, given as units by arc, perhaps at other prices than before; keep it as the best."""
    for arc in range(len(units)):
        if s.units[arc] > 0:
            change(p, s, arc, -s.units[arc])
            s.counts[CHANGES] = 0
    for order in range(len(p.quantity)):
        s.dear[order] = p.unmet[order]
    for arc in range(len(units)):
        if units[arc] > 0 and s.uses[p.order[arc]] < SPLIT:
            change(p, s, arc, units[arc])
            s.counts[CHANGES] = 0
    for order in range(len(p.quantity)):
        if s.missing[order] > 0:
            place(p, s, order)
    s.counts[CHANGES] = 0
    count_again(p, s)
    keep(p, s)


def count_again(p: Given, s: State) -> None:
    """Sum the plan's costs anew: differences of large amounts have lost digits."""
    s.value[COST] = s.value[PRICED] = 0.0
    for order in range(len(p.quantity)):
        s.value[COST] += p.unmet[order] * s.missing[order]
        s.value[PRICED] += p.unmet[order] * s.missing[order]
        for index in range(s.uses[order]):
            arc = s.used[order, index]
            s.value[COST] += p.cost[arc] * s.units[arc]
            s.value[PRICED] += p.priced[arc] * s.units[arc]
    for set_up in range(len(p.set_cost)):
        if s.users[set_up] > 0:
            s.value[COST] += p.set_cost[set_up]
            s.value[PRICED] += p.set_priced[set_up]


def first_order(p: Given, s: State) -> int:
    """Choose an order line: every other time one that is short, if there is any."""
    orders = len(p.quantity)
    order = drawn(s, orders)
    if s.counts[SHORT] > 0 and chance(s) < SHORT_FIRST:
        for step in range(orders):
            if s.missing[(order + step) % orders] > 0:
                return (order + step) % orders
    return order


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


def way_near(p: Given, s: State, order: int, reach: int) -> int:
    """Return one of the order line's cheapest arcs, more likely a cheaper one."""
    width = min(p.first[order + 1] - p.first[order], reach)
    return int(p.ways[p.first[order] + int(chance(s) ** 2 * width)])


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


def nearby(p: Given, s: State, touched: Ints, number: int, ruined: Ints, reach: int, candidates: Ints) -> int:
    """Collect the set-ups that are off among the cheapest arcs of order lines, and those ruined; return how many."""
    s.counts[STAMP] += 1
    orders, stamp, found = len(p.quantity), s.counts[STAMP], 0
    for set_up in ruined:
        s.seen[orders + set_up] = stamp
        candidates[found] = set_up
        found += 1
    for index in range(number):
        first = p.first[touched[index]]
        for way in range(first, min(p.first[touched[index] + 1], first + reach)):
            set_up = p.set_up[p.ways[way]]
            if s.users[set_up] == 0 and s.seen[orders + set_up] != stamp:
                s.seen[orders + set_up] = stamp
                candidates[found] = set_up
                found += 1
    return found


def open_what_pays(
    p: Given, s: State, candidates: Ints, found: int, worth: Reals, noise: float, saving: Reals, rows: Pairs
) -> None:
    """Open the set-up that saves most, again and again, while one saves anything.

    What one saves hardly ever grows while others open, so that the last known saving is an upper limit.
    """
    paying = 0
    for index in range(found):
        set_up = candidates[index]
        s.gain[set_up] = opening(p, s, set_up, worth, saving, rows, LOOK) * noisy(s, noise)
        if s.gain[set_up] > 0:
            candidates[paying] = set_up
            paying += 1
    while paying > 0:
        top, second = 0, 0.0
        for index in range(1, paying):
            if s.gain[candidates[index]] > s.gain[candidates[top]]:
                second, top = s.gain[candidates[top]], index
            else:
                second = max(second, s.gain[candidates[index]])
        set_up = candidates[top]
        gain = opening(p, s, set_up, worth, saving, rows, LOOK) * noisy(s, noise)
        s.gain[set_up] = gain
        if gain > 0 and gain >= second:
            opening(p, s, set_up, worth, saving, rows, DO)
        if gain <= 0 or gain >= second:
            paying -= 1
            candidates[top] = candidates[paying]


def noisy(s: State, noise: float) -> float:
    """Draw a factor of 1 but for some noise."""
    return 1.0 + noise * (chance(s) - 0.5)


def close_what_does_not(p: Given, s: State, touched: Ints, number: int, more: Ints) -> None:
    """Try to close each set-up with few users that some of these order lines use."""
    orders, base = len(p.quantity), s.counts[STAMP] + 1
    s.counts[STAMP] = base
    for index in range(number):
        order = touched[index]
        for at in range(s.uses[order] - 1, -1, -1):
            set_up = p.set_up[s.used[order, at]] if at < s.uses[order] else -1
            if set_up >= 0 and s.seen[orders + set_up] < base and s.users[set_up] <= FEW_USERS:
                close(p, s, set_up, more)
                s.seen[orders + set_up] = base
