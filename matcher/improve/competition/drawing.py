"""Components: drawing what is there, and making what is not, through all levels: plain loops that also compile."""

from __future__ import annotations

from matcher.improve.competition.booking import book, makeable, missing_batch
from matcher.improve.competition.needs import affordable, covered, needed, standing
from matcher.improve.competition.sources import choose, note_dry
from matcher.improve.competition.tables import (
    CAPABILITY,
    CARRIAGE,
    CHANGES,
    COST,
    END_NEED,
    F_AMOUNT,
    F_BEFORE,
    F_BUCKET,
    F_CHANGES,
    F_LIST,
    F_MAKER,
    F_MAKING,
    F_NEED,
    F_OFFER,
    F_ROW,
    F_SOURCE,
    F_STILL,
    F_TRIES,
    F_UNITS,
    FIRST_NEED,
    FRAME,
    LOT_SIZE,
    MAKING_COST,
    N_COVERS,
    N_NEXT,
    N_OFFER,
    N_SOURCE,
    N_UNITS,
    NEED,
    ROW,
    SOURCE,
    STAMP,
    Given,
    State,
)
from matcher.improve.competition.undo import change, full, new_node, put, take_back

TRIES = 4
"""How often a quantity is lowered to what its materials allow before the place is given up."""
LOOKS = 16
"""Among so many draws of a consumer an equal one is sought before another is begun."""


def draw(g: Given, s: State, frame: int, offer: int, units: int) -> None:
    """Record a draw for the consumer of a frame, that counts for so many units of the component."""
    head, source = s.work[s.frames + frame + F_LIST], s.work[s.frames + frame + F_SOURCE]
    covers, units = units, standing(g, source, units)
    change(s, g.left + offer, -units)
    s.reals[s.value] += units * float(g.ints[g.sources + source * SOURCE + CARRIAGE])
    node = s.now[head]
    for _ in range(LOOKS):
        if node == 0:
            break
        if s.now[node + N_OFFER] == offer and s.now[node + N_SOURCE] == source:
            change(s, node + N_UNITS, units)
            change(s, node + N_COVERS, covers)
            return
        node = s.now[node + N_NEXT]
    node = new_node(g, s)
    put(s, node + N_UNITS, units)
    put(s, node + N_COVERS, covers)
    put(s, node + N_OFFER, offer)
    put(s, node + N_SOURCE, source)
    put(s, node + N_NEXT, s.now[head])
    put(s, head, node)


def draw_some(g: Given, s: State, frame: int, offer: int) -> None:
    """Draw from an offer what a frame still misses, or what there is."""
    still = s.work[s.frames + frame + F_STILL]
    taken = min(still, covered(g, s.work[s.frames + frame + F_SOURCE], s.now[g.left + offer]))
    if taken > 0:
        draw(g, s, frame, offer, taken)
        s.work[s.frames + frame + F_STILL] = still - taken


def open_frame(s: State, frame: int, row: int, t: int, amount: int, head: int) -> None:
    """Begin to obtain so much of a component in bucket t for the consumer whose draws begin at `head`."""
    s.work[s.frames + frame + F_ROW] = row
    s.work[s.frames + frame + F_BUCKET] = t
    s.work[s.frames + frame + F_AMOUNT] = amount
    s.work[s.frames + frame + F_STILL] = amount
    s.work[s.frames + frame + F_LIST] = head
    s.work[s.frames + frame + F_MAKER] = -1


def begin_making(g: Given, s: State, frame: int, k: int, offer: int, source: int) -> None:
    """Let a frame make what it still misses with capability k for an offer of a source; nothing is booked yet."""
    t = (offer - g.supplies) % g.buckets
    lot, made = g.ints[g.capabilities + k * CAPABILITY + LOT_SIZE], s.now[g.made + k * g.buckets + t]
    wanted = max(standing(g, source, s.work[s.frames + frame + F_STILL]), missing_batch(g, s, k, t))
    if lot > 1:
        wanted = (made + wanted + lot - 1) // lot * lot - made
    s.work[s.frames + frame + F_MAKER] = k
    s.work[s.frames + frame + F_SOURCE] = source
    s.work[s.frames + frame + F_MAKING] = t
    s.work[s.frames + frame + F_OFFER] = offer
    s.work[s.frames + frame + F_UNITS] = min(wanted, makeable(g, s, k, t))
    s.work[s.frames + frame + F_NEED] = -1
    s.work[s.frames + frame + F_TRIES] = 0
    s.work[s.frames + frame + F_CHANGES] = s.work[s.counts + CHANGES]
    s.reals[s.value + 1 + frame // FRAME] = s.reals[s.value]


def book_making(g: Given, s: State, frame: int) -> None:
    """Book the time of what a frame makes, or give the place up after too many tries."""
    k, t, units = (
        s.work[s.frames + frame + F_MAKER],
        s.work[s.frames + frame + F_MAKING],
        s.work[s.frames + frame + F_UNITS],
    )
    cell, lot = k * g.buckets + t, g.ints[g.capabilities + k * CAPABILITY + LOT_SIZE]
    if lot > 1:
        units -= (s.now[g.made + cell] + units) % lot
        s.work[s.frames + frame + F_UNITS] = units
    small = units < missing_batch(g, s, k, t)
    if units <= 0 or small or s.work[s.frames + frame + F_TRIES] >= TRIES:
        s.work[s.failed + cell] = s.work[s.counts + STAMP]
        s.work[s.frames + frame + F_MAKER] = -1
        return
    s.work[s.frames + frame + F_TRIES] += 1
    s.work[s.frames + frame + F_BEFORE] = s.now[g.produced + cell]
    book(g, s, k, t, units)
    s.reals[s.value] += units * g.reals[g.costs + k * COST + MAKING_COST]
    change(s, g.produced + cell, units)
    s.work[s.frames + frame + F_NEED] = g.ints[g.capabilities + k * CAPABILITY + FIRST_NEED]


def hear(g: Given, s: State, frame: int, got: int) -> None:
    """Take note of how much of a component came for what a frame makes; make less where it was too little."""
    need = s.work[s.frames + frame + F_NEED]
    if got >= s.work[s.frames + frame + FRAME + F_AMOUNT]:
        s.work[s.frames + frame + F_NEED] = need + 1
        return
    if got == 0:
        note_dry(g, s, need, s.work[s.frames + frame + F_MAKING])
    before = s.work[s.frames + frame + F_BEFORE]
    enough = affordable(g, need, needed(g, need, before) + got) - before
    take_back(s, s.work[s.frames + frame + F_CHANGES], s.reals[s.value + 1 + frame // FRAME])
    s.work[s.frames + frame + F_UNITS] = min(s.work[s.frames + frame + F_UNITS] - 1, enough)
    s.work[s.frames + frame + F_NEED] = -1


def ask_next(g: Given, s: State, frame: int, need: int) -> None:
    """Open the frame above for a component of what a frame makes."""
    before, units = s.work[s.frames + frame + F_BEFORE], s.work[s.frames + frame + F_UNITS]
    wanted = needed(g, need, before + units) - needed(g, need, before)
    head = g.cell_draws + s.work[s.frames + frame + F_MAKER] * g.buckets + s.work[s.frames + frame + F_MAKING]
    open_frame(
        s,
        frame + FRAME,
        g.ints[g.needs + need * NEED + ROW],
        s.work[s.frames + frame + F_MAKING],
        wanted,
        head,
    )


def obtain(g: Given, s: State, row: int, t: int, amount: int, head: int) -> int:
    """Draw a component for an allocation in bucket t, making it where that is cheapest; return how much was had.

    Making needs components in turn: frames on a stack instead of recursion, which numba cannot keep compiled.
    """
    frame = 0
    open_frame(s, frame, row, t, amount, head)
    while True:
        k, need = s.work[s.frames + frame + F_MAKER], s.work[s.frames + frame + F_NEED]
        if k >= 0:
            if need < 0:
                book_making(g, s, frame)
            elif need < g.ints[g.capabilities + k * CAPABILITY + END_NEED]:
                ask_next(g, s, frame, need)
                frame += FRAME
            else:
                offer = s.work[s.frames + frame + F_OFFER]
                change(s, g.left + offer, s.work[s.frames + frame + F_UNITS])
                s.work[s.frames + frame + F_MAKER] = -1
                # It was the cheapest there was, and now it is there.
                draw_some(g, s, frame, offer)
            continue
        still = s.work[s.frames + frame + F_STILL]
        offer, maker, source = -1, -1, -1
        if still > 0 and not full(g, s):
            offer, maker, source = choose(
                g, s, s.work[s.frames + frame + F_ROW], s.work[s.frames + frame + F_BUCKET], still
            )
        if offer < 0:
            got = s.work[s.frames + frame + F_AMOUNT] - still
            if frame == 0:
                return got
            frame -= FRAME
            hear(g, s, frame, got)
        elif maker < 0:
            s.work[s.frames + frame + F_SOURCE] = source
            draw_some(g, s, frame, offer)
        else:
            begin_making(g, s, frame, maker, offer, source)


def supply(g: Given, s: State, k: int, t: int, units: int, head: int) -> int:
    """Obtain all components of an allocation; return for how many units they suffice."""
    s.work[s.counts + STAMP] += 1
    for need in range(
        g.ints[g.capabilities + k * CAPABILITY + FIRST_NEED],
        g.ints[g.capabilities + k * CAPABILITY + END_NEED],
    ):
        row = g.ints[g.needs + need * NEED + ROW]
        wanted = needed(g, need, units)
        got = obtain(g, s, row, t, wanted, head)
        if got < wanted:
            if got == 0:
                note_dry(g, s, need, t)
            return min(units - 1, affordable(g, need, got))
    return units
