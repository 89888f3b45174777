"""The least objective of all plans that there are, each judged by the verifier."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any

from matcher.plan import Plan
from matcher.problem import Problem
from matcher.verify import verify
from tests.reference.facts import MILLION, up
from tests.reference.model import Reference
from tests.reference.plans import plan_of


def brute_force(problem: Problem, most: int = 1000) -> int | None:
    """Return the least objective of all plans, each judged by the verifier; None where there are too many."""
    reference = Reference(problem)
    facts = reference.facts
    ranges: dict[tuple[str, Any], int] = {
        ("x", key): int(problem.order_lines.quantity[key[0]]) for key in reference.x
    }
    for k, t in reference.z:
        if facts.time(k) == 0:
            return None
        offered = facts.offered[int(problem.capabilities.line[k]), t]
        ranges["z", (k, t)] = offered // facts.time(k)
    if prod(value + 1 for value in ranges.values()) > most:
        return None
    best, left = None, most
    for values in product(*(range(value + 1) for value in ranges.values())):
        made = {key: value for key, value in zip(ranges, values, strict=True) if value}
        for plan in _plans(reference, made):
            left -= 1
            if left < 0:
                return None
            verdict = verify(problem, plan)
            if verdict.ok and (best is None or verdict.objective < best):
                best = verdict.objective
    return best


def _plans(reference: Reference, made: dict[tuple[str, Any], int]) -> Iterator[Plan]:
    """Yield the plans that make just this, with every way to draw what it needs."""
    problem, bill = reference.problem, reference.problem.components
    choices = []
    for (kind, key), quantity in made.items():
        k = key[-2]
        for row in reference.facts.bill[int(problem.capabilities.item[k])]:
            whole = int(bill.per[row]) * int(problem.capabilities.yield_ppm[k])
            need = up(quantity * int(bill.quantity[row]) * MILLION, whole)
            part = int(bill.component[row])
            sources = [
                name
                for name in reference.w
                if name[1:] == ((kind, key), part, part)
                and (name[0][0] == "supply" or ("z", name[0][1]) in made)
            ]
            choices.append([dict(zip(sources, way, strict=True)) for way in _ways(need, len(sources))])
    x, z = ({key: value for (of, key), value in made.items() if of == kind} for kind in "xz")
    for chosen in product(*choices):
        yield plan_of(x, z, {name: value for draws in chosen for name, value in draws.items() if value})


def _ways(amount: int, sources: int) -> Iterator[tuple[int, ...]]:
    """Yield every way to share an amount between sources."""
    if sources == 0:
        yield from [()] if amount == 0 else []
    else:
        for first in range(amount + 1):
            yield from ((first, *others) for others in _ways(amount - first, sources - 1))
