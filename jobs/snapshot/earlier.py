"""What an earlier plan says in the rows of a new problem: what a run begins with."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.snapshot.rows import Rows, flags, indices, ints
from jobs.snapshot.translate import Translation
from matcher.plan import Allocations, Draws, Plan, Productions
from models.domain.measures import instant_to_us
from models.domain.plans import Allocation, MaterialDraw, Production, WholePlan


def start_of(earlier: WholePlan, translation: Translation) -> Plan:
    """Return what of an earlier plan has a place in a problem: its order lines, capabilities, supplies and buckets.

    What is left may break rules of the new problem; the matcher looks at that.
    """
    rows = _NewRows(translation)
    made = [each for each in earlier.allocations if rows.has(each) and each.order_line in rows.order_lines]
    produced = [each for each in earlier.productions if rows.has(each)]
    return Plan(
        allocations=Allocations(
            order_line=rows.order_lines.column(each.order_line for each in made),
            capability=rows.capabilities.column(each.capability for each in made),
            bucket=indices(rows.bucket(each) for each in made),
            quantity=ints(each.quantity for each in made),
        ),
        productions=Productions(
            capability=rows.capabilities.column(each.capability for each in produced),
            bucket=indices(rows.bucket(each) for each in produced),
            quantity=ints(each.quantity for each in produced),
        ),
        draws=rows.draws(earlier.draws, Rows(each.id for each in made), Rows(each.id for each in produced)),
    )


class _NewRows:
    """Where the things that a plan names stand in the new problem."""

    def __init__(self, translation: Translation) -> None:
        problem, snapshot = translation.problem, translation.snapshot
        self.order_lines = Rows(problem.order_lines.ids)
        self.capabilities = Rows(each.id for each in snapshot.capabilities)
        self.items = Rows(problem.items)
        self.supplies = Rows(problem.supplies.ids)
        self.buckets = {
            (instant_to_us(each.starts_at), instant_to_us(each.ends_at)): each.index
            for each in translation.buckets
        }

    def has(self, made: Allocation | Production) -> bool:
        """Say whether its capability and its bucket, begin and end, are there still."""
        when = (instant_to_us(made.starts_at), instant_to_us(made.ends_at))
        return made.capability in self.capabilities and when in self.buckets

    def bucket(self, made: Allocation | Production) -> int:
        """Return the bucket that begins and ends as its own did."""
        return self.buckets[instant_to_us(made.starts_at), instant_to_us(made.ends_at)]

    def draws(self, drawn: Sequence[MaterialDraw], made: Rows, produced: Rows) -> Draws:
        """Return the draws both of whose ends are there still."""
        kept = [
            each
            for each in drawn
            if each.item in self.items
            and (each.supply in self.supplies if each.supply else each.from_production in produced)
            and (each.allocation in made if each.allocation else each.for_production in produced)
        ]
        return Draws(
            from_production=flags(each.supply is None for each in kept),
            source=indices(
                self.supplies.row(each.supply) if each.supply else produced.row(each.from_production)
                for each in kept
            ),
            for_production=flags(each.allocation is None for each in kept),
            consumer=indices(
                made.row(each.allocation) if each.allocation else produced.row(each.for_production)
                for each in kept
            ),
            item=self.items.column(each.item for each in kept),
            quantity=ints(each.quantity for each in kept),
        )
