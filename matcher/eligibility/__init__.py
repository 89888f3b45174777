"""Which order line may be made by which capability in which bucket (E1 to E8), and why not where not."""

from matcher.eligibility.arcs import Arcs, Eligibility, find_arcs

__all__ = ["Arcs", "Eligibility", "find_arcs"]
