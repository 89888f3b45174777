"""R15: lines that are converted, before, during and after. Part 5 of docs/formulation.md."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.problem import NEVER, NONE
from matcher.verify.arithmetic import Exact, times, totals
from matcher.verify.facts import Array, Facts, broken, wide
from matcher.verify.verdict import Finding, Rule

MILLION = 1_000_000


def converted_lines_wait(facts: Facts) -> Iterator[Finding]:
    """(R15) One conversion a line at most, none before the fence; nothing is made too early or too fast."""
    yield from _one_a_line_after_the_fence(facts)
    yield from _nothing_is_made_meanwhile(facts)
    yield from _nothing_is_made_unconverted(facts)
    yield from _ramps_are_respected(facts)


CONVERTING = (Rule("converted_lines_wait", "R15", converted_lines_wait),)


def _one_a_line_after_the_fence(facts: Facts) -> Iterator[Finding]:
    starting, resources = facts.starting, facts.problem.resources
    often = np.bincount(starting.line, minlength=resources.lines)
    for line in broken(often > 1):
        name = resources.ids[line]
        yield f"line {name} is converted {often[line]} times, at most once is possible", (name,)
    for row in broken(starting.begins < facts.problem.baseline.fence):
        yield (
            f"{facts.start_name(row)} starts before the fence",
            (facts.problem.conversions.ids[starting.conversion[row]],),
        )


def _nothing_is_made_meanwhile(facts: Facts) -> Iterator[Finding]:
    """In the bucket with which it starts, and in those that begin before the line works again."""
    capability, bucket, _ = facts.batches
    line = wide(facts.problem.capabilities.line)[capability]
    begins = facts.problem.grid.boundaries[bucket]
    for starts in _one_start_a_line(facts):
        start = starts[line]
        # A start that there is not is in bucket NONE and over before anything begins.
        first = np.append(facts.starting.bucket, NONE)[start]
        works = np.append(facts.starting.works, np.iinfo(np.int64).min)[start]
        down = (bucket == first) | ((bucket > first) & (begins < works))
        for row in broken(down):
            name = facts.problem.resources.ids[line[row]]
            when = facts.bucket_name(int(bucket[row]))
            yield f"line {name} makes something in {when}, during {facts.start_name(start[row])}", (name,)


def _one_start_a_line(facts: Facts) -> Iterator[Array]:
    """Yield the starts as a column by line, NONE where there is none; again for second ones of a line."""
    left = np.arange(len(facts.starting.line))
    while len(left):
        starts = np.full(facts.problem.resources.lines, NONE, dtype=np.int64)
        _, first = np.unique(facts.starting.line[left], return_index=True)
        starts[facts.starting.line[left[first]]] = left[first]
        yield starts
        left = np.delete(left, first)


def _nothing_is_made_unconverted(facts: Facts) -> Iterator[Finding]:
    """A capability of a conversion is there from `B[t] + down` on."""
    capability, bucket, _ = facts.batches
    conversion = wide(facts.problem.capabilities.conversion)[capability]
    works = np.append(_works_from(facts), np.iinfo(np.int64).min)[conversion]
    for row in broken(facts.problem.grid.boundaries[bucket] < works):
        name = facts.problem.conversions.ids[conversion[row]]
        line = facts.problem.resources.ids[facts.problem.capabilities.line[capability[row]]]
        item = facts.problem.items[facts.problem.capabilities.item[capability[row]]]
        when = facts.bucket_name(int(bucket[row]))
        yield f"line {line} makes {item} in {when}, for which {name} must be done first", (line, name)


def _ramps_are_respected(facts: Facts) -> Iterator[Finding]:
    """Until `B[t] + down + ramp` the new capabilities use a part of the line's time."""
    table = facts.problem.conversions
    if len(facts.starting.conversion) == 0:
        return
    cell, used = _time_of_new_capabilities(facts)
    conversion, bucket = cell // facts.buckets, cell % facts.buckets
    works = _works_from(facts)[conversion]
    begins = facts.problem.grid.boundaries[bucket]
    # What is not converted at all is told above.
    ramping = (works != NEVER) & (begins - table.ramp[conversion] < works) & (begins >= works)
    offered = facts.capacities[facts.cell(wide(table.line)[conversion], bucket)]
    most = times(offered, table.ramp_ppm[conversion]) // MILLION
    for row in broken(np.asarray(ramping & (used > most), dtype=bool)):
        name, when = table.ids[conversion[row]], facts.bucket_name(int(bucket[row]))
        line = facts.problem.resources.ids[table.line[conversion[row]]]
        taken = f"{used[row]} µs are used in {when}, {most[row]} are possible so soon after {name}"
        yield f"line {line}: {taken}", (line, name)


def _works_from(facts: Facts) -> Array:
    """Return for each conversion from when its capabilities are there; NEVER where it does not start."""
    works = np.full(len(facts.problem.conversions.line), NEVER, dtype=np.int64)
    np.minimum.at(works, facts.starting.conversion, facts.starting.works)
    return works


def _time_of_new_capabilities(facts: Facts) -> tuple[Array, Exact]:
    """Return pairs of a conversion and a bucket, and what its capabilities use, with set-ups and families."""
    table, families = facts.problem.capabilities, facts.problem.families
    capability, bucket, batch = facts.batches
    new = wide(table.conversion)[capability] != NONE
    capability, bucket, batch = capability[new], bucket[new], batch[new]
    conversion = wide(table.conversion)[capability]
    time = times(facts.per_good_unit(table.time_per_unit)[capability], batch)
    family = wide(table.family)[capability]
    shared = np.unique(np.stack([conversion, bucket, family])[:, family != NONE], axis=1)
    cells = np.concatenate([conversion * facts.buckets + bucket, shared[0] * facts.buckets + shared[1]])
    values = np.concatenate([time, families.setup_time[shared[2]]])
    pairs, number = np.unique(cells, return_inverse=True)
    used = totals(number, values, len(pairs))
    return pairs, used + totals(number[: len(capability)], table.setup_time[capability], len(pairs))
