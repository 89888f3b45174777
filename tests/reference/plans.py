"""A plan from decisions by index."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from matcher.plan import Allocations, ConversionStarts, Draws, Grants, Plan, Productions


def plan_of(
    x: dict[Any, int],
    z: dict[Any, int],
    w: dict[Any, int],
    v: Iterable[tuple[int, int]] = (),
    u: dict[int, int] | None = None,
) -> Plan:
    """Return a plan from decisions by index.

    x by (o, k, t), z by (k, t), w by (source, consumer, item) or (source, consumer, item, what it stands
    for), v pairs (conversion, bucket), u by voucher.
    """
    rows = {kind: {key: row for row, key in enumerate(of)} for kind, of in (("x", x), ("z", z), ("v", v))}
    draws = [
        (
            kind == "production",
            rows["z"][key] if kind == "production" else key,
            consumer == "z",
            rows[consumer][index],
            part,
            quantity,
            consumer == "v",
            instead[0] if instead else part,
        )
        for ((kind, key), (consumer, index), part, *instead), quantity in w.items()
    ]
    return Plan(
        Allocations(*_columns([(*key, quantity) for key, quantity in x.items()], "iiiq")),
        Productions(*_columns([(*key, quantity) for key, quantity in z.items()], "iiq")),
        Draws(*_columns(draws, "?i?iiq?i")),
        ConversionStarts(*_columns(list(v), "ii")),
        Grants(*_columns(list((u or {}).items()), "iq")),
    )


def _columns(rows: list[tuple[Any, ...]], kinds: str) -> list[Any]:
    types = {"i": np.int32, "q": np.int64, "?": np.bool_}
    return [np.array([row[place] for row in rows], dtype=types[kind]) for place, kind in enumerate(kinds)]
