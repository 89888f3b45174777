"""Why order lines are short or late: their gating factors, read off the plan and what it leaves over."""

from matcher.explain.gating import explain

__all__ = ["explain"]
