"""`Idempotency-Key`: the same request with the same key is done once, and answered the same again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from api.errors import FieldError, invalid
from models.domain.keys import ApiKey
from models.store import idempotency

HEADER = "Idempotency-Key"
KEY = re.compile(r"[!-~]{1,255}", re.ASCII)
METHODS = {"POST", "PATCH"}
"""Only these need it: reading twice is reading once."""


def idempotency_key(request: Request) -> str | None:
    """The request's key, where it has one that counts.

    Raises:
        Refusal: 422 for a key that is no short printable text.
    """
    key = request.headers.get(HEADER)
    if key is None or request.method not in METHODS:
        return None
    if not KEY.fullmatch(key):
        raise invalid([FieldError("header", "must have 1 to 255 printable ASCII characters", HEADER)])
    return key


async def request_hash(request: Request) -> str:
    """What makes two requests the same: method, path, query, media type and body."""
    digest = hashlib.sha256()
    for part in (
        request.method,
        request.url.path,
        request.url.query,
        request.headers.get("content-type", ""),
    ):
        digest.update(part.encode() + b"\0")
    digest.update(await request.body())
    return digest.hexdigest()
