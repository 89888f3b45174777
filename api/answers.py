"""Answers made of domain values: one thing, or a page of a list."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

JSON = "application/json"


def shown(schema: type[BaseModel], value: Any, status: int = HTTPStatus.OK, **headers: str) -> Response:
    """A domain value as its schema shows it."""
    return answer(schema.model_validate(value), status, **headers)


def answer(body: BaseModel, status: int = HTTPStatus.OK, **headers: str) -> Response:
    """A schema's value as JSON."""
    return Response(body.model_dump_json(by_alias=True), status, headers, JSON)


def created(schema: type[BaseModel], value: Any, location: str) -> Response:
    """Something new, and where it is."""
    return shown(schema, value, HTTPStatus.CREATED, Location=location)


def page_of_shown(
    page: type[BaseModel], shows: type[BaseModel], values: Sequence[Any], cursor: str | None
) -> Response:
    """A page of domain values."""
    data = [shows.model_validate(value) for value in values]
    return answer(page.model_construct(data=data, next_cursor=cursor))
