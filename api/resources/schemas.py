"""The fields that every resource has, coming in and going out, and what every list can be asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from api.errors import FieldError, invalid
from api.fields import Code, InstantOrDay, InstantOut, Reference, Schema, Shown
from models.domain.ids import is_id
from models.domain.resources import Status

Value_co = TypeVar("Value_co", covariant=True)


class BrokenRuleError(ValueError):
    """Fields that are each right but do not fit each other; `errors` says which."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


class Translated(Protocol[Value_co]):
    """What comes in and becomes a value of the domain."""

    def to_domain(self, zone: ZoneInfo) -> Value_co:
        """The value; plain dates are days of the time zone."""


def translated(body: Translated[Value_co], zone: ZoneInfo) -> Value_co:
    """What was sent, as a value of the domain.

    Raises:
        Refusal: 422 where the fields do not fit each other.
    """
    try:
        return body.to_domain(zone)
    except BrokenRuleError as error:
        raise invalid(error.errors) from error


class CodedIn(Schema):
    """What everything takes that has a code of the caller's."""

    code: Code | None = Field(default=None, description="The caller's own reference; the id where absent.")

    def to_domain(self, zone: ZoneInfo) -> Any:
        """What was sent, as a value of the domain; plain dates are days of the time zone.

        Raises:
            BrokenRuleError: fields that do not fit each other.
        """
        raise NotImplementedError

    def given(self, **renamed: str) -> dict[str, Any]:
        """The fields that were given, by their names in the domain; the rest takes the domain's defaults."""
        return {
            renamed.get(name, name): value
            for name in type(self).model_fields
            if (value := getattr(self, name)) is not None
        }


class ResourceIn(CodedIn):
    """What every row of a market takes."""

    market: Reference | None = Field(default=None, description="Id or code; may be absent where one exists.")


class ResourceOut(Shown):
    """What every resource shows. Made of a domain value, whose names are the validation aliases."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    code: str
    created_at: InstantOut
    updated_at: InstantOut


class MarketRowOut(ResourceOut):
    """What every row of a market shows."""

    market: str


class PublishedOut(MarketRowOut):
    """What every row of a market shows that is active until it is withdrawn."""

    status: Status


def read_cursor(value: str) -> str:
    """Refuse a cursor that no page has given."""
    if not is_id(value):
        raise PydanticCustomError("cursor", "is no cursor that a page has given")
    return value


Cursor = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(read_cursor)]


class Sorting(StrEnum):
    """Which end of a history comes first."""

    NEWEST = "newest"
    OLDEST = "oldest"


class HistoryQuery(Schema):
    """What every list can be asked whose newest entries matter most."""

    limit: int = Field(default=100, ge=1, le=500, description="Rows a page.")
    cursor: Cursor | None = Field(
        default=None, description="The `next_cursor` of the page before, in the same order."
    )
    order: Sorting = Field(default=Sorting.NEWEST, description="Which come first.")
    market: Reference | None = Field(default=None, description="Id or code of a market.")

    @property
    def newest_first(self) -> bool:
        """Whether the newest come first."""
        return self.order is Sorting.NEWEST


class ListQuery(Schema):
    """What every list can be asked."""

    limit: int = Field(default=100, ge=1, le=500, description="Rows a page.")
    cursor: Cursor | None = Field(default=None, description="The `next_cursor` of the page before.")
    code: Code | None = Field(default=None, description="Only the row with this code.")

    def asked(self) -> dict[str, Any]:
        """What is asked beyond paging."""
        names = type(self).model_fields.keys() - {"limit", "cursor"}
        return {name: value for name in names if (value := getattr(self, name)) is not None}


class PublishedQuery(Schema):
    """What a list can be asked whose rows can be withdrawn."""

    status: Status | None = Field(default=None, description="Only rows of this status.")


class MarketRowQuery(ListQuery):
    """What the list of a market's rows can be asked."""

    market: Reference | None = Field(default=None, description="Id or code of a market.")


class OwnedQuery(MarketRowQuery):
    """What the list of rows with an owner can be asked."""

    organisation: Reference | None = Field(default=None, description="Id or code of its organisation.")


class DatedQuery(OwnedQuery):
    """What the list of rows with a date can be asked."""

    from_: InstantOrDay | None = Field(default=None, alias="from", description="From this instant or day on.")
    to: InstantOrDay | None = Field(default=None, description="Before it, or until a day's end.")


def in_order(moments: Mapping[str, datetime | None], path: str = "") -> Iterator[FieldError]:
    """An error for each instant that is not after the one before it; absent ones are skipped."""
    before: tuple[str, datetime] | None = None
    for name, moment in moments.items():
        if moment is None:
            continue
        if before is not None and moment <= before[1]:
            message = f"{name} must be after {before[0]}"
            yield FieldError("dates_out_of_order", message, path + name, expected=f"after {before[1]}")
        before = (name, moment)


def require(errors: Iterator[FieldError]) -> None:
    """Raise what a check found."""
    if found := tuple(errors):
        raise BrokenRuleError(*found)


def exactly_one(fields: Mapping[str, Any]) -> Iterator[FieldError]:
    """An error where not exactly one of the fields is given."""
    given = [name for name, value in fields.items() if value is not None]
    if len(given) != 1:
        names = " or ".join(fields)
        where = given[-1] if given else next(iter(fields))
        yield FieldError("exactly_one", f"give either {names}", where, expected=f"exactly one of {names}")
