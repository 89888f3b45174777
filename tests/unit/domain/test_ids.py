from __future__ import annotations

import time

import pytest

from models.domain.ids import PREFIXES, is_id, new_id


def test_ids_rise_in_the_order_of_their_making() -> None:
    ids = [new_id("order") for _ in range(1000)]
    assert ids == sorted(set(ids))
    time.sleep(0.002)
    assert new_id("order") > ids[-1]


ULID = "01jb3x9v5t8k2m4n6p7q8r9s0t"


def test_an_id_tells_its_kind() -> None:
    assert len(set(PREFIXES.values())) == len(PREFIXES)
    for kind, prefix in PREFIXES.items():
        made = new_id(kind)
        assert made.startswith(f"{prefix}_")
        assert is_id(made)


@pytest.mark.parametrize(
    "text", ["", "order-7", f"xyz_{ULID}", f"ord_{ULID}0", f"ord_{ULID.upper()}", "ord_"]
)
def test_other_texts_are_no_ids(text: str) -> None:
    assert not is_id(text)
