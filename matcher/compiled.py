"""Numba as an accelerator: compiled once, kept beside the source or in the user's cache, used only where it pays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a loop at its first call; it releases the GIL, so that threads share the cores.

    Where neither the source's folder nor the home can be written, the code is compiled anew in each process.
    """
    options = {"nogil": True, "error_model": "numpy"}
    try:
        return cast("F", numba.njit(function, cache=True, **options))
    except RuntimeError:
        return cast("F", numba.njit(function, **options))
