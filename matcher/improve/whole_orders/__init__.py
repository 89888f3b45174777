"""Assignments of whole orders: generalised assignment and single-source location (docs/formulation.md).

`shape` says which parts these are, `search` solves them, by `relaxed` where places cost nothing once used.
"""
