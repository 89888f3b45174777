"""Compiled search for set-ups: ruin a few that compete, place their order lines again, open and close what pays.

(Schrimpf, Schneider, Stamm-Wilbrandt, Dueck, Journal of Computational Physics 159, 2000.) Steps that cost a
little are taken too, by a falling temperature, so that the search leaves local optima.
"""

from __future__ import annotations

import numpy as np

from matcher.improve.lots.dice import chance, drawn, shuffle
from matcher.improve.lots.kept import count_again, keep
from matcher.improve.lots.moves import change, clear, place, roll_back
from matcher.improve.lots.recreate import close_what_does_not, nearby, open_what_pays, place_all, widest
from matcher.improve.lots.ruin import first_order, related
from matcher.improve.lots.tables import BEST, CHANGES, PRICED, SPLIT, STAMP, Given, Ints, Reals, State

ENOUGH = 1e-9
"""Of the best plan's cost, by how much another has to be cheaper to be kept."""
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
