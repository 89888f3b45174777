"""A match that is stopped early claims no more than it knows, and what cannot be interrupted is done by others."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from bench.market import market
from matcher import compiling
from matcher.components import Makings, empty_plan, split
from matcher.eligibility import find_arcs
from matcher.exact import attempt, network
from matcher.exact.setting import Setting
from matcher.exact.solve import priced
from matcher.formulation.making import making_buckets
from matcher.formulation.transport import Transport
from matcher.parameters import Parameters
from matcher.pipeline import match, verified
from matcher.plan import Allocations
from matcher.progress import Watch
from matcher.tiers.guided import greedy_plan
from matcher.tiers.ledger import Ledger
from matcher.verify import check_claim, verify
from tests.problems import Market, random_problem
from tests.reference import optimum
from tests.whole_problems import random_whole_problem


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 5, 6, 7, 8])
def test_who_is_stopped_before_anything_is_known_bounds_nothing_falsely(seed: int) -> None:
    problem = random_whole_problem(6000 + seed)
    best = optimum(problem)
    assert best is not None
    for outcome in (
        match(problem, Parameters(time_limit_seconds=5), should_stop=lambda: True),
        match(problem, Parameters(time_limit_seconds=1e-6)),
    ):
        assert check_claim(problem, outcome).violations == ()
        assert outcome.bound <= best.objective or outcome.levels


def test_arcs_are_not_built_for_a_match_that_is_stopped() -> None:
    problem = random_problem(3, 5)
    found = find_arcs(problem, Transport(problem), lambda: True)
    assert (found.complete, len(found.arcs)) == (False, 0)


def test_a_large_flow_is_found_by_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Market(days=3).line("a", hours=4).line("b", hours=3).capability("a", "cup", unit_cost=5)
    rows.capability("b", "cup", unit_cost=2).order("o", "cup", 9, day=3).order("p", "cup", 4, day=2)
    here = match(rows.problem(), Parameters(time_limit_seconds=20))
    monkeypatch.setattr(network, "APART_FROM", 0)
    apart = match(rows.problem(), Parameters(time_limit_seconds=20))
    assert (apart.objective, apart.bound) == (here.objective, here.bound) == (38, 38)


def test_what_costs_most_unmet_is_planned_while_loops_are_not_there_yet() -> None:
    problem = market(60)
    transport = Transport(problem)
    arcs = find_arcs(problem, transport).arcs
    setting = Setting.of(problem, transport, arcs, Makings(*making_buckets(problem)))
    with Watch(20) as watch:
        plan = greedy_plan(setting, watch, 10.0, len(arcs) // 4)
    assert verify(problem, plan).ok
    assert 0 < len(set(plan.allocations.order_line.tolist())) <= 30


def test_compiling_ends_with_the_match(monkeypatch: pytest.MonkeyPatch) -> None:
    compiling.are_compiled.cache_clear()
    monkeypatch.setattr("matcher.compiled.is_cached", lambda _module: False)
    began = time.monotonic()
    with Watch(60, should_stop=lambda: True) as watch:
        time.sleep(0.3)
        assert not compiling.may_run_loops(watch)
    compiling.are_compiled.cache_clear()
    assert time.monotonic() - began < 3


def test_a_slow_machine_finds_the_same_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = random_whole_problem(402, 6)
    plans = []
    for seconds in (0.8, 1e-3):
        # How far a solver comes before it is given to another process depends on the machine.
        monkeypatch.setattr(attempt, "SLICE_SECONDS", seconds)
        plans.append(match(problem, Parameters(time_limit_seconds=60, seed=3)).plan)
    first, second = plans
    assert first.allocations.quantity.tolist() == second.allocations.quantity.tolist()
    assert first.allocations.capability.tolist() == second.allocations.capability.tolist()
    assert first.draws.source.tolist() == second.draws.source.tolist()


def test_where_the_best_plan_breaks_a_rule_the_one_before_it_is_returned() -> None:
    problem = Market(days=1).line("press").capability("press", "cup").order("o", "cup", 4, day=1).problem()
    transport = Transport(problem)
    arcs, makings = find_arcs(problem, transport).arcs, Makings(*making_buckets(problem))
    setting = Setting.of(problem, transport, arcs, makings)
    with Watch(20) as watch:
        ledger = Ledger.of(setting, split(problem, arcs, makings), watch)
        for units in (3, 5):
            made = Allocations(*(np.zeros(1, dtype=np.int32) for _ in range(3)), np.array([units]))
            ledger.note(0, priced(setting, ledger.parts[0], replace(empty_plan(), allocations=made), None))
    with pytest.warns(RuntimeWarning, match="a plan was dropped"):
        plan, verdict = verified(problem, ledger)
    assert (verdict.ok, plan.allocations.quantity.tolist()) == (True, [3])
