"""The demonstration market's factories: owners, sites, lines, workers, what they make, their calendars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from capweave.demonstration.calendar import Week, instant, weeks
from capweave.demonstration.catalogue import GOODS, REGIONS, Region, Skill, Trade

Row = dict[str, Any]
SHIFT_HOURS = 16
"""Hours a weekday that a line runs; workers work in two shifts of eight."""
HOUR = 3600
PRICES = {good.code: good.price for good in GOODS}


@dataclass
class Factories:
    """Rows by resource."""

    organisations: list[Row] = field(default_factory=list)
    sites: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    pools: list[Row] = field(default_factory=list)
    capabilities: list[Row] = field(default_factory=list)
    certificates: list[Row] = field(default_factory=list)
    windows: list[Row] = field(default_factory=list)

    def sites_of(self, trade: Trade) -> list[Row]:
        """The sites of one trade."""
        return [site for site in self.sites if site["code"].startswith(trade.code)]


def build_factories(trades: tuple[Trade, ...], factor: float, start: datetime, random: Random) -> Factories:
    """All factories of a market that is `factor` times the default one."""
    factories = Factories()
    for trade in trades:
        skilled = _skills_of_lines(trade, max(1, round(trade.sites * factor)), random)
        for number, lines in enumerate(skilled, start=1):
            _add_site(factories, trade, number, lines, start, random)
    return factories


def _skills_of_lines(trade: Trade, sites: int, random: Random) -> list[list[list[Skill]]]:
    """For each site, for each line, its skills. A skill goes to its share of the lines; no line has none."""
    count = sites * trade.lines_per_site
    by_line: list[list[Skill]] = [[] for _ in range(count)]
    for skill in trade.skills:
        for line in random.sample(range(count), max(1, round(skill.share * count))):
            by_line[line].append(skill)
    for skills in by_line:
        if not skills:
            skills.append(trade.skills[0])
    return [by_line[each * trade.lines_per_site :][: trade.lines_per_site] for each in range(sites)]


def _add_site(
    factories: Factories, trade: Trade, number: int, lines: list[list[Skill]], start: datetime, random: Random
) -> None:
    region = random.choices(REGIONS, [each.share for each in REGIONS])[0]
    owner, site = f"{trade.code}-{number:02d}-co", f"{trade.code}-{number:02d}"
    name = f"{region.code} {trade.name} {number}"
    factories.organisations.append(
        {"code": owner, "name": f"{name} Co.", "roles": ["factory"], "country": "CN", "region": region.code}
    )
    factories.sites.append(_site_row(site, owner, name, region, random))
    factories.certificates.extend(_certificates(trade, site, start, random))
    pool = None
    if trade.pool:
        pool = f"{site}-{trade.pool.split()[-1]}"
        workers = round(trade.workers * random.uniform(0.8, 1.2))
        factories.pools.append(
            {"code": pool, "site": site, "name": f"{trade.pool.capitalize()}, {name}", "skill": trade.pool}
        )
        factories.windows.extend(_pool_windows(pool, workers, start))
    for position, skills in enumerate(lines, start=1):
        line = f"{site}-l{position}"
        fixed = random.choice((0, 0, 150, 250))
        factories.lines.append(
            {"code": line, "site": site, "name": f"Line {position}", "fixed_cost": str(fixed)}
        )
        factories.capabilities.extend(_capability(line, skill, pool, random) for skill in skills)
        factories.windows.extend(_line_windows(line, trade, position, start, random))


def _site_row(site: str, owner: str, name: str, region: Region, random: Random) -> Row:
    return {
        "code": site,
        "organisation": owner,
        "name": name,
        "kind": "factory",
        "region": region.code,
        "country": "CN",
        "latitude": f"{region.latitude + random.uniform(-0.6, 0.6):.4f}",
        "longitude": f"{region.longitude + random.uniform(-0.6, 0.6):.4f}",
        "fixed_cost": str(random.choice((0, 0, 400))),
    }


def _capability(line: str, skill: Skill, pool: str | None, random: Random) -> Row:
    row: Row = {
        "code": f"{line}:{skill.item}",
        "line": line,
        "item": skill.item,
        "seconds_per_unit": _rounded(skill.seconds, random.uniform(0.9, 1.2)),
        "unit_cost": _rounded(PRICES[skill.item] * Decimal("0.55"), random.uniform(0.85, 1.25)),
        "yield": str(skill.good),
    }
    if pool and skill.labour:
        row |= {
            "labour_pool": pool,
            "labour_seconds_per_unit": _rounded(skill.labour, random.uniform(0.9, 1.1)),
        }
    if skill.setup_hours:
        row |= {"setup_seconds": str(int(skill.setup_hours * HOUR)), "setup_cost": str(skill.setup_cost)}
    if skill.minimum_batch:
        row["minimum_batch"] = skill.minimum_batch
    if skill.lead_days:
        row["lead_time_days"] = str(skill.lead_days)
    return row


def _certificates(trade: Trade, site: str, start: datetime, random: Random) -> Iterator[Row]:
    """Most are valid throughout; some begin in the third week, some lapse in the fifth."""
    for kind, share in (trade.certificates or {}).items():
        if random.random() >= share:
            continue
        begins, ends = start - timedelta(days=random.randrange(60, 900)), start + timedelta(days=700)
        case = random.random()
        if case < 0.2:  # noqa: PLR2004 - a fifth of them
            begins = start + timedelta(days=random.randrange(12, 22))
        elif case < 0.35:  # noqa: PLR2004
            ends = start + timedelta(days=random.randrange(26, 40))
        yield {
            "code": f"{site}:{kind}",
            "site": site,
            "kind": kind,
            "number": f"{kind}-{random.randrange(10_000, 99_999)}",
            "valid_from": instant(begins),
            "valid_until": instant(ends),
        }


def _line_windows(line: str, trade: Trade, position: int, start: datetime, random: Random) -> Iterator[Row]:
    """Weekdays at the regular rate, Saturdays as overtime; some lines pause a week, new ones start late."""
    last_of_melt_blown = trade.code == "meltblown" and position == trade.lines_per_site
    first_week = 3 if last_of_melt_blown else 0
    standstill = random.randrange(1, 8) if random.random() < 0.15 else None  # noqa: PLR2004 - one line in seven
    overtime = random.choice((24, 30, 36, 45))
    for week in weeks(start):
        if week.number >= first_week and week.number != standstill:
            yield from _week_windows({"line": line}, line, week, SHIFT_HOURS * 5, 10, overtime)


def _pool_windows(pool: str, workers: int, start: datetime) -> Iterator[Row]:
    """Each worker works 40 hours a week, and up to eight more on Saturday."""
    for week in weeks(start):
        # In the first two weeks many workers are still held up at home.
        present = max(1, round(workers * (0.6, 0.8)[week.number])) if week.number < 2 else workers  # noqa: PLR2004
        yield from _week_windows({"labour_pool": pool}, pool, week, 40 * present, 8 * present // 2, 9)


def _week_windows(
    resource: Row, code: str, week: Week, hours: int, overtime_hours: int, overtime_cost: int
) -> Iterator[Row]:
    if week.working_share:
        yield resource | {
            "code": f"{code}:w{week.number:02d}",
            "starts_at": instant(week.monday),
            "ends_at": instant(week.saturday),
            "available_seconds": str(int(hours * HOUR * week.working_share)),
            "rate": "regular",
        }
    if week.sunday > week.saturday:
        yield resource | {
            "code": f"{code}:w{week.number:02d}-overtime",
            "starts_at": instant(week.saturday),
            "ends_at": instant(week.sunday),
            "available_seconds": str(overtime_hours * HOUR),
            "rate": "overtime",
            "cost_per_hour": str(overtime_cost),
        }


def _rounded(value: Decimal, factor: float) -> str:
    """Three significant places are enough for a price or a speed."""
    return format(Decimal(f"{float(value) * factor:.3g}"), "f")
