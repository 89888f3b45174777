"""Makes `.venv` from the lock. Run by `make setup` with a plain Python: the standard library is all it has.

Order of preference, since machines differ: uv (seconds), pip inside the environment, the system's pip, and
on Debian the pip wheel out of a downloaded package, which needs no root. The index is whatever the machine is
set up with: no host is named here.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements-dev.txt"
STAMP = VENV / ".installed"
LOOPS_STAMP = VENV / ".compiled"

TICK_SECONDS = 5.0
"""How often a word is said while something takes its time."""

APT_HINT = """Python's `ensurepip` is missing, and neither uv nor pip was found.
On Debian and Ubuntu:   apt-get install python3-venv
Then run the same command again."""


class SetupError(Exception):
    """What stopped the set-up, in a sentence for the person at the terminal."""


def fingerprint() -> list[str]:
    """What the environment is made from: interpreter and place, then lock and project file."""
    seen = hashlib.sha256()
    for path in (LOCK, ROOT / "pyproject.toml"):
        seen.update(path.read_bytes())
    return [f"Python {sys.version_info[0]}.{sys.version_info[1]} in {ROOT}", seen.hexdigest()]


def installed() -> list[str]:
    """The fingerprint that the environment was made with; empty where there is none."""
    return STAMP.read_text().splitlines() if PYTHON.exists() and STAMP.exists() else []


def run(*argv: str | Path, env: dict[str, str] | None = None) -> bool:
    """Run a command; True if it succeeded. Its output goes to the terminal."""
    return subprocess.run([str(word) for word in argv], cwd=ROOT, env=env, check=False).returncode == 0


def patiently(what: str, *argv: str | Path, env: dict[str, str]) -> str | None:
    """Run a command that may take minutes, saying every few seconds how long; return None, or its words if it failed."""
    began = time.monotonic()
    words = [str(word) for word in argv]
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(words, cwd=ROOT, env=env, stdout=said, stderr=subprocess.STDOUT) as process,
    ):
        try:
            while True:
                try:
                    failed = process.wait(TICK_SECONDS) != 0
                    break
                except subprocess.TimeoutExpired:
                    print(f"  {what}: {time.monotonic() - began:.0f} s", flush=True)
        finally:
            # It has ended by now, unless somebody lost patience: then it is not to go on behind their back.
            process.kill()
        said.seek(0)
        return said.read().strip() or "no word" if failed else None


def environment() -> dict[str, str]:
    """The caller's variables, with a cache that can be written and no interpreter downloads."""
    env = dict(os.environ, UV_PYTHON_DOWNLOADS="never", PIP_DISABLE_PIP_VERSION_CHECK="1", UV_NO_PROGRESS="1")
    # uv brings certificates of its own, which know nothing of a company's; the machine's do. Two names, as uv's age says.
    env.setdefault("UV_NATIVE_TLS", "1")
    env.setdefault("UV_SYSTEM_CERTS", "1")
    # An active environment of the caller's must not be the one that is filled.
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PIP_REQUIRE_VIRTUALENV", "PIP_USER"):
        env.pop(name, None)
    home = Path(env.get("HOME") or "/nonexistent")
    if not os.access(home, os.W_OK):
        env["UV_NO_CACHE"] = "1"
        env["PIP_NO_CACHE_DIR"] = "1"
    return env


def make_environment() -> None:
    """An environment in the checkout; one made by another Python, elsewhere, or half made is replaced."""
    if installed()[:1] != fingerprint()[:1]:
        shutil.rmtree(VENV, ignore_errors=True)
    STAMP.unlink(missing_ok=True)
    print("  making the environment, and finding what can install into it: some seconds", flush=True)
    if not PYTHON.exists() and not run(sys.executable, "-m", "venv", "--without-pip", VENV):
        raise SetupError("The virtual environment could not be made; the lines above say why.")


def installers() -> list[list[str]]:
    """Commands that can install into the environment, the best first."""
    env = environment()
    found = []
    if uv := shutil.which("uv"):
        found.append([uv, "pip", "--no-config"])
    pip = environment_pip(env)
    if pip:
        if not found and not pip_is_configured(pip, env) and fetch_uv(pip, env):
            found.append([str(VENV / "bin" / "uv"), "pip", "--no-config"])
        found.append(pip)
    if not found:
        raise SetupError(APT_HINT)
    return found


def fetch_uv(pip: list[str], env: dict[str, str]) -> bool:
    """Have pip install uv, which installs the rest in a fraction of the time; False where it cannot."""
    print("  fetching uv, which installs the packages", flush=True)
    return run(*pip, *locked_uv(), env=env)


def environment_pip(env: dict[str, str]) -> list[str]:
    """A pip that installs into the environment, or an empty list."""
    inside = [str(PYTHON), "-m", "pip"]
    if quiet(*inside, "--version", env=env):
        return inside
    if importlib.util.find_spec("ensurepip") and quiet(PYTHON, "-m", "ensurepip", "--default-pip", env=env):
        return inside
    outside = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    if quiet(*outside, "--version", env=env):
        return outside
    wheel = debian_pip_wheel()
    return [sys.executable, f"{wheel}/pip", "--python", str(PYTHON)] if wheel else []


def quiet(*argv: str | Path, env: dict[str, str] | None = None, cwd: Path = ROOT) -> bool:
    """Like `run`, for a question whose answer may well be no."""
    words = [str(word) for word in argv]
    return subprocess.run(words, cwd=cwd, env=env, check=False, capture_output=True).returncode == 0


def debian_pip_wheel() -> Path | None:
    """Debian's pip wheel: installed, or downloaded and unpacked, which needs no root."""
    here = Path("/usr/share/python-wheels")
    wheels = sorted(here.glob("pip-*.whl"))
    if wheels:
        return wheels[-1]
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return None
    into = VENV / ".pip"
    shutil.rmtree(into, ignore_errors=True)
    # Package lists of our own: the machine's may be empty, and only root may fetch those.
    (into / "lists" / "partial").mkdir(parents=True)
    apt = ["apt-get", "-qq", "-o", f"Dir::State::lists={into}/lists", "-o", f"Dir::Cache={into}"]
    print("pip is missing: fetching its Debian package ...", flush=True)
    if not quiet("apt-get", "-qq", "download", "python3-pip-whl", cwd=into):
        quiet(*apt, "update", cwd=into)
        quiet(*apt, "download", "python3-pip-whl", cwd=into)
    for package in into.glob("*.deb"):
        quiet("dpkg-deb", "-x", package, into / "unpacked")
    unpacked = sorted((into / "unpacked" / "usr/share/python-wheels").glob("pip-*.whl"))
    return unpacked[-1] if unpacked else None


def locked_uv() -> list[str]:
    """Arguments for pip that install exactly the locked uv, hashes checked."""
    lines = LOCK.read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("uv=="))
    block = [lines[start]]
    for line in lines[start + 1 :]:
        if not line.startswith("    --hash"):
            break
        block.append(line)
    block[-1] = block[-1].rstrip("\\ ")
    wanted = VENV / ".uv.txt"
    wanted.write_text("\n".join(block) + "\n")
    return ["install", "--quiet", "--require-hashes", "--no-deps", "-r", str(wanted)]


def pip_is_configured(pip: list[str], env: dict[str, str]) -> bool:
    """Whether pip was told where to look: uv does not read pip's configuration, so pip itself must do it."""
    answer = subprocess.run([*pip, "config", "list"], env=env, check=False, capture_output=True, text=True)
    names = [line.split("=")[0] for line in answer.stdout.splitlines()]
    return any(name.endswith((".index-url", ".no-index")) for name in names)


def install() -> None:
    """The lock, then the project itself, editable; the next installer is tried where one fails."""
    env, failures = environment(), list[str]()
    for installer in installers():
        name = "uv" if installer[1] == "pip" else "pip"
        if failures:
            print(
                f"  {failures[-1].partition(':')[0]} could not fetch from here; {name} does it, slower.",
                flush=True,
            )
        for command in commands(installer):
            said = patiently(f"installing packages with {name}", *command, env=env)
            if said is not None:
                failures.append(f"{name}: {said}")
                break
        else:
            return
    raise SetupError("\n\n".join(["The packages could not be installed.", *failures]))


def commands(installer: list[str]) -> list[list[str]]:
    """What an installer has to run: the lock first, then the project."""
    if installer[1] == "pip":
        target = ["--python", str(PYTHON), "--quiet"]
        # As pip does by itself: where Python keeps no bytecode, each process would take seconds to begin.
        locked = [*installer, "sync", *target, "--compile-bytecode", "--require-hashes", str(LOCK)]
        return [locked, [*installer, "install", *target, "--no-deps", "--no-build-isolation", "-e", "."]]
    install_with_pip = [*installer, "install", "--quiet", "--no-deps"]
    locked = [*install_with_pip, "--require-hashes", "-r", str(LOCK)]
    return [locked, [*install_with_pip, "--no-build-isolation", "-e", "."]]


def main() -> int:
    """Make or refresh the environment; nothing happens where it is up to date.

    `--without-loops` leaves compiling to the service, which does it once it is up.
    """
    # Two that meet take turns; the second then finds everything done.
    with (ROOT / "pyproject.toml").open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return set_up()


def set_up() -> int:
    """What `main` does, in its turn."""
    if installed() != fingerprint():
        print(f"Setting up .venv with Python {sys.version.split()[0]} ...", flush=True)
        try:
            make_environment()
            install()
        except SetupError as error:
            print(error, file=sys.stderr)
            return 1
        STAMP.write_text("\n".join(fingerprint()) + "\n")
        LOOPS_STAMP.unlink(missing_ok=True)
        print("Set up.", flush=True)
    if "--without-loops" not in sys.argv and not LOOPS_STAMP.exists():
        compile_loops()
    return 0


def compile_loops() -> None:
    """Compile the matcher's loops ahead; where that fails nothing is lost: they are compiled when first needed."""
    print("Compiling the matcher's loops, once, a minute or two:", flush=True)
    if run(PYTHON, "-m", "tools.compile_ahead", env=dict(os.environ)):
        LOOPS_STAMP.touch()


if __name__ == "__main__":
    sys.exit(main())
