from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bench import generality, peers, published, reoptimise, scale
from bench.adapters import sscflp
from bench.best_known import best_known_of
from bench.published import main

KEYS = [
    *("instance", "objective", "bound", "gap", "proven", "seconds", "peak_mb", "best_known", "distance"),
    "verified",
]
TWO_FACILITIES = "2 2\n 10 100.5\n 10 {second}.\n 4\n 8.0 12.0\n 8\n 24.0 12.0\n"
"""Opening the first only leaves 2 of 12 unserved; both: 100.5 + second + 8 + 12."""

AGENTS = "2 3\n 1 2 3\n 4 1 1\n 2 2 2\n 3 3 3\n 4 3\n"


def run(capsys: pytest.CaptureFixture[str], kind: str, *files: Path) -> list[dict[str, object]]:
    assert main([kind, *map(str, files), "--time-limit", "20", "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_facility_location_file_is_solved_and_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "best_known.csv").write_text("instance,optimum,note\ncapx,170.5,\n")
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "capx.txt").write_text(TWO_FACILITIES.format(second=50))
    [found] = run(capsys, "cflp", folder / "capx.txt")
    assert list(found) == KEYS
    assert (found["objective"], found["best_known"], found["distance"]) == (170.5, 170.5, 0.0)
    assert found["proven"]
    assert found["verified"]


def test_a_file_whose_capacity_is_a_word_is_an_instance_for_each_capacity_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "best_known.csv").write_text("instance,optimum\ncapz_12,70\ncapz_8,\n")
    text = "2 2\n capacity 50\n capacity 90.\n 4\n 8.0 12.0\n 8\n 12.0 40.0\n"
    (tmp_path / "capz.txt").write_text(text)
    found = run(capsys, "cflp", tmp_path / "capz.txt")
    assert [(one["instance"], one["objective"], one["best_known"]) for one in found] == [
        ("capz_12", 70.0, 70.0),
        ("capz_8", 164.0, None),
    ]


UNCAPACITATED = "2 3\n {0} 50\n {0} 40\n {1}\n 10 30\n {1}\n 20 10\n {1}\n 70 5\n"
"""The second alone: 40 + 30 + 10 + 5 = 85; the first alone 150, both 115."""


@pytest.mark.parametrize(("capacity", "demand"), [("0", "0"), ("0.", "7"), ("21", "7"), ("capacity", "0")])
def test_an_uncapacitated_file_is_solved_however_it_says_so(
    capacity: str, demand: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "best_known.csv").write_text("instance,optimum\ncapy,85\n")
    (tmp_path / "capy.txt").write_text(UNCAPACITATED.format(capacity, demand))
    [found] = run(capsys, "cflp", tmp_path / "capy.txt")
    assert (found["objective"], found["distance"]) == (85.0, 0.0)
    assert found["bound"] == pytest.approx(85.0)
    assert found["proven"]


@pytest.mark.parametrize(("there", "cheapest"), [(70, 92.0 + 70), (85, 92.0 + 75)])
@pytest.mark.parametrize("first", [12, 0])
def test_a_customer_who_asks_for_nothing_is_served_and_takes_no_room(
    first: int, there: int, cheapest: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The second facility is full with both others; for the third customer the first may be opened too, at 75.
    text = f"2 3\n {first} 75\n 12 40\n 4\n 90 40\n 8\n 80 12\n 0\n 0 {there}\n"
    (tmp_path / "capx.txt").write_text(text)
    [found] = run(capsys, "cflp", tmp_path / "capx.txt")
    assert (found["objective"], found["proven"], found["verified"]) == (cheapest, True, True)


@pytest.mark.parametrize("tail", ["optimal value unknown, capacity as given", "\x1a", "\x1a\x00 9 junk"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_what_stands_around_the_numbers_of_a_file_does_not_matter(
    tail: str, mark: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "capx.txt").write_bytes(mark + (TWO_FACILITIES.format(second=50) + tail).encode())
    (tmp_path / "two").write_bytes(mark + (AGENTS + tail + " \xe9").encode("latin-1"))
    assert [one["objective"] for one in run(capsys, "cflp", tmp_path / "capx.txt")] == [170.5]
    assert [one["objective"] for one in run(capsys, "gap", tmp_path / "two")] == [4.0]


def test_a_file_whose_capacity_is_a_word_asks_for_the_capacities_where_none_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "capz.txt").write_text("1 1\n capacity 50\n 4\n 8.0\n")
    assert re.search(r"capz_<capacity>.*best_known\.csv", refused(capsys, "cflp", tmp_path / "capz.txt"))


def test_an_assignment_file_of_several_problems_is_an_instance_for_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "best_known.csv").write_text("instance,optimum\ngapx-1,5\n")
    (tmp_path / "gapx.txt").write_text("2\n" + AGENTS + " 1 2\n 2 3\n 1 1\n 2\n")
    found = run(capsys, "gap", tmp_path / "gapx.txt")
    assert [(str(one["instance"]).split("/")[-1], one["objective"]) for one in found] == [
        ("gapx-0", 4.0),
        ("gapx-1", 5.0),
    ]
    assert found[1]["best_known"] == 5.0


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("gap", AGENTS[:-4], "16 numbers expected, 14 found"),
        ("gap", AGENTS + " 7", "1 more found"),
        ("cflp", AGENTS.replace("2 3", "2 2", 1) + " 7" * 9, "more found: a file of another form"),
        ("cflp", "2 two\n 10", "two whole numbers above 0"),
        ("cflp", "", "two whole numbers above 0"),
        ("cflp", "1 1\n 10 5\n -4\n 8\n", "can be below 0"),
        ("gap", "1 1\n 8\n 4\n -3\n", "amount"),
        ("gap", "1 1\n 8\n 4\n 1e30\n", "not a file of the kind gap"),
        ("clsp", "hello", "not a file of the kind clsp"),
        ("clsp", "2 1000000000\n 1\n 10\n 1 1 1 1\n 1 1 1 1\n 4 4", "1000000000 rows of demands"),
        ("clsp", "1 1\n 1\n 10\n 1 1 1 1\n 4\n 5\n", "1 rows of numbers after the demands"),
        ("mpclsp", "1 1\n 1\n 10\n 1 1 1 1\n", "not a file of the kind mpclsp"),
        ("sscflp", "1", "numbers"),
        ("frepple", "hello", "not a file of the kind frepple"),
        ("mtu", "hello", "not a file of the kind mtu"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason_and_the_others_are_solved(
    kind: str, text: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad").write_text(text)
    assert reason in refused(capsys, kind, tmp_path / "bad")
    (tmp_path / "good").write_text(AGENTS)
    if kind == "gap":
        assert main(["gap", str(tmp_path / "bad"), str(tmp_path / "good"), "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["objective"] == 4.0


def refused(capsys: pytest.CaptureFixture[str], kind: str, file: Path) -> str:
    """Return what is said of a file that cannot be read."""
    assert main([kind, str(file), "--json"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"{file}: ")
    assert len(said.err.splitlines()) == 1
    return said.err


def test_peers_name_a_file_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad").write_text(AGENTS[:-4])
    assert peers.main(["gap", str(tmp_path / "bad")]) == 1
    assert "numbers expected" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("program", "arguments", "reason"),
    [
        (published, ["gap", __file__, "--time-limit", "-3"], "seconds above 0, not -3"),
        (published, ["gap", __file__, "--time-limit", "nan"], "seconds above 0"),
        (published, ["gap", __file__, "--gap", "7"], "0.01 is one per cent"),
        (published, ["gap", __file__, "--gap", "-1"], "0.01 is one per cent"),
        (published, ["gap", __file__, "--gap", "few"], "a number, not few"),
        (peers, ["gap", __file__, "--time-limit", "0"], "seconds above 0"),
        (scale, ["0"], "at least 1"),
        (scale, ["9", "--seed", "-1"], "at least 0"),
        (scale, ["9", "--gap", "1"], "0.01 is one per cent"),
        (scale, ["9", "--without", "lots,rain"], "'rain' is none of set-ups"),
        (reoptimise, ["50"], "at least 100"),
        (reoptimise, ["--limit", "-1"], "seconds above 0"),
        (generality, ["some"], "a whole number, not some"),
        (generality, ["9", "--time-limit", "inf"], "seconds above 0"),
    ],
)
def test_numbers_out_of_range_are_refused_by_the_command_line(
    program: ModuleType, arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        program.main(arguments)
    assert reason in capsys.readouterr().err


def test_amounts_of_an_assignment_file_may_be_fractions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "two").write_text("1 2\n 1 2\n 1.5 2.25\n 3.7\n")
    [found] = run(capsys, "gap", tmp_path / "two")
    assert (found["objective"], found["short"]) == (5.0, 1.0)


def test_an_assignment_file_is_solved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "two").write_text(AGENTS)
    [found] = run(capsys, "gap", tmp_path / "two")
    assert (found["objective"], found["best_known"], found["proven"]) == (4.0, None, True)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("3 2\n 1 5\n 1 5\n 9 2\n 2 2 2\n 7 8\n 4 2\n\x1a", id="customers first"),
        pytest.param("2 3\n 4 7 2 8\n 2 2 2\n 1 1 9\n 5 5 2\n\x00\x00 junk", id="facilities first"),
    ],
)
def test_a_single_source_file_is_solved_in_either_order(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p1").write_text(text)
    [found] = run(capsys, "sscflp", tmp_path / "p1")
    assert (found["objective"], found["proven"], found["verified"]) == (19.0, True, True)


@pytest.mark.parametrize(
    ("kind", "text", "short", "served"),
    [
        # Two of three jobs fit, the cheaper two: 1 + 1; 18 of 20 units, of which those unmet cost most; a customer.
        pytest.param("gap", "2 3\n 1 2 3\n 4 1 1\n 2 2 2\n 3 3 3\n 2 3\n", 1, 2, id="gap"),
        pytest.param("cflp", "2 2\n 10 5\n 8 6\n 12\n 12 24\n 8\n 8 16\n", 2, 11 + 10 + 16, id="cflp"),
        pytest.param("sscflp", "2 3\n 4 7 2 8\n 2 2 2\n 1 1 9\n 5 5 2\n", 0, 19, id="sscflp that is not"),
        pytest.param("sscflp", "2 3\n 4 7 1 8\n 2 2 2\n 1 1 9\n 5 5 2\n", 1, 9, id="sscflp"),
    ],
)
def test_what_no_plan_can_serve_is_as_little_as_can_be_and_said(
    kind: str, text: str, short: int, served: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "best_known.csv").write_text("instance,optimum\np1,19\n")
    (tmp_path / "p1").write_text(text)
    [found] = run(capsys, kind, tmp_path / "p1")
    assert (found["verified"], found["proven"]) == (True, True)
    if not short:
        assert ("short" in found, found["objective"], found["distance"]) == (False, served, 0.0)
        return
    assert list(found)[: len(KEYS)] == KEYS
    # Published values are of complete plans.
    assert (found["short"], found["served_cost"], found["distance"]) == (short, served, None)
    assert main([kind, str(tmp_path / "p1"), "--time-limit", "20"]) == 0
    assert f"SHORT by {short} units" in capsys.readouterr().out


def holmberg(facilities: int, customers: int, demand: int) -> list[list[int]]:
    """Rows of a file with facilities first: each serves the customer of its number (one before all others) for 1."""
    pairs = [[60 + i, 10 + i] for i in range(facilities)]
    costs = [[1 if i == j else 50 for j in range(customers)] for i in range(facilities)]
    return [[facilities, customers], *pairs, [demand] * customers, *costs]


def delmaire(rows: list[list[int]]) -> list[list[int]]:
    """Put the rows of the same instance in the other order."""
    (facilities, customers), pairs = rows[0], rows[1 : 1 + rows[0][0]]
    demand, costs = rows[1 + facilities], rows[2 + facilities :]
    turned = [list(column) for column in zip(*costs, strict=True)]
    return [[customers, facilities], *turned, demand, [f for _, f in pairs], [c for c, _ in pairs]]


FORMS = {"facilities": lambda rows: rows, "customers": delmaire}


def assert_is_holmberg(read: Any, rows: list[list[int]]) -> None:
    facilities, customers = rows[0]
    assert read.capacity == [60 + i for i in range(facilities)]
    assert (read.fixed, read.demand) == ([10 + i for i in range(facilities)], [20] * customers)
    assert read.cost == rows[2 + facilities :]


@pytest.mark.parametrize("size", [(3, 8), (8, 3), (4, 5), (5, 5), (6, 6), (5, 4), (1, 1)])
@pytest.mark.parametrize("first", FORMS)
@pytest.mark.parametrize("spare", ["", " 77", "\n77"])
@pytest.mark.parametrize("width", [1_000, 4])
def test_a_single_source_file_says_by_its_form_in_which_order_it_is(
    size: tuple[int, int], first: str, spare: str, width: int
) -> None:
    rows = holmberg(*size, demand=20)
    lines = [row[at : at + width] for row in FORMS[first](rows) for at in range(0, len(row), width)]
    text = "\n".join(" ".join(map(str, line)) for line in lines) + spare
    assert_is_holmberg(sscflp.read_text(text), rows)


@pytest.mark.parametrize("first", FORMS)
def test_without_lines_a_single_source_file_is_read_by_its_numbers_or_refused(first: str) -> None:
    def text(size: tuple[int, int]) -> str:
        rows = FORMS[first](holmberg(*size, demand=20))
        return " ".join(str(number) for row in rows for number in row)

    for size in ((3, 8), (8, 3)):
        assert_is_holmberg(sscflp.read_text(text(size)), holmberg(*size, demand=20))
    with pytest.raises(ValueError, match="customers or facilities may come first"):
        sscflp.read_text(text((6, 6)))
    with pytest.raises(ValueError, match=r"numbers expected, .* found; or .* numbers expected, .* found"):
        sscflp.read_text(text((8, 3))[:70])


def test_the_best_known_value_may_stand_in_the_source_s_table(tmp_path: Path) -> None:
    table = "# Source\n1,000.00\n## Known value\n| value | by |\n|---|---|\n| **49,315.00** | them |\n"
    (tmp_path / "SOURCE.md").write_text(table)
    assert best_known_of(tmp_path / "any.xlsx").of(("any",)) == 49315


def test_a_file_that_is_not_there_is_named_before_anything_is_solved(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["gap", "nowhere"])
    assert "there is no file nowhere" in capsys.readouterr().err
