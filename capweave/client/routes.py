"""The routes that the client speaks. A test compares `ROUTES` with the API's OpenAPI: none is missing."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

ROUTES: set[tuple[str, str]] = set()
"""Every (method, template) that a `Route` was made for; `{}` stands for a path parameter."""


@dataclass(frozen=True)
class Route:
    """A method and a path whose `{}` are filled in order."""

    method: str
    template: str

    def __post_init__(self) -> None:
        ROUTES.add((self.method, self.template))

    def path(self, *parts: str) -> str:
        """The path, with its parameters quoted: a code may hold a slash or a colon."""
        return self.template.format(*(quote(part, safe="") for part in parts))
