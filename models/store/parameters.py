"""What a run was asked for, and the grid of a plan, as JSON in a column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from models.domain.calendar import Bucket, BucketLength, BucketSpan
from models.domain.orders import DemandClass
from models.domain.plans import Aim, Factor, GatingFactor, PlanLevel, Released
from models.domain.runs import Convention, Priorities, RunParameters, ShortfallCost, Stability


def parameters_to_json(parameters: RunParameters) -> dict[str, Any]:
    """Return a run's parameters as JSON."""
    return {
        "horizon_start": parameters.horizon_start.isoformat(),
        "buckets": [{"count": span.count, "length": span.length.value} for span in parameters.buckets],
        "convention": parameters.convention.value,
        "weights": dict(parameters.weights),
        "shortfall_costs": {kind.value: asdict(cost) for kind, cost in parameters.shortfall_costs.items()},
        "priorities": asdict(parameters.priorities),
        "stability": None if parameters.stability is None else asdict(parameters.stability),
        "time_limit": parameters.time_limit,
        "gap_target": str(parameters.gap_target),
        "seed": parameters.seed,
    }


def parameters_from_json(value: Mapping[str, Any]) -> RunParameters:
    """Return a run's parameters as they were asked for."""
    costs = value["shortfall_costs"].items()
    return RunParameters(
        horizon_start=datetime.fromisoformat(value["horizon_start"]),
        buckets=tuple(BucketSpan(span["count"], BucketLength(span["length"])) for span in value["buckets"]),
        convention=Convention(value["convention"]),
        weights=value["weights"],
        shortfall_costs={DemandClass(kind): ShortfallCost(**cost) for kind, cost in costs},
        priorities=_priorities(value.get("priorities", {})),
        stability=Stability(**value["stability"]) if value.get("stability") else None,
        time_limit=value["time_limit"],
        gap_target=Decimal(value["gap_target"]),
        seed=value["seed"],
    )


def _priorities(value: Mapping[str, Any]) -> Priorities:
    """Return priorities; runs stored before there were any have none."""
    floors = value.get("fill_floors", {}).items()
    return Priorities(
        value.get("lexicographic", False),
        tuple(DemandClass(each) for each in value.get("fair_share", ())),
        {DemandClass(each): floor for each, floor in floors},
    )


def buckets_to_json(buckets: Iterable[Bucket]) -> list[dict[str, Any]]:
    """Return a grid as JSON."""
    return [
        {"index": each.index, "starts_at": each.starts_at.isoformat(), "ends_at": each.ends_at.isoformat()}
        for each in buckets
    ]


def buckets_from_json(value: Iterable[Mapping[str, Any]]) -> tuple[Bucket, ...]:
    """Return a grid."""
    return tuple(
        Bucket(
            each["index"], datetime.fromisoformat(each["starts_at"]), datetime.fromisoformat(each["ends_at"])
        )
        for each in value
    )


def factors_to_json(factors: Iterable[GatingFactor]) -> list[dict[str, Any]]:
    """Return gating factors as JSON."""
    return [asdict(factor) for factor in factors]


def factors_from_json(value: Iterable[Mapping[str, Any]]) -> tuple[GatingFactor, ...]:
    """Return gating factors."""
    return tuple(GatingFactor(**{**each, "factor": Factor(each["factor"])}) for each in value)


def levels_to_json(levels: Iterable[PlanLevel]) -> list[dict[str, Any]]:
    """Return the levels of a plan as JSON."""
    return [asdict(level) for level in levels]


def levels_from_json(value: Iterable[Mapping[str, Any]]) -> tuple[PlanLevel, ...]:
    """Return the levels of a plan."""
    return tuple(
        PlanLevel(
            aim=Aim(each["aim"]),
            demand_class=None if each["demand_class"] is None else DemandClass(each["demand_class"]),
            value=each["value"],
            bound=each["bound"],
            gap=each["gap"],
        )
        for each in value
    )


def released_to_json(released: Iterable[Released]) -> list[dict[str, Any]]:
    """Return what a plan gives up as JSON."""
    return [asdict(each) for each in released]


def released_from_json(value: Iterable[Mapping[str, Any]]) -> tuple[Released, ...]:
    """Return what a plan gives up."""
    return tuple(Released(**each) for each in value)
