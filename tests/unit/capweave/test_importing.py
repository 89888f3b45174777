"""Import: what files may look like, and that every bad row is named before anything is posted."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import xlsxwriter

from capweave.client import RowError
from capweave.demonstration import generate
from capweave.importing import read_folder, write_rows, write_templates
from capweave.importing.columns import TABLES
from capweave.importing.grouping import Draft
from capweave.importing.posting import traced
from capweave.importing.reading import Reading, TableReading

ORDERS = "code,organisation,item,quantity,requested_date\n"
START = date(2026, 5, 4)


def reading_of(folder: Path, name: str, content: str | bytes, **options: Any) -> Reading:
    data = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(data)
    return read_folder(folder, **options)


def bodies(reading: Reading) -> list[dict[str, Any]]:
    assert reading.all_problems == []
    return [draft.body for table in reading.tables for draft in table.drafts]


def problems(reading: Reading) -> list[tuple[int | None, str | None, str]]:
    return [(each.row, each.column, each.message) for each in reading.all_problems]


def test_every_bad_row_is_named(tmp_path: Path) -> None:
    content = ORDERS + (
        "A,b,mask,100,2026-05-15\n"
        "B,b,mask,-5,2026-05-15\n"
        "C,b,mask,many,soon\n"
        "D,,mask,100,2026-05-15\n"
        "E,b,mask,1.5,2026-05-15T06:00:00\n"
    )
    found = problems(reading_of(tmp_path, "orders.csv", content))
    assert [(row, column) for row, column, _ in found] == [
        (3, "quantity"),
        (4, "quantity"),
        (4, "requested_date"),
        (5, "organisation"),
        (6, "quantity"),
        (6, "requested_date"),
    ]
    assert "no offset" in found[-1][2]


def test_rows_of_one_order_number_are_one_order(tmp_path: Path) -> None:
    content = ORDERS + "A,b,mask,100,2026-05-15\nB,b,mask,7,2026-05-15\nA,b,gown,20,2026-05-16\n"
    first, second = bodies(reading_of(tmp_path, "orders.csv", content))
    assert [line["item"] for line in first["lines"]] == ["mask", "gown"]
    assert (first["code"], second["code"]) == ("A", "B")


def test_an_order_of_two_buyers_is_an_error(tmp_path: Path) -> None:
    content = ORDERS + "A,b,mask,100,2026-05-15\nA,c,gown,20,2026-05-16\n"
    ((row, column, message),) = problems(reading_of(tmp_path, "orders.csv", content))
    assert (row, column) == (3, "organisation")
    assert "row 2" in message


def test_components_of_one_item_are_one_bill(tmp_path: Path) -> None:
    content = "item,component,quantity,per\nmask,fabric,1,1000\nmask,elastic,2,\n"
    (bill,) = bodies(reading_of(tmp_path, "bills-of-materials.csv", content))
    assert bill["components"] == [
        {"item": "fabric", "quantity": 1, "per": 1000},
        {"item": "elastic", "quantity": 2},
    ]


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace(",", ";").encode(),
        lambda text: text.replace(",", "\t").replace("\n", "\r\n").encode(),
    ],
    ids=["byte-order mark", "UTF-16", "semicolons", "tabs and CRLF"],
)
def test_files_as_spreadsheets_save_them_are_understood(tmp_path: Path, encode: Any) -> None:
    (item,) = bodies(reading_of(tmp_path, "items.csv", encode("code,name\nmasque,Masque été\n")))
    assert item == {"code": "masque", "name": "Masque été"}


def test_another_encoding_is_named_with_its_line_and_can_be_given(tmp_path: Path) -> None:
    content = "code,name\na,b\nmasque,été\n".encode("cp1252")
    reading = reading_of(tmp_path, "items.csv", content)
    assert re.search(r"items.csv, line 3: byte 0xe9 .* not utf-8.*--encoding", problems(reading)[0][2])
    assert bodies(read_folder(tmp_path, encoding="cp1252"))[1]["name"] == "été"


def test_decimal_commas_are_refused_with_the_right_form(tmp_path: Path) -> None:
    content = "item;site;quantity;available_from;unit_price\nx;s;5;2026-05-04;12,5\n"
    ((_, column, message),) = problems(reading_of(tmp_path, "supplies.csv", content))
    assert column == "unit_price"
    assert "12.5" in message


@pytest.mark.parametrize(
    ("quantity", "meant"), [("1.000", "1000"), ("12,500", "12500"), ("1.250.000", "1250000")]
)
def test_a_mark_for_thousands_is_refused_and_not_taken_for_a_point(
    tmp_path: Path, quantity: str, meant: str
) -> None:
    content = f"item;site;quantity;available_from;unit_price\nx;s;{quantity};2026-05-04;1.250\n"
    ((_, column, message),) = problems(reading_of(tmp_path, "supplies.csv", content))
    assert column == "quantity"
    assert message.endswith(f"without a mark for thousands ({meant})")


def test_a_misspelt_column_is_not_left_out_silently(tmp_path: Path) -> None:
    content = "code,organisation,item,qty,requested_date,latest_dat\nA,b,mask,1,2026-05-15,2026-05-20\n"
    found = {column: message for _, column, message in problems(reading_of(tmp_path, "orders.csv", content))}
    assert "'qty' meant" in found["quantity"]
    assert "'latest_date' meant" in found["latest_dat"]


def test_columns_of_ones_own_are_left_out_and_shown(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, "items.csv", "Code,Name,colour of box\nmask,Mask,blue\n")
    assert bodies(reading) == [{"code": "mask", "name": "Mask"}]
    assert reading.tables[0].ignored == {"colour of box": None}
    assert reading.tables[0].mapped == ["code", "name"]


def test_a_file_of_an_unknown_table_is_named_with_the_nearest(tmp_path: Path) -> None:
    ((_, _, message),) = problems(reading_of(tmp_path, "ordres.csv", ORDERS))
    assert "did you mean orders?" in message


def test_an_unquoted_separator_is_noticed(tmp_path: Path) -> None:
    ((row, _, message),) = problems(reading_of(tmp_path, "items.csv", "code,name\nmask,Mask, surgical\n"))
    assert row == 2
    assert "not quoted" in message


def test_a_code_that_stands_twice_is_an_error(tmp_path: Path) -> None:
    ((row, column, _),) = problems(reading_of(tmp_path, "items.csv", "code,name\nm,A\nn,B\nm,C\n"))
    assert (row, column) == (4, "code")


def test_files_are_put_in_the_order_of_what_refers_to_what(tmp_path: Path) -> None:
    market = generate(5, start=START)
    write_rows(tmp_path, market.rows)
    assert [table.resource for table in read_folder(tmp_path).tables] == list(market.rows)


def test_the_demonstration_market_survives_being_written_and_read(tmp_path: Path) -> None:
    market = generate(30, start=START)
    write_rows(tmp_path, market.rows)
    reading = read_folder(tmp_path)
    assert reading.all_problems == []
    for table in reading.tables:
        for draft, row in zip(table.drafts, market.rows[table.resource], strict=True):
            assert comparable(draft.body) == comparable(row)


def test_several_files_of_one_table_are_taken(tmp_path: Path) -> None:
    (tmp_path / "items-2.csv").write_text("code,name\nb,B\n")
    assert len(bodies(reading_of(tmp_path, "items.csv", "code,name\na,A\n"))) == 2


def test_the_templates_can_be_read_as_they_stand(tmp_path: Path) -> None:
    write_templates(tmp_path, START)
    csv, workbook = read_folder(tmp_path / "csv"), read_folder(tmp_path / "capweave-template.xlsx")
    assert bodies(csv) == bodies(workbook)
    assert {table.resource for table in csv.tables} == set(TABLES)
    readme = (tmp_path / "README.txt").read_text()
    assert all(column.name in readme for table in TABLES.values() for column in table.columns)


def test_a_spreadsheet_s_own_dates_numbers_and_truths_are_understood(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "supplies.xlsx") as book:
        sheet = book.add_worksheet("Sheet1")
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_row(
            0, 0, ["code", "item", "site", "quantity", "available_from", "unit_price", "own_stock"]
        )
        sheet.write_row(1, 0, [4711, "x", "s", 5])
        sheet.write_datetime(1, 4, datetime(2026, 5, 4), day)  # noqa: DTZ001 - a spreadsheet has no offsets
        sheet.write_number(1, 5, 0.1 + 0.2)
        sheet.write_boolean(1, 6, boolean=True)
    (row,) = bodies(read_folder(tmp_path))
    assert row == {
        "code": "4711",
        "item": "x",
        "site": "s",
        "quantity": 5,
        "available_from": "2026-05-04",
        "unit_price": "0.3",
        "own_stock": True,
    }


def test_parquet_brings_its_types(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "line": ["l1"],
            "starts_at": [datetime(2026, 5, 4, 6, tzinfo=UTC)],
            "ends_at": [datetime(2026, 5, 4, 22, tzinfo=UTC)],
            "cost_per_hour": [Decimal("35.5")],
            "available_seconds": [57600],
        }
    )
    frame.write_parquet(tmp_path / "capacity-windows.parquet")
    (window,) = bodies(read_folder(tmp_path))
    assert window["starts_at"] == "2026-05-04T06:00:00+00:00"
    assert (window["cost_per_hour"], window["available_seconds"]) == ("35.5", "57600")


def test_times_without_an_offset_take_the_zone_that_was_named(tmp_path: Path) -> None:
    content = "line,starts_at,ends_at\nl,2026-05-04 06:00,2026-05-04 22:00\n"
    reading = reading_of(tmp_path, "capacity-windows.csv", content, zone=ZoneInfo("Europe/Berlin"))
    assert bodies(reading)[0]["starts_at"] == "2026-05-04T06:00:00+02:00"


@pytest.mark.parametrize("name", ["orders.xlsx", "orders.parquet"])
def test_a_broken_file_is_a_sentence(tmp_path: Path, name: str) -> None:
    ((_, _, message),) = problems(reading_of(tmp_path, name, b"nonsense"))
    assert name in message


def test_an_empty_folder_is_a_sentence(tmp_path: Path) -> None:
    assert "holds no" in problems(read_folder(tmp_path))[0][2]


def test_the_service_s_errors_are_traced_back_to_the_rows() -> None:
    table = TableReading("orders.csv", "orders", 3, drafts=[Draft({}, (2,)), Draft({}, (3, 4))])
    error = RowError(2, "lines.1.item", "unknown_reference", "there is no item 'x'")
    problem = traced(error, table)
    assert (problem.row, problem.column, problem.message) == (4, "item", "there is no item 'x'")


def comparable(value: Any) -> Any:
    """Times and numbers by value: the same instant and amount may be written in several ways."""
    if isinstance(value, dict):
        return {name: comparable(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [comparable(each) for each in value]
    if isinstance(value, str) and re.match(r"^-?\d+(\.\d+)?$", value):
        return Decimal(value)
    return value.replace("+00:00", "Z") if isinstance(value, str) else value
