"""The steps of a run that only compute; they take seconds on a large market, so they run in a thread."""

from __future__ import annotations

import json

from jobs.errors import RunFailedError
from jobs.saving import whole_plan
from jobs.snapshot import Translation, start_of, translate
from jobs.start import packed
from matcher import plan_file, problem_file
from matcher.verify import check_claim
from models.domain.plans import WholePlan
from models.domain.runs import Run
from models.store.snapshots import MarketSnapshot

VIOLATIONS_SHOWN = 3


def translated(market: MarketSnapshot, run: Run) -> tuple[Translation, bytes, bytes]:
    """Return the run's problem, its file, and the packed plan to begin with (empty where there is none).

    Raises:
        ProblemError: the market's numbers are beyond what the matcher can add up.
    """
    translation = translate(market, run.parameters)
    problem_file.validate(translation.problem)
    start = b"" if market.earlier is None else packed(start_of(market.earlier, translation))
    return translation, problem_file.to_bytes(translation.problem), start


def verified_plan(translation: Translation, document: bytes, run: Run) -> WholePlan:
    """Return the plan of an outcome, once every rule and every figure in it was checked again.

    Raises:
        PlanError: the outcome cannot be read.
        RunFailedError: it is wrong.
    """
    problem = translation.problem
    outcome = plan_file.from_document(problem, json.loads(document))
    verdict = check_claim(problem, outcome)
    if not verdict.ok:
        told = "; ".join(violation.message for violation in verdict.violations[:VIOLATIONS_SHOWN])
        raise RunFailedError("plan_not_verified", f"The plan broke its own rules and was dropped: {told}.")
    return whole_plan(translation, outcome, run, problem_file.digest(problem))
