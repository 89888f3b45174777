"""Everything that the client raises.

CapweaveError
├── NotConfiguredError          no key was given, and none was found
├── UnreachableError            no answer, after all retries
├── AnswerTimeoutError          an answer, or the end of a run, did not come in time
├── NoPlanError                 a run ended without a plan
├── UnexpectedAnswerError       an answer that this client cannot read
└── ApiError                    the API said no, with a problem document (RFC 9457)
    ├── InvalidRequestError     400, 413, 415, 422: what was sent is wrong; `errors` lists rows and fields
    ├── UnauthorizedError       401: no valid key
    ├── ForbiddenError          403: the key's role may not do this
    ├── NotFoundError           404
    ├── ConflictError           409: it clashes with what is stored
    ├── TooManyRequestsError    429, after all retries
    └── ServerError             5xx, after all retries
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class CapweaveError(Exception):
    """Anything that the client raises."""


class NotConfiguredError(CapweaveError):
    """No API key was given, and none was found where a running service leaves it."""


class UnreachableError(CapweaveError):
    """The service could not be reached, after all retries."""


class AnswerTimeoutError(CapweaveError):
    """An answer, or the end of a run, did not come within the time allowed."""


class NoPlanError(CapweaveError):
    """A run ended without a plan: it failed, or was cancelled before there was one."""


class UnexpectedAnswerError(CapweaveError):
    """The answer is not what this version of the client can read."""


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong with what was sent.

    Attributes:
        row: 1-based data row of a bulk upload; None where a single object was sent.
        field: the field, dotted into nested ones (`lines.0.quantity`); None where the whole row is wrong.
        code: a stable word for the kind of error.
        message: one sentence.
        expected: what would have been right, where the API says so.
    """

    row: int | None
    field: str | None
    code: str
    message: str
    expected: Any = None

    def __str__(self) -> str:
        """The place, then the message."""
        place = [f"row {self.row}" if self.row is not None else "", self.field or ""]
        return ": ".join(part for part in (*place, self.message) if part)


class ApiError(CapweaveError):
    """The API refused.

    Attributes:
        status: the HTTP status.
        code: the problem's stable code, such as `not_found`.
        title: the problem in a few words.
        detail: what happened this time.
        request_id: names this request in the service's log.
        errors: what is wrong where, one entry a place.
        problem: the whole problem document.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code") or status)
        self.title = str(problem.get("title") or f"HTTP {status}")
        self.detail = str(problem.get("detail") or "")
        self.request_id: str | None = problem.get("request_id")
        self.errors = tuple(_row_error(each) for each in problem.get("errors") or ())
        super().__init__(status, problem)

    def __str__(self) -> str:
        """Title and detail, the first places, and the request's id."""
        shown = [f"{self.title}: {self.detail}" if self.detail else self.title]
        shown += [f"  {each}" for each in self.errors[:SHOWN_ERRORS]]
        if len(self.errors) > SHOWN_ERRORS:
            shown.append(f"  … and {len(self.errors) - SHOWN_ERRORS} more")
        if self.request_id:
            shown.append(f"  (request {self.request_id})")
        return "\n".join(shown)


class InvalidRequestError(ApiError):
    """What was sent is wrong; `errors` lists the places."""


class UnauthorizedError(ApiError):
    """The key is missing, unknown or revoked."""


class ForbiddenError(ApiError):
    """The key's role may not do this."""


class NotFoundError(ApiError):
    """There is no such thing, or the key may not see it."""


class ConflictError(ApiError):
    """The request clashes with what is stored."""


class TooManyRequestsError(ApiError):
    """Too many requests, after all retries."""


class ServerError(ApiError):
    """The service failed, after all retries."""


SHOWN_ERRORS = 20
"""How many places an error's text shows; `errors` has them all."""

_BY_STATUS: Mapping[int, type[ApiError]] = {
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    429: TooManyRequestsError,
}
_FIRST_SERVER_STATUS = 500


def api_error(status: int, problem: Mapping[str, Any]) -> ApiError:
    """The error of the tree for a status of 400 or above."""
    fallback = ServerError if status >= _FIRST_SERVER_STATUS else InvalidRequestError
    return _BY_STATUS.get(status, fallback)(status, problem)


def _row_error(entry: Mapping[str, Any]) -> RowError:
    return RowError(
        row=entry.get("row"),
        field=entry.get("field"),
        code=str(entry.get("code") or ""),
        message=str(entry.get("message") or ""),
        expected=entry.get("expected"),
    )
