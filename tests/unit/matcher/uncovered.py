"""Names the compiled loops of the matcher that `matcher.loops` leaves to the first match: a line for each.

A program of its own (`python -m tests.unit.matcher.uncovered`), as loops that anything else has used are loaded already.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

from numba.core.dispatcher import Dispatcher

import matcher
from matcher import compiled
from matcher.loops import GROUPS

ENTRIES = "ENTRIES"


def main() -> None:
    """Compile, or load, all groups; then see what none of them has called."""
    used, load = set[str](), compiled.compiled_twins

    def noted(module: ModuleType) -> dict[str, Any]:
        used.add(module.__name__)
        return load(module)

    compiled.compiled_twins = noted  # type: ignore[assignment]
    for _, compile_group in GROUPS.values():
        compile_group()
    found = [import_module(module.name) for module in walk_packages(matcher.__path__, "matcher.")]
    loops = {value for module in found for value in vars(module).values() if isinstance(value, Dispatcher)}
    called = {loop for loop in loops if loop.signatures}
    # What a loop calls is compiled with it, but not loaded where that is: it is in the machine code.
    while more := {other for loop in called for other in _called(loop)} - called:
        called |= more
    for loop in loops - called:
        sys.stdout.write(f"{loop.py_func.__module__}.{loop.py_func.__name__}\n")
    for module in found:
        if hasattr(module, ENTRIES) and module.__name__ not in used:
            sys.stdout.write(f"{module.__name__}.{ENTRIES}\n")


def _called(loop: Any) -> set[Any]:
    function = loop.py_func
    names = function.__code__.co_names
    return {function.__globals__[name] for name in names if _is_loop(function.__globals__.get(name))}


def _is_loop(value: object) -> bool:
    return isinstance(value, Dispatcher)


if __name__ == "__main__":
    main()
