"""Runs over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, PlainSerializer, Strict, WithJsonSchema
from pydantic.config import JsonDict

from api import measures
from api.errors import FieldError
from api.fields import (
    DECIMAL_SCHEMA,
    InstantOrDay,
    InstantOut,
    Money,
    MoneyOut,
    Reference,
    Schema,
    SecondsOut,
    Shown,
    checked,
    within,
)
from api.measures import day_start
from api.resources.schemas import BrokenRuleError, HistoryQuery, exactly_one, require
from models.domain.calendar import DEFAULT_SPANS, MAX_BUCKETS, BucketLength, BucketSpan, next_midnight
from models.domain.measures import MAX_MONEY, MAX_WEIGHT, MICROS, SECOND, money, now, shown
from models.domain.orders import DemandClass
from models.domain.runs import Convention, Priorities, RunParameters, RunStatus, ShortfallCost, Stability

EXAMPLE: JsonDict = {
    "horizon_start": "2030-05-06",
    "buckets": [{"count": 14, "length": "day"}, {"count": 4, "length": "week"}],
    "convention": "conservative",
    "weights": {"lateness": "1.5"},
    "shortfall_costs": {"firm": {"per_unit": "25"}, "forecast": {"times_unit_cost": "10"}},
    "priorities": {"order": "lexicographic", "fair_share": ["emergency"], "fill_floors": {"firm": "0.5"}},
    "time_limit_seconds": 30,
    "gap_target": "0.001",
    "seed": 7,
}
LAST_START = 9900
MAX_SEED = 2**31 - 1
MAX_FROZEN_DAYS = 1000
DAY_SECONDS = 86_400
Term = Literal[
    "making",
    "setup",
    "overtime",
    "materials",
    "freight",
    "fixed",
    "holding",
    "lateness",
    "shortfall",
    "conversion",
    "vouchers",
    "substitution",
    "change",
    "released",
    "work_floor",
]


def read_weight(value: Any) -> int:
    """A weight in thousandths."""
    return within(0, MAX_WEIGHT, measures.decimal(value, 1000), lambda amount: shown(amount, 1000))


def read_gap(value: Any) -> Decimal:
    """A gap as a fraction from 0 to 1, exactly."""
    return (
        Decimal(within(0, 10**9, measures.decimal(value, 10**9), lambda amount: shown(amount, 10**9))) / 10**9
    )


def read_share(value: Any) -> int:
    """A share from 0 to 1, in millionths."""
    return within(0, MICROS, measures.decimal(value, MICROS), money)


def read_times(value: Any) -> int:
    """A factor in millionths."""
    return within(0, MAX_MONEY, measures.decimal(value, MICROS), money)


def read_time_limit(value: Any) -> int:
    """Seconds from 1 to a day, in microseconds."""
    return within(
        SECOND, DAY_SECONDS * SECOND, measures.duration(value, SECOND), lambda amount: amount // SECOND
    )


def fraction_text(value: float | Decimal) -> str:
    """A fraction as a plain decimal string of at most 9 places."""
    return shown(round(Decimal(repr(value) if isinstance(value, float) else value) * 10**9), 10**9)


Weight = Annotated[int, checked("weight", read_weight), WithJsonSchema(DECIMAL_SCHEMA)]
Share = Annotated[int, checked("decimal", read_share), WithJsonSchema(DECIMAL_SCHEMA)]
Times = Annotated[int, checked("decimal", read_times), WithJsonSchema(DECIMAL_SCHEMA)]
Gap = Annotated[Decimal, checked("gap", read_gap), WithJsonSchema(DECIMAL_SCHEMA)]
TimeLimit = Annotated[int, checked("duration", read_time_limit), WithJsonSchema({"type": "number"})]
WeightOut = Annotated[
    int,
    PlainSerializer(lambda value: shown(value, 1000), return_type=str),
    WithJsonSchema({"type": "string"}),
]
OrderOut = Annotated[
    bool,
    PlainSerializer(lambda value: "lexicographic" if value else "weighted", return_type=str),
    WithJsonSchema({"type": "string", "enum": ["weighted", "lexicographic"]}),
]
FractionOut = Annotated[
    float | Decimal, PlainSerializer(fraction_text, return_type=str), WithJsonSchema({"type": "string"})
]


class BucketsIn(Schema):
    """So many buckets of one length; a week ends at the next Monday: the first may be part of one."""

    count: Annotated[int, Strict()] = Field(ge=1, le=MAX_BUCKETS)
    length: BucketLength


class ShortfallCostIn(Schema):
    """What an unmet unit costs: an amount, or so many times what a unit costs to make (one of the two)."""

    per_unit: Money | None = None
    times_unit_cost: Times | None = None


class PrioritiesIn(Schema):
    """What comes before money, demand class by demand class: emergency, firm, forecast."""

    order: Literal["weighted", "lexicographic"] = Field(
        default="weighted",
        description="`lexicographic`: a class is served as well as can be before the next is looked at; "
        "`weighted`: by their shortfall costs.",
    )
    fair_share: tuple[DemandClass, ...] = Field(
        default=(),
        max_length=len(DemandClass),
        description="Classes whose lowest fill rate among buyers is raised before cost is lowered; buyers for whom "
        "nothing can be made are left aside.",
    )
    fill_floors: dict[DemandClass, Share] = Field(
        default={}, description="The share of its units, 0 to 1, that every buyer of a class should get."
    )

    def to_domain(self) -> Priorities:
        """The priorities, each class once."""
        fair = tuple(each for each in DemandClass if each in self.fair_share)
        return Priorities(self.order == "lexicographic", fair, dict(self.fill_floors))


class StabilityIn(Schema):
    """What to keep of an earlier plan, and what each unit that moves costs."""

    baseline: Reference = Field(
        default="published", description="A plan's id, or `published` for the one that is published now."
    )
    site_price: Money = Field(default=0, description="Per unit that comes to another site.")
    line_price: Money = Field(default=0, description="Per unit that comes to another line.")
    bucket_price: Money = Field(default=0, description="Per unit that comes to another bucket of its line.")
    quantity_price: Money = Field(default=0, description="Per unit more or fewer of an order line.")
    frozen_days: Annotated[int, Strict()] = Field(
        default=0,
        ge=0,
        le=MAX_FROZEN_DAYS,
        description="What begins so soon stays as it is, and nothing new begins.",
    )


class RunIn(Schema):
    """What to optimise, and how."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    market: Reference | None = Field(default=None, description="Id or code; may be absent where one exists.")
    horizon_start: InstantOrDay | None = Field(
        default=None, description="The market's next midnight where absent."
    )
    buckets: tuple[BucketsIn, ...] | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="14 days, then weeks to the 26th, where absent.",
    )
    convention: Convention = Field(
        default=Convention.CONSERVATIVE,
        description="`conservative`: what a bucket makes is ready at its end; `same_bucket`: at its start.",
    )
    weights: dict[Term, Weight] = Field(
        default={}, description="By objective term, 3 places; 1 where absent."
    )
    shortfall_costs: dict[DemandClass, ShortfallCostIn] = Field(
        default={}, description="By demand class; 1000, 100 and 10 times the unit cost where absent."
    )
    priorities: PrioritiesIn = Field(default=PrioritiesIn(), description="What comes before money.")
    stability: StabilityIn | None = Field(default=None, description="What to keep of an earlier plan.")
    time_limit_seconds: TimeLimit = Field(default=60 * SECOND, description="1 to 86400.")
    gap_target: Gap = Field(
        default=Decimal("0.001"), description="Stop when proven to be this near to the best."
    )
    seed: Annotated[int, Strict()] = Field(default=0, ge=0, le=MAX_SEED)

    def to_domain(self, zone: ZoneInfo) -> RunParameters:
        """The run's parameters.

        Raises:
            BrokenRuleError: too many buckets, or a shortfall cost that is not exactly one of its two forms.
        """
        require(iter(self.broken_rules()))
        spans = tuple(BucketSpan(span.count, span.length) for span in self.buckets or ())
        costs = {
            demand: ShortfallCost(cost.per_unit, cost.times_unit_cost)
            for demand, cost in self.shortfall_costs.items()
        }
        return RunParameters(
            horizon_start=self.start(zone),
            buckets=spans or DEFAULT_SPANS,
            convention=self.convention,
            weights={str(term): weight for term, weight in self.weights.items()},
            shortfall_costs=costs,
            priorities=self.priorities.to_domain(),
            stability=None if self.stability is None else Stability(**self.stability.model_dump()),
            time_limit=self.time_limit_seconds,
            gap_target=self.gap_target,
            seed=self.seed,
        )

    def start(self, zone: ZoneInfo) -> datetime:
        """Where the first bucket begins."""
        if self.horizon_start is None:
            return next_midnight(now(), zone.key)
        start = day_start(self.horizon_start, zone)
        if start.year > LAST_START:
            expected = f"a year up to {LAST_START}"
            raise BrokenRuleError(
                FieldError("out_of_range", "is too far away", "horizon_start", expected=expected)
            )
        return start

    def broken_rules(self) -> list[FieldError]:
        """Fields that do not fit each other."""
        errors = []
        total = sum(span.count for span in self.buckets or ())
        if total > MAX_BUCKETS:
            message = f"there are {total} buckets"
            errors.append(
                FieldError("too_many", message, "buckets", expected=f"at most {MAX_BUCKETS} in all")
            )
        for demand, cost in self.shortfall_costs.items():
            forms = {"per_unit": cost.per_unit, "times_unit_cost": cost.times_unit_cost}
            errors += [replace_path(error, f"shortfall_costs.{demand}.") for error in exactly_one(forms)]
        return errors


def replace_path(error: FieldError, prefix: str) -> FieldError:
    """The error with its field below a prefix."""
    return FieldError(error.code, error.message, f"{prefix}{error.field}", error.row, error.expected)


class BucketsOut(Shown):
    """So many buckets of one length."""

    model_config = ConfigDict(from_attributes=True)

    count: int
    length: BucketLength


class ShortfallCostOut(Shown):
    """What an unmet unit costs."""

    model_config = ConfigDict(from_attributes=True)

    per_unit: MoneyOut | None
    times_unit_cost: MoneyOut | None


class PrioritiesOut(Shown):
    """What comes before money."""

    model_config = ConfigDict(from_attributes=True)

    order: OrderOut = Field(validation_alias="lexicographic")
    fair_share: tuple[DemandClass, ...]
    fill_floors: Mapping[DemandClass, MoneyOut]


class StabilityOut(Shown):
    """What is kept of an earlier plan; `baseline` is its id."""

    model_config = ConfigDict(from_attributes=True)

    baseline: str
    site_price: MoneyOut
    line_price: MoneyOut
    bucket_price: MoneyOut
    quantity_price: MoneyOut
    frozen_days: int


class RunParametersOut(Shown):
    """What the run was asked for."""

    model_config = ConfigDict(from_attributes=True)

    horizon_start: InstantOut
    buckets: tuple[BucketsOut, ...]
    convention: Convention
    weights: Mapping[str, WeightOut]
    shortfall_costs: Mapping[DemandClass, ShortfallCostOut]
    priorities: PrioritiesOut
    stability: StabilityOut | None
    time_limit_seconds: SecondsOut = Field(validation_alias="time_limit")
    gap_target: FractionOut
    seed: int


class RunErrorOut(Shown):
    """Why the run failed."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    message: str


class RunOut(Shown):
    """One optimisation, as far as it has come."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    market: str
    status: RunStatus
    parameters: RunParametersOut
    phase: str | None = Field(description="What the matcher is doing.")
    incumbent: MoneyOut | None = Field(description="Objective of the best plan so far.")
    bound: MoneyOut | None = Field(description="No plan can cost less than this.")
    gap: FractionOut | None = Field(description="(incumbent - bound) / incumbent.")
    elapsed_seconds: SecondsOut | None = Field(validation_alias="elapsed")
    attempt: int = Field(description="How many workers have claimed it.")
    error: RunErrorOut | None
    plan: str | None = Field(
        description="The plan it made; of a cancelled run the best it had found, if any: a draft."
    )
    cancel_requested_at: InstantOut | None
    created_at: InstantOut
    started_at: InstantOut | None
    finished_at: InstantOut | None


class RunQuery(HistoryQuery):
    """What the list of runs can be asked."""

    status: RunStatus | None = Field(default=None, description="Only runs of this status.")
