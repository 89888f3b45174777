"""Making a plan cheaper: order lines that compete are taken out together and placed anew, over and over.

Ruin and recreate (Schrimpf et al., Record breaking optimization results using the ruin and recreate principle,
2000; neighbours chosen as by Christiaens and Vanden Berghe, Slack induction by string removals, 2020): a step begins
with an order line that is short, or with one that could use a slot left idle; order lines that hold what it wants join
it, and so on. All are removed and placed again in a new order, each by its costs at the prices. The step stays when the
true cost falls, or rises by less than a threshold that falls to nothing with time.
"""

from __future__ import annotations

import numpy as np

from matcher.improve.competition.choosing import (
    draw_number,
    fill_idle,
    gather_group,
    idle_slot,
    open_units,
    push_in,
    shuffle,
    together,
)
from matcher.improve.competition.filling import WAYS, score
from matcher.improve.competition.placing import ROOM, batches_hold, leave_halves, place_in_way
from matcher.improve.competition.removing import remove
from matcher.improve.competition.sources import NOWHERE
from matcher.improve.competition.surplus import make_less
from matcher.improve.competition.tables import CHANGES, EPOCH, FOCUS, NODE, Given, State
from matcher.improve.competition.undo import log_is_full, take_back
from matcher.pricing.relaxation import Reals
from matcher.problem import Ints

ENTRIES = ("search", "trim")
"""What Python calls; the rest is called by these alone."""
FILL, FILL_TOO, PUSH, ANY = range(4)
"""What a step aims at: filling an idle slot (half of them), pushing in what is short, or nothing."""


def step(
    g: Given, s: State, dice: Ints, group: Ints, count: int, focus: int, threshold: float, noise: float
) -> float:
    """Take a group out and place it anew in its order; keep that if it costs at most `threshold` more.

    Time of the slot `focus` goes without a price, so that it is sought. What the log has no room for is taken back.
    Returns the change of the cost.
    """
    s.reals[s.value] = 0.0
    s.work[s.counts + EPOCH] += 1
    short, count = 0.0, together(g, group, count)
    for place_ in range(count):
        o = group[place_]
        short += open_units(g, s, o) * g.reals[g.shortfall + o]
        if not remove(g, s, o):
            take_back(s, 0, 0.0)
            return 0.0
    now = 0.0
    s.work[s.counts + FOCUS] = focus
    for place_ in range(count):
        o = group[place_]
        arcs = score(g, s, o)
        for at in range(arcs):
            if s.reals[s.score + at] < NOWHERE:
                s.reals[s.score + at] += noise * g.reals[g.shortfall + o] * (draw_number(dice, 1024) / 1024.0)
        place_in_way(g, s, o, arcs, draw_number(dice, WAYS))
    s.work[s.counts + FOCUS] = -1
    whole = True
    for place_ in range(count):
        whole = leave_halves(g, s, group[place_]) and whole
    for place_ in range(count):
        now += open_units(g, s, group[place_]) * g.reals[g.shortfall + group[place_]]
    rise = s.reals[s.value] + now - short
    if whole and rise <= threshold and batches_hold(g, s):
        s.work[s.counts + CHANGES] = 0
        return rise
    take_back(s, 0, 0.0)
    return 0.0


def search(
    g: Given,
    s: State,
    dice: Ints,
    by_slot: Ints,
    slot_starts: Ints,
    made: Ints,
    made_starts: Ints,
    users: Ints,
    user_starts: Ints,
    needed: Ints,
    needed_starts: Ints,
    movable: Ints,
    wanted: Ints,
    worth: Reals,
    group: Ints,
    most: int,
    steps: int,
    threshold: float,
    noise: float,
) -> float:
    """Make so many steps with order lines that are `movable`, at most `most` of them together, for slots that are `wanted`.

    Returns by how much the cost has changed. Stops early when room for lists runs low.
    """
    total = 0.0
    for _ in range(steps):
        if s.now[g.unused + 1] + ROOM * NODE > len(s.now):
            break
        kind, focus, count = draw_number(dice, 4), -1, 0
        if kind in (FILL, FILL_TOO):
            focus = idle_slot(g, s, dice, wanted)
        if focus >= 0:
            count = fill_idle(
                g, s, dice, by_slot, slot_starts, made, made_starts, users, user_starts, group, focus
            )
        elif kind != ANY:
            count = push_in(g, s, dice, users, user_starts, needed, needed_starts, movable, group)
        if count == 0:
            group[0] = movable[draw_number(dice, len(movable))]
            count = gather_group(g, s, dice, group, 1, 2 + draw_number(dice, most - 1))
            shuffle(dice, group, count, worth)
        limit = threshold * -np.log((draw_number(dice, 2**20) + 1) / 2.0**20)
        change = step(g, s, dice, group, count, focus, limit, noise * (draw_number(dice, 4) / 3.0))
        total += change
    return total


def trim(g: Given, s: State) -> float:
    """Stop making what nobody draws; return by how much the cost has changed."""
    total = 0.0
    for offer in range(g.supplies, g.cell_draws - g.left):
        if s.now[g.left + offer] > 0:
            s.reals[s.value] = 0.0
            s.work[s.surplus] = offer
            make_less(g, s, 1)
            if log_is_full(s):
                take_back(s, 0, 0.0)
            s.work[s.counts + CHANGES] = 0
            total += s.reals[s.value]
    return total
