"""Store -> Problem: the one translator of that border."""

from jobs.snapshot.earlier import start_of
from jobs.snapshot.translate import Translation, translate

__all__ = ["Translation", "start_of", "translate"]
