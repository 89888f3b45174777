"""Compile the matcher's loops ahead, so that the first large run does not spend its time limit on that.

python -m tools.compile_ahead

Takes one and a half minutes of one core the first time, two seconds where everything is compiled already.
"""

from __future__ import annotations

import sys

from matcher.compiled import compiled_twins
from matcher.compiling import main
from matcher.improve.whole_orders.knapsacks import regions, tree

if __name__ == "__main__":
    for loops in (tree, regions):
        compiled_twins(loops)
    sys.exit(main())
