"""The page at /docs works where nothing but the service can be reached."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin

if TYPE_CHECKING:
    import httpx


async def test_the_page_of_the_api_asks_this_service_alone(operator: httpx.AsyncClient) -> None:
    page = await operator.get("/docs")
    assert page.status_code == HTTPStatus.OK
    asked = re.findall(r"""(?:src|href)="([^"]+)"|url: '([^']+)'""", page.text)
    addresses = {first or second for first, second in asked}
    assert len(addresses) == 4, addresses  # the script, the style, the icon, the document
    for address in addresses:
        assert "//" not in address
        answer = await operator.get(urljoin("/docs", address))
        assert answer.status_code == HTTPStatus.OK, address
