"""Numbers of pairs, told apart by flags or by sorting: the same either way."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.exact.keys import distinct, numbered


@pytest.mark.parametrize("below", [12, 50, 10**6])
@pytest.mark.parametrize("count", [0, 1, 30])
def test_keys_are_told_apart_and_numbered_however_many_there_could_be(below: int, count: int) -> None:
    keys = np.random.default_rng(count).integers(0, min(below, 12), count)
    expected, position = np.unique(keys, return_inverse=True)
    assert distinct(keys, below).tolist() == expected.tolist()
    found, number = numbered(keys, below)
    assert (found.tolist(), number.tolist()) == (expected.tolist(), position.tolist())
