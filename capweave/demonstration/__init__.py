"""The demonstration market: spring 2020, when clothing makers turned to medical supplies.

Everything here is made up, by a generator that gives the same rows for the same size, seed and start date.
"""

from __future__ import annotations

from capweave.demonstration.loading import load, presence
from capweave.demonstration.market import DemonstrationMarket, generate

__all__ = ["DemonstrationMarket", "generate", "load", "presence"]
