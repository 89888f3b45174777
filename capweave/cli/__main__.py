"""`python -m capweave.cli` is `capweave`."""

from __future__ import annotations

from capweave.cli import main

if __name__ == "__main__":
    main()
