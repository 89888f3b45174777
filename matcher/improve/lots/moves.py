"""Compiled moves: give an order line units on an arc, take them back, open a set-up for what it saves, close one."""

from __future__ import annotations

import numpy as np

from matcher.improve.lots.tables import (
    CHANGES,
    COST,
    LOGGED,
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

MARGIN = 100_000
"""Changes that are kept room for before a set-up is opened."""
LOOK, DO = range(2)
"""Whether a set-up is opened, or only what that would save is wanted."""
LITTLE = 1e-12
"""Of the cost, a gain too small to be one."""


def change(p: Given, s: State, arc: int, units: int) -> None:
    """Make `units` more (or less) on an arc, and note it in the log."""
    order, set_up = p.order[arc], p.set_up[arc]
    cell = p.cell[set_up]
    before = s.units[arc]
    s.units[arc] = before + units
    number = s.counts[CHANGES]
    s.log[number, 0], s.log[number, 1] = arc, units
    s.counts[CHANGES] = number + 1
    s.room[cell] -= units * p.time[arc]
    s.missing[order] -= units
    s.counts[SHORT] -= units
    s.value[COST] += units * (p.cost[arc] - p.unmet[order])
    s.value[PRICED] += units * (p.priced[arc] - p.unmet[order])
    if before == 0:
        s.used[order, s.uses[order]] = arc
        s.uses[order] += 1
        if s.users[set_up] == 0:
            s.room[cell] -= p.set_time[set_up]
            s.value[COST] += p.set_cost[set_up]
            s.value[PRICED] += p.set_priced[set_up]
        s.users[set_up] += 1
    elif before + units == 0:
        last = s.uses[order] - 1
        for index in range(last):
            if s.used[order, index] == arc:
                s.used[order, index] = s.used[order, last]
        s.uses[order] = last
        s.users[set_up] -= 1
        if s.users[set_up] == 0:
            s.room[cell] += p.set_time[set_up]
            s.value[COST] -= p.set_cost[set_up]
            s.value[PRICED] -= p.set_priced[set_up]
    dearest = p.unmet[order]
    if s.missing[order] == 0:
        dearest = -np.inf
        for index in range(s.uses[order]):
            dearest = max(dearest, p.priced[s.used[order, index]])
    s.dear[order] = dearest


def roll_back(p: Given, s: State, mark: int) -> None:
    """Take back all changes since the log was `mark` long."""
    while s.counts[CHANGES] > mark:
        last = s.counts[CHANGES] - 1
        change(p, s, s.log[last, 0], -s.log[last, 1])
        s.counts[CHANGES] = last


def place(p: Given, s: State, order: int) -> None:
    """Give what is missing of an order line to the cheapest arcs that are open and have room."""
    for index in range(p.first[order], p.first[order + 1]):
        if s.missing[order] == 0:
            return
        if s.users[p.way_sets[index]] == 0:
            continue
        arc = p.ways[index]
        if p.cost[arc] >= p.unmet[order]:
            continue
        units = min(s.missing[order], p.limit[arc] - s.units[arc])
        if p.time[arc] > 0:
            units = min(units, s.room[p.cell[p.way_sets[index]]] // p.time[arc])
        if units > 0 and (s.units[arc] > 0 or s.uses[order] < SPLIT):
            change(p, s, arc, units)


def dearest_of(p: Given, s: State, order: int) -> int:
    """Return the arc in use that costs most at prices."""
    arc = int(s.used[order, 0])
    for index in range(1, s.uses[order]):
        if p.priced[s.used[order, index]] > p.priced[arc]:
            arc = int(s.used[order, index])
    return arc


def gather(p: Given, s: State, set_up: int, worth: Reals, saving: Reals, rows: Pairs) -> tuple[int, int]:
    """Collect who would save by moving to a set-up: arc and units in `rows`; return how many, and their time."""
    number = time = 0
    for arc in range(p.begin[set_up], p.begin[set_up + 1]):
        order = p.order[arc]
        if s.dear[order] <= p.priced[arc]:
            continue
        if s.missing[order] > 0:
            each, units = worth[order] - p.priced[arc], s.missing[order]
        else:
            each = s.dear[order] - p.priced[arc]
            units = s.units[dearest_of(p, s, order)]
        units = min(units, p.limit[arc] - s.units[arc])
        if each <= 0 or units <= 0:
            continue
        saving[number] = each * units
        rows[number, 0], rows[number, 1] = arc, units
        number += 1
        time += units * p.time[arc]
    return number, time


def opening(p: Given, s: State, set_up: int, worth: Reals, saving: Reals, rows: Pairs, do: int) -> float:
    """Return what opening a set-up saves at prices, filled with those who save most for their time; perhaps do it.

    `worth` by order line is what a unit saves that is missing now.
    """
    left = s.room[p.cell[set_up]] - (p.set_time[set_up] if s.users[set_up] == 0 else 0)
    if left < 0 or s.counts[CHANGES] > LOGGED - MARGIN:
        return -1.0
    number, time = gather(p, s, set_up, worth, saving, rows)
    total = -float(p.set_priced[set_up])
    for _ in range(number):
        best = 0 if time <= left else densest(p, saving, rows, number)
        number -= 1
        arc, wanted, saved = rows[best, 0], rows[best, 1], saving[best]
        saving[best], rows[best, 0], rows[best, 1] = saving[number], rows[number, 0], rows[number, 1]
        units = wanted if p.time[arc] == 0 else min(wanted, left // p.time[arc])
        if units <= 0:
            continue
        left -= units * p.time[arc]
        time -= wanted * p.time[arc]
        total += float(saved * units / wanted)
        if do:
            move(p, s, arc, units)
    return total


def densest(p: Given, saving: Reals, rows: Pairs, number: int) -> int:
    """Return which of the first `number` savings is the highest for its time."""
    best, most = 0, -1.0
    for index in range(number):
        density = saving[index] / (rows[index, 1] * p.time[rows[index, 0]] + 1e-9)
        if density > most:
            best, most = index, density
    return best


def move(p: Given, s: State, arc: int, units: int) -> None:
    """Make units on an arc that were missing, or made on its order line's dearest arc."""
    order = p.order[arc]
    if s.missing[order] == 0:
        change(p, s, dearest_of(p, s, order), -units)
    if s.units[arc] > 0 or s.uses[order] < SPLIT:
        change(p, s, arc, units)
    else:
        place(p, s, order)


def clear(p: Given, s: State, set_up: int, touched: Ints, number: int) -> int:
    """Take all units off a set-up; add their order lines to `touched`, each once in a pass; return how many."""
    for arc in range(p.begin[set_up], p.begin[set_up + 1]):
        if s.units[arc] > 0:
            order = p.order[arc]
            change(p, s, arc, -s.units[arc])
            if s.seen[order] != s.counts[STAMP]:
                s.seen[order] = s.counts[STAMP]
                touched[number] = order
                number += 1
    return number


def close(p: Given, s: State, set_up: int, touched: Ints) -> bool:
    """Close a set-up if that is cheaper; say whether it was."""
    mark, before = s.counts[CHANGES], s.value[PRICED]
    s.counts[STAMP] += 1
    number = clear(p, s, set_up, touched, 0)
    for index in range(number):
        place(p, s, touched[index])
    if s.value[PRICED] < before - LITTLE * abs(before):
        return True
    roll_back(p, s, mark)
    return False
