"""A request as a value: what to send and how to read the answer. Both clients send the same calls."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from capweave.client.decoding import R, decode, encode
from capweave.client.errors import UnexpectedAnswerError
from capweave.client.routes import Route

T = TypeVar("T")
BulkFormat = Literal["ndjson", "csv"]
BulkMode = Literal["all_or_nothing", "partial"]
OnConflict = Literal["error", "update"]
MEDIA_TYPES: Mapping[BulkFormat, str] = {"ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
SLOW_SECONDS = 600.0
"""How long an answer to a large upload may take."""


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request.

    Attributes:
        read: makes the result of the answer's JSON.
        timeout_seconds: how long the answer may take; None for the client's own limit.
        accepted: statuses of 400 and above that carry an answer and not a refusal.
        is_file: the answer is no JSON; `read` gets its bytes.
    """

    method: str
    path: str
    read: Callable[[Any], T]
    params: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_seconds: float | None = None
    accepted: frozenset[int] = frozenset()
    is_file: bool = False


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; `next_cursor` is None on the last."""

    data: tuple[T, ...]
    next_cursor: str | None


def reading(route: Route, *parts: str, read: Callable[[Any], T], **params: Any) -> Call[T]:
    """A GET."""
    return Call(route.method, route.path(*parts), read, params=query(params))


def writing(
    route: Route,
    *parts: str,
    read: Callable[[Any], T],
    body: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> Call[T]:
    """A POST or PATCH with an idempotency key of its own, so that sending it again is safe."""
    content = None if body is None else json.dumps(encode(body), ensure_ascii=False).encode()
    headers = {"Idempotency-Key": key or uuid.uuid4().hex}
    if content is not None:
        headers["Content-Type"] = "application/json"
    return Call(route.method, route.path(*parts), read, content=content, headers=headers)


def uploading(
    route: Route,
    content: bytes,
    form: BulkFormat,
    *,
    read: Callable[[Any], T],
    key: str | None,
    **params: Any,
) -> Call[T]:
    """A bulk POST."""
    headers = {"Idempotency-Key": key or uuid.uuid4().hex, "Content-Type": MEDIA_TYPES[form]}
    path = route.path()
    return Call(route.method, path, read, query(params), content, headers, timeout_seconds=SLOW_SECONDS)


def query(params: Mapping[str, Any]) -> dict[str, str]:
    """Query parameters as text; those that are None are left out, `from_` is sent as `from`."""
    return {name.rstrip("_"): _text(value) for name, value in params.items() if value is not None}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(encode(value))


def one(kind: type[R]) -> Callable[[Any], R]:
    """Reads an answer that is one record."""
    return lambda data: decode(kind, data)


def page_of(kind: type[R]) -> Callable[[Any], Page[R]]:
    """Reads an answer that is a page of records."""

    def read(data: Any) -> Page[R]:
        if not isinstance(data, Mapping) or "data" not in data:
            raise UnexpectedAnswerError("a page with `data` and `next_cursor` was expected")
        return Page(tuple(decode(kind, each) for each in data["data"]), data.get("next_cursor"))

    return read


def as_it_is(data: Any) -> Any:
    """Reads an answer that has no record of its own."""
    return data


def bulk_content(
    rows: Iterable[Mapping[str, Any]] | Path | bytes, form: BulkFormat | None
) -> tuple[bytes, BulkFormat]:
    """Rows, a file or bytes as the content of a bulk upload, and its format.

    Raises:
        ValueError: bytes without a format, a file whose name tells none, or rows to be sent as CSV.
    """
    if isinstance(rows, Path):
        return rows.read_bytes(), form or _format_of(rows)
    if isinstance(rows, bytes):
        if form is None:
            raise ValueError("say the format of these bytes: format='ndjson' or format='csv'")
        return rows, form
    if form == "csv":
        raise ValueError("rows are sent as ndjson; give a Path or bytes to send CSV")
    lines = (json.dumps(encode(row), ensure_ascii=False, separators=(",", ":")) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode(), "ndjson"


def _format_of(path: Path) -> BulkFormat:
    formats: dict[str, BulkFormat] = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}
    if path.suffix.lower() not in formats:
        raise ValueError(f"{path.name}: say its format: format='ndjson' or format='csv'")
    return formats[path.suffix.lower()]
