"""JSON to typed records, and values to JSON.

Records are frozen dataclasses. What a newer service sends and this client does not know is kept in the
record's `extra`; what a record does not need may be absent.
"""

from __future__ import annotations

import keyword
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from capweave.client.errors import UnexpectedAnswerError

R = TypeVar("R", bound="Record")
Read = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Record:
    """What the API answers with. `extra` keeps the fields that this version of the client does not know."""

    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


def decode(kind: type[R], data: Any) -> R:
    """Read one record.

    Raises:
        UnexpectedAnswerError: a field is missing or cannot be read.
    """
    if not isinstance(data, Mapping):
        raise UnexpectedAnswerError(f"{kind.__name__}: an object was expected, not {type(data).__name__}")
    readers, required = _plan(kind)  # type: ignore[arg-type] # classes are hashable
    known: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for sent_name, value in data.items():
        name = f"{sent_name}_" if keyword.iskeyword(sent_name) else sent_name
        if name not in readers:
            extra[sent_name] = value
            continue
        try:
            known[name] = readers[name](value)
        except (TypeError, ValueError, InvalidOperation) as error:
            raise UnexpectedAnswerError(f"{kind.__name__}.{name}: {value!r} cannot be read") from error
    if missing := required - known.keys():
        raise UnexpectedAnswerError(f"{kind.__name__}: {', '.join(sorted(missing))} missing in the answer")
    return kind(**known, extra=extra)


def encode(value: Any) -> Any:
    """The value as JSON has it: money and other decimals as text, dates and instants in ISO 8601.

    A record becomes an object again, with the fields that were not known.
    """
    if isinstance(value, Record):
        known = {each.name.rstrip("_"): getattr(value, each.name) for each in fields(value)}
        return encode(known | dict(known.pop("extra")))
    if isinstance(value, Mapping):
        return {str(name): encode(each) for name, each in value.items()}
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [encode(each) for each in value]
    return value


@cache
def _plan(kind: type[Record]) -> tuple[dict[str, Read], frozenset[str]]:
    hints = get_type_hints(kind)
    readers = {each.name: _reader(hints[each.name]) for each in fields(kind) if each.name != "extra"}
    required = frozenset(
        each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING
    )
    return readers, required


def _reader(hint: Any) -> Read:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        inner = _reader(next(each for each in arguments if each is not type(None)))
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        each_item = _reader(arguments[0])
        return lambda value: tuple(each_item(each) for each in value or ())
    if origin is not None and issubclass(origin, Mapping):
        each_value = _reader(arguments[1])
        return lambda value: {name: each_value(each) for name, each in (value or {}).items()}
    if isinstance(hint, type) and issubclass(hint, Record):
        return lambda value: decode(hint, value)
    return _SCALARS.get(hint, _as_it_is)


def _as_it_is(value: Any) -> Any:
    return value


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError(value)
    return int(value)


_SCALARS: dict[Any, Read] = {
    datetime: datetime.fromisoformat,
    Decimal: _decimal,
    int: _integer,
    float: float,
}
