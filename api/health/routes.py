"""Whether the process lives, and whether it can do its work. Open to all: they tell nothing about it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from api.door import Services, services_of
from models.domain.errors import Unavailable
from models.store import health
from models.store.database import transaction

router = APIRouter(tags=["Health"])


class Readiness(StrEnum):
    """`degraded`: requests are answered, but no worker is there to take up runs."""

    READY = "ready"
    DEGRADED = "degraded"


class HealthOut(BaseModel):
    """The process lives."""

    status: str = "alive"


class ReadinessOut(BaseModel):
    """The process can do its work; `notes` say what is missing all the same."""

    status: Readiness
    revision: str
    workers: int
    notes: list[str]


async def services(request: Request) -> Services:
    """What the process holds."""
    return services_of(request)


@router.get("/healthz", operation_id="get_health", summary="Is the process alive?")
async def get_health() -> HealthOut:
    """Answered without a look at the database."""
    return HealthOut()


@router.get("/readyz", operation_id="get_readiness", summary="Can it do its work?")
async def get_readiness(held: Annotated[Services, Depends(services)]) -> ReadinessOut:
    """503 where the database is away or not migrated; `degraded` where no worker was heard of for 30 s."""
    async with transaction(held.engine, read_only=True) as connection:
        found = await health.look(connection)
    if not found.migrated:
        at = found.revision or "none"
        raise Unavailable(
            f"The database is at revision {at}, not {found.expected}: run `capweave db upgrade`."
        )
    if found.workers:
        return ReadinessOut(status=Readiness.READY, revision=found.expected, workers=found.workers, notes=[])
    note = "No worker was heard of for 30 seconds: runs will wait. `capweave worker` starts one."
    return ReadinessOut(status=Readiness.DEGRADED, revision=found.expected, workers=0, notes=[note])
