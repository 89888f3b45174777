"""One cell to one value, or to one sentence about what is wrong with it."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from capweave.importing.columns import Column, Kind

PLACES = 6
LARGEST = 10**12
TRUE = frozenset({"true", "yes", "y", "1", "x"})
FALSE = frozenset({"false", "no", "n", "0"})
_SEPARATORS = re.compile(r"[|;]")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_MIDNIGHT = re.compile(r"^(\d{4}-\d{2}-\d{2})[ T]00:00:00(\.0+)?$")
_THOUSANDS = re.compile(r"^-?\d{1,3}([.,]\d{3})+$")
_DECIMAL_COMMA = re.compile(r"^-?\d+,\d+$")


class CellError(ValueError):
    """What is wrong with a cell, as a sentence."""


def is_empty(cell: Any) -> bool:
    """Whether a cell counts as not filled in."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def read_cell(column: Column, cell: Any, zone: ZoneInfo | None) -> Any:
    """The cell as the API takes it.

    Args:
        column: what the cell should hold.
        cell: text, or a value that a Parquet file has typed already.
        zone: what times without an offset are in; None refuses them.

    Raises:
        CellError: it does not hold that.
    """
    value: Any
    if column.kind in (Kind.COUNT, Kind.QUANTITY):
        value = _integer(cell, 1 if column.kind is Kind.QUANTITY else 0)
    elif column.kind is Kind.DECIMAL:
        value = _decimal(cell, signed=column.name in {"latitude", "longitude"})
    elif column.kind is Kind.INSTANT:
        value = _instant(cell, zone)
    elif column.kind is Kind.FLAG:
        value = _flag(cell)
    elif column.kind is Kind.LIST:
        value = _list(cell)
    else:
        value = _text(cell)
    if column.choices and value not in column.choices:
        raise CellError(f"{value!r} is not one of {', '.join(column.choices)}")
    return value


def _text(cell: Any) -> str:
    if (
        isinstance(cell, float) and cell.is_integer()
    ):  # a code such as 4711 that a file has stored as a number
        cell = int(cell)
    return str(cell).strip()


def _list(cell: Any) -> list[str]:
    parts = cell if isinstance(cell, list | tuple) else _SEPARATORS.split(str(cell))
    return [text for part in parts if (text := _text(part))]


def _number(cell: Any) -> Decimal:
    text = _text(cell) if not isinstance(cell, float) else repr(cell)
    if _DECIMAL_COMMA.match(text):
        raise CellError(
            f"{text!r}: write decimals with a point ({text.replace(',', '.')}), thousands without a mark"
        )
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise CellError(f"{text!r} is not a number") from None
    if not number.is_finite():
        raise CellError(f"{text!r} is not a number")
    return number


def _integer(cell: Any, least: int) -> int:
    # In half of the world 1.000 is a thousand: a whole number written so is not guessed at.
    if isinstance(cell, str) and _THOUSANDS.match(cell.strip()):
        plain = re.sub(r"[.,]", "", cell.strip())
        raise CellError(f"{cell.strip()!r}: write whole numbers without a mark for thousands ({plain})")
    number = _number(cell)
    if number != number.to_integral_value():
        raise CellError(f"{number} is not a whole number")
    if not least <= number <= LARGEST:
        raise CellError(f"{number} is not between {least} and {LARGEST}")
    return int(number)


def _decimal(cell: Any, *, signed: bool) -> str:
    number = _number(cell)
    rounded = round(number, PLACES)
    # A file of binary fractions has 0.30000000000000004 where 0.3 was meant; text says what it means.
    if rounded != number and not isinstance(cell, float):
        raise CellError(f"{number} has more than {PLACES} decimal places")
    if number < 0 and not signed:
        raise CellError(f"{number} is negative")
    text = format(rounded, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _instant(cell: Any, zone: ZoneInfo | None) -> str:
    if isinstance(cell, datetime):
        moment = cell
        if cell.tzinfo is None and cell.time() == time():
            return cell.date().isoformat()
    elif isinstance(cell, date):
        return cell.isoformat()
    else:
        text = _text(cell)
        if found := _MIDNIGHT.match(text):  # how a spreadsheet stores a plain date
            text = found[1]
        moment = _parsed(text)
        if _DATE.match(text):
            return text
    if moment.tzinfo is None:
        if zone is None:
            raise CellError(f"{moment.isoformat()} has no offset: add one (+02:00, Z), or name a --time-zone")
        moment = moment.replace(tzinfo=zone)
    return moment.isoformat()


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise CellError(
            f"{text!r} is neither a date (2026-05-04) nor a time (2026-05-04T06:00:00+02:00)"
        ) from None


def _flag(cell: Any) -> bool:
    text = _text(cell).lower()
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    raise CellError(f"{text!r} is neither true nor false")
