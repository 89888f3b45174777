"""What is missing is made again: by set-ups that are on, by those that pay once they open; what does not pay is closed."""

from __future__ import annotations

from matcher.improve.lots.dice import noisy
from matcher.improve.lots.moves import DO, LOOK, close, opening, place
from matcher.improve.lots.tables import STAMP, Given, Ints, Pairs, Reals, State

FEW_USERS = 12
"""Arcs in use of a set-up that is worth trying to close."""


def place_all(p: Given, s: State, touched: Ints, number: int) -> None:
    """Place what is missing of these order lines, one after the other."""
    for index in range(number):
        if s.missing[touched[index]] > 0:
            place(p, s, touched[index])


def widest(p: Given) -> int:
    """Return how many arcs the set-up with the most has."""
    width = 0
    for set_up in range(len(p.set_cost)):
        width = max(width, p.begin[set_up + 1] - p.begin[set_up])
    return width


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
