"""The restricted model of the price tier: few arcs an order line, solved whole, and rounded to a plan."""

from matcher.improve.restricted.tier import Restricted, fits, solve_restricted, suits

__all__ = ["Restricted", "fits", "solve_restricted", "suits"]
