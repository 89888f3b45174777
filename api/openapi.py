"""The OpenAPI document: what FastAPI finds out by itself, and what every operation has in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.door import BULK_TYPES, ROLES
from api.errors import MEDIA_TYPE, STATUSES, TITLES, Problem

PROBLEM = {"$ref": "#/components/schemas/Problem"}
DESCRIPTION = """\
Orders and capacity in, plans out.

* **Keys.** Every route of `/v1` needs `Authorization: Bearer KEY`; `capweave keys create` makes keys.
* **References.** Wherever a field or a path refers to something, its id or its `code` will do; answers give
  ids.
* **Measures.** Money is a decimal string, quantities are integers of the item's base unit, durations are
  numbers whose names carry the unit (or ISO 8601), instants are RFC 3339 with an offset. A plain date is a
  day of the market: its first moment in `from`, `earliest` and `starts` fields, its end in `until`,
  `requested`, `latest` and `ends` fields.
* **Lists** come in pages, oldest first (runs and plans: newest first): follow `next_cursor` until it is null.
* **Idempotency.** A `POST` or `PATCH` with an `Idempotency-Key` is done once; repetitions get the same
  answer.
* **Errors** are RFC 9457 problem documents with the request's id; `errors` names each field (and row).
"""
ANYWHERE = ("unauthenticated", "forbidden", "invalid", "internal", "unavailable")
WITH_BODY = ("malformed_json", "body_timeout", "body_too_large", "unsupported_media_type")
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any text of the caller's; the same request with the same key is done once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
Operation = dict[str, Any]


def describe(app: FastAPI, path_examples: Mapping[str, str]) -> None:
    """Give the application its document; `path_examples` are keys that the examples create, by collection."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app, path_examples)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def document(app: FastAPI, path_examples: Mapping[str, str]) -> dict[str, Any]:
    """The whole document."""
    found = get_openapi(
        title=app.title, version=app.version, summary=app.summary, description=DESCRIPTION, routes=app.routes
    )
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas |= problem_schemas()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key."}
    }
    for path, method, operation in operations(found):
        complete(path, method, operation, path_examples)
        show_example(operation, schemas)
    return found


def problem_schemas() -> dict[str, Any]:
    """The schemas of problem documents, as components."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    return {**schema.pop("$defs"), "Problem": schema}


def operations(found: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    """Every operation with its path and method."""
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def complete(path: str, method: str, operation: Operation, path_examples: Mapping[str, str]) -> None:
    """Add what all operations have: problems, the key, the idempotency header, examples of paths."""
    open_to_all = ROLES not in operation
    operation.pop(BULK_TYPES, None)
    operation["security"] = [] if open_to_all else [{"key": []}]
    codes = [] if open_to_all else list(ANYWHERE)
    if "{" in path:
        codes.append("not_found")
    if method in {"post", "patch"}:
        codes += ["conflict", *WITH_BODY]
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    operation["responses"].pop("422", None)
    for code in codes:
        operation["responses"][str(int(STATUSES[code]))] = problem_response(code)
    collection = path.removeprefix("/v1/").split("/")[0].split(":")[0]
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path" and collection in path_examples:
            parameter["example"] = path_examples[collection]


def show_example(operation: Operation, schemas: Mapping[str, Any]) -> None:
    """Repeat the body's example beside its schema, where tools look for it first."""
    for media in operation.get("requestBody", {}).get("content", {}).values():
        name = media.get("schema", {}).get("$ref", "").rpartition("/")[2]
        if examples := schemas.get(name, {}).get("examples"):
            media["example"] = examples[0]


def problem_response(code: str) -> dict[str, Any]:
    """The documentation of one kind of refusal."""
    return {"description": TITLES[code], "content": {MEDIA_TYPE: {"schema": PROBLEM}}}
