"""A search on a thread beside another: when it ends, and that its failing is not kept quiet."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from matcher.alongside import Alongside, Latest
from matcher.exact.lot_prices import LotPrices
from matcher.improve.lots.climb import Climb
from matcher.progress import Watch
from tests.unit.matcher.test_lots import lot_sizing, modelled


@pytest.fixture
def watch() -> Iterator[Watch]:
    with Watch(20.0) as watch:
        yield watch


def fail() -> None:
    raise ArithmeticError("a bound went wrong")


def begun(watch: Watch, search: Callable[[], None], until: float = 20.0) -> Alongside:
    beside = Alongside("a search", watch, until)
    beside.begin(search)
    return beside


def wait_for(done: Callable[[], bool]) -> None:
    until = time.monotonic() + 60.0
    while not done():
        assert time.monotonic() < until
        time.sleep(0.005)


def none_runs(name: str) -> bool:
    return all(thread.name != name for thread in threading.enumerate())


def test_that_a_search_failed_is_said_to_whoever_asks_whether_it_is_active(watch: Watch) -> None:
    beside = begun(watch, fail)
    with pytest.warns(RuntimeWarning, match="a bound went wrong"):
        wait_for(lambda: not beside.active)
    # Whoever has heard of it may end it in peace.
    beside.end()


def test_that_a_search_failed_is_said_to_whoever_ends_it(watch: Watch) -> None:
    beside = begun(watch, fail)
    wait_for(lambda: none_runs("a search"))
    with pytest.warns(RuntimeWarning, match="ArithmeticError"):
        beside.end()


def test_what_a_search_raises_when_nobody_asks_any_more_is_left_to_the_hook_of_threads(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = list[type[BaseException]]()
    monkeypatch.setattr(threading, "excepthook", lambda raised: heard.append(raised.exc_type))
    may_fail = threading.Event()

    def search() -> None:
        may_fail.wait(10.0)
        fail()

    beside = begun(watch, search)
    beside.end()
    may_fail.set()
    wait_for(lambda: not beside.active)
    assert heard == [ArithmeticError]


def test_a_search_is_over_when_it_is_ended_its_time_is_or_the_match_stops() -> None:
    stop = threading.Event()
    with Watch(20.0, None, stop.is_set) as watch:
        endless, short, other = (Alongside("a search", watch, until) for until in (20.0, 0.0, 20.0))
        assert [each.over() for each in (endless, short, other)] == [False, True, False]
        endless.end()
        assert [each.over() for each in (endless, short, other)] == [True, True, False]
        stop.set()
        wait_for(other.over)


def test_the_latest_news_are_heard_once() -> None:
    news = Latest[int]()
    assert news.take() is None
    news.tell(1)
    news.tell(2)
    assert [news.take(), news.take()] == [2, None]


def test_a_climb_of_prices_that_fails_does_not_do_so_quietly(watch: Watch, tmp_path: Path) -> None:
    _, scope, v, frozen = modelled(lot_sizing(tmp_path, 3, 4, 0))
    prices = LotPrices(scope, v, frozen.cost[:1], watch)
    prices.begin(frozen.cost[v.unmet].astype(np.float64), 20.0)
    wait_for(lambda: none_runs("lot-prices"))
    assert prices.news() == (None, None)
    with pytest.warns(RuntimeWarning, match="IndexError"):
        prices.end()


def test_moves_of_set_ups_that_fail_do_not_do_so_quietly(watch: Watch, tmp_path: Path) -> None:
    _, scope, v, frozen = modelled(lot_sizing(tmp_path, 3, 4, 0))
    nowhere = replace(scope, capability=scope.capability + len(frozen.upper))
    moves = Climb(nowhere, frozen.cost[v.unmet], 0, watch, 20.0)
    with pytest.warns(RuntimeWarning, match="IndexError"):
        wait_for(lambda: not moves.active)
    moves.end()
