"""What is made of what, in which trades and where: the fixed part of the demonstration market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Good:
    """An item. `unit`: C62 pieces, KGM kilograms, MTR metres; `price` is what it costs to make or to buy."""

    code: str
    name: str
    unit: str
    family: str
    price: Decimal
    holding: Decimal = Decimal(0)


GOODS: tuple[Good, ...] = (
    # what hospitals ask for
    Good("mask-surgical", "Surgical mask, type IIR", "C62", "medical", Decimal("0.28"), Decimal("0.0005")),
    Good("mask-ffp2", "Respirator FFP2", "C62", "medical", Decimal("1.15"), Decimal("0.001")),
    Good("gown-isolation", "Isolation gown", "C62", "medical", Decimal("5.80"), Decimal("0.01")),
    Good("face-shield", "Face shield", "C62", "medical", Decimal("1.60"), Decimal("0.002")),
    Good("thermometer-ir", "Infrared thermometer", "C62", "medical", Decimal("17.50"), Decimal("0.02")),
    # what the same lines make in ordinary times
    Good("t-shirt", "T-shirt", "C62", "garment", Decimal("3.40"), Decimal("0.004")),
    Good("bed-sheet", "Bed sheet", "C62", "garment", Decimal("6.10"), Decimal("0.01")),
    Good("shopping-bag", "Non-woven shopping bag", "C62", "non-woven", Decimal("0.22"), Decimal("0.0005")),
    Good("food-tray", "Food tray", "C62", "packaging", Decimal("0.09"), Decimal("0.0002")),
    Good("phone-housing", "Phone housing", "C62", "electronics", Decimal("1.25"), Decimal("0.001")),
    Good("loudspeaker", "Wireless loudspeaker", "C62", "electronics", Decimal("13.00"), Decimal("0.02")),
    # made on the platform, for others to use
    Good("melt-blown", "Melt-blown fabric", "KGM", "fabric", Decimal("21.00")),
    Good("spunbond", "Spunbond fabric", "KGM", "fabric", Decimal("4.20")),
    Good("sms-laminate", "Laminated gown fabric", "MTR", "fabric", Decimal("0.60")),
    Good("visor", "Visor, cut", "C62", "part", Decimal("0.18")),
    Good("shield-frame", "Face shield frame", "C62", "part", Decimal("0.35")),
    Good("shell", "Moulded shell", "C62", "part", Decimal("0.70")),
    Good("circuit-board", "Populated circuit board", "C62", "part", Decimal("2.30")),
    # bought
    Good("pp-melt-blown", "Polypropylene, melt-blown grade", "KGM", "material", Decimal("3.10")),
    Good("pp-fibre", "Polypropylene, fibre grade", "KGM", "material", Decimal("1.20")),
    Good("elastic", "Elastic band", "MTR", "material", Decimal("0.02")),
    Good("nose-wire", "Nose wire", "MTR", "material", Decimal("0.03")),
    Good("cotton-fabric", "Cotton fabric", "MTR", "material", Decimal("1.10")),
    Good("pe-film", "Polyethylene film", "KGM", "material", Decimal("1.90")),
    Good("pet-film", "PET film", "KGM", "material", Decimal("2.60")),
    Good("foam-strip", "Foam strip", "MTR", "material", Decimal("0.15")),
    Good("abs-granulate", "ABS granulate", "KGM", "material", Decimal("2.20")),
    Good("ir-sensor", "Infrared sensor", "C62", "material", Decimal("3.80")),
    Good("microchip", "Microcontroller", "C62", "material", Decimal("0.90")),
    Good("bare-board", "Bare circuit board", "C62", "material", Decimal("0.40")),
    Good("battery", "Battery", "C62", "material", Decimal("0.55")),
)

BILLS: Mapping[str, tuple[tuple[str, int, int], ...]] = {
    # item: (component, quantity, for so many units)
    "mask-surgical": (
        ("melt-blown", 1, 1000),
        ("spunbond", 2, 1000),
        ("elastic", 35, 100),
        ("nose-wire", 1, 10),
    ),
    "mask-ffp2": (("melt-blown", 3, 1000), ("spunbond", 7, 1000), ("elastic", 60, 100), ("nose-wire", 1, 10)),
    "gown-isolation": (("sms-laminate", 14, 10), ("elastic", 4, 10)),
    "face-shield": (("visor", 1, 1), ("shield-frame", 1, 1), ("elastic", 3, 10), ("foam-strip", 3, 10)),
    "thermometer-ir": (("circuit-board", 1, 1), ("ir-sensor", 1, 1), ("shell", 1, 1), ("battery", 2, 1)),
    "t-shirt": (("cotton-fabric", 12, 10),),
    "bed-sheet": (("cotton-fabric", 25, 10),),
    "shopping-bag": (("spunbond", 40, 1000),),
    "food-tray": (("pet-film", 30, 1000),),
    "phone-housing": (("abs-granulate", 35, 1000),),
    "loudspeaker": (("circuit-board", 1, 1), ("shell", 2, 1), ("battery", 1, 1)),
    "melt-blown": (("pp-melt-blown", 1, 1),),
    "spunbond": (("pp-fibre", 1, 1),),
    "sms-laminate": (("spunbond", 80, 1000), ("pe-film", 20, 1000)),
    "visor": (("pet-film", 25, 1000),),
    "shield-frame": (("abs-granulate", 20, 1000),),
    "shell": (("abs-granulate", 60, 1000),),
    "circuit-board": (("bare-board", 1, 1), ("microchip", 2, 1)),
}


@dataclass(frozen=True)
class Skill:
    """How a line makes an item, before a factory's own speed and prices.

    `seconds` of the line and `labour` seconds of the site's pool a unit; `share` is how many of the trade's
    lines have the skill.
    """

    item: str
    seconds: Decimal
    labour: Decimal = Decimal(0)
    setup_hours: Decimal = Decimal(0)
    setup_cost: int = 0
    minimum_batch: int = 0
    good: Decimal = Decimal(1)
    lead_days: Decimal = Decimal(0)
    share: float = 1.0


@dataclass(frozen=True)
class Trade:
    """A kind of factory: its sites and lines at the default size, what the lines make, who works there."""

    code: str
    name: str
    sites: int
    lines_per_site: int
    skills: tuple[Skill, ...]
    pool: str | None = None
    workers: int = 0
    certificates: Mapping[str, float] | None = None


def _skill(item: str, seconds: str, labour: str = "0", **more: object) -> Skill:
    return Skill(item, Decimal(seconds), Decimal(labour), **more)  # type: ignore[arg-type] # checked by the tests


HALF, HOUR, TWO_HOURS = Decimal("0.5"), Decimal(1), Decimal(2)
TRADES: tuple[Trade, ...] = (
    Trade(
        "garment",
        "Clothing",
        sites=7,
        lines_per_site=3,
        pool="sewing",
        workers=44,
        certificates={"ISO13485": 0.45, "EN13795": 0.6, "EN14683": 0.3},
        skills=(
            _skill("t-shirt", "11", "130", share=0.8),
            _skill("bed-sheet", "17", "170", setup_hours=HALF, setup_cost=40, share=0.5),
            _skill(
                "gown-isolation", "26", "310", setup_hours=HOUR, setup_cost=120, minimum_batch=200, share=0.6
            ),
            _skill(
                "mask-surgical",
                "3.2",
                "21",
                setup_hours=TWO_HOURS,
                setup_cost=260,
                minimum_batch=5000,
                good=Decimal("0.96"),
                share=0.25,
            ),
        ),
    ),
    Trade(
        "nonwoven",
        "Non-woven goods",
        sites=4,
        lines_per_site=3,
        certificates={"ISO13485": 0.7, "EN14683": 0.75, "EN149": 0.8},
        skills=(
            _skill("spunbond", "9", good=Decimal("0.97"), share=0.5),
            _skill("shopping-bag", "1.4", share=0.6),
            _skill("sms-laminate", "0.8", setup_hours=HALF, setup_cost=90, share=0.35),
            _skill(
                "mask-surgical",
                "0.9",
                setup_hours=HOUR,
                setup_cost=180,
                minimum_batch=10000,
                good=Decimal("0.98"),
                share=0.6,
            ),
            _skill(
                "mask-ffp2",
                "3.5",
                setup_hours=HOUR,
                setup_cost=240,
                minimum_batch=2000,
                good=Decimal("0.97"),
                share=0.5,
            ),
        ),
    ),
    Trade(
        "meltblown",
        "Melt-blown fabric",
        sites=2,
        lines_per_site=3,
        skills=(_skill("melt-blown", "440", good=Decimal("0.93"), setup_hours=HOUR, setup_cost=150),),
    ),
    Trade(
        "packaging",
        "Packaging",
        sites=4,
        lines_per_site=3,
        pool="assembly",
        workers=16,
        certificates={"ISO13485": 0.5},
        skills=(
            _skill("food-tray", "0.5", share=0.8),
            _skill("visor", "2.5", setup_hours=HALF, setup_cost=60, share=0.6),
            _skill("face-shield", "9", "55", setup_hours=HALF, setup_cost=80, minimum_batch=500, share=0.6),
        ),
    ),
    Trade(
        "electronics",
        "Electronics",
        sites=3,
        lines_per_site=3,
        pool="electronics assembly",
        workers=20,
        certificates={"ISO13485": 0.85},
        skills=(
            _skill("phone-housing", "6", share=0.7),
            _skill("shield-frame", "5", setup_hours=HOUR, setup_cost=110, share=0.7),
            _skill("shell", "8", setup_hours=HOUR, setup_cost=90, share=0.7),
            _skill("circuit-board", "14", setup_hours=HOUR, setup_cost=140, share=0.5),
            _skill("thermometer-ir", "30", "210", lead_days=Decimal(1), share=0.5),
            _skill("loudspeaker", "34", "180", share=0.5),
        ),
    ),
)


@dataclass(frozen=True)
class Region:
    """A region; `share` is its part of factories and buyers."""

    code: str
    latitude: float
    longitude: float
    share: float


REGIONS: tuple[Region, ...] = (
    Region("Shandong", 36.67, 117.00, 0.3),
    Region("Zhejiang", 30.27, 120.15, 0.3),
    Region("Guangdong", 23.13, 113.26, 0.25),
    Region("Hubei", 30.59, 114.30, 0.15),
)

LANES: Mapping[tuple[str, str], tuple[str, str]] = {
    # (from, to): cost a unit, days. Hubei is closed: what goes in is slow, and what comes out slower.
    ("Shandong", "Shandong"): ("0.002", "0.5"),
    ("Shandong", "Zhejiang"): ("0.006", "1.5"),
    ("Shandong", "Guangdong"): ("0.010", "2.5"),
    ("Shandong", "Hubei"): ("0.012", "3"),
    ("Zhejiang", "Shandong"): ("0.006", "1.5"),
    ("Zhejiang", "Zhejiang"): ("0.002", "0.5"),
    ("Zhejiang", "Guangdong"): ("0.008", "2"),
    ("Zhejiang", "Hubei"): ("0.011", "2.5"),
    ("Guangdong", "Shandong"): ("0.010", "2.5"),
    ("Guangdong", "Zhejiang"): ("0.008", "2"),
    ("Guangdong", "Guangdong"): ("0.002", "0.5"),
    ("Guangdong", "Hubei"): ("0.012", "3"),
    ("Guangdong", "Hainan"): ("0.015", "3"),
    ("Hubei", "Hubei"): ("0.003", "1"),
    ("Hubei", "Shandong"): ("0.020", "6"),
    ("Hubei", "Zhejiang"): ("0.020", "6"),
    ("Hubei", "Guangdong"): ("0.020", "6"),
}
"""Hainan, an island of buyers only, is reached from Guangdong alone."""
