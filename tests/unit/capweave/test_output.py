"""What the command line prints for people."""

from __future__ import annotations

import pytest

from capweave.cli.output import console, counted, standing, table


@pytest.mark.parametrize("width", ["30", "80"])
def test_numbers_ids_and_dates_stay_in_one_piece_however_narrow_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    row = ("plan_01m845fravccgv24xa3s9h8sqk", "superseded", "378,760,000", "51.77%", "time_limit", "11-23")
    columns = ("plan", "status", "objective>", "gap>", "ended by", "created")
    console().print(table(None, columns, [row]))
    printed = capsys.readouterr().out
    assert all(cell in printed for cell in row)


def test_order_lines_that_are_short_and_late_are_not_counted_twice_in_silence() -> None:
    counts = {"order_lines": 426, "filled": 234, "short": 54, "late": 144}
    assert standing(counts).endswith("54 short, 144 late (6 of them both)")
    assert standing(counts | {"late": 138}).endswith("54 short, 138 late")


def test_a_table_without_column_names_has_no_lines_for_them(capsys: pytest.CaptureFixture[str]) -> None:
    console().print(table(None, ("", ">"), [("making", "1.00"), ("objective", "1.00")]))
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["making", "1.00"],
        ["objective", "1.00"],
    ]


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 order lines"), (1, "1 order line"), (1200, "1,200 order lines")]
)
def test_one_is_one(number: int, said: str) -> None:
    assert counted(number, "order line") == said
