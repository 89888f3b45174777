"""Benchmarks: published instances, a real order book, markets at scale. RESULTS.md holds the figures."""

import warnings

from matcher.proof import WrongBound

# A bound above the cost of a plan ends a benchmark: no figure of that run could be believed.
warnings.simplefilter("error", WrongBound)
