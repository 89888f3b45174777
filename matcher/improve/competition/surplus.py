"""What is made for nobody: given back where it is no longer needed, made where whole lots ask for it."""

from __future__ import annotations

from matcher.improve.competition.booking import book, surplus_of
from matcher.improve.competition.drawing import obtain
from matcher.improve.competition.needs import needed, standing
from matcher.improve.competition.tables import (
    BATCH,
    CAPABILITY,
    CARRIAGE,
    CHANGES,
    COST,
    END_NEED,
    FIRST_NEED,
    LINE,
    LOT_SIZE,
    MAKES,
    MAKING_COST,
    N_COVERS,
    N_NEXT,
    N_OFFER,
    N_SOURCE,
    N_UNITS,
    NEED,
    OF_ROW,
    OFFERED,
    POOL,
    ROW,
    SLOT,
    SOURCE,
    STAMP,
    Given,
    State,
)
from matcher.improve.competition.undo import change, drop_node, log_is_full, take_back, take_out


def give_back(g: Given, s: State, head: int, row: int, units: int, surplus: int) -> int:
    """Give back what counts for so many units that a list of draws has of a component row (-1: of any).

    Offers of makers are noted from place `surplus` of State.surplus on; returns how many are noted then. Ends early where
    the log is full, and so does whoever calls it: what is not given back then has to be taken back.
    """
    at = head
    while s.now[at] != 0 and units > 0 and not log_is_full(s):
        node = s.now[at]
        source = s.now[node + N_SOURCE]
        if row >= 0 and g.ints[g.sources + source * SOURCE + OF_ROW] != row:
            at = node + N_NEXT
            continue
        covers = s.now[node + N_COVERS]
        counts = min(units, covers)
        less = s.now[node + N_UNITS] - standing(g, source, covers - counts)
        offer = s.now[node + N_OFFER]
        change(s, g.left + offer, less)
        s.reals[s.value] -= less * float(g.ints[g.sources + source * SOURCE + CARRIAGE])
        units -= counts
        if offer >= g.supplies and surplus < s.most_surplus:
            s.work[s.surplus + surplus] = offer
            surplus += 1
        if less == s.now[node + N_UNITS]:
            take_out(s, at, node)
            drop_node(g, s, node)
        else:
            change(s, node + N_UNITS, -less)
            change(s, node + N_COVERS, -counts)
    return surplus


def make_less(g: Given, s: State, surplus: int) -> None:
    """Stop making what nobody draws, for the offers noted in State.surplus, and give back what that needed."""
    while surplus > 0 and not log_is_full(s):
        surplus -= 1
        offer = s.work[s.surplus + surplus]
        k, t = g.ints[g.makers + (offer - g.supplies) // g.buckets], (offer - g.supplies) % g.buckets
        slot = g.ints[g.capabilities + k * CAPABILITY + LINE] * g.buckets + t
        if g.ints[g.slots + slot * SLOT + OFFERED] == 0:
            continue  # Another search's: it stays idle until that one, or `trim`, sees to it.
        cell = k * g.buckets + t
        made, produced = s.now[g.made + cell], s.now[g.produced + cell]
        less = min(s.now[g.left + offer], produced)
        if less < made and made - less < g.ints[g.capabilities + k * CAPABILITY + BATCH]:
            less = made - g.ints[g.capabilities + k * CAPABILITY + BATCH]
        lot = g.ints[g.capabilities + k * CAPABILITY + LOT_SIZE]
        if lot > 1 and (made - less) % lot > 0:
            less -= lot - (made - less) % lot
        if less > 0:
            surplus = make_fewer(g, s, k, t, less, surplus)


def make_fewer(g: Given, s: State, k: int, t: int, less: int, surplus: int) -> int:
    """Make so many units fewer of what nobody draws, and give back what they needed; see `give_back` for the rest."""
    row, cell = g.capabilities + k * CAPABILITY, k * g.buckets + t
    produced = s.now[g.produced + cell]
    if g.ints[row + MAKES] >= 0:
        change(s, g.left + g.ints[row + MAKES] + t, -less)
    change(s, g.produced + cell, -less)
    book(g, s, k, t, -less)
    s.reals[s.value] -= less * g.reals[g.costs + k * COST + MAKING_COST]
    for need in range(g.ints[row + FIRST_NEED], g.ints[row + END_NEED]):
        units = needed(g, need, produced) - needed(g, need, produced - less)
        of_row = g.ints[g.needs + need * NEED + ROW]
        surplus = give_back(g, s, g.cell_draws + cell, of_row, units, surplus)
    return surplus


def make_more(g: Given, s: State, k: int, t: int, units: int) -> bool:
    """Make so many units more for nobody, with their components; say whether that was possible."""
    row, cell = g.capabilities + k * CAPABILITY, k * g.buckets + t
    pool, produced = g.ints[row + POOL], s.now[g.produced + cell]
    book(g, s, k, t, units)
    if s.now[g.ints[row + LINE] * g.buckets + t] < 0 or (pool >= 0 and s.now[pool * g.buckets + t] < 0):
        return False
    s.reals[s.value] += units * g.reals[g.costs + k * COST + MAKING_COST]
    change(s, g.produced + cell, units)
    s.work[s.counts + STAMP] += 1
    for need in range(g.ints[row + FIRST_NEED], g.ints[row + END_NEED]):
        wanted = needed(g, need, produced + units) - needed(g, need, produced)
        of_row = g.ints[g.needs + need * NEED + ROW]
        if obtain(g, s, of_row, t, wanted, g.cell_draws + cell) < wanted:
            return False
    if g.ints[row + MAKES] >= 0:
        change(s, g.left + g.ints[row + MAKES] + t, units)
    return True


def make_whole_lots(g: Given, s: State, k: int, t: int) -> bool:
    """Make a few units more or fewer for nobody until a cell makes whole lots (R13); say whether that was possible."""
    lot = g.ints[g.capabilities + k * CAPABILITY + LOT_SIZE]
    if lot <= 1:
        return True
    over = s.now[g.made + k * g.buckets + t] % lot
    if over == 0:
        return True
    if surplus_of(g, s, k, t) >= over:
        make_less(g, s, make_fewer(g, s, k, t, over, 0))
        return True
    changes, value = s.work[s.counts + CHANGES], s.reals[s.value]
    if make_more(g, s, k, t, lot - over):
        return True
    take_back(s, changes, value)
    return False
