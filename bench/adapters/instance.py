"""What an adapter makes of a published file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from matcher.plan import Outcome, Plan
from matcher.problem import Problem


@dataclass(frozen=True, slots=True)
class Instance:
    """A published instance: `money` is what a micro of the problem is worth in the published unit.

    `cost` counts a complete plan again from the published figures. Unit costs of the problem are rounded
    down, so a bound of the problem is a bound of the instance. `names` are those under which best known
    values list it. `report` measures more of an outcome, for the kinds that have more to say.
    """

    names: tuple[str, ...]
    problem: Problem
    money: Fraction
    cost: Callable[[Plan], Fraction]
    report: Callable[[Outcome], dict[str, object]] | None = None


def numbers(text: str, count: int | None = None) -> list[Fraction]:
    """Read white-space separated numbers, the first `count` of them; what follows may be anything."""
    words = text.replace("\x1a", " ").replace("\x00", " ").split()
    found = [Fraction(word) for word in words[:count]]
    if count is not None and len(found) < count:
        raise ValueError(f"{count} numbers expected, {len(found)} found")
    return found
