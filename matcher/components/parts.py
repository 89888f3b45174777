"""A part of a market: what shares nothing with the other parts.

It is a view: rows of the problem's tables, of the arcs and of the makings. Nothing is copied or renumbered, so
thousands of small parts cost little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from matcher.problem import Indices, Ints


def _no_rows() -> Indices:
    return np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Makings:
    """Where `z[k,t]` may be positive: capability and bucket, a row each."""

    capability: Indices
    bucket: Indices


@dataclass(frozen=True, slots=True)
class Part:
    """Rising rows of order lines, arcs, makings, supplies and the like that no other part touches."""

    order_lines: Indices
    arcs: Indices
    makings: Indices
    supplies: Indices
    conversions: Indices = field(default_factory=_no_rows)
    vouchers: Indices = field(default_factory=_no_rows)
    work_floors: Indices = field(default_factory=_no_rows)

    def __len__(self) -> int:
        return len(self.arcs) + len(self.makings)


def union(parts: Sequence[Part]) -> Part:
    """Return one part that holds all the given ones (at least one)."""

    def joined(columns: list[Indices]) -> Indices:
        return np.sort(np.concatenate(columns))

    return Part(*(joined([getattr(part, column.name) for part in parts]) for column in fields(Part)))


def grouped(rows: NDArray[np.int64], labels: Ints, known: Ints) -> list[Indices]:
    """Return the rows of each known label, rising."""
    at = np.minimum(np.searchsorted(known, labels), max(len(known) - 1, 0))
    keep = known[at] == labels if len(known) else np.zeros(len(rows), dtype=bool)
    rows, at = rows[keep].astype(np.int32), at[keep]
    order = np.argsort(at, kind="stable")
    return np.split(rows[order], np.searchsorted(at[order], np.arange(1, len(known))))
