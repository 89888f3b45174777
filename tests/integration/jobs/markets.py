"""Problems for the solver process: one that is solved at once, and one that nobody solves in a minute."""

from __future__ import annotations

from random import Random

from matcher.problem import Problem
from tests.problems import Market


def easy() -> Problem:
    """Two orders for a line that has time for both."""
    market = Market(days=2).line("line", hours=8).capability("line", "mask", hours=1)
    return market.order("first", "mask", 3).order("second", "mask", 4).problem()


def endless(seed: int = 1) -> Problem:
    """Orders of many sizes that compete for set-up times and lots on scarce lines: no proof in sight."""
    dice, market = Random(seed), Market(days=10)
    for line in range(12):
        market.line(f"line {line}", hours=10, fixed_cost=dice.randint(100, 9000))
        for item in range(15):
            hours, setup = dice.randint(5, 60) / 100, dice.randint(5, 300) / 100
            market.capability(
                f"line {line}",
                f"item {item}",
                hours=hours,
                setup=setup,
                unit_cost=dice.randint(1, 99),
                setup_cost=dice.randint(50, 3000),
                minimum_batch=dice.randint(1, 9),
            )
    for order in range(250):
        market.order(
            f"order {order}",
            f"item {dice.randrange(15)}",
            dice.randint(5, 60),
            day=dice.randint(2, 10),
            lateness_cost=dice.randint(1, 40),
            max_sources=dice.choice([1, 2]),
            smallest_lot=dice.randint(2, 6),
            ship_complete=dice.random() < 0.5,
        )
    return market.problem()
