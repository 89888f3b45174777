"""The client, the import and the API's own document say the same: no route and no field is missing."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields as dataclass_fields
from functools import cache
from typing import Any, Required, get_origin, get_type_hints

import pytest

from api.app import create_app
from api.settings import ApiSettings
from capweave.client import fields, outcomes, records, resources, routes
from capweave.importing.columns import LINE_COLUMNS, TABLES

NOT_FOR_CLIENTS = {"/openapi.json", "/docs", "/redoc", "/docs/oauth2-redirect"}
WRITTEN = {
    "MarketIn": fields.market,
    "OrganisationIn": fields.organisation,
    "SiteIn": fields.site,
    "LineIn": fields.line,
    "LabourPoolIn": fields.labour_pool,
    "ItemIn": fields.item,
    "BillOfMaterialsIn": fields.bill_of_materials,
    "CapabilityIn": fields.capability,
    "CertificateIn": fields.certificate,
    "CapacityWindowIn": fields.capacity_window,
    "SupplyIn": fields.supply,
    "LaneIn": fields.lane,
    "OrderIn": fields.order,
}
TYPED = {"OrderLineIn": fields.OrderLineIn, "ComponentIn": fields.ComponentIn, "RunIn": fields.RunIn}
ONLY_SOMETIMES = {"PlanOut": {"warnings"}}
"""Fields of a record that only another answer with the same record has: publishing has warnings."""
READ = {
    "MarketOut": records.Market,
    "OrganisationOut": records.Organisation,
    "SiteOut": records.Site,
    "LineOut": records.Line,
    "LabourPoolOut": records.LabourPool,
    "ItemOut": records.Item,
    "BillOfMaterialsOut": records.BillOfMaterials,
    "CapabilityOut": records.Capability,
    "CertificateOut": records.Certificate,
    "CapacityWindowOut": records.CapacityWindow,
    "SupplyOut": records.Supply,
    "LaneOut": records.Lane,
    "OrderOut": records.Order,
    "OrderLineOut": records.OrderLine,
    "RunOut": outcomes.Run,
    "PlanOut": outcomes.Plan,
    "PublishedOut": outcomes.Plan,
    "AllocationOut": outcomes.Allocation,
    "ProductionOut": outcomes.Production,
    "DrawOut": outcomes.Draw,
    "ShortfallOut": outcomes.Shortfall,
    "GatingFactorOut": outcomes.GatingFactor,
    "LoadOut": outcomes.Load,
    "SummaryOut": outcomes.Summary,
}


@cache
def document() -> dict[str, Any]:
    return create_app(ApiSettings(database_url="postgresql://127.0.0.1:9/none")).openapi()


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = document()["components"]["schemas"][name]
    return found


def test_every_route_of_the_api_is_a_route_of_the_client() -> None:
    published = {
        (method.upper(), re.sub(r"\{[^}]*\}", "{}", path))
        for path, methods in document()["paths"].items()
        for method in methods
        if path not in NOT_FOR_CLIENTS
    }
    assert published == routes.ROUTES


@pytest.mark.parametrize("name", WRITTEN)
def test_every_field_can_be_written(name: str) -> None:
    parameters = inspect.signature(WRITTEN[name]).parameters
    assert {each.rstrip("_") for each in parameters} == set(schema(name)["properties"])
    required = {each for each, parameter in parameters.items() if parameter.default is parameter.empty}
    assert required == set(schema(name).get("required", ()))


@pytest.mark.parametrize("name", TYPED)
def test_every_nested_field_can_be_written(name: str) -> None:
    hints = get_type_hints(TYPED[name], include_extras=True)
    assert set(hints) == set(schema(name)["properties"])
    assert {each for each, hint in hints.items() if get_origin(hint) is Required} == set(
        schema(name).get("required", ())
    )


@pytest.mark.parametrize("name", READ)
def test_every_field_is_read(name: str) -> None:
    known = {each.name.rstrip("_") for each in dataclass_fields(READ[name])} - {"extra"}
    sent = set(schema(name)["properties"])
    assert sent <= known, "the client does not know what the API sends"
    assert known - sent <= {"organisation", "market"} | ONLY_SOMETIMES.get(name, set()), (
        "the client waits for what the API does not send"
    )


@pytest.mark.parametrize("resource", TABLES)
def test_every_field_can_be_imported(resource: str) -> None:
    kinds = {
        calls.name: calls.kind.__name__
        for calls in vars(resources).values()
        if isinstance(calls, resources.CollectionCalls)
    }
    properties = set(schema(f"{kinds[resource]}In")["properties"]) - {"market"}
    columns = {column.name for column in TABLES[resource].columns}
    if resource == "orders":
        lines = {"line_code" if each == "code" else each for each in schema("OrderLineIn")["properties"]}
        assert columns == (properties - {"lines"}) | lines
        assert lines - LINE_COLUMNS == {"destination_site", "destination_region"}
    elif resource == "bills-of-materials":
        assert columns == {"item", "component", "quantity", "per"}
    else:
        assert columns == properties
