"""Having the loops of this package compiled where they are not yet."""

from __future__ import annotations

from matcher.compiled import is_cached
from matcher.compiling import compiled_by_children
from matcher.improve.whole_orders.knapsacks import dives, regions, tree
from matcher.progress import Watch


def loops_are_ready(watch: Watch) -> bool:
    """Say whether the loops can be used: have them compiled if need be, half a minute, unless the match stops before."""
    modules = ("tree", tree), ("regions", regions), ("dives", dives)
    missing = [name for name, module in modules if not is_cached(module)]
    return not missing or compiled_by_children(watch, *missing)
