"""Seeds of random problems for property tests: a fixed few, or as many new ones as the user asks for."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ASKED = int(os.environ.get("CAPWEAVE_TEST_EXAMPLES", "0"))
"""How many examples of each property to try in place of the usual number; they are new ones then."""


def for_seeds(usual: int) -> Callable[[Callable[..., None]], Any]:
    """Run a test with `seed` and `size` for `random_problem`, as often as usual or as asked."""

    def decorate(test: Callable[..., None]) -> Any:
        chosen = settings(
            max_examples=ASKED or usual,
            derandomize=not ASKED,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        return chosen(given(seed=st.integers(0, 2**48), size=st.integers(1, 4))(test))

    return decorate
