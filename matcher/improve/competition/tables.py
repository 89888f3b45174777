"""What the compiled loops read and write, packed into a few flat columns.

A compiled function copies each column of its arguments; forty columns made calls and compilation slow. So tables stand
one after the other in one column, and the numbers of a capability, a need, a source and the like side by side: number F
of row r of a table of WIDTH is `ints[table + r * WIDTH + F]`. A *cell* is capability * T + bucket, a
*slot* resource * T + bucket.

All that changes in whole numbers stands in one column, `State.now`, so that one log of (place, amount) can take back
whatever was done: first the sections that Given tells, then *nodes* of NODE numbers, which make up lists: an order
line's allocations, each with its draws, the draws of what is made for others in a cell, a slot's allocations.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.pricing.relaxation import Reals
from matcher.problem import Indices, Ints

CAPABILITY = 13
(
    LINE,
    POOL,
    TIME,
    LABOUR,
    SETUP_TIME,
    BATCH,
    FIRST_NEED,
    END_NEED,
    LOT_SIZE,
    FAMILY,
    FAMILY_TIME,
    FLOOR,
    MAKES,
) = range(CAPABILITY)
"""FAMILY and FLOOR number set-up families and floors of work, MAKES is the first offer of what it makes; -1: none."""
COST = 3
SETUP_COST, MAKING_COST, FAMILY_COST = range(COST)
SLOT = 3
OFFERED, FIRST_SEGMENT, END_SEGMENT = range(SLOT)
SEGMENT = 2
AMOUNT, RATE = range(SEGMENT)
NEED = 3
ROW, UNITS, PER = range(NEED)
SOURCE = 6
FIRST, MAKER, CARRIAGE, OF_ROW, STANDS, FOR = range(SOURCE)
"""STANDS units of what a source offers stand for FOR units of its row's component."""
ORDER = 7
QUANTITY, LOT, SOURCES, WHOLE, NEXT, BUYER, STAYS = range(ORDER)
"""NEXT is the next order line of the same order that ships complete, round and round; the order line itself where
there is none. BUYER is whoever should have a share (Given.lacks), -1 nobody. What STAYS (1) is not taken out by a
search of half the market: see halves.py."""

CHANGE = 2
COUNTS = 5
CHANGES, STAMP, FILLS, EPOCH, FOCUS = range(COUNTS)
ERA = 2**20
"""More than there are buckets: State.dry_until holds epoch * ERA + bucket, so that a new epoch forgets."""
NODE = 8
N_UNITS, N_NEXT, N_WHAT, N_DRAWS, N_ORDER, N_AFTER, N_BEFORE, N_SLOT = range(NODE)
"""An allocation's node: its arc is N_WHAT, N_DRAWS its first draw, N_ORDER its order line; N_AFTER, N_BEFORE and N_SLOT
put it in its slot's list. A draw's node: its offer is N_WHAT, its source N_DRAWS, N_ORDER the units of the component
that it counts for. 0 ends a list."""
N_OFFER, N_SOURCE, N_COVERS = N_WHAT, N_DRAWS, N_ORDER
FRAME = 14
(
    F_ROW,
    F_BUCKET,
    F_AMOUNT,
    F_STILL,
    F_LIST,
    F_MAKER,
    F_MAKING,
    F_OFFER,
    F_UNITS,
    F_BEFORE,
    F_NEED,
    F_TRIES,
    F_CHANGES,
    F_SOURCE,
) = range(FRAME)
"""A frame obtains F_AMOUNT of component row F_ROW in F_BUCKET for the list of draws that begins at F_LIST, F_STILL of it
to come. While F_MAKER >= 0 that capability makes F_UNITS of it in bucket F_MAKING, and F_NEED is the component being asked
for, -1 before the time is booked; F_BEFORE had been made there before; F_CHANGES says how far to take back."""


class Given(NamedTuple):
    """What does not change. Costs and prices are weighted thousandths of micros."""

    buckets: int
    supplies: int
    """How many offers are supplies; the others are buckets of makers."""
    made: int
    """Where in State.now the units made begin, a cell each; before them stands the time left, a slot each."""
    produced: int
    """Where the units made for others to use begin, a cell each."""
    left: int
    """Where the units not drawn yet begin, an offer each."""
    cell_draws: int
    """Where the first draws for productions begin, a cell each."""
    first: int
    """Where the first allocations begin, an order line each."""
    in_slot: int
    """Where the first allocations of slots begin, a slot each."""
    uses: int
    """Where it begins how many capabilities of a set-up family make something, family * T + bucket."""
    floors: int
    """Where the work begins that floors of work lack (below 0: have beyond it)."""
    lacks: int
    """Where the units begin that buyers lack of their shares (likewise)."""
    unused: int
    """Where the first unused node stands, and then the first never used."""
    capabilities: int
    """Where a table begins in `ints`; so for the next."""
    slots: int
    needs: int
    source_starts: int
    sources: int
    reach: int
    """[source * T + bucket] the last offer usable."""
    orders: int
    makers: int
    """By maker its capability: the maker of an offer is (offer - supplies) // buckets."""
    costs: int
    """Where a table begins in `reals`; so for the next."""
    base: int
    """[cell] time, labour and components of a unit at prices; no set-up."""
    price: int
    """[slot] per microsecond."""
    segments: int
    """Of a slot in rising order of rate."""
    offer_price: int
    shortfall: int
    floor_rate: int
    """By floor of work, of a microsecond that it lacks."""
    lack_price: int
    """By buyer, of a unit that it lacks."""
    ints: Ints
    reals: Reals
    starts: Ints
    capability: Indices
    bucket: NDArray[np.int16]
    cost: Ints
    most: Ints
    """By arc, the most units; without entries where no arc is limited."""


class State(NamedTuple):
    """What changes. `most_...` is the room for something."""

    value: int
    """Where in `reals` stands what has been added to the cost, shortfalls aside; then for each frame what to go back to."""
    score: int
    """Where in `reals` is room for the scores of one order line's arcs."""
    changes: int
    """Where something begins in `work`; so for the next."""
    most_changes: int
    counts: int
    failed: int
    """[cell] the stamp at which making a component there failed."""
    dry_until: int
    """[row] the last bucket in which nothing of the component could be had any more, with the epoch: see ERA."""
    taken: int
    """By arc of one order line: the number of the last filling that used it."""
    sequence: int
    """Room for the arcs of one order line in rising score."""
    refused: int
    """By line: the number of the last filling to which it could not give a first lot."""
    used: int
    """Room for the lines that serve one order line."""
    most_used: int
    frames: int
    surplus: int
    """Room for the offers whose production has become too much."""
    most_surplus: int
    now: Ints
    """Time left, units made, units produced, units not drawn, lists: see Given."""
    work: Ints
    reals: Reals
