"""Numbers that the compiled loops and those who call them share."""

from __future__ import annotations

FORBIDDEN = 1 << 58
"""The cost of an order line at a place where it cannot be made."""
MOST_CELLS = 4_000_000
"""Order lines times places up to which tables of all pairs are kept."""
MOST_COST = 2.0**56
"""The most that all order lines together may cost, in steps, so that FORBIDDEN stays above it."""
