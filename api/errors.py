"""Every error as an RFC 9457 problem document. The only place that knows statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg import OperationalError as DriverOperationalError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from models.domain.errors import CapweaveError, Refused, RowError

log = structlog.get_logger("api")

MAX_LISTED = 1000
PROBLEM_TYPE = "urn:capweave:problem:"
MEDIA_TYPE = "application/problem+json"

STATUSES: Mapping[str, HTTPStatus] = {
    "malformed_request": HTTPStatus.BAD_REQUEST,
    "malformed_json": HTTPStatus.BAD_REQUEST,
    "not_utf8": HTTPStatus.BAD_REQUEST,
    "body_incomplete": HTTPStatus.BAD_REQUEST,
    "unauthenticated": HTTPStatus.UNAUTHORIZED,
    "forbidden": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "conflict": HTTPStatus.CONFLICT,
    "duplicate_code": HTTPStatus.CONFLICT,
    "still_referenced": HTTPStatus.CONFLICT,
    "already_finished": HTTPStatus.CONFLICT,
    "lost_claim": HTTPStatus.CONFLICT,
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "body_timeout": HTTPStatus.REQUEST_TIMEOUT,
    "body_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "unsupported_media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "refused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unknown_reference": HTTPStatus.UNPROCESSABLE_ENTITY,
    "overlapping_window": HTTPStatus.UNPROCESSABLE_ENTITY,
    "cyclic_bill": HTTPStatus.UNPROCESSABLE_ENTITY,
    "broken_rule": HTTPStatus.UNPROCESSABLE_ENTITY,
    "idempotency_key_reused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}

TITLES: Mapping[str, str] = {
    "malformed_request": "The request could not be read",
    "malformed_json": "The body is not JSON",
    "not_utf8": "The body is not UTF-8",
    "body_incomplete": "The body ended early",
    "unauthenticated": "A valid key is needed",
    "forbidden": "This key may not do that",
    "not_found": "There is nothing here",
    "conflict": "This does not fit the present state",
    "duplicate_code": "Another one has this code",
    "still_referenced": "Others refer to it",
    "already_finished": "The run has ended already",
    "lost_claim": "The run was given to another worker",
    "refused": "What was sent cannot be stored",
    "unknown_reference": "Something referred to does not exist",
    "overlapping_window": "Two capacity windows overlap",
    "cyclic_bill": "An item would be made out of itself",
    "broken_rule": "A value breaks a rule",
    "method_not_allowed": "The method is not offered here",
    "body_timeout": "The body took too long",
    "body_too_large": "The body is too large",
    "unsupported_media_type": "The media type is not taken here",
    "invalid": "The request is not valid",
    "idempotency_key_reused": "The idempotency key was used for another request",
    "internal": "Something went wrong here",
    "unavailable": "The service cannot answer now",
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong at one place: `field` is a dotted path (`lines.0.quantity`), `row` counts from 1."""

    code: str
    message: str
    field: str | None = None
    row: int | None = None
    expected: str | None = None


class Refusal(Exception):  # noqa: N818 (an answer, like the domain's `Refused`)
    """A request that the HTTP door itself turns away; `code` is a key of `STATUSES`."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        error_count: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = errors
        self.error_count = len(errors) if error_count is None else error_count
        self.headers = headers


class PlaceOut(BaseModel):
    """One thing that is wrong, and where."""

    row: int | None = Field(
        default=None, description="Row or line of a bulk upload, from 1; a CSV header is not counted."
    )
    field: str | None = Field(
        default=None, description="Dotted path of the field, such as `lines.0.quantity`."
    )
    code: str
    message: str
    expected: str | None = None


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:capweave:problem:invalid",
                    "title": "The request is not valid",
                    "status": 422,
                    "detail": "1 error: lines.0.quantity: Input should be greater than or equal to 1.",
                    "instance": "/v1/orders",
                    "code": "invalid",
                    "request_id": "req_01kqsdh7z3m4w9n2c8v5x6y7ab",
                    "errors": [
                        {
                            "field": "lines.0.quantity",
                            "code": "greater_than_equal",
                            "message": "Input should be greater than or equal to 1",
                            "expected": "ge 1",
                        }
                    ],
                }
            ]
        }
    )

    type: str = Field(description="`urn:capweave:problem:` and the code.")
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    errors: list[PlaceOut] = Field(default=[], description=f"Each place that is wrong, at most {MAX_LISTED}.")
    error_count: int | None = Field(
        default=None, description="All errors found, where more exist than are listed."
    )


def problem(request: Request, refusal: Refusal) -> JSONResponse:
    """The problem document of a refusal."""
    status = STATUSES[refusal.code]
    body = Problem(
        type=PROBLEM_TYPE + refusal.code,
        title=TITLES[refusal.code],
        status=status,
        detail=printable(refusal.detail),
        instance=printable(request.url.path),
        code=refusal.code,
        request_id=request_id(request),
        errors=[place_out(error) for error in refusal.errors[:MAX_LISTED]],
        error_count=refusal.error_count or None,
    )
    content = body.model_dump(exclude_none=True)
    return JSONResponse(content, status, headers=refusal.headers, media_type=MEDIA_TYPE)


def place_out(error: FieldError) -> PlaceOut:
    """A field error as HTTP shows it."""
    return PlaceOut(
        row=error.row,
        field=None if error.field is None else printable(error.field),
        code=error.code,
        message=printable(error.message),
        expected=error.expected,
    )


def printable(text: str) -> str:
    """The text without what UTF-8 cannot carry, and not endless: it may repeat what the caller sent."""
    return text.encode("utf-8", "replace").decode("utf-8")[:2000]


def request_id(request: Request) -> str:
    """The id that the log lines of this request carry too."""
    found: str = request.scope.get("state", {}).get("request_id", "")
    return found


def field_errors(
    errors: Sequence[Mapping[str, Any]], row: int | None = None, skip: int = 0
) -> list[FieldError]:
    """Pydantic's errors with dotted paths, without their `skip` first steps (`body`, `query`).

    A tuple whose parts are wrong is called too short by pydantic as well, which it is not.
    """
    places = {tuple(error["loc"][:depth]) for error in errors for depth in range(len(error["loc"]))}
    return [
        FieldError(
            code=error["type"],
            message=message_of(error),
            field=".".join(str(step) for step in error["loc"][skip:] if step != "[key]") or None,
            row=row,
            expected=expected_of(error.get("ctx", {})),
        )
        for error in errors
        if not (error["type"] == "too_short" and tuple(error["loc"]) in places)
    ]


def message_of(error: Mapping[str, Any]) -> str:
    """The sentence for the caller; the domain's own errors speak for themselves."""
    message: str = error["msg"]
    return message.removeprefix("Value error, ")


def expected_of(context: Mapping[str, Any]) -> str | None:
    """What would have been right, where the check knows it."""
    if "expected" in context:
        return str(context["expected"])
    limits = [f"{name} {context[name]}" for name in LIMITS if name in context]
    return ", ".join(limits) or None


LIMITS = ("gt", "ge", "lt", "le", "min_length", "max_length", "pattern")


def invalid(errors: Sequence[FieldError], *, total: int | None = None) -> Refusal:
    """The refusal of a request with these errors; the detail shows the first."""
    count = len(errors) if total is None else total
    first = errors[0]
    place = ": ".join(str(part) for part in (f"row {first.row}" if first.row else "", first.field) if part)
    shown = f"{place}: {first.message}" if place else first.message
    many = "1 error" if count == 1 else f"{count} errors, the first"
    return Refusal("invalid", f"{many}: {shown.rstrip('.')}.", errors=errors, error_count=count)


def refusal_of_domain(error: CapweaveError) -> Refusal:
    """What the domain refuses, by its code."""
    if isinstance(error, Refused):
        places = [field_error_of_row(place) for place in error.errors]
        foreign = bool(places) and all(place.code == "forbidden_organisation" for place in places)
        return Refusal("forbidden" if foreign else error.code, error.message, errors=places)
    code = error.code if error.code in STATUSES else "internal"
    headers = {"WWW-Authenticate": 'Bearer realm="capweave"'} if code == "unauthenticated" else None
    if code == "unavailable":
        headers = {"Retry-After": "2"}
    return Refusal(code, error.message, headers=headers)


def field_error_of_row(error: RowError, row: int | None = None) -> FieldError:
    """A row's error as HTTP shows it; `row` from 1, where there is more than one."""
    return FieldError(error.code, error.message, error.field or None, row, error.expected)


def refusal_of_status(error: HTTPException) -> Refusal:
    """What the framework itself refuses: unknown paths and methods above all."""
    code = next(
        (code for code, status in STATUSES.items() if status == error.status_code), "malformed_request"
    )
    detail = FRAMEWORK_DETAILS.get(code, str(error.detail))
    return Refusal(code, detail, headers=error.headers)


FRAMEWORK_DETAILS: Mapping[str, str] = {
    "not_found": "No route has this path; /docs lists them.",
    "method_not_allowed": "The path exists, but not for this method; the Allow header lists its methods.",
}


async def on_refusal(request: Request, error: Exception) -> JSONResponse:
    """Answer a refusal."""
    assert isinstance(error, Refusal)
    return problem(request, error)


async def on_http_exception(request: Request, error: Exception) -> JSONResponse:
    """Answer what the framework refuses."""
    assert isinstance(error, HTTPException)
    return problem(request, refusal_of_status(error))


async def on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    """Answer parameters or a body that fail their schema."""
    assert isinstance(error, RequestValidationError)
    return problem(request, invalid(field_errors(error.errors(), skip=1)))


async def on_domain_error(request: Request, error: Exception) -> JSONResponse:
    """Answer what the domain refuses."""
    assert isinstance(error, CapweaveError)
    return problem(request, refusal_of_domain(error))


async def on_database_away(request: Request, error: Exception) -> JSONResponse:
    """Answer while the database restarts, is overloaded, or gave up a transaction: trying again is right."""
    log.warning("database away", error=str(error))
    refusal = Refusal("unavailable", "The database is not ready; try again.", headers={"Retry-After": "2"})
    return problem(request, refusal)


def handle_errors(app: FastAPI) -> None:
    """Make every error of the application a problem document."""
    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(CapweaveError, on_domain_error)
    for away in (OperationalError, InterfaceError, PoolTimeout, DriverOperationalError):
        app.add_exception_handler(away, on_database_away)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
