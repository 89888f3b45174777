"""The generalised assignment problem: m agents, n jobs, every job whole to one agent, least cost.

File: m n; m rows of n costs; m rows of n amounts of the agent's resource; m capacities. The OR-Library's own
files (gap1 .. gapd) begin with the number of such problems that follow; they are named gap1-0, gap1-1, ...
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from bench.adapters.assignment import assignment, published_cost, textbook_assignment
from bench.adapters.instance import Instance, number_of, numbers, sizes, text_of
from bench.best_known import BestKnown

FINEST = 6


def instances(path: Path, best_known: BestKnown) -> Iterator[Instance]:  # noqa: ARG001 - one shape for all kinds
    """Read the instance of a file, or those of a file of several. Raises ValueError."""
    text = text_of(path)
    name = path.stem if path.suffix == ".txt" else path.name
    blocks = _blocks(text)
    if blocks is None:
        agents, jobs = sizes(text)
        yield _instance(path, name, agents, jobs, numbers(text, 2 + _size(agents, jobs))[2:])
        return
    for number, (agents, jobs, values) in enumerate(blocks):
        yield _instance(path, f"{name}-{number}", agents, jobs, values)


def _size(agents: int, jobs: int) -> int:
    return 2 * agents * jobs + agents


def _blocks(text: str) -> list[tuple[int, int, list[Fraction]]] | None:
    """Return the problems of a file that begins with their number; None where it does not hold just these."""
    words = text.split()
    count, at = int(words[0]) if words and words[0].isdecimal() else 0, 1
    blocks = list[tuple[int, int, list[Fraction]]]()
    while len(blocks) < count:
        pair = words[at : at + 2]
        if len(pair) < 2 or not all(word.isdecimal() and int(word) > 0 for word in pair):
            return None
        agents, jobs = int(pair[0]), int(pair[1])
        begin, at = at + 2, at + 2 + _size(agents, jobs)
        values = [number for word in words[begin:at] if (number := number_of(word)) is not None]
        if len(values) < at - begin:
            return None
        blocks.append((agents, jobs, values))
    ends = not words[at : at + 1] or number_of(words[at]) is None
    return blocks if blocks and ends else None


def _instance(path: Path, name: str, agents: int, jobs: int, values: list[Fraction]) -> Instance:
    size = agents * jobs
    cost = [values[jobs * i : jobs * (i + 1)] for i in range(agents)]
    whole = int(np.lcm.reduce([value.denominator for value in values[size:]]))
    amounts = [int(value * whole) for value in values[size:]]
    time = np.array(amounts[:size], dtype=np.int64).reshape(agents, jobs)
    fixed = [Fraction(0)] * agents
    # A job unmet costs more than doing all in the dearest way: whole jobs may push others about.
    dearest = sum(max(row[j] for row in cost) for j in range(jobs)) + sum(fixed) + Fraction(1)
    capacity = amounts[size:]
    problem, money = assignment([1] * jobs, time, cost, capacity, fixed, finest=FINEST, shortfall=dearest)
    textbook = partial(textbook_assignment, [1] * jobs, time, cost, capacity, fixed, whole=True)
    names = (f"{path.parent.name}/{name}", name, path.name)
    recount = partial(published_cost, problem=problem, cost=cost, fixed=fixed)
    return Instance(names, problem, money, recount, textbook=textbook)
