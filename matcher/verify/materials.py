"""R8 to R11: what it is made from. Part 5 of docs/formulation.md."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.problem import FULL_YIELD, NONE
from matcher.verify.arithmetic import Exact, divided_up, times, totals
from matcher.verify.facts import Array, Facts, broken, ragged, wide
from matcher.verify.movements import Movements
from matcher.verify.verdict import Finding, Rule


def materials_are_covered(facts: Facts, moved: Movements) -> Iterator[Finding]:
    """(R8) For every consumer and component, the draws sum exactly to the need.

    `need(i,c,q,Y) = ceil(q * quantity(i,c) * 10^6 / (per(i,c) * Y))`.
    """
    items = len(facts.problem.items)
    for row in broken(moved.item != moved.source_item):
        drawn, held = facts.problem.items[moved.item[row]], facts.problem.items[moved.source_item[row]]
        yield f"{moved.source_name(facts, row)} holds {held}, but {drawn} is drawn from it", (drawn, held)
    consumer, component, need = needs(facts)
    wanted = consumer * items + component
    drawn_for = moved.consumer * items + moved.item
    pairs, number = np.unique(np.concatenate([wanted, drawn_for]), return_inverse=True)
    needed = totals(number[: len(wanted)], need, len(pairs))
    drawn = totals(number[len(wanted) :], moved.quantity, len(pairs))
    for pair in broken(np.asarray(needed != drawn, dtype=bool)):
        row, item = int(pairs[pair] // items), facts.problem.items[pairs[pair] % items]
        short = f"needs {needed[pair]} of {item}, but {drawn[pair]} are drawn for it"
        yield f"{_consumer_name(facts, row)} {short}", (item, facts.line_name(facts.making, row))


def supply_is_not_overdrawn(facts: Facts, moved: Movements) -> Iterator[Finding]:
    """(R9) Draws on a supply sum to at most its quantity, draws on a production to at most `z`."""
    supplies = facts.problem.supplies
    bought, made = ~moved.produced, moved.produced
    drawn = totals(moved.supply[bought], moved.quantity[bought], len(supplies.ids))
    for row in broken(np.asarray(drawn > supplies.quantity, dtype=bool)):
        name = supplies.ids[row]
        yield f"supply {name}: {drawn[row]} are drawn, {supplies.quantity[row]} are there", (name,)
    produced = facts.produced
    drawn = totals(moved.production[made], moved.quantity[made], len(produced.quantity))
    for row in broken(np.asarray(drawn > produced.quantity, dtype=bool)):
        item = facts.problem.items[produced.item[row]]
        amounts = f"makes {produced.quantity[row]} of {item} for others, but {drawn[row]} are drawn"
        yield f"{facts.where(produced, row)} {amounts}", (facts.line_name(produced, row), item)


def nothing_is_drawn_before_it_is_there(facts: Facts, moved: Movements) -> Iterator[Finding]:
    """(R10) A draw goes over a lane that exists and arrives in time for its consumer (T2, part 1)."""
    places = facts.problem.places.ids
    for row in broken(moved.lane == NONE):
        ends = places[moved.site[row]], places[moved.to[row]]
        yield f"{moved.source_name(facts, row)}: no lane leads from {ends[0]} to {ends[1]}", ends
    in_time = facts.may_use(moved.instant, facts.making.bucket[moved.consumer])
    for row in broken((moved.lane != NONE) & ~in_time):
        user = _consumer_name(facts, int(moved.consumer[row]))
        item = facts.problem.items[moved.item[row]]
        arrival = np.datetime64(int(moved.instant[row]), "us")
        source = moved.source_name(facts, row)
        yield f"{user} draws {item} from {source}, which is there only from {arrival}Z", (item,)


def own_stock_stays_with_its_owner(facts: Facts, moved: Movements) -> Iterator[Finding]:
    """(R11) A supply marked own stock serves only sites of its owner."""
    supplies, places = facts.problem.supplies, facts.problem.places
    nobody = np.full(len(facts.produced.item), NONE)
    owner = moved.either(supplies.owner, nobody)
    own = moved.either(supplies.own_stock, nobody) == 1
    for row in broken(own & (owner != places.owner[moved.to])):
        supply, site = supplies.ids[moved.supply[row]], places.ids[moved.to[row]]
        owner = facts.problem.organisations[supplies.owner[moved.supply[row]]]
        yield f"supply {supply} is own stock of {owner}, but {site} is not its site", (supply, site)


MATERIALS = (
    Rule("materials_are_covered", "R8", materials_are_covered),
    Rule("supply_is_not_overdrawn", "R9", supply_is_not_overdrawn),
    Rule("nothing_is_drawn_before_it_is_there", "R10", nothing_is_drawn_before_it_is_there),
    Rule("own_stock_stays_with_its_owner", "R11", own_stock_stays_with_its_owner),
)


def needs(facts: Facts) -> tuple[Array, Array, Exact]:
    """Return consumer, component and need of every component of every consumer (part 3)."""
    bill, making = facts.problem.components, facts.making
    order = np.argsort(bill.item, kind="stable")
    starts = np.searchsorted(bill.item[order], np.arange(len(facts.problem.items) + 1))
    consumer, place = ragged(starts[making.item], starts[making.item + 1])
    row = order[place]
    good = wide(facts.problem.capabilities.yield_ppm)[making.capability[consumer]]
    started = times(times(making.quantity[consumer], bill.quantity[row]), FULL_YIELD)
    return consumer, wide(bill.component)[row], divided_up(started, times(bill.per[row], good))


def _consumer_name(facts: Facts, row: int) -> str:
    """Return what consumes: an allocation by its order line, a production by its item."""
    where = facts.where(facts.making, row)
    if row < len(facts.order_line):
        return f"{facts.problem.order_lines.ids[facts.order_line[row]]} ({where})"
    return f"{facts.problem.items[facts.making.item[row]]} ({where})"
