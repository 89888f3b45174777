"""Where the service is and with which key: arguments, environment, or what a service running here left."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from capweave.client.errors import NotConfiguredError

DEFAULT_URL = "http://127.0.0.1:8400"
CHECKOUT = Path(__file__).resolve().parent.parent.parent
KEY_FILE = "keys.json"
SERVICE_FILE = "service.json"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Connection:
    """A service's address and a key to it; the key may be None for the open routes only."""

    base_url: str
    api_key: str | None

    def headers(self) -> dict[str, str]:
        """What every request carries.

        Raises:
            NotConfiguredError: there is no key.
        """
        if not self.api_key:
            raise NotConfiguredError(
                "no API key: give api_key=..., set CAPWEAVE_API_KEY, or start the service here "
                f"(`capweave serve`), which leaves one in {data_folders()[0] / KEY_FILE}"
            )
        return {"Authorization": f"Bearer {self.api_key}"}


def find_connection(base_url: str | None = None, api_key: str | None = None) -> Connection:
    """Arguments first, then CAPWEAVE_URL and CAPWEAVE_API_KEY, then what a service of this machine left."""
    url = base_url or os.environ.get("CAPWEAVE_URL") or _left_url() or DEFAULT_URL
    # The key of this machine's service is for this machine: it is never sent to another.
    left = _left_key() if urlsplit(url).hostname in LOOPBACK else None
    return Connection(url.rstrip("/"), api_key or os.environ.get("CAPWEAVE_API_KEY") or left)


def data_folders() -> list[Path]:
    """Folders where a service of this machine may keep its data, the likeliest first."""
    named = os.environ.get("CAPWEAVE_DATA") or os.environ.get("CAPWEAVE_DATA_DIR")
    if named:
        return [Path(named).expanduser()]
    found = [Path.cwd() / ".capweave"]
    if (CHECKOUT / "pyproject.toml").exists():
        found.insert(0, CHECKOUT / ".capweave")
    return found


def _left_key() -> str | None:
    return _left(KEY_FILE, "operator")


def _left_url() -> str | None:
    return _left(SERVICE_FILE, "api")


def _left(file: str, name: str) -> str | None:
    for folder in data_folders():
        path = folder / file
        if path.is_file() and os.access(path, os.R_OK):
            try:
                found = json.loads(path.read_text())
            except ValueError:  # half written: the service is just starting
                continue
            return str(found[name]) if isinstance(found, dict) and found.get(name) else None
    return None
