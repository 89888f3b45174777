"""Compiled: the best that each cell can do at prices of what order lines ask for.

A cell's time is shared by set-ups, which cost time and money, and by units, as many of each arc as it allows. With time
priced too, each set-up pays for itself or not, which bounds what the cell can bring; a tree over the set-ups that such a
price leaves undecided finds it exactly.
"""

from __future__ import annotations

import numpy as np

from matcher.improve.lots.cells.tables import Cells, Reals, Work

ENTRIES = ("answer",)
STEPS = 40
"""Prices of time that are tried in a cell at most."""
BOTH = 2
"""Ways of a set-up: on and off."""
CLOSE = 1e-9
"""Of what a cell brings, a difference that is none."""


def answer(p: Cells, w: Work, prices: Reals, leaves: int, weight: float) -> float:
    """Return what all cells bring at most at prices by order line, and add to `w` what they do, so weighted.

    A tree with more `leaves` ends with a bound instead.
    """
    total = 0.0
    for order in range(len(w.got)):
        w.got[order] = 0.0
    for cell in range(len(p.offered)):
        number = gathered(p, w, prices, cell)
        if number > 0:
            price = price_of_time(p, w, cell, number)
            total += best_of(p, w, cell, number, price, leaves)
            w.price[cell] += weight * price
            noted(p, w, cell, number, weight)
    return total


def gathered(p: Cells, w: Work, prices: Reals, cell: int) -> int:
    """List the arcs of a cell that bring something, on set-ups that do; return how many."""
    number = 0
    for set_up in range(p.first_set[cell], p.first_set[cell + 1]):
        w.best[set_up] = 0.0
        w.gain[set_up] = -p.set_cost[set_up]
    for arc in range(p.first[cell], p.first[cell + 1]):
        brings = prices[p.order[arc]] - p.cost[arc]
        if brings > 0:
            w.gain[p.set_up[arc]] += brings * p.limit[arc]
            w.arc[number], w.density[number] = arc, -brings / p.time[arc]
            number += 1
    found, number = number, 0
    for index in range(found):
        set_up = p.set_up[w.arc[index]]
        if w.gain[set_up] > 0 and p.set_time[set_up] < p.offered[cell]:
            w.arc[number], w.density[number] = w.arc[index], w.density[index]
            number += 1
    rank = np.argsort(w.density[:number])
    arcs, densities = w.arc[:number].copy(), w.density[:number].copy()
    for index in range(number):
        w.arc[index], w.density[index] = arcs[rank[index]], -densities[rank[index]]
    return number


def at_price(p: Cells, w: Work, cell: int, number: int, price: float) -> tuple[float, float]:
    """Return what a cell brings at most with its time priced, and by how much that grows with the price."""
    offered = p.offered[cell]
    for set_up in range(p.first_set[cell], p.first_set[cell + 1]):
        w.gain[set_up] = -p.set_cost[set_up] - price * p.set_time[set_up]
        w.filled[set_up] = 0.0
    for index in range(number):
        if w.density[index] <= price:
            break
        arc = w.arc[index]
        set_up = p.set_up[arc]
        time = min(p.time[arc] * p.limit[arc], offered - p.set_time[set_up] - w.filled[set_up])
        if time > 0:
            w.filled[set_up] += time
            w.gain[set_up] += (w.density[index] - price) * time
    brings, slope = price * offered, offered
    for set_up in range(p.first_set[cell], p.first_set[cell + 1]):
        if w.gain[set_up] > 0:
            brings += w.gain[set_up]
            slope -= p.set_time[set_up] + w.filled[set_up]
    return brings, slope


def price_of_time(p: Cells, w: Work, cell: int, number: int) -> float:
    """Return the price of a cell's time at which what it brings at most is least (cutting planes in one variable)."""
    low = 0.0
    at_low, down = at_price(p, w, cell, number, low)
    if down >= 0:
        return 0.0
    high = w.density[0]
    at_high, up = at_price(p, w, cell, number, high)
    price = high
    for _ in range(STEPS):
        price = (at_low - at_high + up * high - down * low) / (up - down)
        if not low < price < high:
            price = 0.5 * (low + high)
        value, slope = at_price(p, w, cell, number, price)
        if value - CLOSE * abs(value) <= at_low + down * (price - low):
            break
        if slope < 0:
            low, at_low, down = price, value, slope
        else:
            high, at_high, up = price, value, slope
    return float(price)


def best_of(p: Cells, w: Work, cell: int, number: int, price: float, leaves: int) -> float:
    """Return what a cell brings at most, from a price of its time; the choice of set-ups is left in `w.best`."""
    most, _ = at_price(p, w, cell, number, price)
    sets = listed(p, w, cell, number)
    return searched(p, w, cell, number, sets, most, leaves)


def listed(p: Cells, w: Work, cell: int, number: int) -> int:
    """List the set-ups of a cell that have arcs, those first that a price of time decides most clearly."""
    for set_up in range(p.first_set[cell], p.first_set[cell + 1]):
        w.filled[set_up] = w.now[set_up] = 0.0
    for index in range(number):
        w.filled[p.set_up[w.arc[index]]] = 1.0
    sets = 0
    for set_up in range(p.first_set[cell], p.first_set[cell + 1]):
        if w.filled[set_up] > 0:
            at = sets
            while at > 0 and abs(w.gain[w.chosen[at - 1]]) < abs(w.gain[set_up]):
                w.chosen[at] = w.chosen[at - 1]
                at -= 1
            w.chosen[at] = set_up
            w.now[set_up] = 1.0 if w.gain[set_up] > 0 else 0.0
            sets += 1
    return sets


def searched(p: Cells, w: Work, cell: int, number: int, sets: int, most: float, leaves: int) -> float:
    """Return what a cell brings at most, of all choices of set-ups; the best one is left in `w.best`.

    A choice brings at most what the price of time allows less what it gives up by being of another opinion.
    """
    best, open_, depth, seen, close = 0.0, 0.0, 0, 0, CLOSE * abs(most)
    w.tried[0], w.lost[0] = 0, 0.0
    while depth >= 0:
        if depth == sets:
            seen += 1
            brings = brought(p, w, cell, number)
            if brings > best:
                best = brings
                for index in range(sets):
                    w.best[w.chosen[index]] = w.now[w.chosen[index]]
            depth -= 1
            continue
        set_up = w.chosen[depth]
        lost = w.lost[depth] + (abs(w.gain[set_up]) if w.tried[depth] == 1 else 0.0)
        w.tried[depth] += 1
        # Both ways are tried: the one that the price favours first.
        if w.tried[depth] <= BOTH and most - lost > best + close:
            if w.tried[depth] == BOTH and seen >= leaves:
                open_ = max(open_, most - lost)
                continue
            if w.tried[depth] == BOTH:
                w.now[set_up] = 1.0 - w.now[set_up]
            w.lost[depth + 1], w.tried[depth + 1] = lost, 0
            depth += 1
        elif w.tried[depth] > BOTH or w.tried[depth] == 1:
            w.now[set_up] = 1.0 if w.gain[set_up] > 0 else 0.0
            depth -= 1
    return max(best + close, open_)


def brought(p: Cells, w: Work, cell: int, number: int) -> float:
    """Return what the set-ups bring that are on now, filled with those that bring most for their time."""
    left, brings = p.offered[cell], 0.0
    for set_up in range(p.first_set[cell], p.first_set[cell + 1]):
        if w.now[set_up] > 0:
            left -= p.set_time[set_up]
            brings -= p.set_cost[set_up]
    if left < 0:
        return -np.inf
    for index in range(number):
        arc = w.arc[index]
        if w.now[p.set_up[arc]] > 0:
            time = min(p.time[arc] * p.limit[arc], left)
            brings += w.density[index] * time
            left -= time
            if left <= 0:
                break
    return brings


def noted(p: Cells, w: Work, cell: int, number: int, weight: float) -> None:
    """Add what a cell does, so weighted, to the sums; its units to what order lines get."""
    left = p.offered[cell]
    for set_up in range(p.first_set[cell], p.first_set[cell + 1]):
        w.on[set_up] += weight * w.best[set_up]
        left -= p.set_time[set_up] * w.best[set_up]
    for index in range(number):
        arc = w.arc[index]
        if left > 0 and w.best[p.set_up[arc]] > 0:
            time = min(p.time[arc] * p.limit[arc], left)
            left -= time
            w.made[arc] += weight * time / p.time[arc]
            w.got[p.order[arc]] += time / p.time[arc]
