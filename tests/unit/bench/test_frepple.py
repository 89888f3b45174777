from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench.published import main

TWO_LINES = {
    "meta": {"weeks": 3, "week0_monday": "2026-11-30", "max_early_weeks": 1},
    "lines": [[0, 0, [10.0, 10.0, 10.0]], [1, 1, [10.0, 10.0, 10.0]]],
    "materials": [[3, 30.5, [[2, 10.0]]]],
    "products": [[5, [[3, 0.5]], [[0, 0.25, 2.0, 0], [1, 0.5, 1.0, 1]]]],
    "orders": [[11, 5, 40, 2, 1, 0, 9.0], [12, 5, 20, 1, 5, 1, 9.0]],
}
"""Both orders fit: 81 units of material, 10 hours of line 1 for 20 units in time and 40 on line 0 in weeks 1 and 2."""


def solved(
    path: Path, problem: Mapping[str, object], capsys: pytest.CaptureFixture[str]
) -> dict[str, object]:
    with gzip.open(path, "wt") as text:
        json.dump(problem, text)
    assert main(["frepple", str(path), "--time-limit", "10", "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_an_instance_is_solved_and_measured_by_priority(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = solved(tmp_path / "instance_2.json.gz", TWO_LINES, capsys)
    assert found["verified"]
    assert found["proven"]
    assert found["on_time_percent"] == [100.0, 100.0]
    assert found["unplanned_percent"] == 0.0
    # 20 units a week on the cheap line, ready a week later: weeks 0 and 1 serve both orders, as early as is allowed.
    assert found["objective"] == pytest.approx(80.0)
    assert found["peer_on_time_percent"] is None


def test_nothing_is_made_earlier_than_the_limit_before_its_week(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = TWO_LINES | {"orders": [[11, 5, 80, 2, 1, 0, 9.0]]}
    found = solved(tmp_path / "instance_1.json.gz", late, capsys)
    # Weeks 1 and 2 only: 40 units each on line 0 at 0.25 h, and week 1 of line 1, ready in week 2.
    assert found["on_time_percent"] == [100.0]
    assert found["objective"] == pytest.approx(20 * 1.0 + 60 * 2.0)


def test_what_material_allows_is_made_and_the_rest_is_unplanned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = TWO_LINES | {"materials": [[3, 10.0, []]]}
    found = solved(tmp_path / "instance_3.json.gz", short, capsys)
    assert found["on_time_percent"] == [50.0, 0.0]
    assert found["unplanned_percent"] == pytest.approx(100 * 40 / 60, abs=1e-3)
