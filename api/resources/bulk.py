"""Bulk uploads: many rows in one request, whole or not at all unless the caller says otherwise.

Rows are read and checked in chunks on a worker thread, so that the event loop goes on answering others; every
error of every row is found before the request is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from http import HTTPStatus
from itertools import islice
from typing import Any

from pydantic import Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.access import visible_to
from api.answers import answer
from api.bodies import media_type
from api.door import Work
from api.errors import (
    MAX_LISTED,
    FieldError,
    PlaceOut,
    Refusal,
    field_error_of_row,
    field_errors,
    invalid,
    place_out,
)
from api.fields import Schema, Shown
from api.markets.known import KnownMarkets, known_markets
from api.resources.declaration import Declaration
from api.resources.rows import CSV, Row, csv_rows, ndjson_rows
from api.resources.schemas import BrokenRuleError
from models.domain.errors import Refused, RowError

CHUNK = 2_000
"""Rows that are checked and stored at a time: some ten milliseconds of the event loop's time in the store."""


class Mode(StrEnum):
    """What happens to good rows when others are bad."""

    ALL_OR_NOTHING = "all_or_nothing"
    PARTIAL = "partial"


class OnConflict(StrEnum):
    """What happens to a row whose code exists."""

    ERROR = "error"
    UPDATE = "update"


class BulkQuery(Schema):
    """How a bulk upload is meant."""

    mode: Mode = Field(
        default=Mode.ALL_OR_NOTHING, description="`partial` stores the good rows and lists the bad."
    )
    on_conflict: OnConflict = Field(
        default=OnConflict.ERROR, description="`update` changes what exists, by its code."
    )


class BulkOut(Shown):
    """What became of a bulk upload."""

    created: int
    updated: int
    errors: list[PlaceOut] = Field(
        description=f"Rows that were left out (`mode=partial`), at most {MAX_LISTED}."
    )
    error_count: int


@dataclass(slots=True)
class Tally:
    """What has become of the rows so far."""

    created: int = 0
    updated: int = 0
    errors: list[FieldError] = field(default_factory=list)
    error_count: int = 0
    codes: dict[tuple[str, str], int] = field(default_factory=dict)

    def note(self, errors: Iterable[FieldError]) -> None:
        """Keep errors, and count those that are too many to keep."""
        for error in errors:
            self.error_count += 1
            if len(self.errors) < MAX_LISTED:
                self.errors.append(error)


@dataclass(frozen=True, slots=True)
class Checked:
    """A row that is right as far as it can be told without the database."""

    row: Row
    market: str
    value: Any


async def upload(declared: Declaration, work: Work, request: Request, query: BulkQuery) -> Response:
    """Store the rows of the body.

    Raises:
        Refusal: 400 or 415 where the body is no table of rows, 422 with every row's errors.
    """
    markets = await known_markets(work.connection)
    rows = await run_in_threadpool(rows_of, declared, media_type(request), await request.body())
    tally = Tally()
    seen = 0
    while chunk := await run_in_threadpool(checked_chunk, declared, markets, rows, tally):
        seen += len(chunk.rows)
        await store(declared, work, chunk.good, query, tally)
    if seen == 0:
        raise Refusal("invalid", "The body has no rows.", errors=(FieldError("missing", "no rows"),))
    if tally.errors and query.mode is Mode.ALL_OR_NOTHING:
        raise invalid(sorted(tally.errors, key=lambda error: error.row or 0), total=tally.error_count)
    body = BulkOut(
        created=tally.created,
        updated=tally.updated,
        errors=[place_out(error) for error in sorted(tally.errors, key=lambda error: error.row or 0)],
        error_count=tally.error_count,
    )
    return answer(body, HTTPStatus.CREATED)


def rows_of(declared: Declaration, kind: str, body: bytes) -> Iterator[Row]:
    """The rows of a body of that media type."""
    return csv_rows(body, declared.takes, declared.parts) if kind == CSV else ndjson_rows(body)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows, and those of them that are good so far."""

    rows: Sequence[Row]
    good: Sequence[Checked]


def checked_chunk(
    declared: Declaration, markets: KnownMarkets, rows: Iterator[Row], tally: Tally
) -> Chunk | None:
    """Read and check the next rows; None at the end. Runs on a worker thread."""
    taken = list(islice(rows, CHUNK))
    if not taken:
        return None
    good = []
    for row in taken:
        found = checked(declared, markets, row, tally)
        if isinstance(found, Checked):
            good.append(found)
        else:
            tally.note(found)
    return Chunk(taken, good)


def checked(
    declared: Declaration, markets: KnownMarkets, row: Row, tally: Tally
) -> Checked | list[FieldError]:
    """One row as a domain value, or all that is wrong with it."""
    if row.errors:
        return list(row.errors)
    try:
        body = declared.adapter.validate_python(row.value)
        market = markets.find(getattr(body, "market", None))
        value = body.to_domain(markets.zone(market.id))
    except ValidationError as error:
        places = field_errors(error.errors(include_url=False, include_input=False), row.number)
        return [in_row(declared, row, place) for place in places]
    except BrokenRuleError as error:
        return [in_row(declared, row, place) for place in error.errors]
    except Refused as error:
        return [in_row(declared, row, field_error_of_row(place)) for place in error.errors]
    if body.code is not None:
        first = tally.codes.setdefault((market.id, body.code), row.number)
        if first != row.number:
            return [
                FieldError(
                    "duplicate_code", f"row {first} has the code {body.code!r} too", "code", row.number
                )
            ]
    return Checked(row, market.id, value)


def in_row(declared: Declaration, row: Row, error: FieldError) -> FieldError:
    """The error with its row: of the part that it is about, where parts have rows of their own."""
    steps = (error.field or "").split(".")
    parts = declared.parts
    if parts is None or not row.part_numbers or steps[0] != parts.field or len(steps) < 2:  # noqa: PLR2004 (field and index)
        return replace(error, row=row.number)
    columns = {name: column for column, name in parts.columns.items()}
    index, *inner = steps[1:]
    place = ".".join([columns.get(inner[0], inner[0]), *inner[1:]]) if inner else None
    return replace(error, row=row.part_numbers[int(index)], field=place)


async def store(
    declared: Declaration, work: Work, good: Sequence[Checked], query: BulkQuery, tally: Tally
) -> None:
    """Write the good rows of a chunk, market by market, and note what the store finds wrong."""
    by_market: dict[str, list[Checked]] = {}
    for each in good:
        by_market.setdefault(each.market, []).append(each)
    for market, members in by_market.items():
        try:
            async with (
                work.connection.begin_nested()
            ):  # what the database refuses must not end the search for more
                written = await declared.stored.write(
                    work.connection,
                    market,
                    [each.value for each in members],
                    on_conflict=query.on_conflict.value,
                    partial=query.mode is Mode.PARTIAL,
                    owner=visible_to(work.caller),
                )
        except Refused as error:
            tally.note(placed(declared, members, error.errors))
        else:
            tally.created += written.created
            tally.updated += written.updated
            tally.note(placed(declared, members, written.errors))


def placed(
    declared: Declaration, members: Sequence[Checked], errors: Iterable[RowError]
) -> Iterator[FieldError]:
    """The store's errors by the rows that were sent, and by the names of HTTP."""
    for error in errors:
        yield in_row(declared, members[error.row].row, declared.renamed_error(field_error_of_row(error)))
