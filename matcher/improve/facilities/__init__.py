"""Large parts that are flows but for what lines and sites cost once used: capacitated facility location.

`shape` says which parts these are, `search` solves them.
"""
