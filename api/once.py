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
from models.store.idempotency import Answer, recall, remember

HEADER = "Idempotency-Key"
KEY = re.compile(r"[!-~]{1,255}", re.ASCII)
METHODS = {"POST", "PATCH"}
"""Only these need it: reading twice is reading once."""
REPEATED_HEADERS = ("content-type", "location")
"""Headers of the first answer that its repetitions carry too."""


async def once(
    work: Callable[[], Awaitable[Response]], request: Request, connection: AsyncConnection, caller: ApiKey
) -> Response:
    """Do the work, or repeat the answer that the same request had before; two that meet take turns.

    Raises:
        IdempotencyKeyReused: the key was used for another request.
    """
    key = idempotency_key(request)
    if key is None:
        return await work()
    fingerprint = await request_hash(request)
    kept = await recall(connection, caller.id, key, fingerprint)
    if kept is not None:
        return Response(kept.body, kept.status, dict(kept.headers))
    answer = await work()
    headers = {name: value for name in REPEATED_HEADERS if (value := answer.headers.get(name))}
    await remember(
        connection, caller.id, key, fingerprint, Answer(answer.status_code, headers, bytes(answer.body))
    )
    return answer


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
    kind = request.headers.get("content-type", "")
    for part in (request.method, request.url.path, request.url.query, kind):
        digest.update(part.encode() + b"\0")
    digest.update(await request.body())
    return digest.hexdigest()
