"""The Brunel order book, from files to a verified plan, through the same HTTP door that everybody uses.

    python -m bench.brunel [--folder CSV_FOLDER] [--days 7] [--json]

Starts a service of its own on free ports with an empty database in a temporary folder, or uses the one that
`--url` names (its market should be empty). Prints how many orders are assigned and what they cost, how many
carry which reason, and how long each step took. Reference, exact: 9,181 orders at $15,498,608.17 for 7 days,
7,184 at $2,576,955.28 for 5.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.brunel_market import START, market, read_tables
from bench.service import running_service
from capweave import Client

FOLDER = Path("../shared/data/brunel-supply-chain/csv")
MOST_ORDERS_FIRST = "1000000"
"""The price of an order left unmet: above any order's cost, so the number assigned comes first, then cost."""


def main() -> int:
    """Load, run, print; 0 when every order is assigned or carries a reason."""
    arguments = _parse()
    if not arguments.folder.is_dir():
        print(f"bench.brunel: no folder {arguments.folder}: name it with --folder", file=sys.stderr)
        return 2
    with ExitStack() as stack:
        started = time.monotonic()
        if arguments.url:
            client = stack.enter_context(Client(arguments.url, arguments.key))
        else:
            client = stack.enter_context(running_service())
        result = measure(client, arguments.folder, arguments.days)
        result["service_start_seconds"] = round(result.pop("began") - started, 1)
    print(json.dumps(result) if arguments.json else _page(result))
    return 0 if result["without_reason"] == 0 else 1


def measure(client: Client, folder: Path, days: int) -> dict[str, Any]:
    """Post the order book, run with daily buckets and return what came out, with the seconds of each step."""
    began = time.monotonic()
    rows = market(read_tables(folder), days)
    read = time.monotonic()
    for resource, batch in rows.items():
        posted = time.monotonic()
        client.collection(resource).bulk(batch)
        _tell(f"{len(batch):,} {resource} in {time.monotonic() - posted:.1f} s")
    loaded = time.monotonic()
    run = client.runs.create(
        horizon_start=START.isoformat(),
        buckets=[{"count": days, "length": "day"}],
        shortfall_costs={"firm": {"per_unit": MOST_ORDERS_FIRST}},
        gap_target="0",
        time_limit_seconds=300,
    )
    run = client.runs.wait(
        run.id, timeout_seconds=600, on_progress=lambda now: _tell(f"{now.status} {now.phase}")
    )
    if run.plan is None:
        raise SystemExit(f"bench.brunel: the run ended as {run.status}: {run.error}")
    ended = time.monotonic()
    plan = client.plans.get(run.plan)
    short = list(client.plans.shortfalls(plan.id))
    cost = sum((value for term, value in plan.terms.items() if term != "shortfall"), Decimal(0))
    return {
        "began": began,
        "orders": len(rows["orders"]),
        "assigned": len(rows["orders"]) - sum(1 for each in short if each.unmet),
        "cost": str(cost.quantize(Decimal("0.01"))),
        "terms": {term: str(value) for term, value in plan.terms.items()},
        "bound": str(plan.bound),
        "gap": str(plan.gap),
        "termination": plan.termination,
        "reasons": dict(Counter(each.factors[0].factor for each in short if each.factors).most_common()),
        "without_reason": sum(1 for each in short if not each.factors),
        "read_seconds": round(read - began, 1),
        "load_seconds": round(loaded - read, 1),
        "run_seconds": round(ended - loaded, 1),
        "total_seconds": round(ended - read, 1),
    }


def _tell(step: str) -> None:
    print(step, file=sys.stderr, flush=True)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.brunel", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--folder", type=Path, default=FOLDER, help=f"the CSV files (default {FOLDER})")
    parser.add_argument("--days", type=int, default=7, help="daily buckets (default 7)")
    parser.add_argument("--url", help="use this service instead of starting one")
    parser.add_argument("--key", help="an operator's key for --url (default: CAPWEAVE_API_KEY)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a page")
    return parser.parse_args()


def _page(result: dict[str, Any]) -> str:
    lines = [
        f"{result['assigned']:,} of {result['orders']:,} orders assigned at ${Decimal(result['cost']):,}",
        f"bound {result['bound']}, gap {result['gap']}, ended by {result['termination']}",
        "not assigned, by first reason: "
        + (", ".join(f"{factor} {number}" for factor, number in result["reasons"].items()) or "none"),
        f"load {result['load_seconds']} s, snapshot, solve and save {result['run_seconds']} s",
        f"together {result['total_seconds']} s",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
