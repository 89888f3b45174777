"""A second climb beside the search raises the bound where the first ended far from what prices can prove."""

from __future__ import annotations

import time

import pytest

from bench.market import market
from matcher.eligibility import find_arcs
from matcher.formulation.transport import Transport
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.pricing import ascent, find_prices
from matcher.progress import Progress
from matcher.tiers import higher
from matcher.verify import check_claim

PROBLEM = market(260)


@pytest.fixture
def cut_short(monkeypatch: pytest.MonkeyPatch) -> int:
    """Cut the stages of the first climb short; return what it then proves, micros."""
    monkeypatch.setattr(ascent, "STAGES", tuple((heat, 2, most) for heat, _, most in ascent.STAGES))
    monkeypatch.setattr(ascent, "ROUNDS", 0)
    arcs = find_arcs(PROBLEM, transport := Transport(PROBLEM)).arcs
    until = time.monotonic() + 60
    return find_prices(PROBLEM, arcs, transport, deadline=until, should_stop=lambda: False).bound // 1000


def test_the_bound_of_the_longer_climb_counts(cut_short: int) -> None:
    seen: list[Progress] = []
    outcome = match(PROBLEM, Parameters(10.0, 0.0), on_progress=seen.append)
    assert check_claim(PROBLEM, outcome).ok
    assert outcome.bound > 1.05 * cut_short
    assert max(progress.bound or 0 for progress in seen) > 1.05 * cut_short


def test_a_longer_climb_that_fails_is_said_aloud(cut_short: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ArithmeticError("a price went wrong")

    monkeypatch.setattr(higher, "find_prices", fail)
    with pytest.warns(RuntimeWarning, match="prices failed"):
        outcome = match(PROBLEM, Parameters(5.0, 0.0))
    assert check_claim(PROBLEM, outcome).ok
    assert outcome.bound >= cut_short
