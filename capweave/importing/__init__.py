"""Import of CSV, XLSX and Parquet files through the HTTP API: read, check all, show, then post."""

from __future__ import annotations

from capweave.importing.posting import Posted, post
from capweave.importing.reading import Reading, TableReading, read_folder
from capweave.importing.references import check
from capweave.importing.templates import write_rows, write_templates

__all__ = [
    "Posted",
    "Reading",
    "TableReading",
    "check",
    "post",
    "read_folder",
    "write_rows",
    "write_templates",
]
