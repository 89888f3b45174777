"""What the kernel reads and writes, packed into a few flat columns.

A compiled function copies each column of its arguments; forty columns made calls and compilation slow. So the numbers
of a capability, a need, a source and the like stand side by side: number F of row r of a table of WIDTH is
`table[r * WIDTH + F]`. A *cell* is capability * T + bucket, a *slot* resource * T + bucket.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.pricing.relaxation import Reals
from matcher.problem import Indices, Ints

CAPABILITY = 8
LINE, POOL, TIME, LABOUR, SETUP_TIME, BATCH, FIRST_NEED, END_NEED = range(CAPABILITY)
COST = 2
SETUP_COST, MAKING_COST = range(COST)
SLOT = 3
OFFERED, FIRST_SEGMENT, END_SEGMENT = range(SLOT)
SEGMENT = 2
AMOUNT, RATE = range(SEGMENT)
NEED = 3
ROW, UNITS, PER = range(NEED)
SOURCE = 3
FIRST, MAKER, CARRIAGE = range(SOURCE)
ORDER = 4
QUANTITY, LOT, SOURCES, WHOLE = range(ORDER)

CHANGE = 2
DRAW = 5
OFFER, CONSUMING_CELL, ALLOCATION, DRAWN_ROW, DRAWN_UNITS = range(DRAW)
ALLOCATED = 2
ARC, MADE_UNITS = range(ALLOCATED)
COUNTS = 5
CHANGES, DRAWS, ALLOCATIONS, STAMP, FILLS = range(COUNTS)
FRAME = 15
(
    F_ROW,
    F_BUCKET,
    F_AMOUNT,
    F_STILL,
    F_CELL,
    F_ALLOCATION,
    F_MAKER,
    F_MAKING,
    F_OFFER,
    F_UNITS,
    F_BEFORE,
    F_NEED,
    F_TRIES,
    F_CHANGES,
    F_DRAWS,
) = range(FRAME)
"""A frame obtains F_AMOUNT of component row F_ROW in F_BUCKET for a cell or an allocation, F_STILL of it to come. While
F_MAKER >= 0 that capability makes F_UNITS of it in bucket F_MAKING, and F_NEED is the component being asked for, -1 before
the time is booked; F_BEFORE had been made there before; F_CHANGES and F_DRAWS say how far to take back."""


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
    starts: Ints
    capability: Indices
    bucket: NDArray[np.int16]
    cost: Ints
    capabilities: Ints
    costs: Reals
    base: Reals
    """[cell] time, labour and components of a unit at prices; no set-up."""
    slots: Ints
    price: Reals
    """[slot] per microsecond."""
    segments: Reals
    """Of a slot in rising order of rate."""
    needs: Ints
    source_starts: Ints
    sources: Ints
    reach: Indices
    """[source * T + bucket] the last offer usable."""
    offer_price: Reals
    orders: Ints
    shortfall: Reals


class State(NamedTuple):
    """What changes."""

    now: Ints
    """Time left, units made, units produced, units not drawn: see Given."""
    changes: Ints
    draws: Ints
    allocations: Ints
    counts: Ints
    failed: Ints
    """[cell] the stamp at which making a component there failed."""
    dry_until: Ints
    """[row] the last bucket in which nothing of the component could be had any more, -1 where none is known."""
    score: Reals
    """Room for the scores of one order line's arcs."""
    taken: Ints
    """By arc of one order line: the number of the last filling that used it."""
    refused: Ints
    """By line: the number of the last filling to which it could not give a first lot."""
    used: Ints
    """Room for the lines that serve one order line."""
    frames: Ints
