"""Compile and keep the loops of a module of this package: `python -m matcher.improve.whole_orders.knapsacks MODULE`."""

from __future__ import annotations

import sys
from importlib import import_module

from matcher.compiled import compiled_twins

if __name__ == "__main__":
    compiled_twins(import_module(f"{__package__}.{sys.argv[1]}"))
