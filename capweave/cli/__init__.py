"""The command line. `main` is what `capweave` runs."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    # The commands come in only here: importing `capweave.cli` for something smaller stays cheap.
    try:
        from capweave.cli.app import app
        from capweave.cli.exits import run_command
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(run_command(app))
