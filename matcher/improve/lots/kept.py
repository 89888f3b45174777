"""What the moves of set-ups remember of a plan, and what it costs counted anew."""

from __future__ import annotations

from matcher.improve.lots.tables import BEST, COST, PRICED, SPLIT, Given, State


def keep(p: Given, s: State) -> None:
    """Remember the plan as the best."""
    for order in range(len(p.quantity)):
        for index in range(SPLIT):
            inside = index < s.uses[order]
            s.kept[order, index] = s.used[order, index] if inside else 0
            s.kept_units[order, index] = s.units[s.used[order, index]] if inside else 0
    s.value[BEST] = s.value[PRICED]


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
