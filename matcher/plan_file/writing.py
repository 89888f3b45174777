"""From an outcome to the JSON values of its file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from matcher.plan import Allocations, Outcome, Plan, Productions, Released, Shortfall
from matcher.problem import NONE, TERMS, Problem
from matcher.problem_file import digest

FORMAT, VERSION = "capweave-plan", 1

Row = dict[str, Any]
_DRAWN = ("from_production", "source", "for_production", "for_conversion", "consumer")


def to_document(problem: Problem, outcome: Outcome, parameters: Mapping[str, Any] | None = None) -> Row:
    """Return an outcome as JSON values."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "problem": digest(problem),
        "parameters": dict(parameters or {}),
        "objective": outcome.objective,
        "bound": outcome.bound,
        "gap": outcome.gap,
        "termination": outcome.termination,
        "seconds": outcome.seconds,
        "peak_memory_mb": outcome.peak_memory_mb,
        "seed": outcome.seed,
        "terms": {term: outcome.terms[term] for term in TERMS},
        "allocations": _allocations(problem, outcome.plan.allocations),
        "productions": _productions(problem, outcome.plan.productions),
        "draws": _draws(problem, outcome.plan),
        "shortfalls": [_shortfall(problem, shortfall) for shortfall in outcome.shortfalls],
        **{name: rows for name, rows in _of_the_whole_model(problem, outcome).items() if rows},
    }


def text_of(cell: Any) -> str:
    """Write a table a row a line, anything else on one."""
    if not isinstance(cell, list) or not cell:
        return json.dumps(cell, ensure_ascii=False)
    return "[\n" + ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in cell) + "\n ]"


def _allocations(problem: Problem, made: Allocations) -> list[Row]:
    columns = (made.order_line, made.capability, made.bucket, made.quantity)
    return [
        {"order_line": problem.order_lines.ids[order_line], **_maker(problem, capability, bucket, quantity)}
        for order_line, capability, bucket, quantity in _rows(*columns)
    ]


def _productions(problem: Problem, made: Productions) -> list[Row]:
    rows = _rows(made.capability, made.bucket, made.quantity)
    return [_maker(problem, capability, bucket, quantity) for capability, bucket, quantity in rows]


def _maker(problem: Problem, capability: int, bucket: int, quantity: int) -> Row:
    """Return a row that makes something; `line` and `item` are there for the reader, `capability` counts."""
    table = problem.capabilities
    return {
        "line": problem.resources.ids[table.line[capability]],
        "item": problem.items[table.item[capability]],
        "capability": capability,
        "bucket": bucket,
        "quantity": quantity,
    }


def _draws(problem: Problem, plan: Plan) -> list[Row]:
    draws, columns = plan.draws, [getattr(plan.draws, name) for name in _DRAWN]
    return [
        {
            **({"production": source} if produced else {"supply": problem.supplies.ids[source]}),
            _consumer_field(component=component, conversion=conversion): consumer,
            "item": problem.items[item],
            **({} if component_item == item else {"stands_for": problem.items[component_item]}),
            **({"rank": rank} if rank else {}),
            "quantity": quantity,
        }
        for rank, (produced, source, component, conversion, consumer, item, component_item, quantity) in zip(
            _ranks(problem, plan), _rows(*columns, draws.item, draws.stands_for, draws.quantity), strict=True
        )
    ]


def _ranks(problem: Problem, plan: Plan) -> list[int]:
    """Return the rank of each draw in the order of preference, 0 where it has none; for the reader."""
    table, bill, draws = problem.substitutes, problem.components, plan.draws
    named = zip(
        *(column.tolist() for column in (bill.item[table.component], bill.component[table.component])),
        table.item.tolist(),
        strict=True,
    )
    rank = dict(zip(named, table.rank.tolist(), strict=True))
    if not any(rank.values()):
        return [0] * len(draws.quantity)
    made = problem.capabilities.item
    items = made[plan.allocations.capability].tolist(), made[plan.productions.capability].tolist()
    # Equipment has no substitutes.
    users = [
        NONE if converting else items[producing][consumer]
        for converting, producing, consumer in _rows(
            draws.for_conversion, draws.for_production, draws.consumer
        )
    ]
    return [
        rank.get((user, component, item), 0)
        for user, component, item in zip(users, draws.stands_for.tolist(), draws.item.tolist(), strict=True)
    ]


def _consumer_field(*, component: bool, conversion: bool) -> str:
    return "for_conversion" if conversion else "for_production" if component else "for_allocation"


def _of_the_whole_model(problem: Problem, outcome: Outcome) -> dict[str, list[Row]]:
    """Return the tables that most plans have nothing in; these are left out."""
    starts, grants, vouchers = outcome.plan.conversions, outcome.plan.grants, problem.vouchers
    return {
        "conversions": [
            {"conversion": problem.conversions.ids[conversion], "bucket": bucket}
            for conversion, bucket in _rows(starts.conversion, starts.bucket)
        ],
        "grants": [
            {
                "budget": problem.budgets.ids[vouchers.budget[voucher]],
                "voucher": voucher,
                "quantity": quantity,
            }
            for voucher, quantity in _rows(grants.voucher, grants.quantity)
        ],
        "levels": [asdict(level) for level in outcome.levels],
        "released": [_released(problem, each) for each in outcome.released],
    }


def _released(problem: Problem, released: Released) -> Row:
    order_line = problem.order_lines.ids[problem.baseline.order_line[released.row]]
    return {"order_line": order_line, "row": released.row, "quantity": released.quantity}


def _shortfall(problem: Problem, shortfall: Shortfall) -> Row:
    factors = [
        {"factor": factor.factor, "message": factor.message, "object": factor.object, "bucket": factor.bucket}
        for factor in shortfall.factors
    ]
    order_line = problem.order_lines.ids[shortfall.order_line]
    return {"order_line": order_line, "unmet": shortfall.unmet, "late": shortfall.late, "factors": factors}


def _rows(*columns: Any) -> Any:
    return zip(*(column.tolist() for column in columns), strict=True)
