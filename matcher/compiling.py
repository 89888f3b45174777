"""Waiting for compiled loops: a match that finds some missing has processes compile them, which it can end.

Compiling itself heeds nobody.
"""

from __future__ import annotations

import time
from functools import cache

from matcher.loops import POLL_SECONDS, start
from matcher.memory import MEMORY
from matcher.progress import Watch

FEW_SECONDS = 2.5
"""Loading the compiler and what it compiled takes about so long on a busy core."""
OF_LARGE_MARKETS = ("search", "prices")


def loops_are_ready(watch: Watch) -> bool:
    """Say whether compiled loops can be used now, with some time left."""
    return watch.remaining >= FEW_SECONDS and are_compiled()


def may_run_loops(watch: Watch) -> bool:
    """Say whether compiled loops can be used: have them compiled if need be, unless the match stops before."""
    if watch.remaining < FEW_SECONDS:
        return False
    if are_compiled():
        return True
    compiled = compiled_by_children(watch, *OF_LARGE_MARKETS)
    # Whatever the children could not do, this process does itself.
    are_compiled.cache_clear()
    return compiled


def compiled_by_children(watch: Watch, *groups: str) -> bool:
    """Have groups of loops (`matcher.loops`) compiled beside each other; False: the match stops before."""
    watch.tell("compiling")
    children = [start(group) for group in groups]
    for child in children:
        MEMORY.started(child.pid)
    try:
        while any(child.poll() is None for child in children):
            if watch.stopped():
                return False
            time.sleep(POLL_SECONDS)
    finally:
        for child in children:
            child.kill()
            child.wait()
    return not watch.stopped()


@cache
def are_compiled() -> bool:
    """Say whether the loops for large markets are in the cache, or cannot be kept there."""
    # Imported here because loading the compiler takes a second, which small markets do not have.
    from matcher.compiled import is_cached
    from matcher.improve.competition import follow, placing, search

    return all(is_cached(module) for module in (placing, search, follow))
