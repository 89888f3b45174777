"""The plan that a match begins with, on its way to the solver process: the columns of its tables, packed."""

from __future__ import annotations

import io
from dataclasses import fields

import numpy as np

from matcher.plan import Allocations, Draws, Plan, Productions

_TABLES = {"allocations": Allocations, "productions": Productions, "draws": Draws}


def packed(plan: Plan) -> bytes:
    """Return the allocations, productions and draws of a plan as bytes."""
    columns = {
        f"{table}.{column.name}": getattr(getattr(plan, table), column.name)
        for table, kind in _TABLES.items()
        for column in fields(kind)
    }
    file = io.BytesIO()
    np.savez(file, **columns)
    return file.getvalue()


def unpacked(content: bytes) -> Plan:
    """Return the plan that was packed."""
    with np.load(io.BytesIO(content)) as columns:
        tables = {
            table: {column.name: columns[f"{table}.{column.name}"] for column in fields(kind)}
            for table, kind in _TABLES.items()
        }
    return Plan(
        allocations=Allocations(**tables["allocations"]),
        productions=Productions(**tables["productions"]),
        draws=Draws(**tables["draws"]),
    )
