"""What an import would stumble over in the market: references to nothing, codes that exist. Nothing is posted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from capweave.client import Client, NotFoundError, RowError
from capweave.importing.posting import traced
from capweave.importing.problems import Problem
from capweave.importing.reading import TableReading

REFERS_TO: Mapping[str, tuple[str, ...]] = {
    "organisation": ("organisations",),
    "site": ("sites",),
    "origin_site": ("sites",),
    "destination_site": ("sites",),
    "line": ("lines",),
    "labour_pool": ("labour-pools",),
    "item": ("items",),
    "allowed_factories": ("sites", "organisations"),
    "excluded_factories": ("sites", "organisations"),
}
"""Field -> the resources of which it names a row, by id or code."""
NESTED = {"orders": "lines", "bills-of-materials": "components"}
FEW = 20
"""So many names are asked for one by one; for more, the whole table is read."""
ACTIVE = frozenset({"active", "open"})
Place = tuple[str, str]
"""Path of a field in a body, and the name that stands there."""


def check(client: Client, tables: list[TableReading], *, update: bool = False) -> list[Problem]:
    """Return what the market as it is now would refuse of these tables, as far as names go.

    Args:
        client: speaks to the service.
        tables: without problems, in the order of `read_folder`.
        update: whether a row whose code exists updates it; else it is a problem.

    Raises:
        CapweaveError: the service did not answer, or would not have us.
    """
    market = _Market(client, tables)
    return [problem for table in tables for problem in _problems(market, table, update=update)]


class _Market:
    """Knows which names exist, here in the files and there in the market."""

    def __init__(self, client: Client, tables: list[TableReading]) -> None:
        self._client = client
        self._files: dict[str, set[str]] = {}
        wanted: dict[str, set[str]] = {}
        for table in tables:
            bodies = [draft.body for draft in table.drafts]
            self._files.setdefault(table.resource, set()).update(_codes(bodies))
            wanted.setdefault(table.resource, set()).update(_codes(bodies))
            for body in bodies:
                for path, name in _references(table.resource, body):
                    for resource in REFERS_TO[_field(path)]:
                        wanted.setdefault(resource, set()).add(name)
        self._stored = {resource: self._statuses(resource, names) for resource, names in wanted.items()}

    def has(self, resource: str, name: str) -> bool:
        """Whether the market has a row of that id or code, withdrawn or not."""
        return name in self._stored[resource]

    def wrong(self, path: str, name: str) -> str | None:
        """Say what is wrong with a reference."""
        resources = REFERS_TO[_field(path)]
        if any(name in self._files.get(resource, ()) for resource in resources):
            return None
        found = [self._stored[resource][name] for resource in resources if name in self._stored[resource]]
        words = " or ".join(resource.removesuffix("s").replace("-", " ") for resource in resources)
        if not found:
            return f"there is no {words} {name!r}, in the market or in these files"
        return None if found[0] in ACTIVE else f"the {words} {name!r} is withdrawn"

    def _statuses(self, resource: str, names: set[str]) -> dict[str, str]:
        collection = self._client.collection(resource)
        if len(names) > FEW:
            rows = list(collection.list())
            return {row.id: row.status for row in rows} | {row.code: row.status for row in rows}
        found = {}
        for name in names:
            try:
                found[name] = collection.get(name).status
            except NotFoundError:
                continue
        return found


def _problems(market: _Market, table: TableReading, *, update: bool) -> Iterator[Problem]:
    for number, draft in enumerate(table.drafts, start=1):
        code = draft.body.get("code")
        if code is not None and not update and market.has(table.resource, code):
            message = f"{code!r} exists; say --update to change it"
            yield traced(RowError(number, "code", "duplicate_code", message), table)
        for path, name in _references(table.resource, draft.body):
            if wrong := market.wrong(path, name):
                yield traced(RowError(number, path, "unknown_reference", wrong), table)


def _codes(bodies: list[dict[str, Any]]) -> set[str]:
    return {str(body["code"]) for body in bodies if body.get("code") is not None}


def _references(resource: str, body: Mapping[str, Any]) -> Iterator[Place]:
    """The fields of a body, and of its parts, that name something."""
    yield from _named("", body)
    for index, part in enumerate(body.get(NESTED.get(resource, ""), ())):
        yield from _named(f"{NESTED[resource]}.{index}.", part)


def _named(prefix: str, fields: Mapping[str, Any]) -> Iterator[Place]:
    for field, value in fields.items():
        if field in REFERS_TO:
            for name in value if isinstance(value, list) else [value]:
                yield f"{prefix}{field}", name


def _field(path: str) -> str:
    return path.rpartition(".")[2]
