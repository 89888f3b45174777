"""Compile the matcher's loops ahead, so that the first large run does not spend its time limit on that.

python -m tools.compile_ahead

Takes half a minute of one core the first time, two seconds where everything is compiled already.
"""

from __future__ import annotations

import sys

from matcher.compiling import main

if __name__ == "__main__":
    sys.exit(main())
