"""Printing: tables for people, JSON for scripts. Results go to stdout, everything else to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from capweave.client.decoding import encode

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


NO_CENTS_FROM = 1_000_000
LEAST_WIDTH = 80
SHORT = 12
"""Cells up to so long stay in one piece, and so do numbers."""
IDS = frozenset({"run", "plan", "key"})
"""Names of columns that hold ids."""


def console(*, errors: bool = False) -> Console:
    """The terminal; rich takes a while to load, which `--json` and `--help` need not pay."""
    from rich.console import Console

    class Whole(Console):
        """Prints what is too wide as it is: the terminal wraps it, and nothing is cut off."""

        def print(self, *objects: Any, crop: bool = False, **style: Any) -> None:
            super().print(*objects, crop=crop, **style)

    made = Whole(stderr=errors, highlight=False)
    # Tables squeezed into a narrower terminal would be columns of single letters.
    made.width = max(made.width, LEAST_WIDTH)
    return made


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(encode(document), ensure_ascii=False, indent=2) + "\n")


def note(sentence: str) -> None:
    """A sentence beside the result."""
    sys.stderr.write(f"{sentence}\n")


def warn(sentences: Iterable[str]) -> None:
    """What to think of before going on, beside the result."""
    for each in sentences:
        note(f"Warning: {each}")


def table(title: str | None, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> RenderableType:
    """A table; columns whose name ends in `>` are aligned to the right."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    named = any(name.rstrip(">") for name in columns)
    head = box.SIMPLE_HEAD if named else None  # without names a head would be blank lines
    made = Table(box=head, show_header=named, pad_edge=False, collapse_padding=True)
    rows = list(rows)
    for position, name in enumerate(columns):
        right = name.endswith(">")
        longest = max((len(cell) for row in rows if isinstance(cell := row[position], str)), default=0)
        # Ids are there to be copied: they stay in one piece.
        whole = name in IDS or right or longest <= SHORT
        made.add_column(
            name.rstrip(">"),
            justify="right" if right else "left",
            overflow="fold",
            no_wrap=whole,
            min_width=longest if whole else None,
        )
    for row in rows:
        made.add_row(*(cell if not isinstance(cell, str) else _plain(cell) for cell in row))
    # Rich would fold a table's own title to the table's width.
    return made if title is None else Group(Text(title), made)


def money(value: Decimal | None) -> str:
    """Money with thousands marked, to the cent below a million; `-` where there is none."""
    return "-" if value is None else f"{value:,.{0 if abs(value) >= NO_CENTS_FROM else 2}f}"


def share(value: Decimal | float | None) -> str:
    """A fraction as per cent; `-` where there is none."""
    return "-" if value is None else f"{float(value):.2%}"


def count(value: int) -> str:
    """A whole number with thousands marked."""
    return f"{value:,}"


def counted(value: int, noun: str) -> str:
    """So many of something: `1 order line`, `1,200 order lines`."""
    return f"{count(value)} {noun}" if value == 1 else f"{count(value)} {noun}s"


def standing(counts: Mapping[str, int]) -> str:
    """How many order lines are whole and in time, short, late; one that is both is counted in both, and said."""
    total, filled, short, late = (counts.get(name, 0) for name in ("order_lines", "filled", "short", "late"))
    both = filled + short + late - total
    said = f"{count(filled)} of {counted(total, 'order line')} whole and in time, {count(short)} short, {count(late)} late"
    return f"{said} ({count(both)} of them both)" if both > 0 else said


def moment(value: datetime | None) -> str:
    """Month, day and minute, in UTC; `-` where there is none."""
    return "-" if value is None else f"{value:%m-%d %H:%M}"


def is_terminal() -> bool:
    """Whether a person watches stderr."""
    return sys.stderr.isatty()


def _plain(text: str) -> str:
    """Text of the market's, in which [brackets] are brackets and not markup."""
    return text.replace("[", r"\[") if "[" in text and not text.startswith("[/]") else text
