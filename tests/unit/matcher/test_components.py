from __future__ import annotations

import numpy as np
import pytest

from matcher.components import Makings, Part, divide, empty_plan, merge, split, union
from matcher.eligibility import Arcs, find_arcs
from matcher.formulation.evaluate import evaluate
from matcher.formulation.making import making_buckets
from matcher.formulation.transport import Transport
from matcher.improve import greedy
from matcher.problem import Problem
from matcher.verify import verify
from tests.problems import Market, random_problem


def parts_of(problem: Problem) -> tuple[Arcs, list[Part]]:
    arcs = find_arcs(problem, Transport(problem)).arcs
    return arcs, split(problem, arcs, Makings(*making_buckets(problem)))


def two_workshops() -> Market:
    market = Market().line("saw", site="north").line("lathe", site="south")
    market.capability("saw", "plank").capability("lathe", "bowl")
    market.order("plank order", "plank", 5).order("bowl order", "bowl", 3)
    return market


def members(part: Part, problem: Problem) -> set[str]:
    return {problem.order_lines.ids[row] for row in part.order_lines}


def test_order_lines_of_different_lines_are_parts_of_their_own() -> None:
    problem = two_workshops().problem()
    _, parts = parts_of(problem)
    assert sorted(map(sorted, (members(part, problem) for part in parts))) == [
        ["bowl order"],
        ["plank order"],
    ]


@pytest.mark.parametrize(
    "tie",
    [
        pytest.param(lambda market: market.capability("saw", "bowl"), id="a line that makes both"),
        pytest.param(
            lambda market: market.component("plank", "wood").component("bowl", "wood").supply("wood", 9),
            id="a material that both need",
        ),
    ],
)
def test_what_both_could_use_makes_one_part(tie) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    problem = tie(two_workshops()).problem()
    _, parts = parts_of(problem)
    assert [members(part, problem) for part in parts] == [{"plank order", "bowl order"}]


def test_an_order_line_that_nothing_can_make_is_in_no_part() -> None:
    problem = two_workshops().order("lost", "spoon", 1).problem()
    _, parts = parts_of(problem)
    assert not any("lost" in members(part, problem) for part in parts)


@pytest.mark.parametrize("seed", range(40))
def test_a_plan_cut_into_its_parts_and_put_together_again_is_sound_and_costs_the_same(seed: int) -> None:
    problem = random_problem(seed, 5)
    transport = Transport(problem)
    arcs, parts = parts_of(problem)
    plan = greedy(problem, arcs, transport, None, should_stop=lambda: False)
    again = merge(divide(problem, plan, parts))
    assert verify(problem, again).ok
    assert evaluate(problem, again, transport) == evaluate(problem, plan, transport)


def test_the_union_of_all_parts_holds_every_arc() -> None:
    problem = random_problem(3, 6)
    arcs, parts = parts_of(problem)
    assert union(parts).arcs.tolist() == list(range(len(arcs)))


def test_no_plans_merge_to_the_plan_that_makes_nothing() -> None:
    assert np.array_equal(merge([]).allocations.quantity, empty_plan().allocations.quantity)
