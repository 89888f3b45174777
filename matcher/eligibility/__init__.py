"""Which order line may be made by which capability in which bucket (E1 to E8), and why not where not."""

from matcher.eligibility.arcs import Arcs, Eligibility, counted_in_shares, find_arcs

__all__ = ["Arcs", "Eligibility", "counted_in_shares", "find_arcs"]
