"""From requests to domain values: new ones, and partial updates of stored ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from pydantic import ValidationError

from api.access import visible_to
from api.door import Work
from api.errors import field_errors, invalid
from api.markets.known import KnownMarkets, known_markets
from api.resources.declaration import Declaration, Listed, as_given
from api.resources.schemas import CodedIn, translated
from models.domain.errors import Conflict, NotFound
from models.domain.orders import OrderStatus
from models.domain.resources import Status

TAKING_PART = {Status.ACTIVE, OrderStatus.OPEN}
KEPT = ("id", "market", "status", "created_at")


def in_domain(body: CodedIn, markets: KnownMarkets) -> tuple[str, Any]:
    """The id of the market, and what was sent as a value of the domain.

    Raises:
        Refusal: 422 where the fields do not fit each other.
        UnknownReference: there is no such market.
    """
    market = markets.find(getattr(body, "market", None))
    return market.id, translated(body, markets.zone(market.id))


async def find(
    declared: Listed, work: Work, key: str, market: str | None, *, lock: bool = False
) -> tuple[str, Any]:
    """The id of the market, and the stored thing with this id or code, that the caller may see.

    Raises:
        NotFound: there is none in that market, or in any where none is named.
    """
    owner = visible_to(work.caller)
    for searched in (await known_markets(work.connection)).searched(market):
        try:
            found = await declared.stored.get(work.connection, searched.id, key, owner=owner, lock=lock)
        except NotFound:
            continue
        return searched.id, found
    raise NotFound(f"There is no {declared.stored.noun} {key!r}.")


async def changed(
    declared: Declaration, work: Work, key: str, market: str | None, change: Mapping[str, Any]
) -> Any:
    """Store a partial update: what is shown, with the change laid over it, is checked as if it were new.

    Raises:
        Refusal: 422 where the result is not valid.
    """
    home, before = await find(declared, work, key, market, lock=True)
    if before.status not in TAKING_PART:
        raise Conflict(f"This {declared.stored.noun} is {before.status}: it can no longer be changed.")
    given = as_given(
        declared.shows.model_validate(before).model_dump(mode="json", by_alias=True), declared.takes
    )
    try:
        body = declared.adapter.validate_python(given | dict(change))
    except ValidationError as error:
        raise invalid(field_errors(error.errors(include_url=False, include_input=False))) from error
    _, after = in_domain(body, await known_markets(work.connection))
    kept = {name: getattr(before, name) for name in KEPT if name in {field.name for field in fields(before)}}
    return await declared.stored.update(
        work.connection, home, replace(after, **kept), owner=visible_to(work.caller)
    )
