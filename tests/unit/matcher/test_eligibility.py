"""Arcs are what E1 to E7 allow, no more and no less, and a line without any says why."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from matcher.eligibility import find_arcs
from matcher.formulation.making import making_buckets
from matcher.formulation.transport import Transport
from matcher.plan import Allocations, Draws, Plan, Productions
from matcher.problem import TERMS, Problem
from matcher.verify import verify
from tests.problems import Market, at, random_problem

ELIGIBILITY = {"E1", "E2", "E3", "E4", "E5", "E6", "E7"}


def one_unit(order_line: int, capability: int, bucket: int) -> Plan:
    ints, longs, flags = np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0, np.bool_)
    row = [np.array([value], np.int32) for value in (order_line, capability, bucket)]
    return Plan(
        Allocations(row[0], row[1], row[2], np.array([1])),
        Productions(ints, ints, longs),
        Draws(flags, ints, flags, ints, ints, longs),
    )


def useless(problem: Problem, order_line: int, capability: int, bucket: int) -> bool:
    """Say whether an eligible place cannot be used by R4 or R7, or may be too dear (see eligibility._pays)."""
    lines, table = problem.order_lines, problem.capabilities
    if lines.smallest_lot[order_line] > lines.quantity[order_line] or table.minimum_batch[capability] > 1:
        return True
    verdict = verify(problem, one_unit(order_line, capability, bucket))
    weight = dict(zip(TERMS, problem.weights.tolist(), strict=True))
    spent = sum(weight[term] * verdict.terms[term] for term in ("making", "freight", "holding", "lateness"))
    return spent > weight["shortfall"] * int(lines.shortfall_cost[order_line])


@pytest.mark.parametrize("seed", range(12))
def test_the_verifier_finds_exactly_the_arcs_eligible(seed: int) -> None:
    problem = random_problem(seed)
    arcs = find_arcs(problem, Transport(problem)).arcs
    found = set(zip(arcs.order_line.tolist(), arcs.capability.tolist(), arcs.bucket.tolist(), strict=True))
    for order_line in range(len(problem.order_lines.ids)):
        for capability in range(len(problem.capabilities.line)):
            for bucket in range(problem.grid.buckets):
                place = (order_line, capability, bucket)
                verdict = verify(problem, one_unit(*place))
                eligible = not any(each.reference in ELIGIBILITY for each in verdict.violations)
                if place in found:
                    assert eligible
                elif eligible:
                    assert useless(problem, *place)


@pytest.mark.parametrize("seed", range(40))
def test_an_order_line_has_arcs_or_reasons(seed: int) -> None:
    problem = random_problem(seed)
    eligibility = find_arcs(problem, Transport(problem))
    without = np.flatnonzero(np.diff(eligibility.arcs.starts) == 0).tolist()
    assert sorted(eligibility.reasons) == without
    assert all(factor.message for each in eligibility.reasons.values() for factor in each)


def test_a_site_needs_every_kind_of_certificate_that_an_order_line_asks_for() -> None:
    market = Market()
    held = {"both": ("ce", "iso"), "one": ("iso",), "other": ("ce",), "none": ()}
    for site, kinds in held.items():
        market.line(f"{site} press", site=site, hours=9).capability(f"{site} press", "mask")
        for kind in kinds:
            market.add("certificates", site=site, kind=kind, valid_from=at(0), valid_until=at(9))
    asked = [[], ["iso"], ["ce"], ["iso", "ce"], ["ce", "iso"], [], ["iso"]]
    for number, kinds in enumerate(asked):
        market.order(f"o{number}", "mask", 1, required=kinds)
    problem = market.problem()
    arcs = find_arcs(problem, Transport(problem)).arcs
    for number, kinds in enumerate(asked):
        mine = arcs.capability[arcs.starts[number] : arcs.starts[number + 1]]
        found = {problem.resources.ids[row].removesuffix(" press") for row in problem.capabilities.line[mine]}
        assert found == {site for site, has in held.items() if set(kinds) <= set(has)}


def reasons(market: Market) -> list[tuple[str, str]]:
    problem = market.problem()
    (factors,) = find_arcs(problem, Transport(problem)).reasons.values()
    return [(factor.factor, factor.object) for factor in factors]


def pressing(**order: object) -> Market:
    return (
        Market()
        .line("press", hours=1)
        .capability("press", "mask", unit_cost=7)
        .order("o", "mask", 2, **order)
    )


CASES: list[tuple[Callable[[], Market], str, str]] = [
    (lambda: Market().order("o", "gown", 1), "capability", "gown"),
    (lambda: pressing(excluded=["site"]), "excluded", "site"),
    (lambda: pressing(price_ceiling=6), "price_ceiling", "press"),
    (lambda: pressing(smallest_lot=3), "lot_size", "o"),
    (lambda: pressing(latest=at(-1), requested=at(-1)), "lead_time", "press"),
    (lambda: pressing(earliest=at(9), requested=at(9)), "lead_time", "press"),
    (lambda: pressing(required=["iso"]), "certificate", "site"),
    (lambda: pressing(shortfall_cost=6), "cost", "press"),
    (
        lambda: Market().line("press", hours=1).capability("press", "mask", 2).order("o", "mask", 1),
        "capacity",
        "press",
    ),
]


@pytest.mark.parametrize(("market", "factor", "named"), CASES)
def test_the_rule_that_removed_the_last_candidate_is_named(
    market: Callable[[], Market], factor: str, named: str
) -> None:
    assert reasons(market()) == [(factor, named)]


def test_the_nearest_miss_comes_first() -> None:
    market = Market().line("press", hours=0).capability("press", "mask")
    market.order("o", "mask", 2, excluded=["elsewhere"])
    market.line("loom", site="elsewhere").capability("loom", "mask")
    assert reasons(market) == [("capacity", "press"), ("excluded", "elsewhere")]


def test_components_may_be_made_where_there_is_time() -> None:
    market = Market().line("press", hours=1).component("mask", "felt")
    market.capability("press", "mask").capability("press", "felt").capability("press", "gown")
    capability, bucket = making_buckets(market.problem())
    assert list(zip(capability.tolist(), bucket.tolist(), strict=True)) == [(1, 0), (1, 1)]
