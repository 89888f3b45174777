"""Plans for large markets: order lines compete for lines' time by compiled local search, guided by prices."""

from matcher.improve.competition.compete import compete

__all__ = ["compete"]
