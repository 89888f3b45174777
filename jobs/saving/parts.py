"""Allocations, productions, draws and shortfalls of an outcome."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from jobs.saving.wording import Wording
from jobs.snapshot import Translation
from matcher.formulation.transport import Transport, site_of
from matcher.plan import GatingFactor as FoundFactor
from matcher.plan import Outcome
from matcher.problem import NONE, Ints
from models.domain.capabilities import Capability
from models.domain.measures import us_to_instant
from models.domain.orders import Order, OrderLine
from models.domain.plans import (
    Allocation,
    Factor,
    GatingFactor,
    MaterialDraw,
    Production,
    Released,
    Shortfall,
)


class Parts:
    """The rows of one outcome in words; the problem's rows and its snapshot's stand in the same order."""

    def __init__(self, translation: Translation, outcome: Outcome) -> None:
        self.problem = translation.problem
        self.snapshot = translation.snapshot
        self.buckets = translation.buckets
        self.outcome = outcome
        self.plan = outcome.plan
        self.wording = Wording(translation.snapshot)
        self.asked: list[tuple[Order, OrderLine]] = [
            (order, line) for order in self.snapshot.orders for line in order.lines
        ]
        site_of_line = {line.id: line.site for line in self.snapshot.lines}
        factory_of_site = {site.id: site.organisation for site in self.snapshot.sites}
        self.makers: list[tuple[Capability, str, str]] = [
            (each, site_of_line[each.line], factory_of_site[site_of_line[each.line]])
            for each in self.snapshot.capabilities
        ]

    def allocations(self) -> list[Allocation]:
        """Return the allocations, in the outcome's order."""
        made = self.plan.allocations
        result = []
        for order_line, capability, bucket, quantity, delivery in rows(
            made.order_line, made.capability, made.bucket, made.quantity, self.deliveries()
        ):
            order, line = self.asked[order_line]
            maker, site, factory = self.makers[capability]
            when = self.buckets[bucket]
            result.append(
                Allocation(
                    organisation=factory,
                    buyer=order.organisation,
                    order=order.id,
                    order_line=line.id,
                    site=site,
                    line=maker.line,
                    capability=maker.id,
                    item=maker.item,
                    bucket=bucket,
                    starts_at=when.starts_at,
                    ends_at=when.ends_at,
                    delivery_at=us_to_instant(delivery),
                    quantity=quantity,
                )
            )
        return result

    def released(self) -> list[Released]:
        """Return what the baseline had locked and the outcome does not keep."""
        kept, given_up = self.problem.baseline, []
        for each in self.outcome.released:
            maker = self.makers[kept.capability[each.row]][0]
            given_up.append(
                Released(
                    order_line=self.asked[kept.order_line[each.row]][1].id,
                    line=maker.line,
                    starts_at=self.buckets[kept.bucket[each.row]].starts_at.isoformat(),
                    quantity=each.quantity,
                )
            )
        return given_up

    def deliveries(self) -> Ints:
        """Return when each allocation arrives, microseconds (docs/formulation.md, T1)."""
        made, problem = self.plan.allocations, self.problem
        ready = problem.grid.boundaries[made.bucket + (1 if problem.grid.convention == "conservative" else 0)]
        transport = Transport(problem)
        transit = transport.transit(
            site_of(problem, made.capability), problem.order_lines.destination[made.order_line]
        )
        return ready + problem.capabilities.lead_time[made.capability] + transit

    def productions(self) -> list[Production]:
        """Return the productions of components, in the outcome's order."""
        made = self.plan.productions
        result = []
        for capability, bucket, quantity in rows(made.capability, made.bucket, made.quantity):
            maker, site, factory = self.makers[capability]
            when = self.buckets[bucket]
            result.append(
                Production(
                    organisation=factory,
                    site=site,
                    line=maker.line,
                    capability=maker.id,
                    item=maker.item,
                    bucket=bucket,
                    starts_at=when.starts_at,
                    ends_at=when.ends_at,
                    quantity=quantity,
                )
            )
        return result

    def draws(
        self, allocations: Sequence[Allocation], productions: Sequence[Production]
    ) -> Iterator[MaterialDraw]:
        """Yield the draws between what the other two returned and the snapshot's supplies."""
        drawn, supplies = self.plan.draws, self.snapshot.supplies
        owner_of_site = {site.id: site.organisation for site in self.snapshot.sites}
        columns = (drawn.from_production, drawn.source, drawn.for_production, drawn.consumer, drawn.item)
        for produced, source, component, consumer, item, quantity in rows(*columns, drawn.quantity):
            user = productions[consumer] if component else allocations[consumer]
            supply = None if produced else supplies[source]
            yield MaterialDraw(
                organisation=user.organisation,
                supplier=productions[source].organisation
                if supply is None
                else supply.organisation or owner_of_site[supply.site],
                supply=None if supply is None else supply.id,
                from_production=productions[source].id if supply is None else None,
                allocation=None if component else user.id,
                for_production=user.id if component else None,
                item=self.problem.items[item],
                quantity=quantity,
            )

    def shortfalls(self) -> Iterator[Shortfall]:
        """Yield the order lines that are short or late."""
        for found in self.outcome.shortfalls:
            order, line = self.asked[found.order_line]
            yield Shortfall(
                organisation=order.organisation,
                order=order.id,
                order_line=line.id,
                item=line.item,
                quantity=line.quantity,
                unmet=found.unmet,
                late=found.late,
                factors=tuple(factor_of(factor, self.wording) for factor in found.factors),
            )


def factor_of(found: FoundFactor, wording: Wording) -> GatingFactor:
    """Return a gating factor in the domain's words."""
    return GatingFactor(
        factor=Factor(found.factor),
        message=wording.spoken(found.message),
        object=found.object or None,
        bucket=None if found.bucket == NONE else found.bucket,
    )


def rows(*columns: NDArray[np.generic]) -> Iterable[tuple[int, ...]]:
    """Return the rows of some columns as plain integers."""
    return zip(*(column.tolist() for column in columns), strict=True)
