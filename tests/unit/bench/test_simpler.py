from __future__ import annotations

import numpy as np
import pytest

from bench.market import market
from bench.simpler import RULES, without
from matcher.eligibility import find_arcs
from matcher.formulation.transport import Transport
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.verify import check_claim

PROBLEM = market(40)


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_can_be_switched_off_and_leaves_a_sound_market(rule: str) -> None:
    problem = without(PROBLEM, [rule])
    outcome = match(problem, Parameters(1.0, 0.05))
    assert check_claim(problem, outcome).ok


def test_without_levels_products_need_bought_materials_alone() -> None:
    problem = without(PROBLEM, ["levels"])
    made = np.unique(problem.capabilities.item)
    assert len(problem.components.item)
    assert not np.isin(problem.components.component, made).any()
    assert not np.isin(problem.components.item, made[~np.isin(made, problem.order_lines.item)]).any()


def test_rules_never_take_arcs_away() -> None:
    arcs = len(find_arcs(PROBLEM, Transport(PROBLEM)).arcs)
    for rule in RULES:
        problem = without(PROBLEM, [rule])
        assert len(find_arcs(problem, Transport(problem)).arcs) >= arcs
