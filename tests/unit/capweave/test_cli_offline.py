"""What the command line does without a service: help, files, and exit codes that mean something."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from capweave.cli.app import app
from capweave.cli.exits import ending
from capweave.cli.first_steps import write_private
from capweave.cli.solving import check_writable
from matcher import plan_file, problem_file
from service.settings import ROOT
from tests.factory import factory, whole_outcome
from tests.integration.jobs.markets import endless
from tests.problems import Market

COMMANDS = [
    [],
    ["serve"],
    ["worker"],
    ["db"],
    ["db", "start"],
    ["keys"],
    ["keys", "create"],
    ["import"],
    ["demo"],
    ["run"],
    ["run", "list"],
    ["plan"],
    ["plan", "shortfalls"],
    ["solve"],
    ["verify"],
]


def capweave(*words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a program of its own, far from any service."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CAPWEAVE_")}
    argv = [sys.executable, "-m", "capweave.cli", *map(str, words)]
    return subprocess.run(
        argv, env=clean | env, capture_output=True, text=True, check=False, timeout=60, encoding="utf-8"
    )


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    market = Market(2).line("l1").capability("l1", "mask", hours=0.1).order("o1", "mask", 50)
    path = tmp_path / "small.problem"
    problem_file.write(market.problem(), path)
    return path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words) or "capweave")
def test_every_command_explains_itself(command: list[str]) -> None:
    ran = CliRunner().invoke(app, [*command, "--help"], prog_name="capweave")
    assert ran.exit_code == 0
    assert ran.stdout.startswith(f"Usage: {' '.join(['capweave', *command])} ")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['capweave', '--help']\n"
        "from capweave.cli.app import app\n"
        "app(standalone_mode=False)\n"
        "print('loaded', *sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.rpartition("loaded")[2].split())
    assert not loaded & {"httpx", "ortools", "numpy", "polars", "pydantic", "sqlalchemy", "matcher", "models"}


def test_the_version_is_printed() -> None:
    assert capweave("--version").stdout.startswith("capweave 0.")


def test_wrong_usage_is_code_2() -> None:
    assert capweave("run", "--time-limit", "soon").returncode == 2
    assert capweave("nonsense").returncode == 2


def test_nobody_there_is_code_4_and_a_sentence() -> None:
    ran = capweave("plan", "list", "--url", "http://127.0.0.1:9", "--key", "k")
    assert ran.returncode == 4
    assert ran.stderr.startswith("http://127.0.0.1:9 does not answer")
    assert "make run" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_no_key_is_code_6_and_says_where_to_get_one(tmp_path: Path) -> None:
    ran = capweave("run", "list", "--url", "https://capweave.example", CAPWEAVE_DATA=str(tmp_path))
    assert ran.returncode == 6
    assert "CAPWEAVE_API_KEY" in ran.stderr


def test_ctrl_c_keeps_the_best_plan_and_says_so_in_a_line(tmp_path: Path) -> None:
    market, plan = tmp_path / "endless.problem", tmp_path / "endless.plan"
    problem_file.write(endless(), market)
    argv = [
        sys.executable,
        "-m",
        "capweave.cli",
        "solve",
        str(market),
        "-o",
        str(plan),
        "--time-limit",
        "600",
    ]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as solving:
        assert solving.stderr is not None
        told = [solving.stderr.readline()]
        while "gap" not in told[-1]:
            told.append(solving.stderr.readline())
        solving.send_signal(signal.SIGINT)
        rest = solving.stderr.read()
    assert solving.returncode == 130
    assert rest.splitlines()[-1] == f"Interrupted: the best plan so far is in {plan}."
    assert "Traceback" not in rest
    assert capweave("verify", market, plan).returncode == 0


def test_a_file_of_another_kind_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "market.json").write_text("order,item\n1,mask\n")
    ran = capweave("solve", tmp_path / "market.json", "-o", tmp_path / "plan")
    assert ran.returncode == 3
    assert "market.json: this is not a problem file: it is neither JSON nor" in ran.stderr


def test_all_that_is_wrong_with_a_problem_file_is_told_at_once_also_as_json(tmp_path: Path) -> None:
    path = tmp_path / "factory.json"
    problem_file.write(factory(), path)
    document = json.loads(path.read_text())
    document["capabilities"][0]["time_per_unit"] = "soon"
    document["order_lines"][1]["item"] = "moon"
    document["order_lines"][2]["quantity"] = "many"
    path.write_text(json.dumps(document))
    ran = capweave("solve", path, "-o", tmp_path / "plan", "--json")
    assert ran.returncode == 3
    assert [line.startswith(f"{path}: ") for line in ran.stderr.splitlines()] == [True] * 3
    errors = json.loads(ran.stdout)["errors"]
    assert [(each["table"], each["row"], each["field"]) for each in errors] == [
        ("capabilities", 0, "time_per_unit"),
        ("order_lines", 1, "item"),
        ("order_lines", 2, "quantity"),
    ]


def test_a_problem_is_solved_and_its_plan_verified(problem: Path, tmp_path: Path) -> None:
    plan = tmp_path / "small.plan"
    solved = capweave("solve", problem, "-o", plan, "--time-limit", "20", "--json")
    assert solved.returncode == 0, solved.stderr
    assert json.loads(solved.stdout)["termination"] == "optimal"
    checked = capweave("verify", problem, plan, "--json")
    assert checked.returncode == 0
    assert json.loads(checked.stdout)["violations"] == []


def test_what_came_before_money_and_what_was_given_up_is_told(tmp_path: Path) -> None:
    problem, plan = tmp_path / "factory.json", tmp_path / "factory.plan"
    problem_file.write(factory(), problem)
    plan_file.write(factory(), whole_outcome(), plan)
    told = capweave("verify", problem, plan)
    assert told.returncode == 0, told.stderr
    assert [line.split() for line in told.stdout.splitlines() if "fair share" in line] == [
        ["fair", "share", "emergency", "100.00%", "100.00%", "0.0000%"],
        ["fair", "share", "firm", "66.67%", "66.67%", "0.0000%"],
    ]
    assert ["released", "2", "2", "0.0000%"] in [line.split() for line in told.stdout.splitlines()]
    assert "Promised before, and not possible any more" in told.stdout
    document = json.loads(capweave("verify", problem, plan, "--json").stdout)
    assert document["released"] == [
        {"order_line": "c5", "line": "old", "bucket": 0, "quantity": 1},
        {"order_line": "m2", "line": "old", "bucket": 3, "quantity": 1},
    ]
    assert [level["value"] for level in document["levels"]] == [2, 0, 0, 333_334, 1, 1004]


def test_a_plan_that_was_tampered_with_is_code_5(problem: Path, tmp_path: Path) -> None:
    plan = tmp_path / "small.plan"
    assert capweave("solve", problem, "-o", plan, "--time-limit", "20").returncode == 0
    document = json.loads(plan.read_text())
    document["allocations"][0]["quantity"] += 1_000
    plan.write_text(json.dumps(document))
    ran = capweave("verify", problem, plan)
    assert ran.returncode == 5
    assert "rule" in ran.stderr


@pytest.mark.parametrize("content", [b"nonsense", b"{}", None])
def test_a_file_that_is_no_problem_is_code_3(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    if content is not None:
        path.write_bytes(content)
    ran = capweave("solve", path, "-o", tmp_path / "plan")
    assert ran.returncode == 3
    assert "Traceback" not in ran.stderr


def test_the_demonstration_market_is_written_as_files_that_can_be_imported(tmp_path: Path) -> None:
    written = capweave("demo", "--size", "20", "--write", tmp_path / "market", "--json")
    assert json.loads(written.stdout)["rows"]["orders"] == 20
    checked = capweave("import", tmp_path / "market", "--dry-run")
    assert checked.returncode == 0, checked.stderr
    assert "Nothing was posted" in checked.stderr


def test_templates_are_written_and_can_be_imported(tmp_path: Path) -> None:
    ran = capweave("import", "--template", tmp_path)
    assert ran.returncode == 0
    assert (tmp_path / "csv" / "orders.csv").exists()
    assert (tmp_path / "capweave-template.xlsx").exists()
    assert capweave("import", tmp_path / "csv", "--dry-run").returncode == 0


def test_bad_files_are_code_3_and_every_bad_row_is_listed(tmp_path: Path) -> None:
    rows = "".join(f"i{number},\n" for number in range(3))
    (tmp_path / "items.csv").write_text("code,name\n" + rows)
    ran = capweave("import", tmp_path, "--dry-run", COLUMNS="120")
    assert ran.returncode == 3
    assert ran.stderr.count("must not be empty") == 3
    told = capweave("import", tmp_path, "--json", "--url", "http://127.0.0.1:9", "--key", "k")
    assert told.returncode == 3  # the files are wrong whether or not somebody is there
    assert [each["row"] for each in json.loads(told.stdout)["problems"]] == [2, 3, 4]


@pytest.mark.parametrize("output", ["no/such/folder/x.plan", "."])
def test_a_plan_that_cannot_be_written_is_told_before_solving(
    problem: Path, tmp_path: Path, output: str
) -> None:
    ran = CliRunner().invoke(app, ["solve", str(problem), "-o", str(tmp_path / output)])
    code, message = ending(ran.exception) if ran.exception else (0, "")
    assert code == 3
    assert message.startswith(str(tmp_path / output))
    assert "loading the solvers" not in ran.stderr


def test_checking_an_output_leaves_nothing_and_harms_nothing(tmp_path: Path) -> None:
    kept, new = tmp_path / "kept.plan", tmp_path / "new.plan"
    kept.write_text("a plan")
    for path in (kept, new):
        check_writable(path)
    assert kept.read_text() == "a plan"
    assert not new.exists()


@pytest.mark.parametrize("document", ["README.md", "docs/api.md"])
def test_the_documented_commands_find_the_service_where_it_really_listens(
    document: str, tmp_path: Path
) -> None:
    write_private(
        tmp_path / "service.json", {"api": "http://127.0.0.1:8402", "console": "http://127.0.0.1:8403"}
    )
    (line,) = re.findall(r"^API=.*$", (ROOT / document).read_text(encoding="utf-8"), re.MULTILINE)
    script = f'{line.replace(".capweave", str(tmp_path))}\necho "$API"'
    told = subprocess.check_output(["sh", "-euc", script], env={"PATH": os.defpath}, text=True)
    assert told == "http://127.0.0.1:8402\n"
