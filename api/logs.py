"""One id and one log line for every request; what nobody foresaw becomes a 500 that names the id."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request

from api.errors import Refusal, problem
from models.domain.ids import ulid

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.settings import ApiSettings

GIVEN_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}", re.ASCII)
QUIET_PATHS = {"/healthz", "/readyz"}

log = structlog.get_logger("api")


def configure_logging(settings: ApiSettings) -> None:
    """Structured lines on standard output, readable by people or by machines."""
    shows: dict[str, structlog.typing.Processor] = {
        "json": structlog.processors.JSONRenderer(),
        "console": structlog.dev.ConsoleRenderer(),
    }
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            shows[settings.log_format],
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.log_level.upper())),
        cache_logger_on_first_use=True,
    )


class RequestLog:
    """ASGI middleware: `X-Request-Id` in and out, a log line, a problem document for the unforeseen."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if GIVEN_ID.fullmatch(given) else f"req_{ulid()}"
        scope.setdefault("state", {})["request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self.answer(scope, receive, send, request_id)

    async def answer(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        """Pass the request on, watch its answer, and log both."""
        started = time.perf_counter()
        status = 0

        async def watched_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, watched_send)
        except Exception:
            # Whatever it is: nothing above knows more, and the caller gets an answer with the id of this in the log.
            log.exception("request failed", method=scope["method"], path=scope["path"])
            if status == 0:
                refusal = Refusal(
                    "internal", "The request failed here, not with you; the log has it under this id."
                )
                await problem(Request(scope), refusal)(scope, receive, watched_send)
        finally:
            write = log.debug if scope["path"] in QUIET_PATHS else log.info
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            write(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                milliseconds=milliseconds,
            )
