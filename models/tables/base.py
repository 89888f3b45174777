"""What all tables share: names of constraints, types of columns, and the columns of published resources.

Every constraint has a name, and says in `info` which field it guards and what to tell who broke it: the
store turns a database error into a domain error by looking the name up (models/store/integrity.py).

Foreign keys that carry an organisation or a site beside the id make the copied owner a fact that the database
keeps: where a site changes hands, `ON UPDATE CASCADE` takes its lines, their capabilities and windows along.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from models.domain.measures import MAX_DURATION, MAX_MONEY, MAX_QUANTITY
from models.domain.resources import Status

Id = Annotated[str, mapped_column(Text(collation="C"))]
"""Ids are compared byte by byte: quick, and in the order of their making, whatever the database's locale."""
Json = Annotated[dict[str, Any], mapped_column(JSONB)]
JsonList = Annotated[list[dict[str, Any]], mapped_column(JSONB)]
Texts = Annotated[list[str], mapped_column(ARRAY(Text))]


class Base(DeclarativeBase):
    """All tables; `Base.metadata` is what `alembic check` compares the database with."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        int: BigInteger,
        float: Double,
        datetime: TIMESTAMP(timezone=True),
    }


class ResourceColumns:
    """What each resource has; `status` differs and stands in the table."""

    id: Mapped[Id] = mapped_column(primary_key=True, sort_order=-3)
    market_id: Mapped[Id] = mapped_column(ForeignKey("markets.id"), sort_order=-2)
    code: Mapped[str] = mapped_column(sort_order=-1)
    created_at: Mapped[datetime] = mapped_column(sort_order=1)
    updated_at: Mapped[datetime] = mapped_column(sort_order=1)


class PublishedColumns(ResourceColumns):
    """A resource that is active until it is withdrawn."""

    status: Mapped[str] = mapped_column(sort_order=-1)


class OwnedColumns(PublishedColumns):
    """A published resource of one organisation."""

    organisation_id: Mapped[Id] = mapped_column(ForeignKey("organisations.id"), sort_order=-1)


class InheritedColumns(PublishedColumns):
    """A published resource whose organisation is that of what it belongs to; `belongs_to` keeps it so.

    Its market is that one's too: a foreign key to say so again would be a tenth of the time of a bulk insert.
    """

    market_id: Mapped[Id] = mapped_column(sort_order=-2)
    organisation_id: Mapped[Id] = mapped_column(sort_order=-1)


ACTIVE = text("status = 'active'")


def rule(field: str, condition: str, message: str, *, name: str | None = None) -> CheckConstraint:
    """Return a check of one field; `name` where a field has several."""
    return CheckConstraint(condition, name=name or field, info={"field": field, "message": message})


def one_of(column: str, kinds: type[StrEnum]) -> CheckConstraint:
    """Return the check that a column holds a value of an enumeration."""
    values = ", ".join(f"'{kind.value}'" for kind in kinds)
    return rule(column, f"{column} IN ({values})", f"must be one of {values}")


def is_quantity(column: str, *, least: int = 1) -> CheckConstraint:
    """Return the check that a column is a quantity."""
    return _between(column, least, MAX_QUANTITY, "")


def is_amount(column: str) -> CheckConstraint:
    """Return the check that a column is an amount of money, in micros."""
    return _between(column, 0, MAX_MONEY, " micros")


def is_duration(column: str) -> CheckConstraint:
    """Return the check that a column is a duration, in microseconds."""
    return _between(column, 0, MAX_DURATION, " microseconds")


def _between(column: str, least: int, most: int, unit: str) -> CheckConstraint:
    condition = f"{column} BETWEEN {least} AND {most}"
    return rule(column, condition, f"must be from {least} to {most}{unit}")


def unique_code(*scope: str) -> tuple[UniqueConstraint, CheckConstraint]:
    """Return the rules of a code: unique within the scope (the market, or an order), 1 to 200 characters."""
    return (
        UniqueConstraint(*scope, "code", info={"field": "code", "message": "another one has this code"}),
        rule("code", "length(code) BETWEEN 1 AND 200", "must have 1 to 200 characters"),
    )


def published() -> tuple[Any, ...]:
    """Return the constraints that every published resource has."""
    return (*unique_code("market_id"), one_of("status", Status))


def belongs_to(table: str, *columns: str) -> tuple[ForeignKeyConstraint, Index]:
    """Return the reference by the first column to a row of a table, whose other columns are the same as here.

    `belongs_to("sites", "site_id", "organisation_id")`: the organisation is the site's, now and later.
    """
    targets = [f"{table}.id", *(f"{table}.{column}" for column in columns[1:])]
    info = {
        "field": columns[0].removesuffix("_id"),
        "message": f"is not one of the {table.replace('_', ' ')}",
    }
    return ForeignKeyConstraint(columns, targets, onupdate="CASCADE", info=info), Index(None, columns[0])


def known_with(*columns: str) -> UniqueConstraint:
    """Return what `belongs_to` asks of the table that is referred to."""
    return UniqueConstraint("id", *columns)


def refers_to(table: str, column: str) -> tuple[ForeignKeyConstraint, Index]:
    """Return a plain reference."""
    info = {"field": column.removesuffix("_id"), "message": f"is not one of the {table.replace('_', ' ')}"}
    return ForeignKeyConstraint([column], [f"{table}.id"], info=info), Index(None, column)
