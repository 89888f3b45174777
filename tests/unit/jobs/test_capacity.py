from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jobs.snapshot.capacity import Windows, spread

GRID = np.array([0, 10, 25, 26, 100, 1000], dtype=np.int64)
CENTURY = 100 * 366 * 86_400_000_000

Row = tuple[int, int, int, int, int]


def windows(*rows: Row, overtime: tuple[bool, ...] = ()) -> Windows:
    columns = zip(*rows, strict=True) if rows else [[]] * 5
    resource, starts, ends, available, cost = (np.array(column, dtype=np.int64) for column in columns)
    flags = np.array(overtime or [False] * len(rows), dtype=np.bool_)
    return Windows(resource.astype(np.int32), starts, ends, available, cost, flags)


def spread_rows(windows: Windows) -> list[tuple[int, int, int, int]]:
    """(resource, bucket, cost per hour, amount) of every segment."""
    segments, _ = spread(windows, GRID)
    columns = (segments.resource, segments.bucket, segments.cost_per_hour, segments.amount)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_a_window_is_spread_over_the_buckets_that_it_overlaps() -> None:
    assert spread_rows(windows((0, 5, 26, 21, 0))) == [(0, 0, 0, 5), (0, 1, 0, 15), (0, 2, 0, 1)]


def test_only_what_lies_inside_the_horizon_counts() -> None:
    crossing_start, crossing_end = (0, -100, 10, 110, 0), (1, 900, 1100, 200, 0)
    before, after = (2, -50, 0, 50, 0), (3, 1000, 1001, 1, 0)
    assert spread_rows(windows(crossing_start, crossing_end, before, after)) == [
        (0, 0, 0, 10),
        (1, 4, 0, 100),
    ]


def test_a_window_longer_than_the_horizon_fills_every_bucket() -> None:
    segments, _ = spread(windows((0, -1000, 2000, 3000, 0)), GRID)
    assert segments.amount.tolist() == np.diff(GRID).tolist()


def test_windows_of_one_price_are_added_up_and_prices_and_rates_are_kept_apart() -> None:
    rows: list[Row] = [
        (0, 0, 5, 5, 0),
        (0, 0, 10, 3, 0),
        (0, 5, 10, 4, 0),
        (0, 0, 10, 10, 7),
        (0, 11, 12, 0, 0),
    ]
    segments, overtime = spread(windows(*rows, overtime=(False, True, False, True, False)), GRID)
    assert segments.cost_per_hour.tolist() == [0, 0, 7]
    assert segments.amount.tolist() == [9, 3, 10]
    assert overtime.tolist() == [False, True, True]


def test_no_windows_offer_nothing() -> None:
    assert spread_rows(windows()) == []


@st.composite
def a_window(draw: st.DrawFn) -> tuple[int, int, int]:
    start = draw(st.integers(-CENTURY, CENTURY))
    length = draw(st.integers(1, CENTURY))
    return start, start + length, draw(st.integers(0, length))


@given(a_window(), st.lists(st.integers(-CENTURY, 2 * CENTURY), min_size=2, max_size=40, unique=True))
def test_totals_are_kept_and_no_bucket_holds_more_than_its_overlap(
    window: tuple[int, int, int], edges: list[int]
) -> None:
    grid = np.array(sorted(edges), dtype=np.int64)
    start, end, available = window
    segments, _ = spread(windows((0, start, end, available, 0)), grid)
    inside = max(0, min(end, int(grid[-1])) - max(start, int(grid[0])))
    assert abs(int(segments.amount.sum()) - Fraction(available * inside, end - start)) < 1
    if inside == end - start:
        assert int(segments.amount.sum()) == available
    for bucket, amount in zip(segments.bucket.tolist(), segments.amount.tolist(), strict=True):
        overlap = min(end, int(grid[bucket + 1])) - max(start, int(grid[bucket]))
        assert amount <= overlap
        assert abs(amount - Fraction(available * overlap, end - start)) < 1
