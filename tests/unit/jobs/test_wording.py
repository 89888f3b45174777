"""Reasons name things by the codes that people gave them."""

from __future__ import annotations

from dataclasses import replace

from jobs.saving.wording import Wording
from models.domain.ids import new_id
from tests.unit.jobs.builder import market


def test_ids_in_a_sentence_become_codes_and_others_stay() -> None:
    bare = market()
    line = replace(bare.lines[0], id=new_id("line"), code="SEW-1")
    asked = replace(bare.orders[0].lines[0], id=new_id("order_line"), code="1")
    order = replace(bare.orders[0], code="PO-7", lines=(asked,))
    unknown = new_id("line")
    said = Wording(replace(bare, lines=(line,), orders=(order,))).spoken(
        f"{line.id} works for {asked.id}, not for {unknown}."
    )
    assert said == f"SEW-1 works for PO-7, not for {unknown}."
