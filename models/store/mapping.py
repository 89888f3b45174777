"""Domain objects <-> rows, by name: field `site` is column `site_id`, field `kind` column `kind`.

Nothing is declared twice: the fields come from the dataclass, the columns from the table, and the conversions
from the fields' types (enumerations are texts, tuples are arrays). What is stored as JSON says how in `Json`.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ARRAY, ColumnElement, Table, type_coerce
from sqlalchemy.types import NullType

from models.tables import Base

T = TypeVar("T")
Load = Callable[[Any], Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Json:
    """How a field that is stored as JSON is written and read."""

    dump: Callable[[Any], Any]
    load: Callable[[Any], Any]


class Mapper(Generic[T]):
    """Turns rows of one table into objects of one dataclass, and objects into rows.

    Args:
        kind: the dataclass.
        row: the table's class.
        json: fields stored as JSON.
        elsewhere: fields that other tables hold.
    """

    def __init__(
        self,
        kind: type[T],
        row: type[Base],
        *,
        json: Mapping[str, Json] = types.MappingProxyType({}),
        elsewhere: Iterable[str] = (),
    ) -> None:
        self.kind = kind
        self.table = cast("Table", row.__table__)
        self.json = json
        fields = [field.name for field in dataclasses.fields(cast("Any", kind))]
        self.names = {name: self._column_name(name) for name in fields if name not in set(elsewhere)}
        hints = typing.get_type_hints(kind)
        self._loads = {name: load for name in self.names if (load := self._load_of(name, hints[name]))}
        self._kinds = {name: _kind(hints[name]) for name in self.names}

    def column(self, field: str) -> ColumnElement[Any]:
        """Return the column of a field."""
        return self.table.c[self.names[field]]

    @property
    def columns(self) -> list[ColumnElement[Any]]:
        """All columns that the dataclass has, in the order of its fields.

        Arrays are taken as the driver gives them: SQLAlchemy would copy each once more.
        """
        columns = [self.table.c[name] for name in self.names.values()]
        return [type_coerce(each, NullType()) if isinstance(each.type, ARRAY) else each for each in columns]

    def objects(self, rows: Sequence[Sequence[Any]], **extra: Sequence[Any]) -> list[T]:
        """Build objects from rows of `self.columns`; `extra` gives the fields held elsewhere, by row."""
        if not rows:
            return []
        columns = dict(zip(self.names, zip(*rows, strict=True), strict=True))
        for name, load in self._loads.items():
            columns[name] = tuple(map(load, columns[name]))
        names = [*columns, *extra]
        values = zip(*columns.values(), *extra.values(), strict=True)
        return [self.kind(**dict(zip(names, row, strict=True))) for row in values]

    def dumped(self, field: str, values: Sequence[Any]) -> Sequence[Any]:
        """Return a column's values as texts and numbers that PostgreSQL reads, in COPY and in JSON.

        A column holds few different instants, enumeration values or lists: each is turned into text once, and
        makes a wide COPY three times as fast as leaving it to the driver.
        """
        if field in self.json:
            dump = self.json[field].dump
            return [dump(value) for value in values]
        text = _TEXTS.get(self._kinds[field])
        if text is None:
            return values
        texts = {value: None if value is None else text(value) for value in set(values)}
        return [texts[value] for value in values]

    def _column_name(self, field: str) -> str:
        reference = f"{field}_id"
        return reference if reference in self.table.c else self.table.c[field].name

    def _load_of(self, field: str, hint: Any) -> Load | None:
        if field in self.json:
            return self.json[field].load
        options = [option for option in typing.get_args(hint) if option is not types.NoneType]
        plain = options[0] if isinstance(hint, types.UnionType) and len(options) == 1 else hint
        if _is_tuple(plain):
            inner = typing.get_args(plain)[0]
            return (lambda values: tuple(map(inner, values))) if _is_enum(inner) else tuple
        if _is_enum(plain):
            members = {member.value: member for member in plain}
            return members.get if plain is not hint else members.__getitem__
        return None


def _array(values: tuple[str, ...]) -> str:
    """Return an array of texts as PostgreSQL writes it."""
    quoted = ('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return "{" + ",".join(quoted) + "}"


def _instant(value: datetime) -> str:
    return value.isoformat()


_TEXTS: Mapping[str, Callable[[Any], str]] = {"array": _array, "instant": _instant, "enum": str}


def _kind(hint: Any) -> str:
    """Return how values of a type are written."""
    options = {hint, *typing.get_args(hint)} if isinstance(hint, types.UnionType) else {hint}
    if any(map(_is_tuple, options)):
        return "array"
    if any(map(_is_enum, options)):
        return "enum"
    return "instant" if datetime in options else "plain"


def _is_tuple(hint: Any) -> bool:
    return typing.get_origin(hint) is tuple


def _is_enum(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, StrEnum)
