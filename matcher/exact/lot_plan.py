"""The best plan of a search for lots, and how nearly whole values of solvers become a better one."""

from __future__ import annotations

from dataclasses import dataclass, field

from matcher.exact.lot_tasks import USED, WHOLE, LotTasks, Task
from matcher.exact.model import Frozen, cost_of
from matcher.exact.placing import Placing
from matcher.exact.request import satisfies
from matcher.problem import Ints


@dataclass(slots=True)
class LotPlan:
    """Column values of the best plan; it is better to have less of `first`, where that is given, then to cost less."""

    frozen: Frozen
    placing: Placing
    tasks: LotTasks
    first: Ints | None
    values: Ints
    rank: tuple[int, int] = field(init=False)
    """What it is compared by."""

    def __post_init__(self) -> None:
        self.rank = self.rank_of(self.values)

    @property
    def cost(self) -> int:
        """What it costs, thousandths of micros."""
        return self.rank[1]

    def rank_of(self, values: Ints) -> tuple[int, int]:
        """Return what plans are compared by."""
        first = 0 if self.first is None else cost_of(self.first, values)
        return first, cost_of(self.frozen.cost, values)

    def take(self, values: Ints) -> bool:
        """Keep values as they are or settled, if they are better; say whether."""
        for settled in (values, self.placing.settled(values)):
            rank = self.rank_of(settled)
            if rank < self.rank and satisfies(self.frozen, settled):
                self.values, self.rank = settled, rank
                return True
        return False

    def take_answer(self, task: Task, values: Ints) -> bool:
        """Put what a task found into the plan as it is now, settle it, keep it if that is better; say whether."""
        full = (task.base if task.kind in {WHOLE, USED} else self.values).copy()
        full[task.free] = values
        before = self.cost
        better = self.take(full) or self._take_anew(full)
        task.gained += max(before - self.cost, int(better))
        return better

    def _take_anew(self, values: Ints) -> bool:
        """Where set-ups would do but rounding units lost what they bring, place the units anew."""
        if self.rank_of(values) >= self.rank:
            return False
        anew = self.tasks.with_units_anew(values)
        return anew is not None and self.take(anew)
