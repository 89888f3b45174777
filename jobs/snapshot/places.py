"""Where things are: sites and regions, the lanes between them, the certificates that sites hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jobs.snapshot.rows import Rows, indices, ints
from matcher.problem import Certificates, Lanes, Places
from models.domain.certificates import Certificate
from models.domain.lanes import Lane
from models.domain.measures import instant_to_us
from models.domain.orders import Order
from models.domain.sites import Site


@dataclass(frozen=True, slots=True)
class Geography:
    """The rows of sites and of regions (which follow the sites), and the sites of each organisation."""

    sites: Rows
    regions: Rows
    sites_of: dict[str, tuple[int, ...]]

    def place(self, site: str | None, region: str | None) -> int:
        """Return the place of a site, or else of a region, or else NONE."""
        return self.regions.row(region or None) if site is None else self.sites.row(site)

    def factories(self, sites_or_organisations: Iterable[str]) -> list[int]:
        """Return the rows of sites that are named, or whose organisation is; sorted, each once.

        What is withdrawn has no row: an order may still name it.
        """
        found: set[int] = set()
        for each in sites_or_organisations:
            found.update(self.sites_of.get(each, ()))
            if each in self.sites:
                found.add(self.sites.row(each))
        return sorted(found)


def geography_of(sites: Sequence[Site], lanes: Sequence[Lane], orders: Sequence[Order]) -> Geography:
    """Number the sites, and all regions that anything names, by their names."""
    named = {site.region for site in sites}
    named |= {region for lane in lanes for region in (lane.origin_region, lane.destination_region)}
    named |= {order.destination_region for order in orders}
    named |= {line.destination_region for order in orders for line in order.lines}
    rows = Rows(site.id for site in sites)
    sites_of: dict[str, list[int]] = defaultdict(list)
    for site in sites:
        sites_of[site.organisation].append(rows.row(site.id))
    return Geography(
        sites=rows,
        regions=Rows(sorted(region for region in named if region), first=len(sites)),
        sites_of={organisation: tuple(its) for organisation, its in sites_of.items()},
    )


def places_of(sites: Sequence[Site], organisations: Rows, geography: Geography) -> Places:
    """Return the table of places."""
    return Places(
        ids=geography.sites.ids + geography.regions.ids,
        owner=organisations.column(site.organisation for site in sites),
        region=indices(geography.place(None, site.region) for site in sites),
        fixed_cost=ints(site.fixed_cost for site in sites),
    )


def lanes_of(lanes: Sequence[Lane], geography: Geography) -> Lanes:
    """Return the table of lanes."""
    return Lanes(
        origin=indices(geography.place(lane.origin_site, lane.origin_region) for lane in lanes),
        destination=indices(
            geography.place(lane.destination_site, lane.destination_region) for lane in lanes
        ),
        unit_cost=ints(lane.cost_per_unit for lane in lanes),
        transit=ints(lane.transit for lane in lanes),
    )


def certificates_of(certificates: Sequence[Certificate], sites: Rows, kinds: Rows) -> Certificates:
    """Return the table of certificates."""
    return Certificates(
        site=sites.column(each.site for each in certificates),
        kind=kinds.column(each.kind for each in certificates),
        valid_from=ints(instant_to_us(each.valid_from) for each in certificates),
        valid_until=ints(instant_to_us(each.valid_until) for each in certificates),
    )


def certificate_kinds(certificates: Iterable[Certificate], orders: Iterable[Order]) -> Rows:
    """Number the kinds of certificate that a site holds or an order line requires."""
    held = {each.kind for each in certificates}
    required = {kind for order in orders for line in order.lines for kind in line.required_certificates}
    return Rows(sorted(held | required))
