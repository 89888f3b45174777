"""The tables of the whole model in problem files: read, written, checked."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from matcher import problem_file
from matcher.errors import ProblemError
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.problem import ALWAYS, NONE, Problem
from matcher.problem_file.text import from_text, to_text
from matcher.verify import check_claim
from tests.unit.matcher.test_problem_file import DOCUMENT, EXAMPLE, from_document
from tests.workshop import workshop

MONDAY = 1_767_571_200_000_000
WHOLE: dict[str, Any] = EXAMPLE | {
    "demand_classes": ["emergency", "firm"],
    "orders": [{"id": "hospital", "buyer": "Town", "ship_complete": True}, "clinic"],
    "setup_families": [{"id": "white", "line": "sewing", "setup_time": "PT20M", "setup_cost": 7}],
    "conversions": [
        {"id": "retool", "line": "sewing", "cost": 9, "down": "P1D", "ramp": "P1D", "ramp_ppm": 500_000}
    ],
    "capabilities": [
        *EXAMPLE["capabilities"],
        {"line": "sewing", "item": "mask", "time_per_unit": 30, "conversion": "retool"},
        {"line": "sewing", "item": "gown", "time_per_unit": 60, "family": "white", "lot_size": 12},
    ],
    "equipment": [{"conversion": "retool", "item": "needle", "quantity": 2}],
    "substitutes": [
        {"item": "mask", "component": "fabric", "substitute": "linen", "quantity": 3, "per": 2, "penalty": 5}
    ],
    "budgets": [{"id": "county", "amount": 1000}],
    "vouchers": [
        {"budget": "county", "line": "sewing", "item": "gown", "amount": 3, "demand_class": "firm"},
        {"budget": "county", "line": "sewing", "item": "mask", "capability": 1, "amount": 2},
        {"budget": "county", "conversion": "retool", "amount": 4},
    ],
    "work_floors": [{"site": "works", "amount": "PT20H", "cost_per_hour": 11}],
    "priorities": {
        "lexicographic": True,
        "classes": [{"demand_class": "emergency", "fair_share": True, "floor_ppm": 250_000}],
    },
    "baseline": {
        "rows": [
            {"order_line": "hospital 1", "line": "sewing", "item": "mask", "capability": 0, "bucket": 1,
             "quantity": 30, "locked": True},
            {"order_line": "hospital 1", "capability": 1, "bucket": 2, "quantity": 3},
        ],
        "site_price": 1,
        "bucket_price": 2,
        "fence": "2026-01-06T00:00Z",
    },
}  # fmt: skip


def test_every_table_is_read() -> None:
    problem = from_document(WHOLE)
    assert problem.headers.buyer.tolist() == [problem.organisations.index("Town"), NONE]
    assert problem.headers.ship_complete.tolist() == [True, False]
    table = problem.capabilities
    assert (table.family.tolist(), table.lot_size.tolist()) == ([NONE, NONE, 0], [1, 1, 12])
    assert table.conversion.tolist() == [NONE, 0, NONE]
    assert problem.vouchers.capability.tolist() == [2, 1, NONE]
    assert problem.vouchers.demand_class.tolist() == [1, NONE, NONE]
    assert (problem.substitutes.component.tolist(), problem.items[problem.substitutes.item[0]]) == (
        [0],
        "linen",
    )
    assert problem.baseline.capability.tolist() == [0, 1]
    assert problem.baseline.locked.tolist() == [True, False]
    assert problem.baseline.fence == MONDAY + 86_400_000_000
    assert problem.priorities.lexicographic
    assert (problem.priorities.fair.tolist(), problem.priorities.floor_ppm.tolist()) == (
        [True, False],
        [250_000, 0],
    )


def test_every_table_survives_both_forms() -> None:
    problem = from_document(WHOLE)
    text, compact = to_text(problem), problem_file.to_bytes(problem)
    assert to_text(from_text(text.encode())) == text
    assert problem_file.to_bytes(from_text(text.encode())) == compact
    assert to_text(problem_file.from_bytes(compact)) == text
    assert problem_file.digest(problem_file.from_bytes(compact)) == problem_file.digest(problem)


def test_a_release_price_of_earlier_files_is_read_over() -> None:
    said = {"baseline": WHOLE["baseline"] | {"release_price": 5}}
    assert problem_file.digest(from_document(WHOLE | said)) == problem_file.digest(from_document(WHOLE))
    manifest = rewritten(
        {"manifest.json": lambda content: content.replace(b'"fence"', b'"release_price": 5, "fence"')}
    )
    assert problem_file.digest(manifest) == problem_file.digest(from_document(WHOLE))


def ranked(rank: int = 2, **settings: Any) -> dict[str, Any]:
    rows = [
        WHOLE["substitutes"][0] | {"rank": 1},
        {"item": "mask", "component": "fabric", "substitute": "paper", "rank": rank},
    ]
    return WHOLE | {"substitutes": settings | {"rows": rows} if settings else rows}


def test_substitutes_have_an_order_of_preference_with_a_price() -> None:
    plain, dear = from_document(ranked()), from_document(ranked(rank_price=7))
    # Up to two units of linen stand for one of fabric: a price of 1, rounded up, would not tell it from paper.
    assert (plain.substitutes.rank_price, plain.substitutes.price.tolist()) == (2, [5 + 2, 4])
    assert dear.substitutes.price.tolist() == [5 + 5, 14]
    for problem in (plain, dear):
        text = to_text(problem)
        assert to_text(problem_file.from_bytes(problem_file.to_bytes(problem))) == text
        assert problem_file.digest(from_text(text.encode())) == problem_file.digest(problem)
    assert problem_file.digest(plain) != problem_file.digest(dear)


def test_a_file_from_before_is_read_as_it_was() -> None:
    """Version 1 had nine weights and none of these tables."""
    content = problem_file.to_bytes(workshop())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not [
            name for name in archive.namelist() if name.startswith(("baseline", "orders.b", "voucher"))
        ]
        assert len(np.load(io.BytesIO(archive.read("weights.npy")))) == 9
    problem = problem_file.from_bytes(content)
    assert problem.weights[9:].tolist() == [1000] * 6
    assert problem.capabilities.lot_size.tolist() == [1] * len(problem.capabilities.line)
    assert problem.baseline.fence == ALWAYS
    assert problem.headers.buyer.tolist() == [NONE] * len(problem.orders)


@pytest.mark.parametrize(
    "change",
    [{"baseline": {"fence": 5}}, {"priorities": {"lexicographic": True}}, {"weights": {"change": 7}}],
)
def test_the_digest_tells_the_whole_model_apart(change: dict[str, Any]) -> None:
    plain = EXAMPLE | {"demand_classes": ["emergency"]}
    assert problem_file.digest(from_document(plain | change)) != problem_file.digest(from_document(plain))


def documented_rest() -> Problem:
    (block,) = re.findall(r"```text\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    rest = json.loads(f"{{{block}}}")
    more = {
        table: EXAMPLE[table] + rows for table, rows in rest.items() if isinstance(EXAMPLE.get(table), list)
    }
    return from_document(EXAMPLE | rest | more)


def test_the_documented_rest_of_the_model_is_read() -> None:
    problem = documented_rest()
    assert problem.vouchers.capability.tolist() == [NONE, 1]
    assert (problem.substitutes.rank.tolist(), problem.substitutes.rank_price) == ([1, 2], 5000)


def test_the_documented_rest_of_the_model_is_planned_as_it_says() -> None:
    problem = documented_rest()
    outcome = match(problem, Parameters(time_limit_seconds=5))
    assert check_claim(problem, outcome).ok
    assert (outcome.objective, outcome.bound) == (442_479_458, 442_479_458)
    made = outcome.plan.allocations
    assert (made.bucket.tolist(), made.quantity.tolist()) == ([1], [500])
    assert (outcome.terms["change"], outcome.terms["work_floor"]) == (33_000_000, 45_986_395)
    assert not len(outcome.plan.conversions.conversion)


def edited(table: str, row: int, **fields: Any) -> dict[str, Any]:
    """Return the document with one row changed; a field None is left out."""
    rows = [dict(each) if isinstance(each, dict) else each for each in WHOLE[table]]
    rows[row] |= fields
    return WHOLE | {table: rows}


def baseline(**fields: Any) -> dict[str, Any]:
    return WHOLE | {"baseline": WHOLE["baseline"] | fields}


def moved(row: int, **fields: Any) -> dict[str, Any]:
    rows = [dict(each) for each in WHOLE["baseline"]["rows"]]
    rows[row] |= fields
    return baseline(rows=rows)


def classes(*rows: dict[str, Any]) -> dict[str, Any]:
    return WHOLE | {"priorities": {"classes": list(rows)}}


TWO_LINES = {"lines": [*EXAMPLE["lines"], {"id": "cutting", "site": "works"}]}
CUT_FAMILY = TWO_LINES | {"setup_families": [{"id": "white", "line": "cutting"}]}
CUT_TOOLS = TWO_LINES | {"conversions": [{"id": "retool", "line": "cutting"}]}
FIRM = {"demand_class": "firm", "floor_ppm": 1}
ROW = WHOLE["baseline"]["rows"][0]
WRONG: list[tuple[dict[str, Any], tuple[str, int, str], str]] = [
    (edited("orders", 0, buyer=5), ("orders", 0, "buyer"), "one of the organisations"),
    (edited("orders", 0, colour="red"), ("orders", 0, "colour"), "no such field"),
    (WHOLE | {"orders": ["hospital", 7]}, ("orders", 1, ""), "an object"),
    (WHOLE | {"orders": ["hospital", "hospital"]}, ("orders", 1, "id"), "twice"),
    (edited("setup_families", 0, line="moon"), ("setup_families", 0, "line"), "one of the lines"),
    (WHOLE | CUT_FAMILY, ("capabilities", 2, "family"), "of line sewing, but white is of line cutting"),
    (WHOLE | CUT_TOOLS, ("capabilities", 1, "conversion"), "of line sewing, but retool is of line cutting"),
    (edited("capabilities", 2, lot_size=0), ("capabilities", 2, "lot_size"), "from 1"),
    (edited("conversions", 0, ramp_ppm=1_000_001), ("conversions", 0, "ramp_ppm"), "to 1000000"),
    (edited("conversions", 0, down=-1), ("conversions", 0, "down"), "from 0"),
    (WHOLE | {"equipment": WHOLE["equipment"] * 2}, ("equipment", 1, "item"), "twice"),
    (edited("substitutes", 0, component="needle"), ("substitutes", 0, "component"), "none of the components"),
    (edited("substitutes", 0, component=None), ("substitutes", 0, "component"), "expected a value"),
    (edited("substitutes", 0, substitute="fabric"), ("substitutes", 0, "substitute"), "another item"),
    (edited("substitutes", 0, substitute="mask"), ("substitutes", 0, "substitute"), "cycle"),
    (edited("substitutes", 0, per=0), ("substitutes", 0, "per"), "from 1"),
    (edited("substitutes", 0, rank=-1), ("substitutes", 0, "rank"), "0 to 1000"),
    (ranked(rank_price=2**59), ("", -1, ""), "substitution"),
    (ranked(1000, rank_price=2**60), ("substitutes", 1, "rank"), "at this rank_price"),
    (ranked(price=1), ("substitutes", -1, ""), "a list of rows or an object with some of rank_price, rows"),
    (WHOLE | {"substitutes": 5}, ("substitutes", -1, ""), "a list of rows or an object"),
    (edited("substitutes", 0, per=2**59), ("substitutes", 0, "per"), "units of the substitute"),
    (WHOLE | {"substitutes": WHOLE["substitutes"] * 2}, ("substitutes", 1, "substitute"), "twice"),
    (edited("vouchers", 0, line=None), ("vouchers", 0, "line"), "expected a value"),
    (edited("vouchers", 0, item="needle"), ("vouchers", 0, "item"), "none of the capabilities"),
    (edited("vouchers", 1, capability=None), ("vouchers", 1, "capability"), "2 capabilities"),
    (edited("vouchers", 1, capability=2), ("vouchers", 1, "line"), "has another"),
    (edited("vouchers", 1, capability=9), ("vouchers", 1, "capability"), "expected a row"),
    (edited("vouchers", 1, conversion="retool"), ("vouchers", 1, "conversion"), "either"),
    (edited("vouchers", 2, conversion=None), ("vouchers", 2, "conversion"), "either"),
    (edited("vouchers", 2, demand_class="firm"), ("vouchers", 2, "demand_class"), "any class"),
    (edited("vouchers", 0, budget="moon"), ("vouchers", 0, "budget"), "one of the budgets"),
    (edited("work_floors", 0, amount=None), ("work_floors", 0, "amount"), "expected a value"),
    (classes({"demand_class": "moon"}), ("priorities", 0, "demand_class"), "one of the demand classes"),
    (classes(FIRM, FIRM), ("priorities", 1, "demand_class"), "twice"),
    (classes(FIRM | {"floor_ppm": 10**7}), ("priorities", 1, "floor_ppm"), "to 1000000"),
    (classes(FIRM | {"fair": True}), ("priorities", 0, "fair"), "no such field"),
    (WHOLE | {"priorities": []}, ("priorities", -1, ""), "an object"),
    (WHOLE | {"priorities": {"lexicographic": 1}}, ("priorities", -1, "lexicographic"), "true or false"),
    (EXAMPLE | {"priorities": {"lexicographic": True}}, ("priorities", -1, ""), "the order of their priority"),
    (baseline(colour=1), ("baseline", -1, ""), "site_price"),
    (baseline(site_price=-1), ("baseline", -1, "site_price"), "from 0"),
    (baseline(fence="later"), ("baseline", -1, "fence"), "later"),
    (baseline(quantity_price=2**59), ("", -1, ""), "change"),
    (baseline(rows=[ROW, ROW]), ("baseline", 1, "bucket"), "twice"),
    (moved(0, bucket=3), ("baseline", 0, "bucket"), "0 to 2"),
    (moved(0, quantity=0), ("baseline", 0, "quantity"), "from 1"),
    (moved(0, order_line="moon"), ("baseline", 0, "order_line"), "one of the order lines"),
    (edited("budgets", 0, amount=2**61), ("budgets", 0, "amount"), "from 0"),
    (edited("conversions", 0, cost=2**59) | {"weights": {"conversion": 10**9}}, ("", -1, ""), "objective"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "place", "message"), WRONG)
def test_what_is_wrong_is_named(document: Any, place: tuple[str, int, str], message: str) -> None:
    with pytest.raises(ProblemError, match=message) as caught:
        from_document(document)
    assert (caught.value.table, caught.value.row, caught.value.field) == place


def test_fill_rates_stay_within_64_bits() -> None:
    market = {name: WHOLE[name] for name in ("format", "version", "grid")}
    market["order_lines"] = [
        {"id": "much", "item": "mask", "quantity": 2**50, "requested": 0, "demand_class": "a"}
    ]
    assert from_document(market).order_lines.quantity.tolist() == [2**50]
    with pytest.raises(ProblemError, match="fill rates"):
        from_document(market | {"priorities": {"classes": [{"demand_class": "a", "fair_share": True}]}})


def rewritten(changes: dict[str, Callable[[bytes], bytes | None]]) -> Problem:
    """Return the whole problem's compact file with entries changed, read again."""
    source, target = io.BytesIO(problem_file.to_bytes(from_document(WHOLE))), io.BytesIO()
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            content: bytes | None = before.read(name)
            if content is not None and name in changes:
                content = changes[name](content)
            if content is not None:
                after.writestr(name, content)
    return problem_file.from_bytes(target.getvalue())


def settings(value: Any) -> Callable[[bytes], bytes]:
    return lambda content: json.dumps(json.loads(content) | {"settings": value}).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"vouchers.budget.npy": lambda _: None},
        {"setup_families.id.json": lambda _: None},
        {"manifest.json": settings([])},
        {"manifest.json": settings({"moon": {}})},
        {"manifest.json": settings({"baseline": {"fence": "soon"}})},
        {"manifest.json": settings({"baseline": {"site_price": 2**70}})},
        {"manifest.json": settings({"baseline": {"site_price": -1}})},
        {"manifest.json": settings({"priorities": {"fair": True}})},
    ],
)
def test_a_compact_file_that_is_broken_is_refused(changes: Any) -> None:
    with pytest.raises(ProblemError):
        rewritten(changes)
