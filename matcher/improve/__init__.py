"""Plans found and made better, guided by prices."""

from matcher.improve.greedy import greedy

__all__ = ["greedy"]
