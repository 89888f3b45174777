"""Answers to requests that carry an idempotency key, kept in the transaction that did the work.

answer = await idempotency.recall(connection, api_key, key, request_hash)
if answer is None:
...
await idempotency.remember(connection, api_key, key, request_hash, Answer(201, headers, body))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.errors import IdempotencyKeyReused
from models.tables import IdempotencyRow

_kept = IdempotencyRow.__table__.c


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def recall(connection: AsyncConnection, api_key: str, key: str, request_hash: str) -> Answer | None:
    """Return the answer that a request had before, None if it is new.

    A second request with the same key waits until the first one's transaction has ended.

    Raises:
        IdempotencyKeyReused: the key belongs to another request.
    """
    await connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:api_key || ' ' || :key, 0))"),
        {"api_key": api_key, "key": key},
    )
    query = select(_kept.request_hash, _kept.status, _kept.headers, _kept.body)
    found = (await connection.execute(query.where(_kept.api_key_id == api_key, _kept.key == key))).first()
    if found is None:
        return None
    if found.request_hash != request_hash:
        raise IdempotencyKeyReused
    return Answer(found.status, found.headers, bytes(found.body))


async def remember(
    connection: AsyncConnection, api_key: str, key: str, request_hash: str, answer: Answer
) -> None:
    """Keep an answer, to be given again."""
    values = {
        "api_key_id": api_key,
        "key": key,
        "request_hash": request_hash,
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": answer.body,
        "created_at": func.now(),
    }
    await connection.execute(insert(IdempotencyRow).values(values))


async def forget(connection: AsyncConnection, before: datetime) -> int:
    """Drop answers that were given before an instant; return how many."""
    return (await connection.execute(delete(IdempotencyRow).where(_kept.created_at < before))).rowcount
