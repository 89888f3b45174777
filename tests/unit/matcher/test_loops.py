"""Compiling ahead tells how far it is, and what fails is said; the service does it beside everything else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from matcher.loops import GROUPS, start
from service import loops as service_loops
from tools import compile_ahead, setup


def process(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-S", "-c", code])


@pytest.mark.parametrize("failing", [set[str](), {"lots"}])
def test_groups_are_compiled_beside_each_other_and_told_of(
    failing: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, said = list[str](), list[str]()

    def start(group: str) -> subprocess.Popen[bytes]:
        begun.append(group)
        return process(f"import sys, time; time.sleep(0.05); sys.exit({int(group in failing)})")

    monkeypatch.setattr(compile_ahead, "start", start)
    assert compile_ahead.compile_all(said.append) == (not failing)
    assert begun == list(GROUPS)
    assert GROUPS[begun[0]][0] in said[0]
    assert said[-1].startswith(f"  {len(GROUPS)} of {len(GROUPS)} groups after")


def test_a_long_installation_tells_how_long_and_keeps_the_words_of_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "TICK_SECONDS", 0.1)
    words = [sys.executable, "-S", "-c", "import time; time.sleep(0.3); raise SystemExit('no way')"]
    assert setup.patiently("installing", *words, env={}) == "no way"
    assert "installing: 0 s" in capsys.readouterr().out
    assert setup.patiently("installing", sys.executable, "-S", "-c", "", env={}) is None


def test_an_installation_ends_with_whoever_loses_patience(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    noted = tmp_path / "pid"
    code = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"

    def interrupt(*_: object, **__: object) -> None:
        if noted.exists() and noted.read_text():
            raise KeyboardInterrupt

    monkeypatch.setattr(setup, "TICK_SECONDS", 0.05)
    monkeypatch.setattr("builtins.print", interrupt)
    with pytest.raises(KeyboardInterrupt):
        setup.patiently("installing", sys.executable, "-S", "-c", code, noted, env={})
    with pytest.raises(ProcessLookupError):
        os.kill(int(noted.read_text()), 0)


def test_the_service_compiles_in_the_background_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service_loops, "SOON_SECONDS", 0.1)
    told, started = list[str](), list[subprocess.Popen[bytes]]()

    def spawn() -> subprocess.Popen[bytes]:
        code = "import time; time.sleep(60)"
        started.append(subprocess.Popen([sys.executable, "-S", "-c", code], start_new_session=True))
        return started[0]

    with service_loops.compiling(spawn, told.append):
        time.sleep(0.3)
    assert started[0].poll() is not None
    assert ["background" in line for line in told] == [True]


def test_loops_are_kept_in_the_data_folder_where_the_sources_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert service_loops.where_loops_are_kept(tmp_path, {}) == {}
    monkeypatch.setattr(service_loops, "ROOT", tmp_path / "not there")
    assert service_loops.where_loops_are_kept(tmp_path, {}) == {"NUMBA_CACHE_DIR": str(tmp_path / "loops")}
    assert service_loops.where_loops_are_kept(tmp_path, {"NUMBA_CACHE_DIR": "mine"}) == {}


def test_whoever_ends_the_service_while_loops_are_compiled_reads_nothing_about_them(tmp_path: Path) -> None:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-m", "matcher.loops", "tree"], stderr=subprocess.PIPE, env=environment
    ) as compiling:
        maps, until = Path(f"/proc/{compiling.pid}/maps"), time.monotonic() + 60
        while "numba" not in maps.read_text() and time.monotonic() < until:
            time.sleep(0.01)
        compiling.send_signal(signal.SIGINT)
        _, said = compiling.communicate(timeout=60)
    assert (compiling.returncode, said.decode()) == (128 + signal.SIGINT, "")


def test_loops_are_compiled_for_this_matcher_wherever_the_caller_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "matcher").mkdir()
    (tmp_path / "matcher" / "__init__.py").write_text("raise SystemExit('another one')")
    monkeypatch.chdir(tmp_path)
    assert start("ascent").wait(timeout=120) == 0
