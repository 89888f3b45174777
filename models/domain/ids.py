"""Ids: a prefix that tells the kind, and a ULID that sorts by time.

    ord_01jb3x9v5t8k2m4n6p7q8r9s0t

48 bits of milliseconds and 80 of chance, in Crockford's base 32 (no i, l, o, u), lower case. Ids made by one
process rise strictly, so rows keep the order in which they were sent.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable
from functools import partial

PREFIXES = {
    "market": "mkt",
    "organisation": "org",
    "site": "site",
    "line": "line",
    "labour_pool": "pool",
    "item": "item",
    "bill": "bom",
    "capability": "cap",
    "certificate": "cert",
    "capacity_window": "win",
    "supply": "sup",
    "lane": "lane",
    "order": "ord",
    "order_line": "oln",
    "run": "run",
    "plan": "plan",
    "allocation": "alc",
    "production": "prd",
    "draw": "drw",
    "shortfall": "shf",
    "load": "load",
    "key": "key",
    "snapshot": "snp",
}
"""Kind of thing -> prefix of its ids."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]
_PATTERN = re.compile(rf"({'|'.join(PREFIXES.values())})_[0-7][{_ALPHABET}]{{25}}")


class _Clock:
    """Rising 128-bit numbers: the time with chance behind it, or the last number plus one."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def tick(self) -> int:
        with self._lock:
            milliseconds = time.time_ns() // 1_000_000
            if milliseconds > self._last >> 80:
                self._last = milliseconds << 80 | secrets.randbits(80)
            else:
                self._last += 1
            return self._last


_clock = _Clock()


def ulid() -> str:
    """Return 26 characters that sort after every one made before in this process."""
    number = _clock.tick()
    pairs = _PAIRS
    return "".join([pairs[number >> shift & 1023] for shift in range(120, -1, -10)])


def new_id(kind: str) -> str:
    """Return a fresh id of a kind of thing (a key of PREFIXES)."""
    return f"{PREFIXES[kind]}_{ulid()}"


def maker(kind: str) -> Callable[[], str]:
    """Return a function that makes ids of one kind: a dataclass field's default factory."""
    return partial(new_id, kind)


def is_id(text: str) -> bool:
    """Tell whether a text has the form of an id, of whatever kind."""
    return _PATTERN.fullmatch(text) is not None
