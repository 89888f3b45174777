"""Bad input at every write route: a 4xx problem document naming the place, never a 500, nothing stored."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.api.examples import ORDER
from tests.property.bad_input import CSV, JSON, NDJSON, Market, few, lines, many, market_over

FLAGS = {"own_stock", "ship_complete"}
WRONG_ANYWHERE: tuple[Any, ...] = (
    {}, {"a": [1]}, [None], [[[]]], "", "\x00", "\ud800", "x" * 10_000, 10**40, -(10**40), math.nan, math.inf,
    1e308,
)  # fmt: skip
"""Right for no field of any resource."""
WRONG_MEASURES: tuple[Any, ...] = (
    "-0.5", "NaN", "1e5", "12,5", "0.0000001", "5 kg", "0x10", "9" * 50, -1, "PT1",
)  # fmt: skip
WRONG_DATES: tuple[Any, ...] = (
    "2026-02-30", "2026-05-04T08:00:00", "0000-01-01", "9999-12-31T23:59:59-12:00", "yesterday", 2026,
    "04.05.2026",
)  # fmt: skip
REFERENCES = (
    "organisation", "site", "line", "item", "labour_pool", "origin_site", "destination_site", "market",
)  # fmt: skip
plurals = st.sampled_from(ORDER)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def market(module_database_url: str) -> Iterator[Market]:
    with market_over(module_database_url) as found:
        yield found


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The path of everything inside a JSON value, and what is there."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*at, step), inner
        yield from places(inner, (*at, step))


def put(body: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The body with another value at a path."""
    changed = copy.deepcopy(body)
    inner: Any = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed


def wrong_for(name: Any, value: Any) -> list[Any]:
    """Values that are wrong in the place of this one."""
    wrong = list(WRONG_ANYWHERE)
    if isinstance(value, int | float) and name not in {"latitude", "longitude"}:
        wrong += WRONG_MEASURES
    if name not in FLAGS:
        wrong += [True, False]
    if str(name).endswith(("_from", "_until", "_at", "_date", "_start")):
        wrong += WRONG_DATES
    return wrong


@many
@given(plural=plurals, data=st.data())
def test_a_wrong_value_anywhere_is_named(market: Market, plural: str, data: st.DataObject) -> None:
    body = market.body(plural)
    path, value = data.draw(st.sampled_from(list(places(body))), label="path")
    broken = put(body, path, data.draw(st.sampled_from(wrong_for(path[-1], value)), label="wrong"))
    place = ".".join(map(str, path))
    market.refused("POST", f"/v1/{plural}", broken, place=place)
    upload = market.refused("POST", f"/v1/{plural}:bulk", lines(broken), NDJSON)
    assert {error["row"] for error in upload["errors"]} == {1}
    change = {path[0]: broken[path[0]]}
    market.refused("PATCH", f"/v1/{plural}/{market.stored_code(plural)}", change, place=place)


@many
@given(plural=plurals, data=st.data(), unknown=st.text(min_size=1, max_size=20))
def test_a_field_too_few_or_too_many_is_named(
    market: Market, plural: str, data: st.DataObject, unknown: str
) -> None:
    schema = market.schema(plural)
    assume(unknown.isprintable() and unknown not in schema["properties"])
    body = market.body(plural) | {unknown: 1}
    required = schema.get("required", [])
    missing = data.draw(st.sampled_from(required)) if required else None
    body.pop(missing, None)
    problem = market.refused("POST", f"/v1/{plural}", body, place=missing)
    assert {error["code"] for error in problem["errors"]} >= {
        "extra_forbidden",
        *(["missing"] if missing else []),
    }


@many
@given(plural=plurals, name=st.sampled_from(REFERENCES), key=st.text(min_size=1, max_size=60))
@example(plural="lines", name="site", key="site_01kqsdh7z3m4w9n2c8v5x6y7ab")
@example(plural="lines", name="site", key="'; DROP TABLE sites; --")
def test_an_unknown_reference_is_named(market: Market, plural: str, name: str, key: str) -> None:
    assume(not key.startswith(("example-", "main")))
    body = market.body(plural)
    assume(name in body or (name == "market" and plural != "markets"))
    market.refused("POST", f"/v1/{plural}", body | {name: key}, place=name)


@many
@given(plural=plurals, path=st.sampled_from(["", ":bulk", "/nothing", "/nothing/withdraw"]), body=json_values)
def test_any_json_is_answered_and_refused(market: Market, plural: str, path: str, body: Any) -> None:
    method = "PATCH" if path == "/nothing" else "POST"
    market.refused(method, f"/v1/{plural}{path}", body, NDJSON if path == ":bulk" else JSON)


@many
@given(plural=plurals, kind=st.sampled_from(["", "csv", "ndjson"]), body=st.binary(max_size=200))
@example(plural="orders", kind="csv", body=b'code,organisation\n"a')
@example(plural="orders", kind="csv", body="code,organisation\nä,ö\n".encode("utf-16"))
@example(plural="items", kind="csv", body=b"code,name\n\x00,\x00\n")
def test_any_bytes_are_answered_and_refused(market: Market, plural: str, kind: str, body: bytes) -> None:
    headers = {"": JSON, "csv": CSV, "ndjson": NDJSON}[kind]
    market.refused("POST", f"/v1/{plural}{':bulk' if kind else ''}", body, headers)


@few
@given(st.sampled_from(["latin-1", "utf-16", "utf-32", "cp1252"]), st.sampled_from(["ä", "é5", "ß"]))
def test_another_encoding_is_told_from_utf8(market: Market, encoding: str, word: str) -> None:
    body = json.dumps(market.body("items", name=word), ensure_ascii=False).encode(encoding)
    for path, headers in (("/v1/items", JSON), ("/v1/items:bulk", NDJSON)):
        problem = market.refused("POST", path, body, headers)
        assert {problem["code"], *(error["code"] for error in problem["errors"])} & {
            "not_utf8",
            "malformed_json",
        }


def test_ten_megabytes_are_refused(market: Market) -> None:
    for plural in ORDER:
        problem = market.refused("POST", f"/v1/{plural}", {"code": "x" * 10_000_000})
        assert problem["code"] == "body_too_large"


def test_ten_megabytes_of_wrong_rows_are_counted(market: Market) -> None:
    rows = lines({"code": "a", "name": "x" * 500, "unit": 1}) * 20_000
    assert len(rows) > 10_000_000
    problem = market.refused("POST", "/v1/items:bulk", rows, NDJSON)
    assert (len(problem["errors"]), problem["error_count"]) == (1000, 40_000)
