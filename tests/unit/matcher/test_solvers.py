"""Solvers in processes of their own: what they tell, what they are told, and how they end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matcher.exact.answer import Answer
from matcher.exact.apart import SolverApart
from matcher.exact.cp_sat import solve_with_cp_sat
from matcher.exact.model import Frozen, Model, cost_of
from matcher.exact.request import News, Request, satisfies
from matcher.parameters import Parameters
from matcher.progress import Watch

HARD = 60
"""Columns of a knapsack problem with many rows that no solver proves in a second."""


def knapsacks(columns: int, rows: int) -> Frozen:
    """Take as much worth as many knapsacks allow; what is left behind costs its worth."""
    rng = np.random.default_rng(3)
    model = Model()
    worth = rng.integers(1000, 2000, columns)
    left = model.add_columns(np.ones(columns, dtype=np.int64), worth)
    row, column = (index.ravel() for index in np.indices((rows, columns)))
    weight = rng.integers(1, 1000, (rows, columns))
    # sum of weights taken <= a third, so that at least the other two thirds of the weight is left.
    model.add_rows(rows, (row, left[column], weight.ravel()), lower=2 * weight.sum(axis=1) // 3)
    return model.freeze()


def request(frozen: Frozen, seconds: float, solver: str = "highs", **more: object) -> Request:
    return Request(frozen, seconds, 0.0, np.zeros(len(frozen.upper), dtype=bool), solver, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_one_child_answers_one_request_after_another(solver: str) -> None:
    frozen = knapsacks(12, 2)
    with Watch(20) as watch, SolverApart(watch) as apart:
        for _ in range(2):
            answer = apart.solve(request(frozen, 10, solver))
            assert answer.values is not None
            assert satisfies(frozen, answer.values)
            assert answer.bound == cost_of(frozen.cost, answer.values)


def test_plans_and_bounds_are_told_while_the_solver_goes_on() -> None:
    frozen, told = knapsacks(HARD, 8), list[News]()
    with Watch(20) as watch, SolverApart(watch) as apart:
        answer = apart.solve(request(frozen, 3.0), told.append)
    assert answer.values is not None
    assert answer.bound is not None
    costs = [cost_of(frozen.cost, news.values) for news in told if news.values is not None]
    assert costs == sorted(costs, reverse=True)
    bounds = [news.bound for news in told if news.bound is not None]
    assert bounds == sorted(bounds)
    assert bounds[-1] <= answer.bound <= costs[-1]


def test_a_stopped_watch_kills_the_solver_and_keeps_what_it_told() -> None:
    frozen, found = knapsacks(HARD, 8), list[News]()
    with Watch(40, should_stop=lambda: any(news.values is not None for news in found)) as watch:
        with SolverApart(watch) as apart:
            answer = apart.solve(request(frozen, 100.0), found.append)
        assert watch.cancelled
        assert watch.elapsed < 30
    assert answer.values is not None
    assert satisfies(frozen, answer.values)


def test_a_solver_takes_over_a_plan_found_elsewhere_and_stops_when_asked() -> None:
    frozen = knapsacks(HARD, 8)
    with Watch(40) as watch, SolverApart(watch) as one, SolverApart(watch) as other:
        good = one.solve(request(frozen, 2.5)).values
        assert good is not None
        other.begin(request(frozen, 30.0, start=np.ones(HARD, dtype=np.int64)))
        other.offer(good)
        answer, best = None, None
        asked = False
        while not isinstance(answer, Answer):
            answer = other.next_news(0.2)
            best = best if answer is None or answer.values is None else cost_of(frozen.cost, answer.values)
            if not asked and best is not None and best <= cost_of(frozen.cost, good):
                other.stop()
                asked = True
        assert asked
        assert watch.elapsed < 25


@pytest.mark.parametrize("most", [1, 4])
def test_a_charge_that_does_not_pay_is_left_unpaid(most: int) -> None:
    """Leaving `most` units unmet at 3 each is cheaper than a charge of 17: HiGHS 1.14 presolved this to 17, proven."""
    model = Model()
    charge, made, unmet = (
        int(model.add_columns(np.array([upper]), np.array([cost]))[0])
        for upper, cost in ((1, 17), (most, 0), (most, 3))
    )
    model.add_rows(1, (np.zeros(2, int), np.array([made, unmet]), np.ones(2, int)), lower=np.array([most]))
    model.add_rows(1, (np.zeros(2, int), np.array([charge, made]), np.array([most, -1])), lower=np.array([0]))
    frozen = model.freeze()
    asked = Request(frozen, 10, 0.0, np.array([False, True, True]), "highs")
    with Watch(20) as watch, SolverApart(watch) as apart:
        answer = apart.solve(asked)
    assert answer.bound == 3 * most
    assert answer.values is not None
    assert cost_of(frozen.cost, answer.values) == 3 * most


def test_bounds_told_by_cp_sat_are_true_beyond_what_floats_tell_apart() -> None:
    frozen = knapsacks(12, 2)
    frozen = replace(frozen, cost=frozen.cost * 2**45 + 7)
    told = list[int]()

    def report(_cost: int | None, bound: int | None) -> None:
        told.extend([] if bound is None else [bound])

    with Watch(20) as watch:
        answer = solve_with_cp_sat(frozen, Parameters(), watch, 10.0, None, report)
    assert answer.values is not None
    assert told
    assert max(told) <= cost_of(frozen.cost, answer.values) == answer.bound


def test_cp_sat_proves_no_wrong_optimum_where_a_row_pairs_time_with_money() -> None:
    """Or units of 5400005401 microseconds, or five of 4000000000, or what lacks of 12600000000 at 7 an hour."""
    model = Model()
    one, five, lot = (
        int(model.add_columns(np.array([most]), cost)[0]) for most, cost in ((4, 4502), (5, 3000), (1, 0))
    )
    lacks, price = (
        int(model.add_columns(np.array([most]), c)[0]) for most, c in ((12_600_000_000, 0), (25, 1000))
    )

    def row(*terms: tuple[int, int], **limits: int) -> None:
        column, value = (np.array(side) for side in zip(*terms, strict=True))
        model.add_rows(1, (np.zeros(len(terms), dtype=np.int64), column, value), **limits)

    work = (one, 5_400_005_401), (five, 4_000_000_000)
    row(*work, upper=25_200_000_000)
    row((five, 1), (lot, -5), lower=0, upper=0)
    row(*work, (lacks, 1), lower=12_600_000_000)
    row((price, 3_600_000_000), (lacks, -7), lower=0)
    frozen = model.freeze()
    with Watch(20) as watch:
        answer = solve_with_cp_sat(frozen, Parameters(), watch, 10.0, None, lambda _cost, _bound: None)
    assert answer.values is not None
    assert cost_of(frozen.cost, answer.values) == answer.bound == 2 * 4502 + 4 * 1000
