"""What a worker works with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from jobs.match import SolverPool
from jobs.settings import WorkerSettings


@dataclass(frozen=True, slots=True)
class Workshop:
    """The database, the solvers, the choices; and whether the worker was asked to stop.

    Attributes:
        name: of this worker process, in heartbeats and leases.
    """

    name: str
    engine: AsyncEngine
    settings: WorkerSettings
    solvers: SolverPool = field(default_factory=SolverPool)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
