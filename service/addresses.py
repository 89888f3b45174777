"""The addresses that a service listens at, and those at which it is reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from service.ports import choose_port
from service.settings import Settings


@dataclass(frozen=True)
class Address:
    """Where one program listens.

    Attributes:
        host: the address; `0.0.0.0` and `::` are all of the machine's.
        port: chosen already.
    """

    host: str
    port: int

    @property
    def reached_at(self) -> str:
        """An address that this machine reaches it at: no program answers at "all of them"."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - only looked at

    @property
    def url(self) -> str:
        """Such as `http://127.0.0.1:8400`."""
        host = self.reached_at
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def told(self) -> str:
        """What to add where it is told to a person."""
        return "" if self.host == self.reached_at else "   (and at the other addresses of this machine)"

    @property
    def only_here(self) -> bool:
        """Whether other machines cannot reach it."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def choose_addresses(settings: Settings, report: Callable[[str], None]) -> tuple[Address, Address]:
    """Free ports for API and console, and a word about those that differ from what was asked."""
    api = Address(settings.api_host, choose_port(settings.api_host, settings.api_port))
    console_port = choose_port(settings.console_host, settings.console_port, frozenset({api.port}))
    console = Address(settings.console_host, console_port)
    for name, wanted, chosen in (
        ("API", settings.api_port, api.port),
        ("console", settings.console_port, console.port),
    ):
        if wanted not in (0, chosen):
            report(f"Port {wanted} is taken; the {name} listens at {chosen}.")
    if not console.only_here:
        report(
            f"Warning: the console has no login and acts with an operator's key. At {console.host} whoever reaches "
            "this machine can do everything with this market: put a proxy with a login before it."
        )
    return api, console
