"""Where API and console listen, and what is said of that."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.addresses import Address, choose_addresses
from service.serve import Service, banner
from service.settings import Settings


def addresses(**given: str) -> tuple[Address, Address, list[str]]:
    told: list[str] = []
    settings = Settings(api_port=0, console_port=0, database_url=None, **given)
    return *choose_addresses(settings, told.append), told


def test_an_open_api_leaves_the_console_at_this_machine() -> None:
    api, console, told = addresses(api_host="0.0.0.0")
    assert (api.host, console.host) == ("0.0.0.0", "127.0.0.1")
    assert told == []


def test_an_open_console_is_warned_of() -> None:
    _, console, (told,) = addresses(console_host="0.0.0.0")
    assert console.host == "0.0.0.0"
    assert "no login" in told


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:8400"),
        ("::", "http://[::1]:8400"),
        ("10.0.0.7", "http://10.0.0.7:8400"),
        ("factory.example", "http://factory.example:8400"),
    ],
)
def test_an_address_is_told_as_one_that_answers(host: str, url: str) -> None:
    assert Address(host, 8400).url == url


def test_the_banner_names_no_address_that_nobody_answers_at() -> None:
    service = Service("postgresql://", Address("0.0.0.0", 8400), Address("127.0.0.1", 8401), Path("/nowhere"))
    shown = banner(service)
    assert "0.0.0.0" not in shown
    assert "http://127.0.0.1:8400/docs   (and at the other addresses of this machine)" in shown
