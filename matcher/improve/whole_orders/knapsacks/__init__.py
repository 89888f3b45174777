"""Bounds and branch and bound by a knapsack for every place (docs/formulation.md, part 7)."""
