"""What `capweave serve` adds to the running programs: first keys, the demonstration market."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from capweave.cli import key_store
from capweave.cli.output import standing
from capweave.client import CapweaveError, Client
from capweave.client.connection import KEY_FILE, SERVICE_FILE
from capweave.demonstration import generate, load, presence
from service.loops import where_loops_are_kept
from service.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capweave.client.outcomes import Run
    from service.serve import Service

FIRST_RUN_SECONDS = 30
TICK_SECONDS = 5.0
FIRST_WAITS = (
    "The first plan waits until the matcher's loops are compiled, once: two to four minutes on two cores."
)
PRIVATE = 0o600


def prepare(service: Service) -> Mapping[str, str]:
    """Make the keys that are missing and leave them, with the addresses, for those on this machine."""
    keys, made = _kept_keys(service.data_dir / KEY_FILE), False
    valid = key_store.valid_secrets(service.database_url, keys.values())
    for name in ("operator", "console"):
        if keys.get(name) not in valid:
            named = f"{name} of this installation"
            _, keys[name] = key_store.create(service.database_url, role="operator", name=named)
            made |= name == "operator"
    write_private(service.data_dir / KEY_FILE, keys)
    write_private(service.data_dir / SERVICE_FILE, {"api": service.api_url, "console": service.console_url})
    _say(_about_key(service.data_dir / KEY_FILE, keys["operator"], shown=made or sys.stdout.isatty()))
    return {"CAPWEAVE_URL": service.api_url, "CAPWEAVE_API_KEY": keys["console"]}


def load_demonstration(service: Service) -> None:
    """Load the demonstration market, plan it and publish the plan, as far as that has not been done."""
    keys = _kept_keys(service.data_dir / KEY_FILE)
    try:
        with Client(service.api_url, keys["operator"]) as client:
            _load(client)
            if client.summary().published_plan is None:
                _compile_first(service)
            _first_plan(client, service.console_url)
    except CapweaveError as error:
        _say(f"The demonstration market could not be loaded: {error}")


def _compile_first(service: Service) -> None:
    """Have the loops for large markets compiled: a first plan without them is a poor one."""
    env = os.environ | where_loops_are_kept(service.data_dir, os.environ)
    command = [sys.executable, "-m", "matcher.loops", "search", "prices"]
    began, nowhere = time.monotonic(), subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, env=env, stdin=nowhere, stdout=nowhere) as compiling:  # noqa: S603 - our own
        for waited in itertools.count():
            try:
                compiling.wait(TICK_SECONDS)
            except subprocess.TimeoutExpired:
                if not waited:
                    _say(FIRST_WAITS)
                _say(f"  compiling: {time.monotonic() - began:.0f} s")
            else:
                return


def _about_key(file: Path, key: str, *, shown: bool) -> str:
    """Show the key when it is new, and to who sits at a terminal; in the logs of later starts it would only lie about."""
    return f"The operator's key, also in {file}: {key}" if shown else f"The operator's key is in {file}."


def write_private(path: Path, document: Mapping[str, str]) -> None:
    """Write a small JSON file that only its owner can read, whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(document, indent=2) + "\n")
    draft.replace(path)


def _kept_keys(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return {str(name): str(secret) for name, secret in found.items()} if isinstance(found, dict) else {}


def _load(client: Client) -> None:
    market = generate()
    if presence(client, market) != "absent":
        _say("The demonstration market is there.")
        return
    load(client, market)
    rows = {name: f"{len(rows):,}" for name, rows in market.rows.items()}
    _say(f"The demonstration market is loaded: {rows['orders']} orders, {rows['lines']} lines.")


def _first_plan(client: Client, console_url: str) -> None:
    """A market that has been planned once is its operator's business."""
    summary = client.summary()
    if summary.published_plan is None:
        if summary.latest_run is None or (
            summary.latest_run.is_final and not _is_planned(summary.latest_run)
        ):
            _say(f"Planning it (at most {FIRST_RUN_SECONDS} s) ...")
            run = client.runs.create(time_limit_seconds=FIRST_RUN_SECONDS, gap_target="0.005")
        else:
            run = summary.latest_run
        ended = client.runs.wait(run.id, every_seconds=TICK_SECONDS, on_progress=_tell)
        if ended.plan is None or not _is_planned(ended):
            _say(f"The first run ended {ended.status}: {ended.error.message if ended.error else 'no plan'}")
            return
        client.plans.publish(ended.plan)
        summary = client.summary()
    plan = summary.published_plan
    if plan is not None:
        counts = plan.counts or {}
        _say(
            f"Plan {plan.id} is published: {standing(counts)}; "
            f"gap to the proven bound {float(plan.gap or 0):.1%}.\nSee it at {console_url} or with:   "
            f"{_command()} plan show"
        )


def _is_planned(run: Run) -> bool:
    """Whether a run has come to its end; what a cancelled one leaves is nobody's choice."""
    return run.plan is not None and run.status != "cancelled"


def _tell(run: Run) -> None:
    """Say how far a run is."""
    if not run.is_final:
        gap = "no plan yet" if run.gap is None else f"{float(run.gap):.1%} from the proven bound"
        _say(f"  {run.phase or run.status}: {gap}")


def _command() -> str:
    """What to type for this command here: its path, as it was started, where the shell does not find it."""
    return "capweave" if shutil.which("capweave") else sys.argv[0]


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()
