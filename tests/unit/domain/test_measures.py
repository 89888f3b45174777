from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.measures import (
    MAX_DURATION,
    MAX_MONEY,
    exact,
    instant_to_us,
    micros,
    microseconds,
    money,
    seconds,
    shown,
    us_to_instant,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5", 12_500_000),
        ("-0.000001", -1),
        ("1e3", 1_000_000_000),
        (7, 7_000_000),
        ("1000000000000", MAX_MONEY),
    ],
)
def test_money_is_exact(text: str, value: int) -> None:
    assert micros(text) == value


@pytest.mark.parametrize("text", ["0.0000001", "1e-7", "NaN", "Infinity", "-sNaN", "ten", "", "1e9999999999"])
def test_what_is_no_exact_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        micros(text)


@given(st.integers(-(10**18), 10**18))
def test_what_is_shown_is_read_back(value: int) -> None:
    assert micros(money(value)) == value
    assert microseconds(seconds(value)) == value
    assert "E" not in money(value)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (12_500_000, "12.5"), (100_000_000, "100"), (-1, "-0.000001")]
)
def test_amounts_are_shown_without_idle_zeros(value: int, text: str) -> None:
    assert money(value) == text


def test_weights_have_three_places() -> None:
    assert exact(Decimal("1.5"), 1000) == 1500
    assert shown(1500, 1000) == "1.5"
    with pytest.raises(ValueError, match="finer"):
        exact("0.0001", 1000)


def test_instants_are_microseconds_of_utc() -> None:
    local = datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert instant_to_us(local) == 0
    assert us_to_instant(-1) == datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    assert us_to_instant(MAX_DURATION).year == 2070
