"""The generalised assignment problem: m agents, n jobs, every job whole to one agent, least cost.

File: m n; m rows of n costs; m rows of n amounts of the agent's resource; m capacities.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from bench.adapters.assignment import assignment, published_cost, textbook_assignment
from bench.adapters.instance import Instance, numbers
from bench.best_known import BestKnown

FINEST = 6


def instances(path: Path, best_known: BestKnown) -> Iterator[Instance]:  # noqa: ARG001 - one shape for all kinds
    """Read the instance of a file."""
    text = path.read_text()
    agents, jobs = (int(value) for value in numbers(text, 2))
    size = agents * jobs
    values = numbers(text, 2 + 2 * size + agents)[2:]
    cost = [values[jobs * i : jobs * (i + 1)] for i in range(agents)]
    time = np.array([int(value) for value in values[size : 2 * size]], dtype=np.int64).reshape(agents, jobs)
    fixed = [Fraction(0)] * agents
    # A job unmet costs more than doing all in the dearest way: whole jobs may push others about.
    dearest = sum(max(row[j] for row in cost) for j in range(jobs)) + sum(fixed) + Fraction(1)
    capacity = [int(value) for value in values[2 * size :]]
    problem, money = assignment([1] * jobs, time, cost, capacity, fixed, finest=FINEST, shortfall=dearest)
    textbook = partial(textbook_assignment, [1] * jobs, time, cost, capacity, fixed, whole=True)
    names = (f"{path.parent.name}/{path.name}", path.name)
    recount = partial(published_cost, problem=problem, cost=cost, fixed=fixed)
    yield Instance(names, problem, money, recount, textbook=textbook)
