"""The types that the schemas are made of: what a field accepts, in which range, and how OpenAPI shows it.

A type ending in `Out` writes what the one without reads.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    Strict,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from api import measures
from models.domain.measures import (
    DAY,
    FULL_YIELD,
    MAX_DURATION,
    MAX_MONEY,
    MAX_QUANTITY,
    MICROS,
    SECOND,
    money,
)

Value = TypeVar("Value")

CODE = r"^[^\s/\x00-\x1f\x7f-\x9f](?:[^/\x00-\x1f\x7f-\x9f]{0,198}[^\s/\x00-\x1f\x7f-\x9f])?$"
PLAIN = r"^[^\x00-\x1f\x7f]+$"


class Schema(BaseModel):
    """What comes in: unknown fields are errors."""

    model_config = ConfigDict(extra="forbid")


class Shown(BaseModel):
    """What goes out: made from domain values by the `from_domain` beside it."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


def checked(code: str, read: Callable[[Any], Value]) -> PlainValidator:
    """The reader as a validator; its ValueError becomes a pydantic error of this code."""

    def reader(value: Any) -> Value:
        try:
            return read(value)
        except PydanticCustomError:  # is a ValueError that says more already
            raise
        except ValueError as error:
            raise PydanticCustomError(code, "{message}", {"message": str(error)}) from error

    return PlainValidator(reader)


def within(low: int, high: int, amount: int, shown: Callable[[int], object]) -> int:
    """The exact integer where it is in range; the error speaks in the caller's measure."""
    if not low <= amount <= high:
        expected = f"{shown(low)} to {shown(high)}"
        raise PydanticCustomError("out_of_range", "must be from {expected}", {"expected": expected})
    return amount


def read_money(value: Any) -> int:
    """Money in micros."""
    return within(0, MAX_MONEY, measures.decimal(value, MICROS), money)


def read_seconds(value: Any) -> int:
    """Seconds (or ISO 8601) in microseconds."""
    return within(0, MAX_DURATION, measures.duration(value, SECOND), lambda amount: amount // SECOND)


def read_seconds_above_zero(value: Any) -> int:
    """Seconds above zero in microseconds."""
    return within(1, MAX_DURATION, measures.duration(value, SECOND), lambda amount: amount / SECOND)


def read_days(value: Any) -> int:
    """Days (or ISO 8601) in microseconds."""
    return within(0, MAX_DURATION, measures.duration(value, DAY), lambda amount: amount // DAY)


def read_yield(value: Any) -> int:
    """A fraction in (0, 1] in parts per million."""
    return within(1, FULL_YIELD, measures.decimal(value, FULL_YIELD), money)


def not_dots(value: str) -> str:
    """Refuse "." and "..", which disappear from a URL's path."""
    if value in {".", ".."}:
        raise PydanticCustomError("code", 'a code may not be "." or ".."')
    return value


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """The IANA names this machine knows."""
    return frozenset(available_timezones())


def known_time_zone(value: str) -> str:
    """Refuse a name that is no IANA time zone."""
    if value not in time_zones():
        raise PydanticCustomError(
            "time_zone", "is no IANA time zone", {"expected": "a name such as Europe/Paris"}
        )
    return value


def zone(name: str) -> ZoneInfo:
    """The rules of an IANA time zone that was checked on its way in."""
    return ZoneInfo(name)


DECIMAL_SCHEMA = {
    "anyOf": [{"type": "string", "pattern": r"^[0-9]+(\.[0-9]{1,6})?$"}, {"type": "number", "minimum": 0}]
}
DURATION_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "description": "A decimal, or ISO 8601 such as PT1M30S."},
    ]
}
INSTANT_SCHEMA = {"type": "string", "format": "date-time"}
DAY_SCHEMA = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
INTEGER = {"type": "integer"}

Code = Annotated[str, StringConstraints(max_length=200, pattern=CODE), AfterValidator(not_dots)]
"""1 to 200 characters, no slash, no control character, no blank at either end."""
Reference = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PLAIN)]
"""An id or a code."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=PLAIN)]
Flag = Annotated[bool, Strict()]
Quantity = Annotated[int, Strict(), Field(ge=1, le=MAX_QUANTITY)]
Count = Annotated[int, Strict(), Field(ge=0, le=MAX_QUANTITY)]
Latitude = Annotated[float, BeforeValidator(measures.degrees), Field(ge=-90, le=90)]
Longitude = Annotated[float, BeforeValidator(measures.degrees), Field(ge=-180, le=180)]
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(known_time_zone)]

Money = Annotated[int, checked("money", read_money), WithJsonSchema(DECIMAL_SCHEMA)]
Seconds = Annotated[int, checked("duration", read_seconds), WithJsonSchema(DURATION_SCHEMA)]
SecondsAboveZero = Annotated[
    int, checked("duration", read_seconds_above_zero), WithJsonSchema(DURATION_SCHEMA)
]
Days = Annotated[int, checked("duration", read_days), WithJsonSchema(DURATION_SCHEMA)]
Yield = Annotated[int, checked("yield", read_yield), WithJsonSchema(DECIMAL_SCHEMA)]
Instant = Annotated[datetime, checked("instant", measures.instant), WithJsonSchema(INSTANT_SCHEMA)]
InstantOrDay = Annotated[
    datetime | date, checked("instant", measures.instant_or_day), WithJsonSchema(DAY_SCHEMA)
]

MoneyOut = Annotated[int, PlainSerializer(money, return_type=str), WithJsonSchema({"type": "string"})]
SecondsOut = Annotated[
    int, PlainSerializer(lambda amount: measures.number_of(amount, SECOND)), WithJsonSchema(DURATION_SCHEMA)
]
DaysOut = Annotated[
    int, PlainSerializer(lambda amount: measures.number_of(amount, DAY)), WithJsonSchema(DURATION_SCHEMA)
]
YieldOut = Annotated[int, PlainSerializer(money, return_type=str), WithJsonSchema({"type": "string"})]
InstantOut = Annotated[
    datetime, PlainSerializer(measures.rfc3339, return_type=str), WithJsonSchema(INSTANT_SCHEMA)
]
