"""The synchronous client."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, ParamSpec, Self, TypeVar, Unpack

from capweave.client import resources
from capweave.client.calls import BulkFormat, BulkMode, Call, OnConflict, Page
from capweave.client.connection import find_connection
from capweave.client.decoding import Record
from capweave.client.errors import AnswerTimeoutError
from capweave.client.fields import RunIn
from capweave.client.flow import Retry
from capweave.client.outcomes import (
    Allocation,
    BulkResult,
    Draw,
    Load,
    Plan,
    Production,
    Run,
    Shortfall,
    Summary,
)
from capweave.client.resources import CollectionCalls, ReadCalls

P = ParamSpec("P")
R = TypeVar("R", bound=Record)
T = TypeVar("T")

PAGE_ROWS = 500


class Reader(Generic[R]):
    """Get and list one resource."""

    def __init__(self, client: Client, calls: ReadCalls[R]) -> None:
        self._client = client
        self._calls = calls

    def get(self, id_or_code: str) -> R:
        """Read one by its id or by its code."""
        return self._client.send(self._calls.get(id_or_code))

    def page(self, *, limit: int | None = None, cursor: str | None = None, **filters: Any) -> Page[R]:
        """Read one page. Filters are the API's; `from_` stands for `from`."""
        return self._client.send(self._calls.page(limit=limit, cursor=cursor, **filters))

    def list(self, **filters: Any) -> Iterator[R]:
        """All that match, fetched page by page while you iterate."""
        return self._client.pages(self._calls.page, **filters)


class Collection(Reader[R], Generic[P, R]):
    """Everything that can be done with one resource."""

    _calls: CollectionCalls[P, R]

    def __init__(self, client: Client, calls: CollectionCalls[P, R]) -> None:
        super().__init__(client, calls)

    def create(self, *args: P.args, **fields: P.kwargs) -> R:
        """Create one from its fields."""
        return self._client.send(self._calls.create(*args, **fields))

    def create_row(self, row: Mapping[str, Any], *, idempotency_key: str | None = None) -> R:
        """Create one from a mapping, under an idempotency key of your own if you give one."""
        return self._client.send(self._calls.create_row(row, idempotency_key))

    def update(self, id_or_code: str, **changes: Any) -> R:
        """Change the given fields; None clears one."""
        return self._client.send(self._calls.update(id_or_code, changes))

    def bulk(
        self,
        rows: Iterable[Mapping[str, Any]] | Path | bytes,
        *,
        format: BulkFormat | None = None,  # noqa: A002 - the API's word
        mode: BulkMode = "all_or_nothing",
        on_conflict: OnConflict = "error",
        idempotency_key: str | None = None,
    ) -> BulkResult:
        """Upload many in one request: rows, a file (.csv, .ndjson), or bytes with their format.

        Raises:
            InvalidRequestError: nothing was stored; `errors` lists every bad row and field.
        """
        return self._client.send(self._calls.bulk(rows, format, mode, on_conflict, idempotency_key))


class Withdrawable(Collection[P, R]):
    """A resource that can be taken out of use."""

    def withdraw(self, id_or_code: str) -> R:
        """Take one out of use, for good: nothing brings it back. What refers to it must go first."""
        return self._client.send(self._calls.end(id_or_code))


class Cancellable(Collection[P, R]):
    """Orders."""

    def cancel(self, id_or_code: str) -> R:
        """Cancel one, for good."""
        return self._client.send(self._calls.end(id_or_code))


class Runs(Reader[Run]):
    """Optimisation runs."""

    def create(self, **parameters: Unpack[RunIn]) -> Run:
        """Start a run; it is carried out by a worker, so follow it with `wait` or `events`."""
        return self._client.send(resources.RUNS.create_row(parameters))

    def cancel(self, run: str) -> Run:
        """Ask a run to stop."""
        return self._client.send(resources.RUNS.cancel(run))

    def problem(self, run: str) -> bytes:
        """The problem that a run solves: the bytes of a file for `capweave solve`."""
        return self._client.send(resources.RUNS.problem(run))

    def wait(
        self,
        run: str,
        *,
        timeout_seconds: float | None = None,
        every_seconds: float = 0.5,
        on_progress: Callable[[Run], None] | None = None,
    ) -> Run:
        """Wait until a run has ended, well or badly, and return it; `on_progress` gets each state on the way.

        Raises:
            AnswerTimeoutError: it did not end within `timeout_seconds`; it goes on.
        """
        end = time.monotonic() + timeout_seconds if timeout_seconds is not None else float("inf")
        while True:
            found = self.get(run)
            if on_progress:
                on_progress(found)
            if found.is_final:
                return found
            if time.monotonic() >= end:
                raise AnswerTimeoutError(f"run {run} is still {found.status} after {timeout_seconds} s")
            time.sleep(max(0.0, min(every_seconds, end - time.monotonic())))

    def wait_for_plan(self, run: str, *, timeout_seconds: float | None = None) -> Plan:
        """Wait until a run has ended, and return its plan.

        Raises:
            NoPlanError: it ended without one.
            AnswerTimeoutError: it did not end within `timeout_seconds`; it goes on.
        """
        ended = self.wait(run, timeout_seconds=timeout_seconds)
        return self._client.plans.get(ended.required_plan())

    def events(self, run: str) -> Iterator[Run]:
        """The run at each change, as the service sends it, until it has ended."""
        call = resources.RUNS.events(run)
        with self._client.transport.stream(call) as events:
            for event in events:
                found = call.read(json.loads(event.data))
                yield found
                if found.is_final:
                    return


class Plans(Reader[Plan]):
    """Plans and what they hold. The lists take the API's filters, such as `item` or `organisation`."""

    def publish(self, plan: str) -> Plan:
        """Make it the market's plan; the one before is superseded."""
        return self._client.send(resources.PLANS.publish(plan))

    def allocations(self, plan: str, **filters: Any) -> Iterator[Allocation]:
        """Who makes what for which order line, when."""
        return self._client.pages(partial(resources.PLANS.allocations, plan), **filters)

    def productions(self, plan: str, **filters: Any) -> Iterator[Production]:
        """Components made for others to use."""
        return self._client.pages(partial(resources.PLANS.productions, plan), **filters)

    def draws(self, plan: str, **filters: Any) -> Iterator[Draw]:
        """Which material goes where."""
        return self._client.pages(partial(resources.PLANS.draws, plan), **filters)

    def shortfalls(self, plan: str, **filters: Any) -> Iterator[Shortfall]:
        """Order lines short or late, with their gating factors."""
        return self._client.pages(partial(resources.PLANS.shortfalls, plan), **filters)

    def load(self, plan: str, **filters: Any) -> Iterator[Load]:
        """How full each line is in each bucket."""
        return self._client.pages(partial(resources.PLANS.load, plan), **filters)


class Client:
    """Speaks to a Capweave service.

    Args:
        base_url: its address; else CAPWEAVE_URL, else the service running here, else http://127.0.0.1:8400.
        api_key: else CAPWEAVE_API_KEY, else the key that a service running here left in its data folder.
        timeout_seconds: how long an answer may take; bulk uploads may take ten minutes.
        retry: when to try again.

    Raises:
        NotConfiguredError: there is no key.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout_seconds: float = 60.0,
        retry: Retry = Retry(),  # noqa: B008 - it is frozen
    ) -> None:
        # httpx takes several times longer to import than all the rest: only who connects pays for it.
        from capweave.client.transport import SyncTransport

        self.connection = find_connection(base_url, api_key)
        self.transport = SyncTransport(self.connection, timeout_seconds, retry)
        self.markets = Withdrawable(self, resources.MARKETS)
        self.organisations = Withdrawable(self, resources.ORGANISATIONS)
        self.sites = Withdrawable(self, resources.SITES)
        self.lines = Withdrawable(self, resources.LINES)
        self.labour_pools = Withdrawable(self, resources.LABOUR_POOLS)
        self.items = Withdrawable(self, resources.ITEMS)
        self.bills_of_materials = Withdrawable(self, resources.BILLS)
        self.capabilities = Withdrawable(self, resources.CAPABILITIES)
        self.certificates = Withdrawable(self, resources.CERTIFICATES)
        self.capacity_windows = Withdrawable(self, resources.WINDOWS)
        self.supplies = Withdrawable(self, resources.SUPPLIES)
        self.lanes = Withdrawable(self, resources.LANES)
        self.orders = Cancellable(self, resources.ORDERS)
        self.order_lines = Reader(self, resources.ORDER_LINES)
        self.runs = Runs(self, resources.RUNS)
        self.plans = Plans(self, resources.PLANS)

    def collection(self, name: str) -> Collection[..., Any]:
        """The resource of a path's name, such as `labour-pools`.

        Raises:
            KeyError: no resource that can be written has that name.
        """
        if name not in resources.DEPENDENCY_ORDER:
            raise KeyError(name)
        found: Collection[..., Any] = getattr(self, name.replace("-", "_"))
        return found

    def summary(self, market: str | None = None) -> Summary:
        """A market in numbers."""
        return self.send(resources.summary(market))

    def health(self) -> dict[str, Any]:
        """Whether the API is alive."""
        return self.send(resources.health())

    def readiness(self) -> dict[str, Any]:
        """Whether the service can work, and what is wrong if it cannot."""
        return self.send(resources.readiness())

    def send(self, call: Call[T]) -> T:
        """Send a call, again if need be, and read the answer."""
        return self.transport.send(call)

    def pages(self, call: Callable[..., Call[Page[T]]], **filters: Any) -> Iterator[T]:
        """The rows of all pages."""
        cursor: str | None = None
        while True:
            page = self.send(call(**{"limit": PAGE_ROWS, **filters, "cursor": cursor}))
            yield from page.data
            cursor = page.next_cursor
            if cursor is None:
                return

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
