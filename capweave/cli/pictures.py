"""A plan in the terminal: its objective, the load of its lines, its shortfalls."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from capweave.cli.output import count, money, share, standing, table

if TYPE_CHECKING:
    from rich.console import Console

    from capweave.cli.naming import Names
    from capweave.client.outcomes import Load, Plan, Shortfall

LEVELS = " ▁▂▃▄▅▆▇█"
FULL = 0.985
BUSY = 0.85
Named = tuple[str, str]


def print_objective(out: Console, plan: Plan) -> None:
    """Objective by term, bound, gap, why the solver stopped."""
    out.print(f"Plan {plan.id} ({plan.status})")
    rows = [(term, money(value)) for term, value in plan.terms.items() if value]
    rows += [
        ("objective", money(plan.objective)),
        ("proven bound", money(plan.bound)),
        ("gap", share(plan.gap)),
    ]
    out.print(table(None, ("term", "money>"), rows))
    counts = plan.counts or {}
    ended = (plan.termination or "-").replace("_", " ")
    seconds = float(plan.seconds or 0)
    made = f"{count(counts.get('allocations', 0))} allocations"
    out.print(f"{standing(counts)}; {made}; ended by {ended} after {seconds:.1f} s; seed {plan.seed}\n")


def print_load(out: Console, plan: Plan, loads: list[Load], names: Names, *, limit: int) -> None:
    """A row a line (or labour pool), a column a bucket: how much of its time is used."""
    by_resource: dict[Named, dict[int, Load]] = defaultdict(dict)
    for each in loads:
        resource = ("lines", each.line) if each.line else ("labour-pools", each.labour_pool or "")
        by_resource[resource][each.bucket] = each
    used = {key: _share(row) for key, row in by_resource.items()}
    busiest = sorted((key for key in by_resource if used[key]), key=lambda key: -used[key])[:limit]
    if not busiest:
        out.print("Nothing is made in this plan.\n")
        return
    last = max(bucket for key in busiest for bucket, each in by_resource[key].items() if each.used_seconds)
    rows = [
        (names.of(*key), share(used[key]), _bars(by_resource[key], last))
        for key in sorted(busiest, key=lambda key: (key[0], names.of(*key)))
    ]
    heading = "".join(_tens(each.index) for each in plan.buckets[: last + 1])
    title = f"The {len(busiest)} fullest of {len(by_resource)} lines and labour pools, bucket by bucket"
    out.print(table(title, ("", "used>", heading), rows))


def print_shortfalls(out: Console, shortfalls: list[Shortfall], names: Names, *, limit: int) -> None:
    """Order lines short or late with their gating factors, and how often each factor occurs."""
    if not shortfalls:
        out.print("Nothing is short or late.")
        return
    from rich.padding import Padding
    from rich.text import Text

    shown = shortfalls[:limit]
    rows = [
        (
            names.order_line(each.order_line, each.order),
            names.of("items", each.item),
            count(each.quantity),
            count(each.unmet),
            count(each.late),
        )
        for each in shown
    ]
    columns = ("order / line", "item", "ordered>", "unmet>", "late>")
    out.print(table(f"{len(shown)} of {len(shortfalls)} shortfalls", columns, rows))
    # Below the table, not in it: a column of sentences leaves eighty characters no room for anything else.
    out.print("What stood in the way, the nearest first")
    for each in shown:
        out.print(names.order_line(each.order_line, each.order), markup=False)
        for factor in each.factors:
            reason = f"{factor.factor.replace('_', ' ')}: {names.readable(factor.message)}"
            out.print(Padding(Text(reason), (0, 0, 0, 2)))
    out.print()
    factors = Counter(factor for each in shortfalls for factor in {found.factor for found in each.factors})
    out.print("By factor: " + ", ".join(f"{name} {number}" for name, number in factors.most_common()))


def _share(row: dict[int, Load]) -> float:
    available = sum(each.available_seconds for each in row.values())
    return float(sum(each.used_seconds for each in row.values()) / available) if available else 0.0


def _bars(row: dict[int, Load], last: int) -> Any:
    """One character a bucket: its height the load, a dot where nothing is offered."""
    from rich.text import Text

    text = Text()
    for bucket in range(last + 1):
        load = row.get(bucket)
        if load is None or not load.available_seconds:
            text.append("·", "dim")
            continue
        part = float(load.used_seconds / load.available_seconds)
        style = "red" if part >= FULL else "yellow" if part >= BUSY else "green"
        level = max(1, round(part * (len(LEVELS) - 1))) if part else 0
        text.append(LEVELS[min(level, len(LEVELS) - 1)], style)
    return text


def _tens(bucket: int) -> str:
    return str(bucket // 10 % 10) if bucket % 10 == 0 else "."
