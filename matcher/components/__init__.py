"""The parts of a market that share nothing, and their plans."""

from matcher.components.parts import Makings, Part, union
from matcher.components.plans import divide, empty_plan, merge
from matcher.components.splitting import split

__all__ = ["Makings", "Part", "divide", "empty_plan", "merge", "split", "union"]
