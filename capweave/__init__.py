"""Capweave for those who use it: the Python client, the command line, the import of files.

    from capweave import Client

    with Client() as client:
        order = client.orders.create(organisation="hospital-1", lines=[{"item": "mask", "quantity": 100_000,
                                     "requested_date": "2026-05-04"}])

Importing this package is light: neither httpx nor OR-Tools is loaded before it is needed.
"""

from __future__ import annotations

from capweave.client import ApiError, AsyncClient, CapweaveError, Client

__all__ = ["ApiError", "AsyncClient", "CapweaveError", "Client", "__version__"]

__version__ = "0.1.0"
