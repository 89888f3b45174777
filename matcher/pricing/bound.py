"""A lower bound that holds also in floating point.

At any prices >= 0 the dual is a lower bound on the objective (in thousandths of micros). It is a sum of
terms of known sign: least costs of order lines, each built from nonnegative numbers by sums, products and
minima, less what segments and supplies earn. With u = 2^-53, a chain of n such operations is exact to a
factor (1 + u)^n (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., ch. 3), so each term is
within `CHAIN * u` of its true value relative to its magnitude, as long as chains stay below CHAIN
operations: per level of the bill of materials a chain grows by the components of one item and a few more, so
2^12 is far beyond any that occurs (it is checked). `math.fsum` adds the terms with one rounding.
"""

from __future__ import annotations

import math

import numpy as np

from matcher.pricing.dual import Dual
from matcher.pricing.relaxation import Reals

UNIT = 2.0**-53
CHAIN = 2**12
FIXED_CHAIN = 64
"""Operations beside the components: prices, shares of set-ups and fixed costs, the last products."""


def certified_bound(dual: Dual, resource: Reals, supply: Reals) -> int:
    """Return a true lower bound, thousandths of micros, at prices >= 0 that do not rise within a stock."""
    relaxed, sourcing = dual.relaxation, dual.relaxation.sourcing
    widest = int(np.diff(sourcing.need_starts).max(initial=0))
    levels = int(sourcing.item_level.max(initial=0)) + 1
    if levels * (2 * widest + FIXED_CHAIN) > CHAIN:
        return 0  # costs are nonnegative: no claim beyond that
    base = dual.base(resource, supply, 0.0)
    gained = relaxed.quantity * dual.orders.least(base.reshape(-1))
    price = resource[relaxed.segment]
    segments = relaxed.amount * np.maximum(price - relaxed.rate, 0.0)
    stocks = dual.stock_quantity * supply
    value = math.fsum(gained) - math.fsum(segments) - math.fsum(stocks)
    # A difference price - rate is exact to u times the larger of the two, hence `amount * price` and not the
    # term.
    magnitude = math.fsum(gained) + math.fsum(relaxed.amount * price) + math.fsum(stocks)
    if not math.isfinite(value) or not math.isfinite(magnitude):
        return 0
    return max(0, math.floor(value - (CHAIN + 8) * UNIT * magnitude))
