"""The embedded PostgreSQL: `EmbeddedPostgres(folder).running()` is a real server while the block lasts.

How it stays one server, never an orphan: `docs/decisions/0003-embedded-postgresql.md`.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from service.binaries import find_binaries
from service.cluster import Cluster, serves
from service.errors import DataBusyError
from service.lock import FolderLock
from service.orphan import Orphan, send
from service.place import Place, choose_place, reachable_binaries
from service.process import stop
from service.settings import Settings, default_data_dir, sqlalchemy_url

STOP_SECONDS = 30.0

# Servers that are meant to outlive this process. Python warns of a running child that nobody refers to.
_left_running: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Server:
    """A PostgreSQL that answers.

    Attributes:
        url: `postgresql://...`, for psycopg, psql and other tools.
        pid: the server's process; None where it is not on this machine or not ours.
    """

    url: str
    pid: int | None = None

    @property
    def sqlalchemy_url(self) -> str:
        """`postgresql+psycopg://...`, for SQLAlchemy's sync and async engines."""
        return sqlalchemy_url(self.url)


@dataclass(frozen=True)
class Status:
    """What `capweave db status` tells.

    Attributes:
        server: the server, if it runs.
        owner: the service that owns it; None if it runs in the background, or not at all.
        place: where its data are.
    """

    server: Server | None
    owner: int | None
    place: Place


class EmbeddedPostgres:
    """The embedded database of one data folder."""

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        database: str = "capweave",
        durable: bool = True,
        report: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        """Nothing is made or started yet.

        Args:
            data_dir: the installation's data folder; the default one may move where root's server cannot
                reach it.
            database: the database that is made and whose URL is given.
            durable: False for tests: faster, and lost with the power.
            report: receives a sentence where one has to wait.
        """
        self.data_dir = (data_dir or default_data_dir()).absolute()
        self.database = database
        self.durable = durable
        self.report = report
        self.lock = FolderLock(self.data_dir)

    def place(self) -> Place:
        """Where the data are, and who runs the server."""
        return choose_place(self.data_dir, movable=self.data_dir == default_data_dir())

    def cluster(self) -> Cluster:
        """The data directory with programs that its account can run."""
        place = self.place()
        return Cluster(place, reachable_binaries(find_binaries(), place), self.durable)

    @contextmanager
    def owned(self) -> Iterator[Cluster]:
        """Hold the folder, its data directory ready, for a supervisor that starts the server itself."""
        place = self.place()
        self.lock.acquire("service", lambda: self.orphan(place))
        try:
            cluster = self.cluster()
            cluster.prepare()
            yield cluster
        finally:
            remove_if_empty(place.sockets)
            self.lock.release()

    def start(self, cluster: Cluster, *, detached: bool = False) -> subprocess.Popen[bytes]:
        """Start the server of a folder that is held."""
        assert self.lock.descriptor is not None, "hold the folder first"
        return cluster.start(self.lock.descriptor, detached=detached)

    @contextmanager
    def running(self) -> Iterator[Server]:
        """A server for the length of the block; it ends with the block, or with this process.

        Raises:
            DataBusyError: another service is using the folder.
            ServiceError: PostgreSQL is missing or did not start; the message says what to do.
        """
        with self.owned() as cluster:
            process = self.start(cluster)
            try:
                cluster.wait_until_ready(process)
                cluster.make_database(self.database)
                yield Server(cluster.url(self.database), process.pid)
            finally:
                stop(process, signal.SIGINT, STOP_SECONDS)

    def start_in_background(self) -> Server:
        """Start a server that lives on after this process (`capweave db start`); one that runs is kept."""
        status = self.status()
        if status.server is not None:
            return status.server
        with self.owned() as cluster:
            process = self.start(cluster, detached=True)
            _left_running.append(process)
            self.lock.name_owner(process.pid, "background")
            cluster.wait_until_ready(process)
            cluster.make_database(self.database)
            return Server(cluster.url(self.database), process.pid)

    def stop(self) -> bool:
        """Stop a server in the background (`capweave db stop`); False if none runs.

        Raises:
            DataBusyError: it belongs to a running service, which would start it again.
        """
        status = self.status()
        if status.owner is not None:
            raise DataBusyError(self.data_dir, status.owner)
        if status.server is None or status.server.pid is None:
            return False
        send(status.server.pid, signal.SIGINT)
        stopped = self.lock.wait_until_free(STOP_SECONDS)
        _left_running[:] = [process for process in _left_running if process.poll() is None]
        return stopped

    def status(self) -> Status:
        """Whether the server runs, and whose it is."""
        place = self.place()
        if not self.lock.is_held():
            return Status(None, None, place)
        cluster = Cluster(place, find_binaries(), self.durable)
        owner = self.lock.owner()
        service = owner["pid"] if owner and owner["role"] == "service" else None
        server = Server(cluster.url(self.database), cluster.server_pid()) if cluster.is_ready() else None
        return Status(server, service, place)

    def in_background(self) -> bool:
        """Whether the folder is held by a server in the background, which a service may use."""
        owner = self.lock.owner()
        return owner is not None and owner["role"] == "background" and self.lock.is_held()

    def orphan(self, place: Place) -> Orphan:
        """The server of an owner that was killed, where the kernel has not stopped it already."""
        pid = Cluster(place, find_binaries(), self.durable).server_pid()
        return Orphan(pid if pid is not None and serves(pid, place.data) else None, self.report)


def remove_if_empty(folder: Path) -> None:
    """Leave no socket folder behind, which may be in /tmp; a running server's is not empty."""
    with suppress(OSError):
        folder.rmdir()


@contextmanager
def throwaway_server() -> Iterator[Server]:
    """A server for tests, at its maintenance database; it and its data are gone after the block."""
    # Short, for the socket, and open to walk through: root's server runs as another account.
    folder = Path(tempfile.mkdtemp(prefix="capweave-test-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder, database="postgres", durable=False).running() as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(settings: Settings) -> Iterator[Server]:
    """The database of an installation, for a command that needs it once.

    The one in `DATABASE_URL`; or the embedded one that runs already; or the embedded one, for the length of
    the block.
    """
    if settings.database_url is not None:
        yield Server(settings.database_url)
        return
    embedded = EmbeddedPostgres(settings.data_dir)
    server = embedded.status().server
    if server is not None:
        yield server
        return
    with embedded.running() as started:
        yield started
