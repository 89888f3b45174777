"""Having the loops compiled that facilities need: prices of demand, and whole order lines at them."""

from __future__ import annotations

from functools import cache

from matcher.compiled import is_cached, is_cached_for
from matcher.compiling import compiled_by_children
from matcher.improve.facilities.ascent import ascend, tiny_arguments
from matcher.improve.whole_orders.knapsacks import tree
from matcher.progress import Watch


@cache
def loops_are_cached() -> bool:
    """Say whether the loops can be used at once; the tree takes longest to compile and stands for all."""
    return is_cached(tree)


def loops_are_ready(watch: Watch) -> bool:
    """Say whether the loops can be used: have them compiled if need be, half a minute, unless the match stops before."""
    if loops_are_cached():
        return True
    compiled = compiled_by_children(watch, "facilities", "tree")
    # Whatever the children could not do, this process does itself.
    loops_are_cached.cache_clear()
    return compiled


def ascent_is_ready(watch: Watch) -> bool:
    """Say whether prices of demand can be found: have them compiled if need be, unless the match stops before."""
    return is_cached_for(ascend, tiny_arguments()) or compiled_by_children(watch, "ascent")
