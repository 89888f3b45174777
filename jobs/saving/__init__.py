"""Outcome -> plan: the matcher's rows become what the store keeps."""

from jobs.saving.whole import whole_plan

__all__ = ["whole_plan"]
