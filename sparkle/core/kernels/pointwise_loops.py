"""The loops that numba compiles around formulas."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from types import FunctionType
from typing import Any

from . import optim_loops  # noqa: F401 (which tells numba what `where` is)
from .compiling import machine_code
from .vector_math import FUNCTIONS, inlined

# How a formula's values are handed to it: A for an array's element, N for the next of the numbers. Numbers that follow
# the last array need no entry.
ARRANGED: dict[str, Callable[..., Any]] = {
    "A": lambda f: lambda a, t: f(a, *t),
    "AA": lambda f: lambda a, b, t: f(a, b, *t),
    "AAA": lambda f: lambda a, b, c, t: f(a, b, c, *t),
    "NA": lambda f: lambda a, t: f(t[0], a, *t[1:]),
    "ANA": lambda f: lambda a, b, t: f(a, t[0], b, *t[1:]),
    "NAA": lambda f: lambda a, b, t: f(t[0], a, b, *t[1:]),
}


def one(f: Callable[..., Any]) -> Callable[..., None]:
    def loop(y, t, a, start, stop):  # type: ignore[no-untyped-def]
        y, a = y[start:stop], a[start:stop]
        for i in range(y.size):
            y[i] = f(a[i], t)

    return loop


def two(f: Callable[..., Any]) -> Callable[..., None]:
    def loop(y, t, a, b, start, stop):  # type: ignore[no-untyped-def]
        y, a, b = y[start:stop], a[start:stop], b[start:stop]
        for i in range(y.size):
            y[i] = f(a[i], b[i], t)

    return loop


def three(f: Callable[..., Any]) -> Callable[..., None]:
    def loop(y, t, a, b, c, start, stop):  # type: ignore[no-untyped-def]
        y, a, b, c = y[start:stop], a[start:stop], b[start:stop], c[start:stop]
        for i in range(y.size):
            y[i] = f(a[i], b[i], c[i], t)

    return loop


LOOPS = {1: one, 2: two, 3: three}


def compile_loop(formula: Callable[..., Any], pattern: str, dtype: Any) -> Callable[..., None]:
    """The loop `y[i] = formula(...)` as machine code, kept on disk where numba finds a place to write.

    pattern: a key of ARRANGED. dtype: the type in which the formula's own constants are taken; as Python has them they
    would make every float32 a float64.
    """
    arranged = inlined(ARRANGED[pattern](inlined(typed(formula, dtype))))
    loop = LOOPS[pattern.count("A")](arranged)
    # Numba's cache looks at this file only; the name makes an edited formula another entry.
    loop.__qualname__ = f"{formula.__name__.strip('<>')}_{fingerprint(formula)}_{pattern}_{dtype}"
    return machine_code(loop, frozenset({"contract"}))


def typed(formula: Callable[..., Any], dtype: Any) -> Callable[..., Any]:
    """The formula with its numbers in that type, those that it names and the formulas that it calls as well."""
    code = formula.__code__
    constants = tuple(dtype.type(c) if type(c) is float else c for c in code.co_consts)
    names = dict(formula.__globals__)
    for name in code.co_names:
        value = names.get(name)
        if name in FUNCTIONS:
            names[name] = FUNCTIONS[name]
        elif type(value) is float:
            names[name] = dtype.type(value)
    return FunctionType(code.replace(co_consts=constants), names, formula.__name__)


def fingerprint(formula: Callable[..., Any]) -> str:
    """Changes with the formula and the numbers it names."""
    code = formula.__code__
    named = [value for name in code.co_names if type(value := formula.__globals__.get(name)) is float]
    parts = [code.co_code, code.co_consts, code.co_names, named]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]
