"""R8 to R11: what it is made from. Part 5 of docs/formulation.md."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from matcher.problem import FULL_YIELD, NONE
from matcher.verify.arithmetic import Exact, divided_up, times, totals
from matcher.verify.facts import Array, Facts, broken, ragged, wide
from matcher.verify.movements import Movements
from matcher.verify.verdict import Finding, Rule


def materials_are_covered(facts: Facts, moved: Movements) -> Iterator[Finding]:
    """(R8) For every consumer and component, the draws cover the need; without substitutes exactly.

    `need(i,c,q,Y) = ceil(q * quantity(i,c) * 10^6 / (per(i,c) * Y))`; all units that a consumer draws of a
    substitute stand for `floor(w · per / quantity)` units of the component.
    """
    items = len(facts.problem.items)
    for row in broken(moved.item != moved.source_item):
        drawn, held = facts.problem.items[moved.item[row]], facts.problem.items[moved.source_item[row]]
        yield f"{moved.source_name(facts, row)} holds {held}, but {drawn} is drawn from it", (drawn, held)
    itself = moved.item == moved.stands_for
    standing = substitute_rows(facts, moved)
    for row in broken(~itself & (standing == NONE)):
        drawn, wanted = facts.problem.items[moved.item[row]], facts.problem.items[moved.stands_for[row]]
        user = _consumer_name(facts, int(moved.consumer[row]))
        yield f"{user} draws {drawn}, which may not stand for {wanted} there", (drawn, wanted)
    consumer, component, need = needs(facts)
    replaced_by, replaced, units = _replaced(facts, moved, standing)
    wanted = consumer * items + component
    drawn_for = moved.consumer[itself] * items + moved.item[itself]
    replaced_for = replaced_by * items + replaced
    pairs, number = np.unique(np.concatenate([wanted, drawn_for, replaced_for]), return_inverse=True)
    ends = np.cumsum([len(wanted), len(drawn_for)])
    needed = totals(number[: ends[0]], need, len(pairs))
    drawn = totals(number[ends[0] : ends[1]], moved.quantity[itself], len(pairs))
    covered = drawn + totals(number[ends[1] :], units, len(pairs))
    with_substitutes = np.zeros(len(pairs), dtype=bool)
    with_substitutes[number[ends[1] :]] = True
    wrong = (covered < needed) | ((covered > needed) & ~with_substitutes)
    for pair in broken(np.asarray(wrong, dtype=bool)):
        row, item = int(pairs[pair] // items), facts.problem.items[pairs[pair] % items]
        short = f"needs {needed[pair]} of {item}, but {covered[pair]} are drawn for it"
        yield f"{_consumer_name(facts, row)} {short}", (item, facts.line_of_consumer(row))


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
    in_time = facts.may_use(moved.instant, facts.consumer_bucket[moved.consumer])
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
    consumer, row = _rows_of(bill.item, making.item)
    good = wide(facts.problem.capabilities.yield_ppm)[making.capability[consumer]]
    started = times(times(making.quantity[consumer], bill.quantity[row]), FULL_YIELD)
    need = divided_up(started, times(bill.per[row], good))
    equipment = facts.problem.equipment
    start, place = _rows_of(equipment.conversion, facts.starting.conversion)
    return (
        np.concatenate([consumer, start + len(making.item)]),
        np.concatenate([wide(bill.component)[row], wide(equipment.item)[place]]),
        np.concatenate([need, equipment.quantity[place]]),
    )


def substitute_rows(facts: Facts, moved: Movements) -> Array:
    """Return for each draw the row of Substitutes by which it stands for another item, or NONE."""
    found = np.full(len(moved.item), NONE, dtype=np.int64)
    table, bill = facts.problem.substitutes, facts.problem.components
    # A conversion has equipment, for which nothing stands.
    makes = (moved.item != moved.stands_for) & (moved.consumer < len(facts.making.item))
    if not makes.any() or len(table.item) == 0:
        return found
    items = len(facts.problem.items)

    def triple(item: Array, component: Array, substitute: Array) -> Array:
        return (item * items + component) * items + substitute

    row = wide(table.component)
    known = triple(wide(bill.item)[row], wide(bill.component)[row], wide(table.item))
    order = np.argsort(known)
    asked = triple(facts.making.item[moved.consumer[makes]], moved.stands_for[makes], moved.item[makes])
    nearest = order[np.minimum(np.searchsorted(known[order], asked), len(order) - 1)]
    found[makes] = np.where(known[nearest] == asked, nearest, NONE)
    return found


def _replaced(facts: Facts, moved: Movements, standing: Array) -> tuple[Array, Array, Exact]:
    """Return consumer, component and its units for which what is drawn of one substitute stands."""
    table = facts.problem.substitutes
    draws = np.flatnonzero(standing != NONE)
    count = max(1, len(table.item))
    pairs, number = np.unique(moved.consumer[draws] * count + standing[draws], return_inverse=True)
    drawn = totals(number, moved.quantity[draws], len(pairs))
    row = pairs % count
    if len(pairs) == 0:
        return pairs, pairs, drawn
    units = times(drawn, table.per[row]) // table.quantity[row]
    return pairs // count, wide(facts.problem.components.component)[table.component[row]], units


def _rows_of(column: NDArray[np.integer], values: Array) -> tuple[Array, Array]:
    """Return the rows of a table whose column has each value: the position within `values`, and the row."""
    order = np.argsort(column, kind="stable")
    ordered = column[order]
    starts, ends = (np.searchsorted(ordered, values, side=side) for side in ("left", "right"))
    position, place = ragged(starts, ends)
    return position, order[place]


def _consumer_name(facts: Facts, row: int) -> str:
    """Return what consumes: an allocation by its order line, a production by its item, a conversion."""
    if row >= len(facts.making.item):
        return facts.start_name(row - len(facts.making.item))
    where = facts.where(facts.making, row)
    if row < len(facts.order_line):
        return f"{facts.problem.order_lines.ids[facts.order_line[row]]} ({where})"
    return f"{facts.problem.items[facts.making.item[row]]} ({where})"
