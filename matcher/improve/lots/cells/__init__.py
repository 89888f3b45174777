"""Prices of what order lines ask for: each bucket of a line is then a knapsack with set-ups of its own."""
