"""What a decimal, a duration or an instant may look like, and what is said about those that may not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import measures
from models.domain.measures import DAY, MAX_DURATION, MICROS, SECOND

FIRST, LAST = datetime.fromisoformat("1900-01-02"), datetime.fromisoformat("9998-12-30")


@pytest.mark.parametrize(
    ("written", "micros"),
    [("12.5", 12_500_000), (3, 3_000_000), (Decimal("0.000001"), 1), ("-1", -1_000_000), (0.1, 100_000)],
)
def test_money_is_read_exactly(written: object, micros: int) -> None:
    assert measures.decimal(written, MICROS) == micros


@pytest.mark.parametrize(
    "written",
    [
        True, None, [], "", "1e3", "1_000", "٣", "0x10", "NaN", "Infinity", " 1", "0.0000001",
        Decimal("NaN"), Decimal("1E+999999"), Decimal("1E-999999"), float("inf"), "9" * 40,
    ],
)  # fmt: skip
def test_what_is_no_decimal_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        measures.decimal(written, MICROS)


@pytest.mark.parametrize(
    ("written", "microseconds"),
    [("PT1M30S", 90 * SECOND), ("P1DT2H", DAY + 7200 * SECOND), (0.5, SECOND // 2), ("PT0.000001S", 1)],
)
def test_a_duration_is_a_number_or_iso_8601(written: object, microseconds: int) -> None:
    assert measures.duration(written, SECOND) == microseconds


@pytest.mark.parametrize("written", ["P", "PT", "P1Y", "P1M", "PT1.0000001S", "PT-1S", "1:30", "P1D2H"])
def test_other_durations_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        measures.duration(written, SECOND)


@given(st.integers(0, MAX_DURATION), st.sampled_from([SECOND, DAY]))
def test_every_duration_reads_back_as_it_was_written(amount: int, unit: int) -> None:
    written = measures.number_of(amount, unit)
    as_json = Decimal(repr(written)) if isinstance(written, float) else written
    assert measures.duration(as_json, unit) == amount


def test_a_time_without_an_offset_is_refused_and_told_so() -> None:
    with pytest.raises(ValueError, match="no offset"):
        measures.instant("2026-05-04T08:00:00")


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-30T00:00:00Z", "2026-05-04T25:00:00Z", "9999-12-31T23:59:59-10:00", "9999-12-31T00:00:00Z",
        "0001-01-01T00:00:00+10:00", "2026-05-04T08:00:00+99:00", "2026-05-04", "now", 1_700_000_000, None,
    ],
)  # fmt: skip
def test_what_is_no_instant_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        measures.instant(written)


def test_a_plain_date_is_a_day_of_the_market() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    day = measures.instant_or_day("2026-03-29")  # 23 hours long there
    assert day == date(2026, 3, 29)
    assert measures.day_start(day, berlin) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert measures.day_end(day, berlin) == datetime(2026, 3, 29, 22, tzinfo=UTC)


@given(st.datetimes(FIRST, LAST, timezones=st.just(UTC)))
def test_every_instant_reads_back_as_it_was_written(moment: datetime) -> None:
    assert measures.instant(measures.rfc3339(moment)) == moment
