"""Sending safely, without input or output: retries, back-off and reading answers, as a generator of steps.

A driver (`transport.py`) carries out each step and sends its outcome back in. So the synchronous and the
asynchronous client share every decision and differ only in who waits.
"""

from __future__ import annotations

import json
import random
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from capweave.client.calls import Call
from capweave.client.errors import UnexpectedAnswerError, UnreachableError, api_error

T = TypeVar("T")
RETRIED_STATUSES = frozenset({429, 502, 503, 504})
FIRST_REFUSAL = 400


@dataclass(frozen=True)
class Retry:
    """When to try again: after lost connections and 429, 502, 503, 504, with the same idempotency key.

    Attributes:
        attempts: at most so many in all.
        first_seconds: the pause after the first; it doubles, with up to a quarter more or less by chance.
        longest_seconds: no pause is longer, whatever the answer's `Retry-After` asks for.
    """

    attempts: int = 5
    first_seconds: float = 0.2
    longest_seconds: float = 10.0

    def pause(self, attempt: int, asked: float | None = None) -> float:
        """Seconds to wait after the given attempt (1 is the first)."""
        backoff = self.first_seconds * 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - no secret
        return min(self.longest_seconds, max(backoff, asked or 0.0))


@dataclass(frozen=True)
class Send:
    """Step: send the call and come back with a Reply or a Lost."""

    call: Call[Any]


@dataclass(frozen=True)
class Sleep:
    """Step: wait."""

    seconds: float


@dataclass(frozen=True)
class Reply:
    """An answer came."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True)
class Lost:
    """The connection could not be made, or broke before an answer came."""

    error: Exception


Steps = Generator[Send | Sleep, Reply | Lost | None, T]


def perform(call: Call[T], retry: Retry, where: str) -> Steps[T]:
    """The steps of one call.

    Raises:
        UnreachableError: no connection, after all attempts.
        ApiError: the API refused.
        UnexpectedAnswerError: the answer cannot be read.
    """
    attempt = 1
    while True:
        outcome = yield Send(call)
        last = attempt >= retry.attempts
        if isinstance(outcome, Reply):
            if last or outcome.status not in RETRIED_STATUSES or outcome.status in call.accepted:
                return result(call, outcome)
            yield Sleep(retry.pause(attempt, _retry_after(outcome)))
        elif isinstance(outcome, Lost):
            if last:
                reason = str(outcome.error) or type(outcome.error).__name__
                raise UnreachableError(f"{where} does not answer: {reason}") from outcome.error
            yield Sleep(retry.pause(attempt))
        attempt += 1


def result(call: Call[T], reply: Reply) -> T:
    """What the answer says, or the error that it is."""
    data = _json(reply)
    if reply.status >= FIRST_REFUSAL and reply.status not in call.accepted:
        raise api_error(reply.status, data if isinstance(data, Mapping) else {"detail": _excerpt(reply)})
    if call.is_file:
        return call.read(reply.content)
    if data is None and reply.content:
        raise UnexpectedAnswerError(f"{call.method} {call.path}: not JSON: {_excerpt(reply)}")
    return call.read(data)


def _json(reply: Reply) -> Any:
    try:
        return json.loads(reply.content) if reply.content else None
    except ValueError:
        return None


def _excerpt(reply: Reply) -> str:
    return reply.content[:200].decode(errors="replace")


def _retry_after(reply: Reply) -> float | None:
    text = reply.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else None
