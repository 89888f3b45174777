"""Numba as an accelerator: compiled once, kept beside the source or in the user's cache, used where it pays."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import FunctionType, ModuleType
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a loop at its first call; it releases the GIL, so that threads share the cores.

    Where neither the source's folder nor the home can be written, the code is compiled anew in each process.
    """
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    try:
        return cast("F", numba.njit(function, cache=True, **options))
    except RuntimeError:
        return cast("F", numba.njit(function, **options))


@cache
def compiled_twins(module: ModuleType) -> dict[str, Any]:
    """Return a module's functions compiled, calling each other compiled.

    The plain functions stay as they are: small problems run them without the compiler, which takes seconds to
    start; large ones run their twins.
    """
    twins = dict(vars(module))
    for name, function in vars(module).items():
        if isinstance(function, FunctionType) and function.__module__ == module.__name__:
            twins[name] = compiled(FunctionType(function.__code__, twins, name, function.__defaults__))
    return twins
