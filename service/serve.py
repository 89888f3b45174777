"""The whole service on one machine: database, tables, API, worker, console, in that order."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from service.addresses import Address, choose_addresses
from service.cluster import Cluster
from service.errors import ChildFailedError
from service.loops import compiling, where_loops_are_kept
from service.postgres import EmbeddedPostgres
from service.process import spawn, tail
from service.settings import ROOT, Settings
from service.supervisor import Process, Program, Report, Supervisor, answers_http


@dataclass(frozen=True)
class Service:
    """One running installation, as its parts find each other.

    Attributes:
        database_url: `postgresql://...`.
        api: where the API listens.
        console: where the operators' pages are.
        data_dir: keys, logs and the embedded database.
    """

    database_url: str
    api: Address
    console: Address
    data_dir: Path

    @property
    def api_url(self) -> str:
        """Where the API answers, such as `http://127.0.0.1:8400`."""
        return self.api.url

    @property
    def console_url(self) -> str:
        """Where the console answers."""
        return self.console.url

    @property
    def logs(self) -> Path:
        """The folder of the programs' logs."""
        return self.data_dir / "logs"

    @property
    def key_file(self) -> Path:
        """The file that keeps the keys of a fresh installation."""
        return self.data_dir / "keys.json"


Prepare = Callable[[Service], Mapping[str, str]]
LoadDemo = Callable[[Service], None]


@dataclass(frozen=True)
class Hooks:
    """What the caller adds.

    Attributes:
        prepare: called with the tables in place and nothing else running; returns environment variables for
            the programs, such as the console's key.
        load_demo: called in a thread of its own when all is up, if the demonstration is asked for.
    """

    prepare: Prepare = lambda _service: {}
    load_demo: LoadDemo = lambda _service: None


def serve(
    settings: Settings, *, demo: bool = False, hooks: Hooks | None = None, report: Report = print
) -> None:
    """Run everything until Ctrl-C or SIGTERM, then stop it in order. Call it from the main thread.

    Args:
        settings: of the installation; a taken port is replaced by the next free one.
        demo: whether to load the demonstration market when all is up.
        hooks: keys and demonstration.
        report: receives the sentences for the terminal.

    Raises:
        ServiceError: the folder is in use, or a program does not start; the message says what to do.
    """
    hooks = hooks or Hooks()
    with ExitStack() as stack:
        supervisor = Supervisor(report)
        cluster = embedded = None
        url = settings.database_url
        if url is None:
            embedded = EmbeddedPostgres(settings.data_dir, report=report)
            server = embedded.status().server if embedded.in_background() else None
            cluster = None if server else stack.enter_context(embedded.owned())
            url = server.url if server else ""
        stack.enter_context(supervisor.until_signalled())
        if embedded is not None and cluster is not None:
            report_place(cluster, report)
            if not supervisor.start([database_program(embedded, cluster)]):
                return
            cluster.make_database(embedded.database)
            url = cluster.url(embedded.database)
        service = Service(url, *choose_addresses(settings, report), settings.data_dir)
        if start_programs(service, settings, hooks.prepare, supervisor):
            report(banner(service))
            if demo:
                threading.Thread(target=hooks.load_demo, args=(service,), name="demo", daemon=True).start()
            stack.enter_context(compiling(partial(compile_loops, service), report, announced=demo))
            supervisor.run()
        report("Stopping ...")


def report_place(cluster: Cluster, report: Report) -> None:
    """Say where the data are if they are not where one would look."""
    if cluster.place.moved:
        report(
            f"PostgreSQL does not run as root, and the account it runs as cannot reach this folder: "
            f"its data are in {cluster.place.home}."
        )


def database_program(embedded: EmbeddedPostgres, cluster: Cluster) -> Program:
    """The embedded server as a program to keep running."""
    return Program(
        "database",
        spawn=partial(embedded.start, cluster),
        log=cluster.place.log,
        is_healthy=lambda process: cluster.is_ready(process.pid),
        stop_signal=signal.SIGINT,
        grace_seconds=30,
    )


def start_programs(service: Service, settings: Settings, prepare: Prepare, supervisor: Supervisor) -> bool:
    """Bring the tables up to date and start the three programs; False if asked to stop meanwhile."""
    env = dict(
        os.environ,
        DATABASE_URL=service.database_url,
        CAPWEAVE_DATA=str(service.data_dir),
        CAPWEAVE_URL=service.api_url,
        CAPWEAVE_CONSOLE_URL=service.console_url,
        CAPWEAVE_LOG_LEVEL=settings.log_level,
        PYTHONUNBUFFERED="1",
        **where_loops_are_kept(service.data_dir, os.environ),
    )
    upgrade_tables(service, env)
    if supervisor.stopping.is_set():
        return False
    env.update(prepare(service))
    return supervisor.start(programs(service, settings, env))


def compile_loops(service: Service) -> Process:
    """Start compiling the matcher's loops."""
    env = dict(os.environ, **where_loops_are_kept(service.data_dir, os.environ))
    log = service.logs / "loops.log"
    return python("-m", "matcher.loops", env=env, log=log, last_signal=signal.SIGKILL)


def upgrade_tables(service: Service, env: Mapping[str, str]) -> None:
    """Run the migrations to their end."""
    log = service.logs / "migrations.log"
    migration = python("-m", "service.migrate", "upgrade", env=env, log=log)
    if migration.wait() != 0:
        raise ChildFailedError(f"The tables could not be brought up to date. The end of {log}:\n{tail(log)}")


def programs(service: Service, settings: Settings, env: Mapping[str, str]) -> list[Program]:
    """API, worker and console; each can also be started alone with the same command."""
    at, shown = service.api, service.console
    api = ["-m", "uvicorn", "--factory", "api.app:create_app", "--host", at.host, "--port", str(at.port)]
    api += ["--workers", str(settings.workers), "--no-access-log", "--timeout-graceful-shutdown", "5"]
    api += ["--log-level", settings.log_level]
    console_env = dict(env, CAPWEAVE_CONSOLE_HOST=shown.host, CAPWEAVE_CONSOLE_PORT=str(shown.port))
    log = service.logs
    return [
        Program(
            "api",
            # Its own workers are stopped by it, so it is asked and not killed when this process dies.
            spawn=partial(python, *api, env=env, log=log / "api.log"),
            log=log / "api.log",
            is_healthy=lambda _process: answers_http(at.reached_at, at.port, "/readyz"),
        ),
        Program(
            "worker",
            spawn=partial(
                python, "-m", "jobs.worker", env=env, log=log / "worker.log", last_signal=signal.SIGKILL
            ),
            log=log / "worker.log",
        ),
        Program(
            "console",
            spawn=partial(
                python,
                "-m",
                "console.app",
                env=console_env,
                log=log / "console.log",
                last_signal=signal.SIGKILL,
            ),
            log=log / "console.log",
            is_healthy=lambda _process: answers_http(shown.reached_at, shown.port, "/"),
        ),
    ]


def python(
    *words: str, env: Mapping[str, str], log: Path, last_signal: signal.Signals = signal.SIGTERM
) -> Process:
    """Start a program of the project with the running interpreter."""
    return spawn([sys.executable, *words], env=env, log=log, cwd=ROOT, last_signal=last_signal)


def banner(service: Service) -> str:
    """What a person wants to know when everything is up."""
    lines = [
        "",
        "Capweave is running.",
        f"  console    {service.console_url}{service.console.told}",
        f"  API        {service.api_url}/docs{service.api.told}",
    ]
    if service.key_file.exists():
        lines.append(f"  keys       {service.key_file}")
    return "\n".join([*lines, f"  logs       {service.logs}", "Ctrl-C stops it.", ""])
