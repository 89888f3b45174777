"""Bulk bodies as rows: NDJSON and CSV, with the row of everything that is wrong."""

from __future__ import annotations

import time

import pytest

from api.bills_of_materials.routes import DECLARED as BILLS
from api.capabilities.schemas import CapabilityIn
from api.errors import Refusal
from api.orders.routes import DECLARED as ORDERS
from api.resources.rows import csv_rows, ndjson_rows
from api.supplies.schemas import SupplyIn


def test_ndjson_counts_lines_and_skips_empty_ones() -> None:
    rows = list(ndjson_rows(b'\xef\xbb\xbf{"a": 1}\r\n\n{"b": 0.10}\n'))
    assert [row.number for row in rows] == [1, 3]
    assert str(rows[1].value["b"]) == "0.10"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", "malformed_json"),
        (b'{"a": NaN}', "malformed_json"),
        (b'{"a": 1, "a": 2}', "malformed_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "malformed_json"),
        (b"[" * 5000 + b"]" * 5000, "malformed_json"),
        (b'{"a": "\xff"}', "not_utf8"),
        (rb'{"a": "\u0000"}', "unstorable_character"),
        (rb'{"a": ["\ud800"]}', "unstorable_character"),
    ],
)
def test_an_unreadable_line_is_named(line: bytes, code: str) -> None:
    good, bad = ndjson_rows(b"{}\n" + line)
    assert good.errors == ()
    assert [(error.row, error.code) for error in bad.errors] == [(2, code)]


def test_csv_cells_become_what_their_fields_are() -> None:
    body = b"item,site,quantity,available_from,unit_price,own_stock\nA,7,12,2026-05-04,0.50,yes\nB,8,x,,,\n"
    first, second = csv_rows(body, SupplyIn, None)
    assert first.value == {
        "item": "A", "site": "7", "quantity": 12, "available_from": "2026-05-04", "unit_price": "0.50",
        "own_stock": True,
    }  # fmt: skip
    assert second.value == {"item": "B", "site": "8", "quantity": "x"}


def test_a_field_with_another_name_inside_keeps_its_name_in_csv() -> None:
    [row] = csv_rows(b"line,yield\nL,0.9\n", CapabilityIn, None)
    assert row.value == {"line": "L", "yield": "0.9"}


def test_records_of_one_order_are_one_object_wherever_they_stand() -> None:
    body = (
        b"code,organisation,line_code,item,quantity,required_certificates\n"
        b"o1,acme,a,mask,5,ISO1;ISO2\no2,acme,,gown,1,\no1,acme,b,mask,7,\n"
    )
    first, second = csv_rows(body, ORDERS.takes, ORDERS.parts)
    assert first.part_numbers == (1, 3)
    assert [line["code"] for line in first.value["lines"]] == ["a", "b"]
    assert first.value["lines"][0]["required_certificates"] == ["ISO1", "ISO2"]
    assert second.value == {"code": "o2", "organisation": "acme", "lines": [{"item": "gown", "quantity": 1}]}


def test_records_that_disagree_about_their_order_are_named() -> None:
    body = b"code,organisation,item\no1,acme,mask\no1,other,mask\n"
    [order] = csv_rows(body, ORDERS.takes, ORDERS.parts)
    assert [(error.row, error.field) for error in order.errors] == [(2, "organisation")]


def test_a_bill_is_one_record_a_component() -> None:
    [bill] = csv_rows(
        b"item,component,quantity,per\nmask,fleece,5,2\nmask,band,2,\n", BILLS.takes, BILLS.parts
    )
    assert bill.value == {
        "item": "mask",
        "components": [{"item": "fleece", "quantity": 5, "per": 2}, {"item": "band", "quantity": 2}],
    }


@pytest.mark.parametrize(
    "body", [b"", b"item,colour\n", b"item,item\n", b"item;site\n1;2\n", b"\xff\xfe\n", b'"item\n']
)
def test_a_header_that_cannot_be_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal):
        list(csv_rows(body, SupplyIn, None))


def test_a_record_with_too_many_cells_is_named() -> None:
    _, bad = csv_rows(b"item,site\na,b\na,b,c\n", SupplyIn, None)
    assert [(error.row, error.code) for error in bad.errors] == [(2, "malformed_csv")]


def test_a_csv_header_of_very_many_columns_is_refused_at_once() -> None:
    started = time.perf_counter()
    with pytest.raises(Refusal) as refused:
        csv_rows(b"item," * 200_000 + b"item\n", SupplyIn, None)
    assert [(error.code, error.field) for error in refused.value.errors] == [("repeated", "item")]
    with pytest.raises(Refusal):
        csv_rows(b",".join(b"c%d" % column for column in range(200_000)), SupplyIn, None)
    assert time.perf_counter() - started < 10
