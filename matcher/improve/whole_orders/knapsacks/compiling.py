"""Having the loops of this package compiled, in processes that can be ended: compiling itself heeds nobody."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from matcher.compiled import is_cached
from matcher.improve.whole_orders.knapsacks import regions, tree
from matcher.progress import Watch

ROOT = Path(__file__).resolve().parents[4]
POLL_SECONDS = 0.1


def loops_are_ready(watch: Watch) -> bool:
    """Say whether the loops can be used: have them compiled if need be, half a minute, unless the match stops before."""
    missing = [module.__name__.rpartition(".") for module in (tree, regions) if not is_cached(module)]
    if not missing:
        return True
    watch.tell("compiling")
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    children = [
        subprocess.Popen(  # noqa: S603 - modules of this package
            [sys.executable, "-m", package, name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": path},
        )
        for package, _, name in missing
    ]
    try:
        while any(child.poll() is None for child in children):
            if watch.stopped():
                return False
            time.sleep(POLL_SECONDS)
    finally:
        for child in children:
            child.kill()
            child.wait()
    # Whatever the children could not do, this process does itself.
    return not watch.stopped()
