"""The rows of a bulk upload: NDJSON lines or CSV records, as the objects that a single POST would carry.

Each object remembers the row it came from, so that an error found anywhere later names it. CSV has no types:
a cell is read as its field's kind where it has that form, and left as it is (and refused by the schema) where
not. Things with parts, such as an order and its lines, are one CSV record a part, wherever they stand.
"""

from __future__ import annotations

import csv
import io
import re
import types
import typing
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import BaseModel

from api.bodies import SUSPICIOUS_ESCAPE, NotJsonError, decode, parse_json, unstorable_texts
from api.errors import MAX_LISTED, FieldError, Refusal, invalid

NDJSON = "application/x-ndjson"
CSV = "text/csv"
INTEGER = re.compile(r"[+-]?[0-9]{1,30}", re.ASCII)
FLAGS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
OTHER_SEPARATOR = re.compile(r"[;\t|]")
LIST_SEPARATORS = re.compile(r"[|;]")
csv.field_size_limit(1 << 20)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to store, as JSON; `errors` where it could not even be read.

    Attributes:
        number: its row, from 1.
        value: the object.
        part_numbers: the row of each of its parts, where parts have rows of their own.
    """

    number: int
    value: Any = None
    part_numbers: tuple[int, ...] = ()
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """How a thing with parts is written in CSV, one record a part.

    Attributes:
        field: the field that holds the parts.
        model: a part.
        columns: column -> field of the part; all other columns belong to the thing.
        grouped_by: the column whose value the records of one thing share.
    """

    field: str
    model: type[BaseModel]
    columns: Mapping[str, str]
    grouped_by: str


def ndjson_rows(body: bytes) -> Iterator[Row]:
    """The objects of an NDJSON body; rows are lines, and empty ones are skipped."""
    for number, line in enumerate(io.BytesIO(body), start=1):
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")  # noqa: PLW2901 (the byte-order mark is no content)
        if line.strip():
            yield ndjson_row(number, line)


def ndjson_row(number: int, line: bytes) -> Row:
    """One line as an object, or what is wrong with it."""
    try:
        text = line.decode("utf-8")
        value = parse_json(text)
    except UnicodeDecodeError as error:
        message = f"Byte {error.start + 1} of the line is not UTF-8: 0x{line[error.start]:02x}."
        return Row(number, errors=(FieldError("not_utf8", message, row=number, expected="UTF-8"),))
    except NotJsonError as error:
        return Row(
            number, errors=(FieldError("malformed_json", f"The line is not JSON: {error}.", row=number),)
        )
    if SUSPICIOUS_ESCAPE.search(text) and (errors := tuple(unstorable_texts(value, number))):
        return Row(number, errors=errors)
    return Row(number, value)


def csv_rows(body: bytes, model: type[BaseModel], parts: Parts | None) -> Iterator[Row]:
    """The objects of a CSV body; rows are records behind the header, from 1.

    Raises:
        Refusal: the bytes are no UTF-8, or the header names what no field is.
    """
    records = csv.reader(io.StringIO(decode(body), newline=""), strict=True)
    header = csv_header(records, model, parts)
    readers = cell_readers(model, parts)
    found = csv_records(records, header, readers)
    return found if parts is None else grouped(list(found), parts)


def csv_header(records: Iterator[list[str]], model: type[BaseModel], parts: Parts | None) -> list[str]:
    """The columns, each of them known and named once."""
    try:
        header = [name.strip() for name in next(records, [])]
    except csv.Error as error:
        raise Refusal("malformed_request", f"The header is not CSV: {error}.") from error
    if len(header) == 1 and (other := OTHER_SEPARATOR.search(header[0])):
        message = f"Columns must be separated by commas, not by {other[0]!r}."
        raise Refusal("malformed_request", message, errors=(FieldError("malformed_csv", message),))
    known = cell_readers(model, parts)
    listed = ", ".join(known)
    expected = f"columns of {listed}"
    strange = (name for name in header if name not in known)
    errors = [
        FieldError("unknown_field", f"There is no column {name!r}.", name, expected=expected)
        for name in islice(strange, MAX_LISTED)  # a header can be as long as a body
    ]
    errors += [
        FieldError("repeated", f"The column {name!r} stands twice.", name) for name in repeated(header)
    ]
    if not header:
        errors.append(
            FieldError("missing", "A header row with the columns' names is expected.", expected=listed)
        )
    if errors:
        raise invalid(errors)
    return header


def repeated(names: Sequence[str]) -> list[str]:
    """The names that stand more than once."""
    return sorted(name for name, times in Counter(names).items() if times > 1)


def csv_records(
    records: Iterator[list[str]], header: Sequence[str], readers: Mapping[str, Callable[[str], Any]]
) -> Iterator[Row]:
    """Each record as a flat object; empty cells are absent fields, empty records are skipped."""
    number = 0
    while True:
        number += 1
        try:
            cells = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(
                number, errors=(FieldError("malformed_csv", f"The record is not CSV: {error}.", row=number),)
            )
            continue
        if len(cells) > len(header):
            message = f"The record has {len(cells)} cells, the header {len(header)}."
            yield Row(number, errors=(FieldError("malformed_csv", message, row=number),))
        elif any(cells):
            value = {
                name: readers[name](cell) for name, cell in zip(header, cells, strict=False) if cell != ""
            }
            yield Row(number, value)


def cell_readers(model: type[BaseModel], parts: Parts | None) -> dict[str, Callable[[str], Any]]:
    """Column -> reader of its cells, from the fields of the schemas."""
    readers = field_readers(model)
    if parts is not None:
        del readers[parts.field]
        inner = field_readers(parts.model)
        readers |= {column: inner[name] for column, name in parts.columns.items()}
    return readers


def field_readers(model: type[BaseModel]) -> dict[str, Callable[[str], Any]]:
    """Field (as HTTP calls it) -> reader of its text."""
    return {field.alias or name: reader_of(field.annotation) for name, field in model.model_fields.items()}


def reader_of(annotation: Any) -> Callable[[str], Any]:
    """How text becomes a value of this type; types that read text themselves get it as it is."""
    kinds = set(plain_types(annotation))
    if tuple in kinds:
        return listed_cell
    if bool in kinds:
        return flag_cell
    return integer_cell if int in kinds else str.strip


def plain_types(annotation: Any) -> Iterator[Any]:
    """The classes behind an annotation: of `Annotated[int, ...] | None` int and NoneType."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from plain_types(typing.get_args(annotation)[0])
    elif origin in {typing.Union, types.UnionType}:
        for part in typing.get_args(annotation):
            yield from plain_types(part)
    else:
        yield origin or annotation


def integer_cell(text: str) -> Any:
    """An integer where the text is one; decimals and durations are left to the schema."""
    stripped = text.strip()
    return int(stripped) if INTEGER.fullmatch(stripped) else stripped


def flag_cell(text: str) -> Any:
    """True or false where the text says so."""
    return FLAGS.get(text.strip().lower(), text)


def listed_cell(text: str) -> list[str]:
    """The parts of a list, separated by semicolons."""
    return [part.strip() for part in LIST_SEPARATORS.split(text) if part.strip()]


def grouped(records: Sequence[Row], parts: Parts) -> Iterator[Row]:
    """The things that the records make up, in the order of their first records."""
    groups: dict[object, list[Row]] = {}
    for record in records:
        if record.errors:
            yield record
            continue
        key = record.value.get(parts.grouped_by)
        groups.setdefault(key if key is not None else record.number, []).append(record)
    for group in groups.values():
        yield joined(group, parts)


def joined(group: Sequence[Row], parts: Parts) -> Row:
    """One thing and its parts; what the records say of the thing itself must agree."""
    head = own_fields(group[0], parts)
    errors = []
    for record in group[1:]:
        other = own_fields(record, parts)
        errors += [
            FieldError("differs", f"{name} differs from row {group[0].number}.", name, record.number)
            for name in head.keys() | other.keys()
            if head.get(name) != other.get(name)
        ]
    inner = [
        {parts.columns[name]: value for name, value in record.value.items() if name in parts.columns}
        for record in group
    ]
    numbers = tuple(record.number for record in group)
    return Row(numbers[0], head | {parts.field: inner}, numbers, tuple(errors))


def own_fields(record: Row, parts: Parts) -> dict[str, Any]:
    """What a record says of the thing itself."""
    return {name: value for name, value in record.value.items() if name not in parts.columns}
