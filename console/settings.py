"""Where the console listens and which API it shows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Read from CAPWEAVE_CONSOLE_HOST, CAPWEAVE_CONSOLE_PORT, CAPWEAVE_URL, CAPWEAVE_API_KEY or _KEY_FILE."""

    host: str
    port: int
    api_url: str
    api_key: str

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the settings; a key file is read when no key is given."""
        key = os.environ.get("CAPWEAVE_API_KEY", "")
        file = os.environ.get("CAPWEAVE_API_KEY_FILE", "")
        if not key and file:
            key = Path(file).read_text(encoding="utf-8").strip()
        return cls(
            host=os.environ.get("CAPWEAVE_CONSOLE_HOST", "127.0.0.1"),
            port=int(os.environ.get("CAPWEAVE_CONSOLE_PORT", "8401")),
            api_url=os.environ.get("CAPWEAVE_URL", "http://127.0.0.1:8400"),
            api_key=key,
        )
