"""Reading a request's body: bounded, UTF-8, and JSON that means one thing only.

Python's own reader would accept NaN, a name given twice, half a surrogate pair and NUL, which all fail later
and deeper. Here they are answers that name the place.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NoReturn

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from api.errors import FieldError, Refusal

PARSED_IN_A_THREAD_FROM = 128 * 1024
SUSPICIOUS_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
UNSTORABLE_SAYS = "A text (or a name) may hold neither NUL nor half a surrogate pair."
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class NotJsonError(ValueError):
    """The text is no JSON, or JSON that could be read in two ways; the message says where."""


async def read_body(request: Request, limit: int, pause_seconds: float) -> bytes:
    """The whole body, read while it is at most `limit` bytes long.

    Raises:
        Refusal: 413 over the limit (the rest stays unread), 408 when the sender pauses too long, 415 if it is
            compressed.
    """
    refuse_encodings(request)
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:20]) > limit:
        raise too_large(limit)
    pieces: list[bytes] = []
    size = 0
    stream = request.stream()
    try:
        while True:
            async with asyncio.timeout(pause_seconds):
                piece = await anext(stream, None)
            if piece is None:
                return b"".join(pieces)
            size += len(piece)
            if size > limit:
                raise too_large(limit)
            pieces.append(piece)
    except TimeoutError as error:
        raise Refusal(
            "body_timeout", f"Nothing more of the body came for {pause_seconds:g} seconds."
        ) from error
    except ClientDisconnect as error:
        raise Refusal("body_incomplete", "The connection ended before the body did.") from error


def refuse_encodings(request: Request) -> None:
    """Compressed bodies are not taken: their size is only known once they are unpacked."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        raise Refusal(
            "unsupported_media_type", f"Content-Encoding {encoding!r} is not supported; send plain bytes."
        )


def too_large(limit: int) -> Refusal:
    """The answer to a body over the limit."""
    return Refusal("body_too_large", f"The body is larger than {limit:,} bytes.")


def media_type(request: Request) -> str:
    """The body's media type without parameters, lower case.

    Raises:
        Refusal: 415 for a charset other than UTF-8.
    """
    kind, *parameters = request.headers.get("content-type", "").split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip(' "').lower() not in {
            "utf-8",
            "utf8",
            "us-ascii",
        }:
            raise Refusal("unsupported_media_type", f"The charset must be UTF-8, not {value.strip()}.")
    return kind.strip().lower()


def decode(body: bytes) -> str:
    """The body as text; a byte-order mark is dropped.

    Raises:
        Refusal: 400 naming the first byte that is not UTF-8.
    """
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        message = f"Byte {error.start + 1} (line {line}) is not UTF-8: 0x{body[error.start]:02x}."
        place = FieldError("not_utf8", message, row=line, expected="UTF-8")
        raise Refusal("not_utf8", message, errors=(place,)) from error


async def read_json(body: bytes) -> Any:
    """The one JSON value of a body; large ones are parsed off the event loop.

    Raises:
        Refusal: 400 where the bytes are no UTF-8 or no JSON, 422 where a text cannot be stored.
    """
    if len(body) > PARSED_IN_A_THREAD_FROM:
        return await run_in_threadpool(json_document, body)
    return json_document(body)


def json_document(body: bytes) -> Any:
    """As `read_json`, at once."""
    text = decode(body)
    if not text.strip():
        raise Refusal("malformed_json", "The body is empty; a JSON object is expected.")
    try:
        value = parse_json(text)
    except NotJsonError as error:
        raise Refusal("malformed_json", f"The body is not JSON: {error}.") from error
    if SUSPICIOUS_ESCAPE.search(text) and (errors := tuple(unstorable_texts(value))):
        raise Refusal("invalid", "A text holds a character that cannot be stored.", errors=errors)
    return value


def parse_json(text: str) -> Any:
    """One JSON value, with decimals kept exact.

    Raises:
        NotJsonError: no JSON, NaN or Infinity, a name twice in an object, nested too deep, a number too long.
    """
    try:
        return DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotJsonError(f"{error.msg} at line {error.lineno} column {error.colno}") from error
    except RecursionError as error:
        raise NotJsonError("it is nested too deep") from error
    except NotJsonError:
        raise
    except (
        ValueError,
        ArithmeticError,
    ) as error:  # an integer of more than 4,300 digits, a decimal beyond reading
        raise NotJsonError("a number is too long") from error


def unstorable_texts(document: Any, row: int | None = None) -> Iterator[FieldError]:
    """Every text (and name) with a NUL or half a surrogate pair, by its path. Depth costs no stack here."""
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str) and UNSTORABLE.search(value):
            yield FieldError("unstorable_character", UNSTORABLE_SAYS, path or None, row)
        elif isinstance(value, dict):
            for name, inner in value.items():
                shown = UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", name)
                if shown != name:
                    yield FieldError("unstorable_character", UNSTORABLE_SAYS, shown, row)
                waiting.append((f"{path}.{shown}" if path else shown, inner))
        elif isinstance(value, list):
            waiting += [
                (f"{path}.{index}" if path else str(index), inner) for index, inner in enumerate(value)
            ]


def object_of_distinct_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose names are distinct."""
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise NotJsonError(f"the name {ascii(twice)[:100]} stands twice in one object")
    return value


def refuse_constant(name: str) -> NoReturn:
    """NaN and the infinities are no JSON."""
    raise NotJsonError(f"{name} is no JSON number")


DECODER = json.JSONDecoder(
    parse_float=Decimal, parse_constant=refuse_constant, object_pairs_hook=object_of_distinct_names
)
