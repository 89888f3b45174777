from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest

from bench.market import market
from matcher import plan_file
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.progress import Progress
from matcher.verify import check_claim
from tests.problems import random_problem
from tests.whole_problems import random_whole_problem


def test_progress_is_told_at_least_once_a_second_and_ends_with_the_outcome() -> None:
    told: list[tuple[float, Progress]] = []
    started = time.monotonic()
    outcome = match(
        market(60),
        Parameters(time_limit_seconds=5),
        on_progress=lambda progress: told.append((time.monotonic() - started, progress)),
    )
    moments = [0.0, *(moment for moment, _ in told)]
    assert max(after - before for before, after in pairwise(moments)) < 1.0
    assert "prices" in {progress.phase for _, progress in told}
    assert told[-1][1].incumbent == outcome.objective
    assert [p.elapsed for _, p in told] == sorted(p.elapsed for _, p in told)


@pytest.mark.parametrize("after", [0.0, 0.3, 2.0, 4.0])
def test_a_match_stops_within_a_second_with_a_sound_plan(after: float) -> None:
    problem, stop = market(60), threading.Event()
    threading.Timer(after, stop.set).start()
    started = time.monotonic()
    outcome = match(problem, Parameters(time_limit_seconds=60), should_stop=stop.is_set)
    # A second for the solvers; checking and explaining the plan, on a busy machine, may take another.
    assert time.monotonic() - started < after + 2
    assert outcome.termination == "cancelled"
    assert check_claim(problem, outcome).ok


def test_the_time_limit_holds() -> None:
    started = time.monotonic()
    outcome = match(market(60), Parameters(time_limit_seconds=3))
    assert time.monotonic() - started < 4.5
    assert outcome.termination == "time_limit"
    assert outcome.bound <= outcome.objective


def test_a_time_limit_too_short_for_compiled_loops_still_gives_a_plan() -> None:
    problem = market(500)
    outcome = match(problem, Parameters(time_limit_seconds=2.5))
    assert len(outcome.plan.allocations.quantity) > 0
    assert check_claim(problem, outcome).ok


@pytest.mark.parametrize("seed", [1, 4, 9])
def test_the_same_seed_gives_the_same_plan(seed: int) -> None:
    problem = random_problem(seed, 6)
    first, second = (match(problem, Parameters(time_limit_seconds=30, seed=5)).plan for _ in range(2))
    assert first.allocations.quantity.tolist() == second.allocations.quantity.tolist()
    assert first.allocations.capability.tolist() == second.allocations.capability.tolist()
    assert first.draws.source.tolist() == second.draws.source.tolist()


def test_a_gap_that_is_near_enough_ends_the_match() -> None:
    outcome = match(market(60), Parameters(time_limit_seconds=60, gap_target=0.9))
    assert outcome.termination in {"gap", "optimal"}
    assert outcome.seconds < 30


def test_what_a_caller_s_callable_raises_comes_back_to_the_caller() -> None:
    def refuse(_: Progress) -> None:
        raise RuntimeError("not now")

    with pytest.raises(RuntimeError, match="not now"):
        match(random_problem(1, 4), Parameters(time_limit_seconds=10), on_progress=refuse)


def test_senseless_parameters_are_refused() -> None:
    for wrong in ({"time_limit_seconds": 0}, {"gap_target": -0.1}, {"workers": 0}):
        with pytest.raises(ValueError, match="must be"):
            Parameters(**wrong)


@pytest.mark.parametrize("seed", [400, 401, 403, 405])
@pytest.mark.parametrize("tier", ["exact", "prices"])
def test_the_same_seed_gives_the_same_plan_where_the_clock_does_not_end_the_match(
    seed: int, tier: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if tier == "prices":
        monkeypatch.setattr("matcher.tiers.job.LARGE", 0)
    problem, plans = random_whole_problem(seed, 4), []
    for cores in (1, 2):
        outcome = match(problem, Parameters(time_limit_seconds=60, seed=5, workers=cores))
        assert outcome.termination == "optimal"
        document = plan_file.to_document(problem, outcome)
        plans.append([document[name] for name in ("objective", "allocations", "productions", "draws")])
    assert plans[0] == plans[1]


@pytest.mark.parametrize(
    ("seed", "on"),
    [
        (886238295372, None),
        (
            936267328364,
            ("families", "lots", "headers", "baseline", "fence", "conversions", "equipment", "levels"),
        ),
    ],
)
def test_a_match_goes_on_until_its_gap_is_none_in_whole_micros_too(
    seed: int, on: tuple[str, ...] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prices once came within a hundredth of a micro below a whole one, and that was the end, called time_limit."""
    monkeypatch.setattr("matcher.tiers.job.LARGE", 0)
    outcome = match(random_whole_problem(seed, 3, on), Parameters(time_limit_seconds=10, workers=1))
    assert (outcome.termination, outcome.gap) == ("optimal", 0.0)
