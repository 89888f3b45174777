"""The requests that the OpenAPI document shows, as a client would send them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx

Document = dict[str, Any]

ORDER = (
    "markets", "organisations", "sites", "lines", "labour-pools", "items", "bills-of-materials",
    "capabilities", "certificates", "capacity-windows", "supplies", "lanes", "orders",
)  # fmt: skip


@dataclass(frozen=True)
class Example:
    """One request of the document."""

    method: str
    path: str
    media_type: str | None = None
    content: str | None = None

    async def send(self, client: httpx.AsyncClient) -> httpx.Response:
        headers = {"Content-Type": self.media_type} if self.media_type else {}
        return await client.request(self.method, self.path, content=self.content, headers=headers)


def examples(document: Document, path: str, method: str) -> list[Example]:
    """The examples of an operation: one for each media type of its body, or one without a body."""
    operation = document["paths"][path][method]
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return [Example(method.upper(), path)]
    found = []
    for media_type, media in content.items():
        body = media["example"]
        text = body if isinstance(body, str) else json.dumps(body)
        found.append(Example(method.upper(), path, media_type, text))
    return found


async def post_examples(client: httpx.AsyncClient, document: Document, *, bulk: bool = True) -> None:
    """Make the market that the examples describe."""
    for plural in ORDER:
        for path in (f"/v1/{plural}", *([f"/v1/{plural}:bulk"] if bulk else [])):
            for example in examples(document, path, "post"):
                answer = await example.send(client)
                assert answer.status_code == 201, (example, answer.text)
