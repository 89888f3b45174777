"""A plan is kept whole, or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs.errors import RunFailedError
from jobs.saving.whole import refuse_what_would_be_lost
from matcher.plan import ConversionStarts, Grants
from tests.factory import factory, valid_sheet
from tests.workshop import valid_draft, workshop


def test_what_live_markets_decide_is_kept() -> None:
    refuse_what_would_be_lost(valid_draft().plan(workshop()))


def test_a_plan_with_more_is_refused_and_says_what_would_be_lost() -> None:
    plan = valid_sheet().plan(factory())
    with pytest.raises(RunFailedError, match="1 conversions of lines, 3 voucher grants, 3 draws of subst"):
        refuse_what_would_be_lost(plan)
    with pytest.raises(RunFailedError, match="has 3 draws of substitutes, which"):
        refuse_what_would_be_lost(replace(plan, conversions=ConversionStarts(), grants=Grants()))
