"""A new plan soon after something changed: what still stands is kept, and only what has to move is planned again."""

from matcher.reoptimise.mend import reoptimise

__all__ = ["reoptimise"]
