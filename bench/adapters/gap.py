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
from bench.adapters.instance import Instance, numbers, text_of
from bench.best_known import BestKnown

FINEST = 6


def instances(path: Path, best_known: BestKnown) -> Iterator[Instance]:  # noqa: ARG001 - one shape for all kinds
    """Read the instance of a file, or those of a file of several."""
    text = text_of(path)
    name = path.stem if path.suffix == ".txt" else path.name
    blocks = _blocks(text)
    if blocks is None:
        agents, jobs = (int(value) for value in numbers(text, 2))
        yield _instance(path, path.name, agents, jobs, numbers(text, 2 + _size(agents, jobs))[2:])
        return
    for number, (agents, jobs, values) in enumerate(blocks):
        yield _instance(path, f"{name}-{number}", agents, jobs, values)


def _size(agents: int, jobs: int) -> int:
    return 2 * agents * jobs + agents


def _blocks(text: str) -> list[tuple[int, int, list[Fraction]]] | None:
    """Return agents, jobs and the numbers of each problem, None where the file is not a count and so many problems.

    Both kinds begin with whole numbers: only how many there are in all tells them apart.
    """
    words = text.split()
    count, at, blocks = int(numbers(text, 1)[0]), 1, list[tuple[int, int, list[Fraction]]]()
    while (
        len(blocks) < count and all(word.isdecimal() for word in words[at : at + 2]) and at + 1 < len(words)
    ):
        agents, jobs = int(words[at]), int(words[at + 1])
        begin, at = at + 2, at + 2 + _size(agents, jobs)
        if at > len(words):
            return None
        blocks.append((agents, jobs, [Fraction(word) for word in words[begin:at]]))
    return blocks if len(blocks) == count and not _are_numbers(words[at : at + 1]) else None


def _are_numbers(words: list[str]) -> bool:
    return any(word[0].isdigit() for word in words)


def _instance(path: Path, name: str, agents: int, jobs: int, values: list[Fraction]) -> Instance:
    size = agents * jobs
    cost = [values[jobs * i : jobs * (i + 1)] for i in range(agents)]
    time = np.array([int(value) for value in values[size : 2 * size]], dtype=np.int64).reshape(agents, jobs)
    fixed = [Fraction(0)] * agents
    # A job unmet costs more than doing all in the dearest way: whole jobs may push others about.
    dearest = sum(max(row[j] for row in cost) for j in range(jobs)) + sum(fixed) + Fraction(1)
    capacity = [int(value) for value in values[2 * size :]]
    problem, money = assignment([1] * jobs, time, cost, capacity, fixed, finest=FINEST, shortfall=dearest)
    textbook = partial(textbook_assignment, [1] * jobs, time, cost, capacity, fixed, whole=True)
    names = (f"{path.parent.name}/{name}", name)
    recount = partial(published_cost, problem=problem, cost=cost, fixed=fixed)
    return Instance(names, problem, money, recount, textbook=textbook)
