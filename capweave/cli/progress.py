"""How far a match is: a bar on a terminal, elsewhere a line at each change and every few seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from capweave.cli.output import console, is_terminal, money, note, share

EVERY_SECONDS = 5.0


@dataclass(frozen=True)
class Seen:
    """What is known at a moment: the phase, the seconds, the best plan so far and its gap to the proven bound."""

    phase: str
    seconds: float
    incumbent: Decimal | None
    gap: Decimal | float | None

    @property
    def numbers(self) -> str:
        """The plan so far, in words."""
        if self.incumbent is None:
            return ""
        return f"{money(self.incumbent)}" + ("" if self.gap is None else f"  gap {share(self.gap)}")


Tell = Callable[[Seen], None]


@contextmanager
def progress(seconds: float, *, quiet: bool) -> Iterator[Tell]:
    """Show what is told while the block lasts; `seconds` is the time limit."""
    if quiet:
        yield lambda _seen: None
    elif is_terminal():
        with _bar(seconds) as tell:
            yield tell
    else:
        yield _lines()


def _lines() -> Tell:
    last: list[Seen] = []

    def tell(seen: Seen) -> None:
        if not last or seen.phase != last[0].phase or seen.seconds - last[0].seconds >= EVERY_SECONDS:
            last[:] = [seen]
            note(f"{seen.seconds:6.1f} s  {seen.phase:12}  {seen.numbers}".rstrip())

    return tell


@contextmanager
def _bar(seconds: float) -> Iterator[Tell]:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    text = TextColumn("{task.fields[numbers]}")
    columns = (SpinnerColumn(), TextColumn("{task.description:12}"), BarColumn(), TimeElapsedColumn(), text)
    with Progress(*columns, console=console(errors=True), transient=True) as bars:
        task = bars.add_task("start", total=seconds, numbers="")

        def tell(seen: Seen) -> None:
            bars.update(task, description=seen.phase, completed=seen.seconds, numbers=seen.numbers)

        yield tell
