"""What every problem document must be."""

from __future__ import annotations

from typing import Any

import httpx


def problem_of(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """The problem document of an answer, which must be one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["type"] == f"urn:capweave:problem:{body['code']}"
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["title"]
    assert body["detail"]
    assert body["instance"] == answer.request.url.path
    if code is not None:
        assert body["code"] == code
    return body


def places(answer: httpx.Response, status: int = 422) -> set[tuple[int | None, str | None, str]]:
    """Row, field and code of each error."""
    body = problem_of(answer, status)
    return {(error.get("row"), error.get("field"), error["code"]) for error in body["errors"]}
