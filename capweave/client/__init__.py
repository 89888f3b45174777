"""The Python client of Capweave's HTTP API, synchronous (`Client`) and asynchronous (`AsyncClient`)."""

from __future__ import annotations

from capweave.client.asynchronous import AsyncClient
from capweave.client.errors import (
    AnswerTimeoutError,
    ApiError,
    CapweaveError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NoPlanError,
    NotConfiguredError,
    NotFoundError,
    RowError,
    ServerError,
    TooManyRequestsError,
    UnauthorizedError,
    UnexpectedAnswerError,
    UnreachableError,
)
from capweave.client.flow import Retry
from capweave.client.sync import Client

__all__ = [
    "AnswerTimeoutError",
    "ApiError",
    "AsyncClient",
    "CapweaveError",
    "Client",
    "ConflictError",
    "ForbiddenError",
    "InvalidRequestError",
    "NoPlanError",
    "NotConfiguredError",
    "NotFoundError",
    "Retry",
    "RowError",
    "ServerError",
    "TooManyRequestsError",
    "UnauthorizedError",
    "UnexpectedAnswerError",
    "UnreachableError",
]
