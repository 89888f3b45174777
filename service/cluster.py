"""One PostgreSQL data directory: making it, starting its server, knowing whether it answers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from service.binaries import Binaries
from service.errors import PlaceError, PostgresStartError
from service.place import Place
from service.process import is_alive, spawn, tail

USER = "capweave"
PORT = 5432
START_SECONDS = 60.0
POLL_SECONDS = 0.01

# Tests throw their data away: no safety against power loss. A killed server still loses nothing.
FAST_AND_LOOSE = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Cluster:
    """A data directory with the programs that run it.

    Attributes:
        place: where it is and who runs it.
        binaries: the programs.
        durable: False gives up safety against power loss for speed; for tests.
    """

    place: Place
    binaries: Binaries
    durable: bool = True

    def url(self, database: str) -> str:
        """The address of one of its databases, as libpq reads it."""
        folder = quote(str(self.place.sockets), safe="/")
        return f"postgresql://{USER}@/{quote(database)}?host={folder}&port={PORT}"

    def prepare(self) -> None:
        """Make data directory and socket folder if missing; clear away what a killed server has left."""
        self.make_socket_folder()
        self.initialise()
        self.check_release()
        self.forget_dead_server()

    def make_socket_folder(self) -> None:
        """The folder of the socket, which only the server's account (and root) may enter."""
        folder, account = self.place.sockets, self.place.account
        if not folder.is_symlink() and not folder.exists():
            folder.mkdir(mode=0o700)
            if account is not None:
                os.chown(folder, account.uid, account.gid)
        facts = folder.lstat()
        if facts.st_uid != (account.uid if account else os.geteuid()) or folder.is_symlink():
            raise PlaceError(f"{folder} is not ours: somebody else made it. Remove it and start again.")
        if facts.st_mode & 0o077:
            folder.chmod(0o700)

    def initialise(self) -> None:
        """Make the data directory beside its place and move it there whole: half of one is never seen."""
        data, account = self.place.data, self.place.account
        if (data / "PG_VERSION").exists():
            return
        half = data.with_name("postgres.new")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        if account is not None:
            os.chown(half, account.uid, account.gid)
        locale = "C.UTF-8" if sys.platform == "linux" else "C"
        options = ["-E", "UTF8", f"--locale={locale}", "-U", USER, "--auth-local=trust", "--auth-host=reject"]
        if not self.durable:
            options.append("--no-sync")
        initdb = spawn(
            [self.binaries.initdb, "-D", half, *options],
            env=self.environment(),
            log=self.place.log,
            account=account,
            last_signal=signal.SIGKILL,
        )
        if initdb.wait() != 0:
            raise PostgresStartError(f"The database could not be made:\n{tail(self.place.log)}")
        half.rename(data)

    def check_release(self) -> None:
        """Another release's data directory is refused before the server writes its own, less clear, words."""
        written = (self.place.data / "PG_VERSION").read_text().strip()
        if written != str(self.binaries.release):
            raise PostgresStartError(
                f"The data in {self.place.data} were made by PostgreSQL {written}, and "
                f"{self.binaries.folder} is PostgreSQL {self.binaries.release}. Name the programs of release "
                f"{written} in PG_BIN, or name another folder in CAPWEAVE_DATA."
            )

    def forget_dead_server(self) -> None:
        """Remove a `postmaster.pid` whose process is no server of these data.

        After a power loss or in a restarted container that number may be somebody else's, and PostgreSQL
        would refuse to start. The caller holds the folder's lock, so only a server started by hand can be
        meant.
        """
        pid = self.server_pid()
        if pid is None:
            return
        if is_alive(pid) and serves(pid, self.place.data):
            raise PostgresStartError(
                f"A PostgreSQL server (process {pid}) that was started by hand is using {self.place.data}."
            )
        (self.place.data / "postmaster.pid").unlink(missing_ok=True)
        # PostgreSQL takes a killed server whose parent has not been told yet (a zombie) for a running one.
        (self.place.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def server_pid(self) -> int | None:
        """The server's process as it wrote it down; None where it wrote nothing."""
        lines = self.pid_file()
        return int(lines[0]) if lines and lines[0].strip().isdigit() else None

    def pid_file(self) -> list[str]:
        """The lines of `postmaster.pid`: the pid first, the state in the eighth."""
        try:
            return (self.place.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def start(self, lock: int, *, detached: bool = False) -> subprocess.Popen[bytes]:
        """Start the server, which inherits the folder's lock; it dies with the caller unless detached."""
        options = {
            "listen_addresses": "",  # the socket only: nothing to guess a password for
            "port": str(PORT),
            "unix_socket_directories": f'"{self.place.sockets}"',
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **({} if self.durable else FAST_AND_LOOSE),
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return spawn(
            [self.binaries.postgres, "-D", self.place.data, *settings],
            env=self.environment(),
            log=self.place.log,
            account=self.place.account,
            last_signal=None if detached else signal.SIGINT,  # a fast shutdown
            pass_fds=(lock,),
        )

    def environment(self) -> dict[str, str]:
        """Nothing of the caller's: PGDATA, PGPORT and their like would change what the programs do."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8" if sys.platform == "linux" else "C",
        }

    def is_ready(self, pid: int | None = None) -> bool:
        """Whether the server takes connections, as it says itself; with a pid, whether that server does."""
        lines = self.pid_file()
        ready = len(lines) >= 8 and lines[7].strip() == "ready"  # noqa: PLR2004 - the line is PostgreSQL's
        return ready and (pid is None or self.server_pid() == pid)

    def wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for a server that was just started.

        Raises:
            PostgresStartError: it ended, or took too long.
        """
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready(process.pid):
            if process.poll() is not None or time.monotonic() > deadline:
                raise PostgresStartError(f"PostgreSQL did not start:\n{tail(self.place.log)}")
            time.sleep(POLL_SECONDS)

    def make_database(self, name: str) -> None:
        """The database, if it is not there yet."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def serves(pid: int, data: Path) -> bool:
    """Whether the process is a server of that data directory: a server's working folder is its data.

    Where the system does not tell (no /proc), it is taken for one.
    """
    if not Path("/proc/self").exists():
        return True
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == data.resolve()
    except (FileNotFoundError, PermissionError):
        return False
