"""The drivers of `flow.perform` over httpx: one waits, the other awaits."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import anyio
import httpx

from capweave.client.calls import Call
from capweave.client.connection import Connection
from capweave.client.errors import AnswerTimeoutError, UnreachableError
from capweave.client.events import Event, EventReader
from capweave.client.flow import FIRST_REFUSAL, Lost, Reply, Retry, Send, perform, result

T = TypeVar("T")
CONNECT_SECONDS = 5.0
HEARTBEAT_SECONDS = 60.0
"""A stream of events that is silent for longer is taken for lost; the API sends a comment more often."""


class SyncTransport:
    """Sends calls with an `httpx.Client`."""

    def __init__(self, connection: Connection, timeout_seconds: float, retry: Retry) -> None:
        self._where = connection.base_url
        self._retry = retry
        self._timeout = timeout_seconds
        self._http = httpx.Client(base_url=connection.base_url, headers=connection.headers())

    def send(self, call: Call[T]) -> T:
        """Send, again if need be, and read the answer."""
        steps = perform(call, self._retry, self._where)
        outcome: Reply | Lost | None = None
        while True:
            try:
                step = steps.send(outcome)
            except StopIteration as end:
                done: T = end.value
                return done
            if isinstance(step, Send):
                outcome = self._once(step.call)
            else:
                time.sleep(step.seconds)
                outcome = None

    def _once(self, call: Call[Any]) -> Reply | Lost:
        try:
            return _reply(self._http.send(_request(self._http, call, self._timeout)))
        except httpx.TransportError as error:
            return _lost(error, call)

    @contextmanager
    def stream(self, call: Call[Any]) -> Iterator[Iterator[Event]]:
        """The events of a stream, until it ends or breaks (UnreachableError)."""
        request = _request(self._http, call, HEARTBEAT_SECONDS)
        try:
            response = self._http.send(request, stream=True)
            try:
                if response.status_code >= FIRST_REFUSAL:
                    response.read()
                    result(call, _reply(response))
                reader = EventReader()
                yield (event for line in response.iter_lines() if (event := reader.feed(line)))
            finally:
                response.close()
        except httpx.TransportError as error:
            raise UnreachableError(f"the events of {call.path} broke off: {error}") from error

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


class AsyncTransport:
    """Sends calls with an `httpx.AsyncClient`."""

    def __init__(self, connection: Connection, timeout_seconds: float, retry: Retry) -> None:
        self._where = connection.base_url
        self._retry = retry
        self._timeout = timeout_seconds
        self._http = httpx.AsyncClient(base_url=connection.base_url, headers=connection.headers())

    async def send(self, call: Call[T]) -> T:
        """Send, again if need be, and read the answer."""
        steps = perform(call, self._retry, self._where)
        outcome: Reply | Lost | None = None
        while True:
            try:
                step = steps.send(outcome)
            except StopIteration as end:
                done: T = end.value
                return done
            if isinstance(step, Send):
                outcome = await self._once(step.call)
            else:
                await self.pause(step.seconds)
                outcome = None

    async def _once(self, call: Call[Any]) -> Reply | Lost:
        try:
            return _reply(await self._http.send(_request(self._http, call, self._timeout)))
        except httpx.TransportError as error:
            return _lost(error, call)

    @asynccontextmanager
    async def stream(self, call: Call[Any]) -> AsyncIterator[AsyncIterator[Event]]:
        """The events of a stream, until it ends or breaks (UnreachableError)."""
        request = _request(self._http, call, HEARTBEAT_SECONDS)
        try:
            response = await self._http.send(request, stream=True)
            try:
                if response.status_code >= FIRST_REFUSAL:
                    await response.aread()
                    result(call, _reply(response))
                reader = EventReader()
                yield (event async for line in response.aiter_lines() if (event := reader.feed(line)))
            finally:
                await response.aclose()
        except httpx.TransportError as error:
            raise UnreachableError(f"the events of {call.path} broke off: {error}") from error

    async def pause(self, seconds: float) -> None:
        """Wait, under whichever event loop runs."""
        await anyio.sleep(seconds)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _request(http: httpx.Client | httpx.AsyncClient, call: Call[Any], seconds: float) -> httpx.Request:
    return http.build_request(
        call.method,
        call.path,
        params=dict(call.params),
        content=call.content,
        headers=dict(call.headers),
        timeout=httpx.Timeout(call.timeout_seconds or seconds, connect=CONNECT_SECONDS),
    )


def _reply(response: httpx.Response) -> Reply:
    return Reply(response.status_code, response.headers, response.content)


def _lost(error: httpx.TransportError, call: Call[Any]) -> Lost:
    """A broken connection may be tried again; an answer that takes too long would take too long again.

    Raises:
        AnswerTimeoutError: the answer did not come in time.
        UnreachableError: the address itself is wrong.
    """
    if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout):
        raise AnswerTimeoutError(f"{call.method} {call.path}: no answer in time") from error
    if isinstance(error, httpx.UnsupportedProtocol):
        raise UnreachableError(str(error)) from error
    return Lost(error)
