"""The calls for each resource, run and plan. Pure: nothing is sent here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

from capweave.client import fields, outcomes, records
from capweave.client.calls import (
    BulkFormat,
    BulkMode,
    Call,
    OnConflict,
    Page,
    as_it_is,
    bulk_content,
    one,
    page_of,
    reading,
    uploading,
    writing,
)
from capweave.client.decoding import Record
from capweave.client.routes import Route

P = ParamSpec("P")
R = TypeVar("R", bound=Record)


class ReadCalls(Generic[R]):
    """Get and list."""

    def __init__(self, name: str, kind: type[R]) -> None:
        self.name = name
        self.kind = kind
        self._list = Route("GET", f"/v1/{name}")
        self._get = Route("GET", f"/v1/{name}/{{}}")

    def get(self, id_or_code: str) -> Call[R]:
        """Read one."""
        return reading(self._get, id_or_code, read=one(self.kind))

    def page(self, **filters: Any) -> Call[Page[R]]:
        """Read one page."""
        return reading(self._list, read=page_of(self.kind), **filters)


class CollectionCalls(ReadCalls[R], Generic[P, R]):
    """All that can be done with a resource; `ending` is the verb that takes one out of use, if any."""

    def __init__(
        self, name: str, kind: type[R], body: Callable[P, fields.Body], ending: str | None = "withdraw"
    ) -> None:
        super().__init__(name, kind)
        self._body = body
        self._create = Route("POST", f"/v1/{name}")
        self._update = Route("PATCH", f"/v1/{name}/{{}}")
        self._bulk = Route("POST", f"/v1/{name}:bulk")
        self._end = Route("POST", f"/v1/{name}/{{}}/{ending}") if ending else None

    def create(self, *args: P.args, **kwargs: P.kwargs) -> Call[R]:
        """Create one from its fields."""
        return self.create_row(self._body(*args, **kwargs))

    def create_row(self, row: Mapping[str, Any], key: str | None = None) -> Call[R]:
        """Create one from a mapping."""
        return writing(self._create, read=one(self.kind), body=row, key=key)

    def update(self, id_or_code: str, changes: Mapping[str, Any]) -> Call[R]:
        """Change some fields."""
        body = {name.rstrip("_"): value for name, value in changes.items()}
        return writing(self._update, id_or_code, read=one(self.kind), body=body)

    def end(self, id_or_code: str) -> Call[R]:
        """Take out of use: withdraw or cancel."""
        if self._end is None:
            raise TypeError(f"{self.name} cannot be withdrawn")
        return writing(self._end, id_or_code, read=one(self.kind))

    def bulk(
        self,
        rows: Iterable[Mapping[str, Any]] | Path | bytes,
        form: BulkFormat | None,
        mode: BulkMode,
        on_conflict: OnConflict,
        key: str | None,
    ) -> Call[outcomes.BulkResult]:
        """Upload many."""
        content, sent_form = bulk_content(rows, form)
        read = one(outcomes.BulkResult)
        return uploading(
            self._bulk, content, sent_form, read=read, key=key, mode=mode, on_conflict=on_conflict
        )


MARKETS = CollectionCalls("markets", records.Market, fields.market)
ORGANISATIONS = CollectionCalls("organisations", records.Organisation, fields.organisation)
SITES = CollectionCalls("sites", records.Site, fields.site)
LINES = CollectionCalls("lines", records.Line, fields.line)
LABOUR_POOLS = CollectionCalls("labour-pools", records.LabourPool, fields.labour_pool)
ITEMS = CollectionCalls("items", records.Item, fields.item)
BILLS = CollectionCalls("bills-of-materials", records.BillOfMaterials, fields.bill_of_materials)
CAPABILITIES = CollectionCalls("capabilities", records.Capability, fields.capability)
CERTIFICATES = CollectionCalls("certificates", records.Certificate, fields.certificate)
WINDOWS = CollectionCalls("capacity-windows", records.CapacityWindow, fields.capacity_window)
SUPPLIES = CollectionCalls("supplies", records.Supply, fields.supply)
LANES = CollectionCalls("lanes", records.Lane, fields.lane)
ORDERS = CollectionCalls("orders", records.Order, fields.order, ending="cancel")
ORDER_LINES = ReadCalls("order-lines", records.OrderLine)

DEPENDENCY_ORDER = (
    "markets",
    "organisations",
    "sites",
    "lines",
    "labour-pools",
    "items",
    "bills-of-materials",
    "capabilities",
    "certificates",
    "capacity-windows",
    "supplies",
    "lanes",
    "orders",
)
"""Everything that can be uploaded in bulk, each after what it refers to."""


class RunCalls(ReadCalls[outcomes.Run]):
    """Runs: start, follow, cancel."""

    def __init__(self) -> None:
        super().__init__("runs", outcomes.Run)
        self._create = Route("POST", "/v1/runs")
        self._cancel = Route("POST", "/v1/runs/{}/cancel")
        self._events = Route("GET", "/v1/runs/{}/events")
        self._problem = Route("GET", "/v1/runs/{}/problem")

    def create_row(self, row: Mapping[str, Any], key: str | None = None) -> Call[outcomes.Run]:
        """Start a run."""
        return writing(self._create, read=one(outcomes.Run), body=row, key=key)

    def cancel(self, run: str) -> Call[outcomes.Run]:
        """Ask a run to stop."""
        return writing(self._cancel, run, read=one(outcomes.Run))

    def problem(self, run: str) -> Call[bytes]:
        """The problem that a run solves, as a file's bytes."""
        return Call(self._problem.method, self._problem.path(run), bytes, is_file=True)

    def events(self, run: str) -> Call[outcomes.Run]:
        """Follow a run: a stream of server-sent events, each with the run."""
        return reading(self._events, run, read=one(outcomes.Run))


class PlanCalls(ReadCalls[outcomes.Plan]):
    """Plans and what they hold."""

    def __init__(self) -> None:
        super().__init__("plans", outcomes.Plan)
        self._publish = Route("POST", "/v1/plans/{}/publish")
        self._allocations = Route("GET", "/v1/plans/{}/allocations")
        self._productions = Route("GET", "/v1/plans/{}/productions")
        self._draws = Route("GET", "/v1/plans/{}/draws")
        self._shortfalls = Route("GET", "/v1/plans/{}/shortfalls")
        self._load = Route("GET", "/v1/plans/{}/load")

    def publish(self, plan: str) -> Call[outcomes.Plan]:
        """Make it the market's plan."""
        return writing(self._publish, plan, read=one(outcomes.Plan))

    def allocations(self, plan: str, **filters: Any) -> Call[Page[outcomes.Allocation]]:
        """Who makes what, when."""
        return reading(self._allocations, plan, read=page_of(outcomes.Allocation), **filters)

    def productions(self, plan: str, **filters: Any) -> Call[Page[outcomes.Production]]:
        """Components made for others to use."""
        return reading(self._productions, plan, read=page_of(outcomes.Production), **filters)

    def draws(self, plan: str, **filters: Any) -> Call[Page[outcomes.Draw]]:
        """Which material goes where."""
        return reading(self._draws, plan, read=page_of(outcomes.Draw), **filters)

    def shortfalls(self, plan: str, **filters: Any) -> Call[Page[outcomes.Shortfall]]:
        """What is short or late, and why."""
        return reading(self._shortfalls, plan, read=page_of(outcomes.Shortfall), **filters)

    def load(self, plan: str, **filters: Any) -> Call[Page[outcomes.Load]]:
        """How full each line is in each bucket."""
        return reading(self._load, plan, read=page_of(outcomes.Load), **filters)


RUNS = RunCalls()
PLANS = PlanCalls()
_SUMMARY = Route("GET", "/v1/summary")
_HEALTH = Route("GET", "/healthz")
_READINESS = Route("GET", "/readyz")


def summary(market: str | None) -> Call[outcomes.Summary]:
    """A market in numbers."""
    return reading(_SUMMARY, read=one(outcomes.Summary), market=market)


def health() -> Call[dict[str, Any]]:
    """Whether the API is alive."""
    return reading(_HEALTH, read=as_it_is)


def readiness() -> Call[dict[str, Any]]:
    """What is wrong, if something is: an answer of 503 is an answer."""
    call = reading(_READINESS, read=as_it_is)
    return Call(call.method, call.path, as_it_is, accepted=frozenset({503}))
