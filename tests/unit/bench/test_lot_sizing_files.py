"""Lot sizing files: costs come out as published, whatever the file's form."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.adapters import clsp, mpclsp
from bench.best_known import BestKnown
from bench.peers import with_highs
from bench.published import main
from matcher.parameters import Parameters
from matcher.pipeline import match

ONE_LINE = """  2   3
  1
  10
 1.0 2.00  1. 9.
 1.0 1.00  2. 5.
  0  4
  6  0
  8  3
  Bi   hi   su   su
           time cost
"""
"""Item 1: 6 and 8 in periods 2 and 3; item 2: 4 and 3 in periods 1 and 3. Each period has 10."""
# Item 2 at once in period 1 (4 + 3, 2 to set up): 5 + 3 * 2 = 11; or twice: 10, and then period 3 would hold
# 8 + 1 + 3 + 2 > 10. Item 1 twice: 18, in periods 2 and 3. In all 29; nothing cheaper fits.
TWO_PLANTS = """2 2
2
40
30
1 2 20 2.5
2 1 10 1.5
1 1 30 2.0
1 2 15 2.0
0.5 0.4 0.2 0.3
5 6 0 7
9 0 8 4
{transfer}
"""


def solved(capsys: pytest.CaptureFixture[str], kind: str, path: Path) -> list[dict[str, object]]:
    assert main([kind, str(path), "--time-limit", "20", "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_line_s_lots_cost_what_is_published(
    ends: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "best_known.csv").write_text("instance,file,optimum\nours,FG/A1.DAT,29\n")
    path = tmp_path / "A1.DAT"
    path.write_bytes(ONE_LINE.replace("\n", ends).encode())
    [found] = solved(capsys, "clsp", path)
    assert (found["instance"], found["objective"], found["best_known"]) == ("ours", 29.0, 29.0)
    assert found["proven"]
    assert found["verified"]


def test_a_file_with_unequal_times_is_solved_as_it_is_and_with_times_of_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "best_known.csv").write_text("instance,file,optimum\nours,A1.DAT,29\n")
    path = tmp_path / "A1.DAT"
    path.write_text(ONE_LINE.replace(" 1.0 2.00", " 0.5 2.00"))
    as_it_is, ones = solved(capsys, "clsp", path)
    assert (as_it_is["instance"], as_it_is["best_known"]) == ("A1", None)
    # All of item 2 in period 1 still costs 11; beside 4 of item 1 it would now fit period 3 as well: 10.
    assert as_it_is["objective"] == 28.0
    assert (ones["instance"], ones["objective"]) == ("ours", 29.0)


def test_wide_demands_stand_in_blocks() -> None:
    items = "".join(" 1 1 0 1\n" for _ in range(4))
    blocks = "1 2 3\n5 6 7\n4\n8\n"
    published = clsp.read(f"4 2\n1\n50\n{items}{blocks}Bi hi\n")
    assert published.demand == [[1, 2, 3, 4], [5, 6, 7, 8]]


@pytest.mark.parametrize("transfer", ["0 0.3\n0.3 0", "0.3"])
def test_several_plants_cost_what_the_published_model_says(
    transfer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "AAA0001.dat"
    path.write_text(TWO_PLANTS.format(transfer=transfer))
    [found] = solved(capsys, "mpclsp", path)
    assert found["verified"]
    assert found["proven"]
    assert found["objective"] == pytest.approx(published_optimum(mpclsp.read(path.read_text())), rel=1e-5)


def published_optimum(p: mpclsp.Plants) -> float:
    """Try all set-ups of the published model: stock balances at every plant, transfers in the same period."""
    from scipy.optimize import linprog

    plants, items, periods = p.size
    cells = list(product(range(plants), range(items), range(periods)))
    size = len(cells)
    at = {cell: index for index, cell in enumerate(cells)}
    # Columns: make, store, send to the other plant.
    cost = np.array(
        [float(p.unit_cost[i][k]) for i, k, _ in cells]
        + [float(p.holding[i][k]) for i, k, _ in cells]
        + [float(p.transfer[i][1 - i]) for i, _, _ in cells]
    )
    balance, demand = np.zeros((size, 3 * size)), np.zeros(size)
    for (i, k, t), row in at.items():
        balance[row, row], balance[row, size + row], balance[row, 2 * size + row] = 1, -1, -1
        balance[row, 2 * size + at[1 - i, k, t]] = 1
        if t:
            balance[row, size + at[i, k, t - 1]] = 1
        demand[row] = float(p.demand[t][i][k])
    best = np.inf
    for on in product((0, 1), repeat=size):
        left = np.array([[float(c)] * periods for c in p.capacity])
        load = np.zeros((plants * periods, 3 * size))
        for (i, k, t), row in at.items():
            left[i, t] -= on[row] * float(p.set_up_time[i][k])
            load[i * periods + t, row] = float(p.time[i][k])
        fixed = sum(on[row] * float(p.set_up_cost[i][k]) for (i, k, _), row in at.items())
        bounds = [(0, None if on[row] else 0) for row in range(size)] + [(0, None)] * (2 * size)
        found = linprog(cost, load, left.ravel(), balance, demand, bounds)
        best = min(best, found.fun + fixed) if found.status == 0 else best
    return best


def test_one_cost_for_each_pair_of_plants_and_ways_by_others() -> None:
    assert mpclsp._transfers(3, [Fraction(9), Fraction(2), Fraction(3)]) == [[0, 5, 2], [5, 0, 3], [2, 3, 0]]
    with pytest.raises(ValueError, match="4 transfer costs for 3 plants"):
        mpclsp._transfers(3, [Fraction(1)] * 4)


def test_what_plants_cannot_make_is_said_to_be_short(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "short.dat"
    path.write_text(TWO_PLANTS.format(transfer="0.3").replace("\n40\n30\n", "\n10\n9\n"))
    [instance] = mpclsp.instances(path, BestKnown({}))
    [found] = solved(capsys, "mpclsp", path)
    assert found["verified"]
    # Shortfall costs far more than anything that could be made.
    assert float(str(found["objective"])) > 1000
    assert instance.names == ("short",)


def test_what_no_plan_can_make_is_said_to_be_short(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "A1.DAT"
    path.write_text(ONE_LINE.replace("  6  0", " 16  0"))
    [found] = solved(capsys, "clsp", path)
    # Periods 1 and 2 hold 20, of which set-ups take 3: of 16 + 4 units due by then at least 3 are not made.
    assert isinstance(found["short"], float)
    assert 3 <= found["short"] <= 7
    assert found["verified"]
    assert main(["clsp", str(path), "--time-limit", "20"]) == 0
    assert "SHORT by" in capsys.readouterr().out


@pytest.mark.parametrize(("kind", "text"), [(clsp, ONE_LINE), (mpclsp, TWO_PLANTS)])
def test_the_textbook_model_has_the_optimum_of_ours(kind: Any, text: str, tmp_path: Path) -> None:
    path = tmp_path / "A1.DAT"
    path.write_text(text.format(transfer="0.5"))
    [instance] = kind.instances(path, BestKnown({}))
    assert instance.textbook is not None
    theirs, _ = with_highs(instance.textbook(), 10.0, 1)
    ours = match(instance.problem, Parameters(time_limit_seconds=10))
    assert theirs == pytest.approx(float(instance.cost(ours.plan)), abs=1e-4)


FRACTIONS_PAY = {
    270.2857142857143: "3 4\n0\n32.5\n0.9 4 2 10\n1.1 3 0 56\n7 1 0 31\n0 0 0\n4 7 7\n6 4 1\n3 0 4\n",
    189.9230769230769: "3 4\n0\n12.8\n0.7 3 1 40\n1.3 3 3 12\n1.1 4 1 49\n0 0 0\n8 1 1\n8 7 0\n0 9 2\n",
}
"""By what the best plan in any fractions of units costs (HiGHS on the textbook's model)."""


@pytest.mark.parametrize("least", FRACTIONS_PAY)
def test_fractions_of_units_are_so_fine_that_nothing_is_lost(
    least: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "X1.DAT"
    path.write_text(FRACTIONS_PAY[least], encoding="utf-8")
    found = solved(capsys, "clsp", path)[0]
    assert found["proven"]
    assert found["bound"] == pytest.approx(least, rel=1e-6)
    assert found["objective"] == pytest.approx(least, rel=1e-6)
