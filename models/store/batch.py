"""Rows on their way in, as columns, with where each came from and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from models.domain.errors import RowError


class Found(NamedTuple):
    """What a reference turned out to be."""

    id: str
    active: bool
    organisation: str | None = None
    site: str | None = None


class Origin(NamedTuple):
    """Where a row came from: position of the object that was sent, and the path inside it."""

    row: int
    path: tuple[str | int, ...] = ()


@dataclass(slots=True)
class Batch:
    """Some rows of one table.

    Attributes:
        columns: values by field, all of one length.
        origins: where each row came from.
        found: by reference field, what each row refers to (None: nothing, or not found).
        existing: ids of rows that are stored already, and are to be updated; None for new ones.
        errors: what is wrong so far.
    """

    columns: dict[str, list[Any]]
    origins: Sequence[Origin]
    found: dict[str, list[Found | None]] = field(default_factory=dict)
    existing: list[str | None] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    @classmethod
    def of(
        cls, objects: Sequence[Any], fields: Sequence[str], origins: Sequence[Origin] | None = None
    ) -> Batch:
        """Lay objects out as columns."""
        columns = {name: list(map(attrgetter(name), objects)) for name in fields}
        places = origins if origins is not None else [Origin(row) for row in range(len(objects))]
        return cls(columns, places, existing=[None] * len(objects))

    def __len__(self) -> int:
        return len(self.origins)

    def refuse(
        self, row: int, path: str | tuple[str | int, ...], code: str, message: str, **more: str
    ) -> None:
        """Note what is wrong with a row."""
        origin = self.origins[row]
        steps = path if isinstance(path, tuple) else (path,)
        self.errors.append(RowError(origin.row, origin.path + steps, code, message, **more))

    def without(self, bad: set[int]) -> Batch:
        """Return the rows of all objects that are not in `bad` (positions of what was sent); no errors."""
        kept = [index for index, origin in enumerate(self.origins) if origin.row not in bad]
        return Batch(
            {name: [values[index] for index in kept] for name, values in self.columns.items()},
            [self.origins[index] for index in kept],
            {name: [values[index] for index in kept] for name, values in self.found.items()},
            [self.existing[index] for index in kept],
        )

    def select(self, *, stored: bool) -> list[int]:
        """Return the positions of the rows that are stored already, or of those that are not."""
        return [index for index, known in enumerate(self.existing) if (known is not None) is stored]

    def refuse_unstorable_text(self) -> None:
        """Refuse texts that PostgreSQL cannot hold: with a NUL character, or half of a surrogate pair."""
        for name, values in self.columns.items():
            texts = [value for value in values if type(value) is str]
            if texts and not storable("".join(texts)):
                for row, value in enumerate(values):
                    if isinstance(value, str) and not storable(value):
                        self.refuse(
                            row, name, "broken_rule", f"{name} holds characters that cannot be stored"
                        )
                self.columns[name] = [
                    "" if isinstance(value, str) and not storable(value) else value for value in values
                ]


def storable(text: str) -> bool:
    """Tell whether PostgreSQL can hold a text."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False
