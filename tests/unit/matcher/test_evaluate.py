from __future__ import annotations

import numpy as np
import pytest

from matcher.components import empty_plan
from matcher.eligibility import find_arcs
from matcher.formulation.evaluate import evaluate, exact_sum, weighted_cost
from matcher.formulation.transport import Transport
from matcher.improve import greedy
from matcher.verify import verify
from tests.problems import random_problem


@pytest.mark.parametrize("seed", range(40))
def test_the_matcher_and_the_verifier_count_the_same(seed: int) -> None:
    problem = random_problem(seed, 5)
    transport = Transport(problem)
    plan = greedy(problem, find_arcs(problem, transport).arcs, transport, None, should_stop=lambda: False)
    verdict = verify(problem, plan)
    terms = evaluate(problem, plan, transport)
    assert terms == verdict.terms
    assert weighted_cost(problem, terms) // 1000 == verdict.objective


def test_of_some_order_lines_only_their_shortfall_counts() -> None:
    problem = random_problem(7, 5)
    rows = np.array([0], dtype=np.int32)
    terms = evaluate(problem, empty_plan(), Transport(problem), rows)
    lines = problem.order_lines
    assert terms["shortfall"] == int(lines.quantity[0]) * int(lines.shortfall_cost[0])


def test_sums_are_exact_beyond_64_bits() -> None:
    huge = np.full(10, 2**61, dtype=np.int64)
    assert exact_sum(huge, 1000) == 10 * 1000 * 2**61
