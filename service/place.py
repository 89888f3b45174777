"""Where the embedded database lives, and under which account.

PostgreSQL refuses to run as root. A service that was started by root therefore runs it as the owner of the
existing data, or as `nobody`, and that account must be able to walk to the data and to the programs. Under a
root home of mode 0700 it cannot: then both go to a shared folder, which is printed.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from service.binaries import Binaries
from service.errors import PlaceError
from service.process import Account

# A socket's whole path must fit in 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET_FOLDER = 103 - len("/.s.PGSQL.5432")
SHARED_FOLDERS = (Path("/var/lib/capweave"), Path("/var/tmp/capweave"))  # noqa: S108 - 0711, made by root only


@dataclass(frozen=True)
class Place:
    """One embedded database on disk.

    Attributes:
        home: the folder that everything else is in.
        account: who runs the server; None for the caller.
        moved: whether `home` is elsewhere than asked, because the account cannot reach it.
    """

    home: Path
    account: Account | None
    moved: bool = False

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "postgres.log"

    @property
    def sockets(self) -> Path:
        """The folder of the socket: in the home, or under /tmp where that path is too long."""
        inside = self.home / "run"
        # libpq reads a comma as the start of a second host.
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER and "," not in str(inside):
            return inside
        return Path("/tmp") / f"capweave-{short_hash(self.home)}"  # noqa: S108 - its owner and mode are checked


def choose_place(data_dir: Path, *, movable: bool) -> Place:
    """The place for the database of `data_dir`, with the account that runs it.

    Args:
        data_dir: the data folder of the installation; made if missing.
        movable: whether another folder may be taken if the account cannot reach this one. True for the
            default folder, False for one that a person named.

    Raises:
        PlaceError: the folder belongs to somebody else, or the account cannot reach it.
    """
    make_folder(data_dir)
    if os.geteuid() != 0:
        return owned_by_caller(Place(data_dir, None))
    beside = [folder / f"{data_dir.parent.name}-{short_hash(data_dir)}" for folder in SHARED_FOLDERS]
    wanted = Place(data_dir, account_for(data_dir / "postgres"))
    used = [Place(home, account_for(home / "postgres"), moved=True) for home in beside if is_cluster(home)]
    if used and not is_cluster(data_dir):
        return used[0]
    blocked = first_blocked(data_dir, wanted.account)
    if blocked == data_dir and data_dir.stat().st_uid == 0:
        data_dir.chmod(data_dir.stat().st_mode | stat.S_IXOTH)  # to pass through, not to list
        blocked = first_blocked(data_dir, wanted.account)
    if blocked is None:
        return wanted
    if is_cluster(data_dir) or not movable:
        raise PlaceError(unreachable(data_dir, blocked, wanted.account))
    for home in beside:
        if make_shared(home.parent) and make_shared(home) and first_blocked(home, wanted.account) is None:
            return replace(wanted, home=home, moved=True)
    raise PlaceError(unreachable(data_dir, blocked, wanted.account))


def make_folder(folder: Path) -> None:
    """Make the data folder, private to the caller where it is new (root's may be walked through)."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise PlaceError(f"The data folder {folder} cannot be made: {error.strerror}.") from error


def owned_by_caller(place: Place) -> Place:
    """The place, if the caller may write there and owns the data."""
    owner = place.data.stat().st_uid if place.data.exists() else os.geteuid()
    if owner != os.geteuid() or not os.access(place.home, os.W_OK | os.X_OK):
        raise PlaceError(
            f"The data in {place.home} belong to another account ({name_of(owner)}): start the service as "
            "that one, or name another folder in CAPWEAVE_DATA."
        )
    return place


def is_cluster(home: Path) -> bool:
    """Whether a database was made there."""
    return (home / "postgres" / "PG_VERSION").exists()


def account_for(data: Path) -> Account:
    """Who runs the server for root: the owner of the data, or `nobody`."""
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def first_blocked(folder: Path, account: Account | None) -> Path | None:
    """The first folder on the way that the account may not walk through; None if the way is free."""
    if account is None:
        return None
    way = folder.resolve()
    return next((step for step in [*reversed(way.parents), way] if not may_enter(step, account)), None)


def may_enter(folder: Path, account: Account) -> bool:
    """Whether the folder's mode lets the account through."""
    facts = folder.stat()
    if facts.st_uid == account.uid:
        return bool(facts.st_mode & stat.S_IXUSR)
    if facts.st_gid == account.gid:
        return bool(facts.st_mode & stat.S_IXGRP)
    return bool(facts.st_mode & stat.S_IXOTH)


def make_shared(folder: Path) -> bool:
    """Make a folder of root's that others may walk through; False where that is impossible or not safe."""
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o711)  # whatever the caller's umask is
        facts = folder.lstat()
    except OSError:
        return False
    return facts.st_uid == 0 and stat.S_ISDIR(facts.st_mode)


def reachable_binaries(binaries: Binaries, place: Place) -> Binaries:
    """Programs that the account can run: those given, or a copy in a shared folder otherwise.

    Raises:
        PlaceError: it can reach neither.
    """
    blocked = first_blocked(binaries.folder, place.account)
    if blocked is None:
        return binaries
    # One copy of a build serves all checkouts of the machine.
    size = binaries.postgres.stat().st_size
    for shared in SHARED_FOLDERS:
        copy = shared / f"programs-{binaries.release}-{short_hash(size)}"
        if copy.exists() or (make_shared(shared) and first_blocked(shared, place.account) is None):
            return replace(binaries, folder=copy_programs(binaries.folder.parent, copy) / "bin")
    raise PlaceError(unreachable(binaries.folder, blocked, place.account))


def copy_programs(origin: Path, copy: Path) -> Path:
    """Copy an installation, once, whole or not at all; returns its place inside the copy."""
    if not copy.exists():
        half = Path(tempfile.mkdtemp(prefix="programs-", suffix=".new", dir=copy.parent))
        inner = half / origin.parent.name / origin.name
        for part in ("bin", "lib", "share"):
            shutil.copytree(origin / part, inner / part, symlinks=True)
        # The wheel's programs look for their libraries beside the package, by a relative path.
        for libraries in origin.parent.parent.glob(f"{origin.parent.name}.libs"):
            shutil.copytree(libraries, half / libraries.name)
        open_to_all(half)
        try:
            half.rename(copy)
        except OSError:  # another process was first
            shutil.rmtree(half)
            if not copy.exists():
                raise
    return copy / origin.parent.name / origin.name


def open_to_all(folder: Path) -> None:
    """Let every account read and run what is in the folder, whatever the caller's umask made of it."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & stat.S_IXUSR else 0o044))


def short_hash(*parts: object) -> str:
    """Eight characters that stand for a path."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:8]


def name_of(uid: int) -> str:
    """An account's name, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def unreachable(data_dir: Path, blocked: Path, account: Account | None) -> str:
    """The sentence for a folder that the server's account cannot reach."""
    who = name_of(account.uid) if account else "you"
    return (
        f"PostgreSQL does not run as root, so it runs as `{who}`, which may not enter {blocked} and "
        f"so cannot use {data_dir}. Allow it (chmod o+x {blocked}), name another folder in CAPWEAVE_DATA, or "
        "start the service as an ordinary user."
    )
