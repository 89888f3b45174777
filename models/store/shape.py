"""What a resource is made of, to be declared: its shape, what is unique in it, and what belongs to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from models.store.batch import Batch
from models.store.family import Family
from models.store.mapping import Mapper
from models.store.reading import NO_FILTERS
from models.store.references import Reference
from models.tables import Base

T = TypeVar("T")

Rule = Callable[[AsyncConnection, str, Family], Awaitable[None]]
"""Notes what breaks a rule between the rows of a family, whose references are resolved."""


@dataclass(frozen=True, slots=True)
class Unique:
    """No two active rows agree in all these fields."""

    fields: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Children:
    """The rows of another table that belong to each object, held in one of its fields.

    Attributes:
        field: of the parent, a tuple of objects.
        shape: theirs.
        parent: the column that holds the parent's id.
        keyed: they have codes, unique in the parent, and keep their ids by them; else the parent's children
            are replaced as a whole, numbered by `position`.
    """

    field: str
    shape: Shape[Any]
    parent: str
    keyed: bool


class Shape(Generic[T]):
    """What rows of one table look like, and what they refer to: a collection, or the parts of one's objects.

    Args:
        kind: the dataclass of the domain.
        row: the class of the table.
        references: what the fields refer to.
        inherits: field -> references that it is copied from where it is not given: the first that is there.
        fill: sets values that follow from others, before anything is checked.
        rules: what must hold between rows.
    """

    def __init__(
        self,
        kind: type[T],
        row: type[Base],
        *,
        references: Sequence[Reference] = (),
        inherits: Mapping[str, tuple[str, ...]] = NO_FILTERS,
        fill: Callable[[Batch], None] | None = None,
        rules: Sequence[Rule] = (),
        elsewhere: Sequence[str] = (),
    ) -> None:
        self.mapper = Mapper(kind, row, elsewhere=elsewhere)
        self.table = self.mapper.table
        self.references = tuple(references)
        self.inherits = inherits
        self.fill = fill
        self.rules = tuple(rules)
