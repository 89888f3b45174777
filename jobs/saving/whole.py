"""The whole plan of an outcome, in the words of the domain."""

from __future__ import annotations

from jobs.errors import RunFailedError
from jobs.saving.loads import loads_of
from jobs.saving.parts import Parts
from jobs.snapshot import Translation
from matcher.plan import Outcome
from matcher.plan import Plan as MatchedPlan
from models.domain.measures import SECOND
from models.domain.orders import DemandClass
from models.domain.plans import Aim, Plan, PlanCounts, PlanLevel, Termination, WholePlan
from models.domain.runs import Run


def whole_plan(translation: Translation, outcome: Outcome, run: Run, snapshot_hash: str) -> WholePlan:
    """Return the plan that a verified outcome of this translation describes, as a draft with new ids.

    Raises RunFailedError where it decides what the store has no place for.
    """
    refuse_what_would_be_lost(outcome.plan)
    parts = Parts(translation, outcome)
    allocations = parts.allocations()
    productions = parts.productions()
    head = Plan(
        market=run.market,
        run=run.id,
        objective=outcome.objective,
        terms=outcome.terms,
        bound=outcome.bound,
        gap=outcome.gap,
        termination=Termination(outcome.termination),
        elapsed=round(outcome.seconds * SECOND),
        peak_memory_mb=outcome.peak_memory_mb,
        snapshot_hash=snapshot_hash,
        seed=outcome.seed,
        convention=run.parameters.convention,
        buckets=translation.buckets,
        counts=counts_of(translation, outcome),
        levels=tuple(
            PlanLevel(
                aim=Aim(level.name),
                demand_class=DemandClass(level.demand_class) if level.demand_class else None,
                value=level.value,
                bound=level.bound,
                gap=level.gap,
            )
            for level in outcome.levels
        ),
        released=tuple(parts.released()),
    )
    return WholePlan(
        plan=head,
        allocations=tuple(allocations),
        productions=tuple(productions),
        draws=tuple(parts.draws(allocations, productions)),
        shortfalls=tuple(parts.shortfalls()),
        loads=tuple(loads_of(translation, outcome.plan)),
    )


def refuse_what_would_be_lost(plan: MatchedPlan) -> None:
    """Raise RunFailedError rather than keep a plan in part. No market of ours has these decisions yet."""
    decided = {
        "conversions of lines": len(plan.conversions.conversion),
        "voucher grants": len(plan.grants.voucher),
        "draws of substitutes": int((plan.draws.item != plan.draws.stands_for).sum()),
    }
    found = [f"{number} {what}" for what, number in decided.items() if number]
    if found:
        raise RunFailedError("plan_not_kept", f"The plan has {', '.join(found)}, which cannot be kept yet.")


def counts_of(translation: Translation, outcome: Outcome) -> PlanCounts:
    """Count order lines that are filled whole and on time, that are short, that are late (or both)."""
    asked = len(translation.problem.order_lines.ids)
    return PlanCounts(
        order_lines=asked,
        filled=asked - len(outcome.shortfalls),
        short=sum(shortfall.unmet > 0 for shortfall in outcome.shortfalls),
        late=sum(shortfall.late > 0 for shortfall in outcome.shortfalls),
        allocations=len(outcome.plan.allocations.quantity),
    )
