"""What a resource says of itself; `api.resources.routes` makes its routes of it."""

from __future__ import annotations

import json
import typing
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, TypeAdapter, create_model

from api.access import EVERYTHING, READERS
from api.errors import FieldError
from api.fields import Schema
from api.measures import day_end, day_start
from api.resources.rows import Parts
from api.resources.schemas import CodedIn, ListQuery, ResourceOut
from models.domain.markets import Market
from models.domain.orders import OrderStatus
from models.domain.organisations import Role


@dataclass(frozen=True)
class Examples:
    """Requests that run as they stand, in the order of the resources: one thing, more in bulk, a change."""

    one: Mapping[str, Any]
    more: tuple[Mapping[str, Any], ...]
    csv: str
    change: Mapping[str, Any]

    @property
    def ndjson(self) -> str:
        """The things in bulk, one a line."""
        return "".join(json.dumps(each) + "\n" for each in self.more)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What can be listed and read.

    Attributes:
        singular, plural: words for operation ids and for the path, `site` and `sites`.
        shows, asks: the schemas of what goes out, and of what a list can be asked.
        stored: the store's collection.
        readers: roles that may read.
        renamed: names in the domain -> over HTTP, where they differ.
    """

    singular: str
    plural: str
    shows: type[ResourceOut]
    asks: type[ListQuery]
    stored: Any
    readers: frozenset[Role] = READERS
    renamed: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The plural for people."""
        return self.plural.replace("-", " ")

    @property
    def name_of_one(self) -> str:
        """The singular in operation ids."""
        return self.singular.replace("-", "_")

    @property
    def name_of_many(self) -> str:
        """The plural in operation ids."""
        return self.plural.replace("-", "_")

    @property
    def item_path(self) -> str:
        """The path of one thing, below `/v1`."""
        return f"/{self.plural}/{{id_or_code}}"

    @cached_property
    def page(self) -> type[BaseModel]:
        """The schema of one page of a list."""
        return page_of(self.shows)

    def question(self, query: ListQuery, market: Market) -> dict[str, Any]:
        """What a list is asked, in the store's words; plain dates are days of the market."""
        asked = query.asked()
        zone = ZoneInfo(market.time_zone)
        asked.pop("market", None)
        since, until = asked.pop("from_", None), asked.pop("to", None)
        return {
            "limit": query.limit,
            "after": query.cursor,
            "filters": asked,
            "since": None if since is None else day_start(since, zone),
            "until": None if until is None else day_end(until, zone),
        }

    def renamed_error(self, error: FieldError) -> FieldError:
        """The store's error with the field's name over HTTP."""
        steps = (error.field or "").split(".")
        path = ".".join(self.renamed.get(step, step) for step in steps)
        return replace(error, field=path or None)


@dataclass(frozen=True, kw_only=True)
class Declaration(Listed):
    """What can be written too.

    Attributes:
        takes: the schema of what comes in.
        examples: requests that run.
        writers: roles that may write, besides operators and admins.
        ends_by: what ends a row, `withdraw` or `cancel`.
        parts: how CSV writes things with parts.
    """

    takes: type[CodedIn]
    examples: Examples
    writers: frozenset[Role] = frozenset()
    ends_by: str = "withdraw"
    parts: Parts | None = None

    @cached_property
    def adapter(self) -> TypeAdapter[CodedIn]:
        """The compiled check of what comes in."""
        return TypeAdapter(self.takes)

    @cached_property
    def changes(self) -> type[BaseModel]:
        """The schema of a partial update: each field of `takes` but the market, none of them required."""
        given = self.takes.model_fields
        fields: Any = {
            name: (info.annotation, optional(info)) for name, info in given.items() if name != "market"
        }
        name = self.takes.__name__.removesuffix("In") + "Patch"
        summary = "What changes; fields that are absent stay, a null takes a field's value away."
        found = create_model(name, __base__=Schema, __doc__=summary, **fields)
        found.model_config["json_schema_extra"] = {"examples": [dict(self.examples.change)]}
        return found

    @property
    def may_write(self) -> frozenset[Role]:
        """The roles that may write."""
        return self.writers | EVERYTHING


def optional(info: Any) -> Any:
    """The field without the need to give it."""
    found = copy(info)
    found.default = None
    found.default_factory = None
    found.json_schema_extra = without_default
    return found


def without_default(schema: dict[str, Any]) -> None:
    """An absent field stays as it is: it has no default to show."""
    schema.pop("default", None)


def page_of(shows: type[BaseModel]) -> type[BaseModel]:
    """The schema of one page of a list."""
    name = shows.__name__.removesuffix("Out") + "Page"
    summary = "One page, in the order of making; `next_cursor` leads to the next, null ends the list."
    fields: Any = {"data": (list[shows], ...), "next_cursor": (str | None, None)}  # type: ignore[valid-type]
    return create_model(name, __doc__=summary, **fields)


def as_given(shown: Mapping[str, Any], takes: type[BaseModel]) -> dict[str, Any]:
    """What a resource shows, as the request that would make it: only fields that come in, at every depth.

    Lines that an earlier change took out of an order stay out.
    """
    found: dict[str, Any] = {}
    for name, info in takes.model_fields.items():
        value = shown.get(info.alias or name)
        if value is None:
            continue
        inner = next((part for part in typing.get_args(info.annotation) if is_schema(part)), None)
        found[info.alias or name] = (
            value
            if inner is None
            else [as_given(each, inner) for each in value if each.get("status") != OrderStatus.CANCELLED]
        )
    return found


def is_schema(kind: Any) -> bool:
    """Whether a type is a schema of ours."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)
