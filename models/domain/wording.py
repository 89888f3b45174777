"""Words of messages."""

from __future__ import annotations


def with_article(noun: str) -> str:
    """Return `an item`, `a site`."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
