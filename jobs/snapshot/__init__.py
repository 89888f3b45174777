"""Store -> Problem: the one translator of that border."""

from jobs.snapshot.translate import Translation, translate

__all__ = ["Translation", "translate"]
