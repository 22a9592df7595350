"""The loops that numba compiles for `optim`. The only module of the optimizers that imports numba."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload, register_jitable
from numba.np.numpy_support import carray
from numba.np.unsafe.ndarray import to_fixed_tuple

from .choice import where
from .compiling import machine_code


@overload(where)
def _choice(condition, a, b):  # type: ignore[no-untyped-def]
    return lambda condition, a, b: a if condition else b


@intrinsic
def _pointer(typing: Any, address: Any) -> Any:
    """An address as a pointer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(address), generate


@intrinsic
def _data(typing: Any, array: Any) -> Any:
    """Where the memory of the NumPy array at an address begins: this follows the head that all Python objects have."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = builder.add(arguments[0], ir.IntType(64)(object.__basicsize__))
        return builder.load(builder.inttoptr(place, ir.IntType(64).as_pointer()))

    return types.int64(types.int64), generate


@register_jitable
def _part(address, skip, n, like):  # type: ignore[no-untyped-def]
    """n elements of like's type, `skip` elements after the address. Starting at 0 is what lets LLVM vectorise."""
    return carray(_pointer(address + skip * like.itemsize), n, like.dtype)


@register_jitable
def _tensor_at(ends, start):  # type: ignore[no-untyped-def]
    """The number of the tensor that holds element `start` of all."""
    i = 0
    while ends[i] <= start:
        i += 1
    return i


def _stateless(rule: Callable[..., Any], count: int) -> Callable[..., None]:
    def loop(at, ends, numbers, start, stop):  # type: ignore[no-untyped-def]
        t = to_fixed_tuple(numbers, count)
        while start < stop:
            i = _tensor_at(ends, start)
            skip = start - (ends[i - 1] if i else 0)
            n = min(stop, ends[i]) - start
            p, g = _part(at[0, i], skip, n, numbers), _part(_data(at[1, i]), skip, n, numbers)
            for j in range(n):
                p[j] = rule(p[j], g[j], *t)
            start += n

    return loop


def _one_state(rule: Callable[..., Any], count: int) -> Callable[..., None]:
    def loop(at, ends, numbers, start, stop):  # type: ignore[no-untyped-def]
        t = to_fixed_tuple(numbers, count)
        while start < stop:
            i = _tensor_at(ends, start)
            skip = start - (ends[i - 1] if i else 0)
            n = min(stop, ends[i]) - start
            p, g = _part(at[0, i], skip, n, numbers), _part(_data(at[1, i]), skip, n, numbers)
            a = _part(at[2, i], skip, n, numbers)
            for j in range(n):
                p[j], a[j] = rule(p[j], g[j], a[j], *t)
            start += n

    return loop


def _two_states(rule: Callable[..., Any], count: int) -> Callable[..., None]:
    def loop(at, ends, numbers, start, stop):  # type: ignore[no-untyped-def]
        t = to_fixed_tuple(numbers, count)
        while start < stop:
            i = _tensor_at(ends, start)
            skip = start - (ends[i - 1] if i else 0)
            n = min(stop, ends[i]) - start
            p, g = _part(at[0, i], skip, n, numbers), _part(_data(at[1, i]), skip, n, numbers)
            a, b = _part(at[2, i], skip, n, numbers), _part(at[3, i], skip, n, numbers)
            for j in range(n):
                p[j], a[j], b[j] = rule(p[j], g[j], a[j], b[j], *t)
            start += n

    return loop


def _three_states(rule: Callable[..., Any], count: int) -> Callable[..., None]:
    def loop(at, ends, numbers, start, stop):  # type: ignore[no-untyped-def]
        t = to_fixed_tuple(numbers, count)
        while start < stop:
            i = _tensor_at(ends, start)
            skip = start - (ends[i - 1] if i else 0)
            n = min(stop, ends[i]) - start
            p, g = _part(at[0, i], skip, n, numbers), _part(_data(at[1, i]), skip, n, numbers)
            a, b = _part(at[2, i], skip, n, numbers), _part(at[3, i], skip, n, numbers)
            c = _part(at[4, i], skip, n, numbers)
            for j in range(n):
                p[j], a[j], b[j], c[j] = rule(p[j], g[j], a[j], b[j], c[j], *t)
            start += n

    return loop


LOOPS = (_stateless, _one_state, _two_states, _three_states)


def compile_loop(rule: Callable[..., Any], states: int, count: int) -> Callable[..., None]:
    """The rule's loop, kept on disk between runs where numba finds a place to write."""
    loop = LOOPS[states](register_jitable(error_model="numpy")(rule), count)
    # Numba's cache looks at this file only; the name makes an edited rule another entry.
    loop.__qualname__ = f"{rule.__name__}_{_fingerprint(rule)}"
    return machine_code(loop)


def _fingerprint(rule: Callable[..., Any]) -> str:
    code = rule.__code__
    return hashlib.sha256(repr((code.co_code, code.co_consts, code.co_names)).encode()).hexdigest()[:12]
