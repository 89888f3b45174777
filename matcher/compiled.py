"""Numba as an accelerator: compiled once, kept beside the source or in the user's cache, used where it pays."""

from __future__ import annotations

import sys
from ast import ImportFrom, parse, walk
from collections.abc import Callable, Mapping
from dis import get_instructions
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeGuard, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
OPTIONS_INSIDE: dict[str, Any] = {**OPTIONS, "no_cpython_wrapper": True}


def compiled(function: F) -> F:
    """Compile a loop at its first call; it releases the GIL, so that threads share the cores.

    Where neither the source's folder nor the home can be written, the code is compiled anew in each process.
    """
    try:
        return cast("F", numba.njit(function, cache=True, **OPTIONS))
    except RuntimeError:
        return cast("F", numba.njit(function, **OPTIONS))


@cache
def compiled_twins(module: ModuleType) -> dict[str, Any]:
    """Return a module's ENTRIES compiled for Python to call, with all that they use.

    The plain functions stay as they are: small problems run them without the compiler, which takes seconds to
    start; large ones run their twins. The module's package has a module `signatures` with the compiler's type of each
    annotation, chosen once, so that a number of 32 bits or a literal does not compile a function again; and perhaps
    ASKS_FOR_MEMORY, False where its inner loops never do. They run without numba's own runtime then, which counts
    references to every array of a tuple at every call: loops that pass tuples on take five times as long with it.
    """
    twins_of_package = _twins_of(module.__name__.rpartition(".")[0])
    return {name: twins_of_package.entry(getattr(module, name)) for name in module.ENTRIES}


def is_cached(module: ModuleType) -> bool:
    """Say whether the entries of a module need not be compiled, or cannot be kept once they are."""
    twins_of_package = _twins_of(module.__name__.rpartition(".")[0])
    return all(twins_of_package.is_cached(getattr(module, name)) for name in module.ENTRIES)


def is_cached_for(function: Callable[..., object], arguments: tuple[object, ...]) -> bool:
    """Say whether a `compiled` loop need not be compiled for arguments of such types, or cannot be kept once it is."""
    loop: Any = function
    signature = tuple(numba.typeof(argument) for argument in arguments)  # type: ignore[no-untyped-call]
    if signature in loop.overloads or getattr(loop._cache, "_cache_file", None) is None:  # noqa: SLF001 - as above
        return True
    return loop._cache.load_overload(signature, loop.targetctx) is not None  # noqa: SLF001 - numba has no other way


class _Twins:
    """Compiles the functions of one package, those called before those that call.

    The cache goes by the sources that an entry's module imports from the package: a change in what it calls compiles
    it anew.
    """

    def __init__(self, package: str) -> None:
        self._package = package
        self._twins: dict[FunctionType, Any] = {}
        signatures = import_module(f"{package}.signatures")
        self._kinds: Mapping[str, Any] = signatures.SIGNATURE
        self._options = OPTIONS_INSIDE | {"_nrt": getattr(signatures, "ASKS_FOR_MEMORY", True)}

    def is_cached(self, function: FunctionType) -> bool:
        """Say whether an entry is in the cache, or there is none."""
        twin, stamp = self._stamped(function, dict(function.__globals__))
        if stamp is None:
            return True
        signature = self._signature(function)
        return twin._cache.load_overload(signature, twin.targetctx) is not None  # noqa: SLF001 - numba has no other way

    def _stamped(self, function: FunctionType, names: dict[str, Any]) -> tuple[Any, Any]:
        """Return a function to be compiled with these globals, and the file of its cache or None."""
        twin: Any = compiled(FunctionType(function.__code__, names, function.__name__))
        stamp = getattr(getattr(twin, "_cache", None), "_cache_file", None)
        if stamp is not None:
            stamp._source_stamp = _stamp(function.__module__)  # noqa: SLF001 - numba's own stamp sees one file only
        return twin, stamp

    def entry(self, function: FunctionType) -> Any:
        """Load an entry from the cache, or compile it and all that it calls."""
        names = dict(function.__globals__)
        twin, stamp = self._stamped(function, names)
        signature = self._signature(function)
        if stamp is None or twin._cache.load_overload(signature, twin.targetctx) is None:  # noqa: SLF001 - likewise
            names |= self._called(function)
        twin.compile(signature)
        twin.disable_compile()
        return twin

    def _called(self, function: FunctionType) -> dict[str, Any]:
        loads = [step.argval for step in get_instructions(function) if step.opname == "LOAD_GLOBAL"]
        used = {name: function.__globals__.get(name) for name in loads}
        return {name: self._inner(other) for name, other in used.items() if self._is_ours(other)}

    def _is_ours(self, value: object) -> TypeGuard[FunctionType]:
        return isinstance(value, FunctionType) and value.__module__.startswith(self._package + ".")

    def _inner(self, function: FunctionType) -> Any:
        """Compile a function that Python never calls: without a way in from there it takes half the time."""
        if function not in self._twins:
            names = function.__globals__ | self._called(function)
            compile_it: Callable[[FunctionType], Any] = numba.njit(**self._options)
            twin = compile_it(FunctionType(function.__code__, names, function.__name__))
            twin.compile(self._signature(function))
            twin.disable_compile()
            self._twins[function] = twin
        return self._twins[function]

    def _signature(self, function: FunctionType) -> tuple[Any, ...]:
        notes = {name: note for name, note in function.__annotations__.items() if name != "return"}
        return tuple(self._kinds[note] for note in notes.values())


@cache
def _twins_of(package: str) -> _Twins:
    return _Twins(package)


@cache
def _stamp(module: str) -> str:
    """Return what changes when the source of a module does, or of one that it imports from its package."""
    found = sha256()
    for name in sorted(_imported(module, module.rpartition(".")[0] + ".", {"signatures"})):
        found.update(Path(str(sys.modules[name].__file__)).read_bytes())
    return found.hexdigest()


def _imported(module: str, package: str, more: set[str]) -> set[str]:
    """Return a module and those that it and these import from a package; `more` are others of that."""
    found, waiting = set[str](), {module, *(package + name for name in more)}
    while waiting:
        name = waiting.pop()
        found.add(name)
        tree = parse(Path(str(sys.modules[name].__file__)).read_bytes())
        names = {node.module or "" for node in walk(tree) if isinstance(node, ImportFrom)}
        waiting |= {name for name in names if name.startswith(package)} - found
    return found
