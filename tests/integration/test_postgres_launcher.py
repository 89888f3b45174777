"""The embedded PostgreSQL: one server for a folder, never an orphan, no row lost."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from service import lock, orphan
from service import place as place_module
from service import postgres as postgres_module
from service.binaries import find_binaries
from service.errors import DataBusyError, PlaceError, PostgresNotFoundError, PostgresStartError
from service.place import choose_place
from service.postgres import EmbeddedPostgres, database
from service.process import is_alive
from service.settings import ROOT, Settings

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another account run the server")

OWNER = """
import sys, time
from pathlib import Path
from service.postgres import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1]), durable=False).running() as server:
    print(server.pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that any account may walk to, as the server of root must."""
    made = Path(tempfile.mkdtemp(prefix="capweave-test-", dir="/tmp"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def owner(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another process that runs the folder's server, and that server's pid."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process, int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()


def embedded(folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder, durable=False)


def eventually(question: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not question():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def url_of_running(folder: Path) -> str:
    running = embedded(folder).status().server
    assert running is not None
    return running.url


def write_row(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('here')")


def rows(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT word FROM kept").fetchall()


def test_a_server_runs_for_the_length_of_the_block(folder: Path) -> None:
    with embedded(folder).running() as server:
        assert server.pid is not None
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not is_alive(server.pid)
    assert embedded(folder).status().server is None


def test_rows_outlive_the_server(folder: Path) -> None:
    with embedded(folder).running() as server:
        write_row(server.url)
    with embedded(folder).running() as server:
        assert rows(server.url) == [("here",)]


def test_nothing_listens_on_the_network(folder: Path) -> None:
    with embedded(folder).running() as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        sockets = embedded(folder).place().sockets
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700


def test_a_killed_owner_leaves_no_server(owner: tuple[subprocess.Popen[str], int]) -> None:
    process, server = owner
    process.kill()
    assert eventually(lambda: not is_alive(server))


def test_rows_outlive_a_killed_owner(folder: Path, owner: tuple[subprocess.Popen[str], int]) -> None:
    process, _server = owner
    write_row(url_of_running(folder))
    process.kill()
    # At once: the next owner waits for what the killed one has left.
    with embedded(folder).running() as server:
        assert rows(server.url) == [("here",)]


@pytest.fixture
def soon_louder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a server that does not end be told louder after two seconds, not fifteen."""
    monkeypatch.setattr(orphan, "LOUDER", tuple((due / 8, number) for due, number in orphan.LOUDER))


@pytest.mark.usefixtures("soon_louder")
def test_a_server_that_is_deaf_to_its_killed_owner_s_end_is_ended_all_the_same(
    folder: Path, owner: tuple[subprocess.Popen[str], int]
) -> None:
    process, server = owner
    write_row(url_of_running(folder))
    os.kill(server, signal.SIGSTOP)  # as one that waits for ever in recovery: only SIGKILL ends it
    process.kill()
    told: list[str] = []
    with EmbeddedPostgres(folder, durable=False, report=told.append).running() as again:
        assert rows(again.url) == [("here",)]
    assert not is_alive(server)
    assert told == [f"Waiting for the database of a killed service (process {server}) to end ..."]


def test_who_holds_the_data_of_a_killed_owner_is_named(
    folder: Path, owner: tuple[subprocess.Popen[str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "ORPHAN_SECONDS", 0.2)
    process, server = owner
    os.kill(server, signal.SIGSTOP)
    process.kill()
    process.wait()
    wanted = f"that was killed .process {server}.*kill -9 {server}"
    with pytest.raises(DataBusyError, match=wanted) as caught, embedded(folder).running():
        pass
    os.kill(server, signal.SIGKILL)
    assert caught.value.pid == server
    assert str(process.pid) not in str(caught.value)


@pytest.mark.usefixtures("soon_louder")
def test_everything_killed_but_the_server_itself_starts_again(
    folder: Path, owner: tuple[subprocess.Popen[str], int]
) -> None:
    process, server = owner
    write_row(url_of_running(folder))
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    for pid in (process.pid, *map(int, children)):
        with suppress(ProcessLookupError):  # Short-lived ones may be gone by now.
            os.kill(pid, signal.SIGKILL)
    with embedded(folder).running() as again:
        assert rows(again.url) == [("here",)]


def test_rows_outlive_a_killed_server(folder: Path) -> None:
    with embedded(folder).running() as server:
        write_row(server.url)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
    with embedded(folder).running() as server:
        assert rows(server.url) == [("here",)]


def test_a_second_owner_is_told_who_is_there(folder: Path, owner: tuple[subprocess.Popen[str], int]) -> None:
    process, server = owner
    with pytest.raises(DataBusyError, match=str(process.pid)) as caught, embedded(folder).running():
        pass
    assert caught.value.pid == process.pid
    assert is_alive(server)


def test_a_stale_pid_file_that_names_somebody_else_is_no_obstacle(folder: Path) -> None:
    with embedded(folder).running() as server:
        write_row(server.url)
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        data = embedded(folder).place().data
        (data / "postmaster.pid").write_text(f"{stranger.pid}\n{data}\n0\n5432\n\n\n\nready\n")
        with embedded(folder).running() as server:
            assert rows(server.url) == [("here",)]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_in_the_background_is_found_kept_and_stopped(folder: Path) -> None:
    started = embedded(folder).start_in_background()
    try:
        assert embedded(folder).start_in_background() == started
        settings = Settings(data_dir=folder, database_url=None)
        with database(settings) as found:
            assert found.url == started.url
        status = embedded(folder).status()
        assert (status.server, status.owner) == (started, None)
    finally:
        assert embedded(folder).stop()
    assert started.pid is not None
    assert not is_alive(started.pid)
    assert not embedded(folder).stop()


def test_the_server_of_a_service_is_not_stopped_behind_its_back(
    folder: Path, owner: tuple[subprocess.Popen[str], int]
) -> None:
    process, server = owner
    with pytest.raises(DataBusyError, match=str(process.pid)):
        embedded(folder).stop()
    assert is_alive(server)


def test_a_named_database_is_taken_as_it_is(folder: Path) -> None:
    settings = Settings(data_dir=folder, database_url="postgres://somebody@elsewhere/market")
    with database(settings) as server:
        assert server.url == "postgresql://somebody@elsewhere/market"
        assert server.sqlalchemy_url == "postgresql+psycopg://somebody@elsewhere/market"


@pytest.mark.parametrize("name", ["with spaces, commas and 'quotes'", "l" * 120], ids=["odd", "long"])
def test_any_path_will_do(folder: Path, name: str) -> None:
    (folder / name).mkdir(mode=0o711)
    with embedded(folder / name).running() as server:
        write_row(server.url)
        assert rows(server.url) == [("here",)]


def test_data_of_another_release_are_refused_in_words(folder: Path) -> None:
    with embedded(folder).running():
        pass
    (embedded(folder).place().data / "PG_VERSION").write_text("14\n")
    with pytest.raises(PostgresStartError, match="made by PostgreSQL 14"), embedded(folder).running():
        pass


def test_half_a_data_directory_is_made_anew(folder: Path) -> None:
    half = folder / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with embedded(folder).running() as server:
        write_row(server.url)


def test_programs_that_are_not_there_are_named(folder: Path) -> None:
    with pytest.raises(PostgresNotFoundError, match="PG_BIN"):
        find_binaries({"PG_BIN": str(folder)})


@AS_ROOT
def test_root_has_nobody_run_the_server(folder: Path) -> None:
    with embedded(folder).running() as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid == embedded(folder).place().data.stat().st_uid != 0


@AS_ROOT
def test_a_named_folder_behind_a_closed_door_is_refused_in_words(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(PlaceError, match=f"chmod o\\+x {closed}"):
        choose_place(closed / "data", movable=False)


@AS_ROOT
def test_the_default_folder_behind_a_closed_door_moves_programs_and_all(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    programs = find_binaries()
    package = programs.folder.parent.parent  # the wheel's, with its libraries beside it
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, closed / part.name, symlinks=True)
    monkeypatch.setenv("PG_BIN", str(closed / package.name / "pginstall" / "bin"))
    monkeypatch.setattr(place_module, "SHARED_FOLDERS", (folder / "shared",))
    monkeypatch.setattr(postgres_module, "default_data_dir", lambda: closed / "data")
    with EmbeddedPostgres(durable=False).running() as server:
        assert EmbeddedPostgres().place().home.parent == folder / "shared"
        write_row(server.url)
    # The door opened meanwhile: the data are still where they were made.
    closed.chmod(0o755)
    with EmbeddedPostgres(durable=False).running() as server:
        assert rows(server.url) == [("here",)]
