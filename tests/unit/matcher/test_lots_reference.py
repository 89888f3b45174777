"""Lots against methods that share no solver with them: dynamic programming, and the plain model by CP-SAT."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from matcher.exact import attempt
from matcher.exact.network import Kind, kinds_of
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.problem import Priorities, Problem
from matcher.verify import check_claim
from tests.problems import Market
from tests.reference import optimum as plain_optimum
from tests.reference.lots import LotSizing
from tests.unit.matcher.test_lots import lot_sizing, modelled, optimum


def drawn(seed: int) -> LotSizing:
    """Draw two items and four order lines of few units, where a unit unmet may be cheaper than a set-up."""
    random = Random(seed)
    orders, buckets, dear = 4, 3, random.choice([8, 20, 80])

    def some(count: int, least: int, most: int) -> tuple[int, ...]:
        return tuple(random.randint(least, most) for _ in range(count))

    return LotSizing(
        # Each item has an order line, and so a set-up.
        item=(0, 1, *some(orders - 2, 0, 1)),
        quantity=some(orders, 1, 3),
        due=some(orders, 0, buckets - 1),
        unmet=some(orders, 3, dear),
        early=some(orders, 0, 4),
        late=some(orders, 0, 6),
        unit_cost=some(2, 0, 5),
        unit_time=some(2, 1, 3),
        set_up_cost=some(2, 1, 25),
        set_up_time=some(2, 0, 3),
        capacity=some(buckets, 6, 14),
    )


def problem_of(lots: LotSizing) -> Problem:
    market = Market(days=len(lots.capacity)).add("lines", id="line", site="site").add("sites", id="site")
    for bucket, hours in enumerate(lots.capacity):
        market.hours("line", hours, bucket=bucket)
    for item in range(2):
        market.capability(
            "line",
            f"item {item}",
            lots.unit_time[item],
            setup=lots.set_up_time[item],
            setup_cost=lots.set_up_cost[item],
            unit_cost=lots.unit_cost[item],
        )
    for order, item in enumerate(lots.item):
        market.order(
            f"order {order}",
            f"item {item}",
            lots.quantity[order],
            day=lots.due[order],
            shortfall_cost=lots.unmet[order],
            holding_cost=lots.early[order],
            lateness_cost=lots.late[order],
        )
    return market.problem()


def test_lots_drawn_are_searched_as_lots() -> None:
    kinds = []
    for seed in range(20):
        setting, scope, *_ = modelled(problem_of(drawn(seed)))
        kinds += kinds_of(setting, [scope.part])
    assert set(kinds) == {Kind.LOTS}


@pytest.mark.parametrize("seed", range(30))
def test_the_model_of_lots_costs_what_dynamic_programming_finds(seed: int) -> None:
    lots = drawn(seed)
    _, scope, _, frozen = modelled(problem_of(lots))
    # An order line that costs less unmet than made anywhere has no arc, and so is in no part.
    beside = set(range(len(lots.item))) - set(scope.part.order_lines.tolist())
    unmet = sum(lots.quantity[order] * lots.unmet[order] for order in beside)
    assert optimum(frozen) == 1000 * (lots.least() - unmet)


@pytest.mark.parametrize("seed", [3, 28])  # In these an order line has no arc that pays.
def test_the_search_of_lots_proves_what_dynamic_programming_finds(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "TINY", 0)
    lots = drawn(seed)
    problem = problem_of(lots)
    outcome = match(problem, Parameters(time_limit_seconds=20, workers=1))
    assert check_claim(problem, outcome).violations == ()
    least = lots.least()
    assert (outcome.objective, outcome.bound, outcome.termination) == (least, least, "optimal")


@pytest.mark.parametrize(("seed", "dear"), [(0, 1.0), (1, 0.05), (2, 0.01), (3, 1.0)])
def test_the_model_of_lots_costs_what_the_plain_model_does(seed: int, dear: float, tmp_path: Path) -> None:
    problem = lot_sizing(tmp_path, 3, 4, seed, tight=0.9 + 0.2 * (seed % 3))
    lines = problem.order_lines
    cost = np.maximum((lines.shortfall_cost * dear).astype(np.int64), 1)
    problem = replace(problem, priorities=Priorities(), order_lines=replace(lines, shortfall_cost=cost))
    _, scope, _, frozen = modelled(problem)
    assert len(scope.part.order_lines) == len(lines.quantity)
    best = plain_optimum(problem, 10.0)
    assert best is not None
    assert optimum(frozen) // 1000 == best.objective
