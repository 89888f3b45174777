"""Problem files: what is written is read, what is wrong is named, what is hostile is refused."""

from __future__ import annotations

import io
import json
import pickle
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher import problem_file
from matcher.errors import ProblemError
from matcher.problem import ALWAYS, NEVER, NONE, Lists, Problem
from matcher.problem_file.text import from_text
from tests.problems import Market
from tests.workshop import workshop

DOCUMENT = Path(__file__).parents[3] / "docs" / "problem-format.md"
EXAMPLE, PLAN_EXAMPLE = (
    json.loads(block)
    for block in re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
)


def from_document(document: Any) -> Problem:
    problem = from_text(json.dumps(document).encode())
    problem_file.validate(problem)
    return problem


@pytest.mark.parametrize("name", ["problem.json", "problem.capweave"])
def test_what_is_written_is_read(tmp_path: Path, name: str) -> None:
    problem_file.write(workshop(), tmp_path / name)
    assert problem_file.digest(problem_file.read(tmp_path / name)) == problem_file.digest(workshop())


def test_a_value_left_out_becomes_its_default() -> None:
    problem = from_document(EXAMPLE)
    assert problem.capabilities.lead_time.tolist() == [0]
    assert problem.order_lines.earliest.tolist() == [ALWAYS]
    assert problem.certificates.valid_from.tolist() == [ALWAYS]
    assert problem.order_lines.price_ceiling.tolist() == [NONE]
    assert problem.order_lines.latest.tolist() != [NEVER]
    assert problem.items == ("mask", "fabric")
    assert problem.places.ids == ("works", "mill", "north", "south", "town")
    assert problem.weights.tolist() == [1000] * 7 + [2000] + [1000] * 7


def test_names_that_are_listed_are_all_that_there_are() -> None:
    with pytest.raises(ProblemError, match="expected the name of one of the items, found 'fabric'") as caught:
        from_document(EXAMPLE | {"items": ["mask"]})
    assert (caught.value.table, caught.value.row, caught.value.field) == ("components", 0, "component")


def test_a_field_that_stands_twice_is_named_with_its_place() -> None:
    written = json.dumps(EXAMPLE)
    row = json.dumps(EXAMPLE["segments"][1])
    with pytest.raises(ProblemError, match="segments, row 1, bucket: bucket stands twice"):
        from_text(written.replace(row, row[:-1] + ', "bucket": 2}').encode())
    with pytest.raises(ProblemError, match=r"^lines stands twice in one object"):
        from_text((written[:-1] + ', "lines": []}').encode())


def test_the_digest_tells_problems_apart_and_forms_not() -> None:
    weights = workshop().weights.copy()
    weights[0] += 1
    assert problem_file.digest(replace(workshop(), weights=weights)) != problem_file.digest(workshop())
    assert problem_file.to_bytes(workshop()) == problem_file.to_bytes(workshop())


def test_numpy_reads_the_compact_form_by_itself() -> None:
    with np.load(io.BytesIO(problem_file.to_bytes(workshop())), allow_pickle=False) as arrays:
        assert arrays["order_lines.quantity"].tolist() == [5, 6, 4, 4, 3]


def edited(table: str, row: int, **fields: Any) -> dict[str, Any]:
    """Return the example with one row changed."""
    rows = [dict(each) for each in EXAMPLE[table]]
    rows[row] |= fields
    return EXAMPLE | {table: rows}


def with_site(name: str) -> dict[str, Any]:
    return EXAMPLE | {"sites": [*EXAMPLE["sites"], {"id": name}]}


DEAR = edited("order_lines", 0, shortfall_cost=10**13) | {"weights": {"shortfall": 10**9}}
SEWN = {"item": "fabric", "component": "mask", "quantity": 1}
WRONG: list[tuple[dict[str, Any], tuple[str, int, str], str]] = [
    (edited("order_lines", 0, quantity=0), ("order_lines", 0, "quantity"), "from 1"),
    (edited("order_lines", 0, quantity=-500), ("order_lines", 0, "quantity"), "from 1"),
    (edited("order_lines", 0, quantity=1.5), ("order_lines", 0, "quantity"), "a whole number"),
    (edited("order_lines", 0, quantity=True), ("order_lines", 0, "quantity"), "a whole number"),
    (edited("order_lines", 0, quantity="500"), ("order_lines", 0, "quantity"), "a whole number"),
    (edited("order_lines", 0, quantity=10**30), ("order_lines", 0, "quantity"), "from 1 to"),
    (edited("order_lines", 0, quantity=None), ("order_lines", 0, "quantity"), "expected a value"),
    (edited("order_lines", 0, requested="tomorrow"), ("order_lines", 0, "requested"), "tomorrow"),
    (edited("order_lines", 0, requested="2026-01-07T00:00"), ("order_lines", 0, "requested"), "offset"),
    (edited("order_lines", 0, ship_complete=1), ("order_lines", 0, "ship_complete"), "true or false"),
    (edited("order_lines", 0, allowed="works"), ("order_lines", 0, "allowed"), "a list"),
    (edited("order_lines", 0, allowed=["moon"]), ("order_lines", 0, "allowed"), "one of the sites"),
    (edited("order_lines", 0, colour="red"), ("order_lines", 0, "colour"), "no such field"),
    (with_site("works"), ("sites", 2, "id"), "twice"),
    (with_site(""), ("sites", 2, "id"), "a name"),
    (with_site("town") | {"regions": ["north", "south", "town"]}, ("places", 5, "id"), "twice"),
    (edited("labour_pools", 0, site="moon"), ("labour_pools", 0, "site"), "one of the sites"),
    (edited("segments", 1, bucket=3), ("segments", 1, "bucket"), "0 to 2"),
    (edited("segments", 1, amount="8 hours"), ("segments", 1, "amount"), "PT8H"),
    (edited("segments", 1, amount="P"), ("segments", 1, "amount"), "PT8H"),
    (edited("capabilities", 0, yield_ppm=0), ("capabilities", 0, "yield_ppm"), "from 1 to 1000000"),
    (edited("capabilities", 0, time_per_unit="P60D"), ("capabilities", 0, "time_per_unit"), "from 0"),
    (edited("components", 0, component="mask"), ("components", 0, "component"), "cycle"),
    (edited("components", 0, per=0), ("components", 0, "per"), "from 1"),
    (EXAMPLE | {"components": [*EXAMPLE["components"], SEWN]}, ("components", 0, "component"), "cycle"),
    (EXAMPLE | {"components": EXAMPLE["components"] * 2}, ("components", 1, "component"), "twice"),
    (EXAMPLE | {"lanes": EXAMPLE["lanes"] * 2}, ("lanes", 2, "destination"), "twice"),
    (edited("supplies", 0, own_stock=True), ("supplies", 0, "owner"), "own stock"),
    (edited("certificates", 0, valid_from="2028-01-01T00:00Z"), ("certificates", 0, "valid_until"), "before"),
    (edited("order_lines", 0, quantity=2**59), ("components", 0, "quantity"), "units"),
    (edited("order_lines", 0, shortfall_cost=2**59), ("", -1, ""), "shortfall"),
    (DEAR, ("", -1, ""), "objective"),
    (EXAMPLE | {"weights": {"beauty": 1}}, ("weights", -1, ""), "shortfall"),
    (EXAMPLE | {"grid": {"boundaries": ["2026-01-05T00:00Z"]}}, ("grid", -1, "boundaries"), "at least two"),
    (EXAMPLE | {"grid": {"boundaries": [2, 1]}}, ("grid", 1, "boundaries"), "later"),
    (EXAMPLE | {"grid": {"boundaries": [1, 2], "convention": "bold"}}, ("grid", -1, "convention"), "one of"),
    (EXAMPLE | {"grid": []}, ("grid", -1, ""), "boundaries"),
    (EXAMPLE | {"machines": []}, ("", -1, ""), "machines"),
    (EXAMPLE | {"lines": {}}, ("lines", -1, ""), "a list"),
    (EXAMPLE | {"lines": [7]}, ("lines", 0, ""), "an object"),
    (EXAMPLE | {"version": 2}, ("", -1, ""), "version"),
    (EXAMPLE | {"format": "other"}, ("", -1, ""), "capweave-problem"),
]


@pytest.mark.parametrize("quantity", [2**51 + 1, 2**60])
def test_more_units_than_matching_counts_are_refused(quantity: int) -> None:
    market = Market(1).line("press").capability("press", "cup", hours=0)
    with pytest.raises(ProblemError, match="at most 2\\^51") as caught:
        market.order("a", "cup", 1).order("b", "cup", quantity, shortfall_cost=0).problem()
    assert (caught.value.table, caught.value.row, caught.value.field) == ("order_lines", 1, "quantity")


@pytest.mark.parametrize(("document", "place", "message"), WRONG)
def test_what_is_wrong_is_named(document: Any, place: tuple[str, int, str], message: str) -> None:
    with pytest.raises(ProblemError, match=message) as caught:
        from_document(document)
    assert (caught.value.table, caught.value.row, caught.value.field) == place


def lists(starts: list[int], values: list[int]) -> Problem:
    wrong = Lists(np.array(starts, dtype=np.int64), np.array(values, dtype=np.int32))
    return replace(workshop(), order_lines=replace(workshop().order_lines, allowed=wrong))


def with_lines(**columns: Any) -> Problem:
    return replace(workshop(), order_lines=replace(workshop().order_lines, **columns))


ARRAYS: dict[str, Callable[[], Problem]] = {
    "starts that fall": lambda: lists([0, 1, 0, 1, 1, 1], [0]),
    "starts that end early": lambda: lists([0, 0, 0, 0, 0, 0], [0]),
    "starts of another table": lambda: lists([0, 1], [0]),
    "no starts": lambda: lists([], []),
    "a list of sites that do not exist": lambda: lists([0, 1, 1, 1, 1, 1], [99]),
    "fractions": lambda: with_lines(quantity=np.array([1.0] * 5)),
    "narrow quantities": lambda: with_lines(quantity=np.ones(5, dtype=np.int32)),
    "too few": lambda: with_lines(quantity=np.ones(4, dtype=np.int64)),
    "a list": lambda: with_lines(quantity=[1, 2, 3, 4, 5]),
    "an item before the first": lambda: with_lines(item=np.array([-1, 0, 0, 0, 0], dtype=np.int32)),
    "too few weights": lambda: replace(workshop(), weights=np.ones(8, dtype=np.int64)),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_that_make_no_problem_are_refused(name: str) -> None:
    with pytest.raises(ProblemError):
        problem_file.validate(ARRAYS[name]())


def archive(changes: dict[str, bytes | None]) -> bytes:
    """Return the workshop's file with entries replaced, added, or (None) left out."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(problem_file.to_bytes(workshop()))) as source:
        entries: dict[str, bytes | None] = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in (entries | changes).items():
            if content is not None:
                written.writestr(name, content)
    return target.getvalue()


def npy(values: Any) -> bytes:
    target = io.BytesIO()
    np.save(target, values, allow_pickle=True)
    return target.getvalue()


def claiming(shape: str) -> bytes:
    header = f"{{'descr': '<i8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes(40)


QUANTITY = "order_lines.quantity.npy"
HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "text": lambda: b"{}",
    "a pickle": lambda: pickle.dumps({"order_lines": 1}),
    "a pickle inside": lambda: archive({QUANTITY: npy(np.array([print, 1, 1, 1, 1], dtype=object))}),
    "cut off": lambda: problem_file.to_bytes(workshop())[:-100],
    "cut in the middle": lambda: (
        problem_file.to_bytes(workshop())[:3000] + problem_file.to_bytes(workshop())[3500:]
    ),
    "another type": lambda: archive({QUANTITY: npy(np.ones(5, dtype=np.float64))}),
    "another byte order": lambda: archive({QUANTITY: npy(np.ones(5, dtype=">i8"))}),
    "two dimensions": lambda: archive({QUANTITY: npy(np.ones((5, 1), dtype=np.int64))}),
    "a shape that is a lie": lambda: archive({QUANTITY: claiming("(1000000000000,)")}),
    "a negative shape": lambda: archive({QUANTITY: claiming("(-5,)")}),
    "a header that is code": lambda: archive({QUANTITY: claiming("(__import__('os').getpid(),)")}),
    "a column missing": lambda: archive({QUANTITY: None}),
    "no manifest": lambda: archive({"manifest.json": None}),
    "a manifest of another format": lambda: archive({"manifest.json": b"[]"}),
    "a manifest of a later version": lambda: archive(
        {"manifest.json": b'{"format": "capweave-problem", "version": 2}'}
    ),
    "no convention": lambda: archive({"manifest.json": b'{"format": "capweave-problem", "version": 1}'}),
    "names that are none": lambda: archive({"items.id.json": b"[1, 2, 3, 4]"}),
    "names in a deep pit": lambda: archive({"items.id.json": b"[" * 100_000}),
    "a stray entry": lambda: archive({"../evil.py": b"print()"}),
    "flags of two": lambda: archive(
        {"order_lines.ship_complete.npy": npy(np.array([2, 0, 0, 0, 0], np.int8))}
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "problem"
    path.write_bytes(HOSTILE[name]())
    with pytest.raises(ProblemError):
        problem_file.read(path)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[", b"[" * 100_000, b"[]", b"null", b'{"a": 1, "a": 2}']
)
def test_text_that_is_no_problem_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    path.write_bytes(content)
    with pytest.raises(ProblemError):
        problem_file.read(path)


def test_any_byte_may_be_wrong() -> None:
    content = problem_file.to_bytes(workshop())
    for position in range(0, len(content), 211):
        corrupt = content[:position] + bytes([content[position] ^ 0xFF]) + content[position + 1 :]
        try:
            problem_file.from_bytes(corrupt)
        except ProblemError:
            continue


def test_a_problem_of_nothing_is_a_problem() -> None:
    empty = Market(1).problem()
    assert problem_file.digest(problem_file.from_bytes(problem_file.to_bytes(empty))) == problem_file.digest(
        empty
    )


def test_realistic_sizes_are_no_overflow() -> None:
    market = Market(7)
    market.line("line", hours=24 * 1000).hours("line", 24 * 1000, cost=2_000_000_000)
    market.capability("line", "mask", 0.001, unit_cost=2_000_000)
    market.order("masks", "mask", 1_000_000_000, shortfall_cost=200_000_000)
    assert problem_file.digest(market.problem())
