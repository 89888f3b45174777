"""Prices on time and materials, and the lower bound that they prove."""

from matcher.pricing.ascent import Prices, find_prices

__all__ = ["Prices", "find_prices"]
