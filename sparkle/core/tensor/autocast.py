"""Which functions compute in which type while autocast is on.

`mode.autocast` is None, which the functions concerned look at, or the thread's `Casting`. Those that a lower precision
does no harm hand over to `Casting.lower` in their first line, or are decorated with `lowered`; those that need float32
are decorated with `in_float32`; those whose operands must agree with `in_widest`. The lists are torch's for the CPU.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

from .. import backend, dtypes
from ..mode import mode
from ..ops.shaping.shape import Cast
from .base import TensorBase, apply


class Casting:
    """What autocast does in a thread: types names for each kind of device, "cpu" or "cuda", the lower type.

    cache holds what became of weights, so that one used twice is cast once; None where nothing is kept.
    """

    def __init__(self, types: dict[str, dtypes.dtype], cache: dict[Any, Any] | None) -> None:
        self.types, self.cache = types, cache

    def lower(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """The function of operands in the lower type; what it calls is left alone."""
        return self._outside(function, self.low, args, kwargs)

    def float32(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """The function of operands of half precision in float32."""
        return self._outside(function, self.wide, args, kwargs)

    def widest(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """The function of operands in the widest of their types; as they are where one is float64."""
        tensors = [x for x in (*args, *kwargs.values()) if isinstance(x, TensorBase)]
        kinds = {dtypes.of(x.array.dtype) for x in tensors if x.array.dtype.kind in dtypes.FLOATS}
        common = None
        for kind in kinds if dtypes.float64 not in kinds else ():
            common = kind if common is None else dtypes.promote_types(common, kind)
        return self._outside(function, lambda x: x if common is None else _cast(x, common), args, kwargs)

    def _outside(self, function: Callable[..., Any], cast: Callable[[Any], Any], args: Any, kwargs: Any) -> Any:
        """Call the function with the tensors cast, and autocast switched off."""
        args = [_each(cast, x) for x in args]
        kwargs = {name: _each(cast, x) for name, x in kwargs.items()}
        mode.autocast = None
        try:
            return function(*args, **kwargs)
        finally:
            mode.autocast = self

    def low(self, x: Any) -> Any:
        """A tensor of floats in the lower type."""
        wanted = self.types.get(backend.device_of(x.array)[0])
        if wanted is None or not _eligible(x) or x.array.dtype == wanted.numpy:
            return x
        if self.cache is None or not x.tracked or x.node is not None or x.view_of or x.array.dtype.char != "f":
            return _cast(x, wanted)
        key = id(x), wanted, bool(mode.grad)  # cast without a history, it would serve later uses ill
        held = self.cache.get(key)
        if held is None or held[1] is not x.array or held[2] != x.version.count:
            # The tensor is held too, so that its id is not given to another.
            held = self.cache[key] = x, x.array, x.version.count, _cast(x, wanted)
        return held[3]

    def wide(self, x: Any) -> Any:
        """A tensor of half precision in float32."""
        return _cast(x, dtypes.float32) if backend.device_of(x.array)[0] in self.types else x


def _eligible(x: Any) -> bool:
    return x.array.dtype.kind in dtypes.FLOATS and x.array.dtype.char != "d"


def _cast(x: Any, wanted: dtypes.dtype) -> Any:
    return apply(Cast(wanted.numpy), x) if _eligible(x) and x.array.dtype != wanted.numpy else x


def _each(cast: Callable[[Any], Any], x: Any) -> Any:
    """A tensor, or those in a list or tuple, cast."""
    if isinstance(x, TensorBase):
        return cast(x)
    return type(x)(_each(cast, item) for item in x) if type(x) in (list, tuple) else x


def _decorator(call: Callable[..., Any], doc: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that leaves the call to one of Casting's methods while autocast is on."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def either(*args: Any, **kwargs: Any) -> Any:
            if mode.autocast is None or kwargs.get("out") is not None:
                return function(*args, **kwargs)
            return call(mode.autocast, function, *args, **kwargs)

        return either

    decorate.__doc__ = doc
    return decorate


def _as_given(casting: Casting, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return casting._outside(function, lambda x: x, args, kwargs)


lowered = _decorator(Casting.lower, "Under autocast the function computes in the lower type.")
in_float32 = _decorator(Casting.float32, "Under autocast the function computes in float32.")
in_widest = _decorator(Casting.widest, "Under autocast the function computes in the widest type of its operands.")
uncast = _decorator(_as_given, "Autocast changes nothing in the function, nor in what it calls.")


@contextlib.contextmanager
def casting_as(casting: Casting | None) -> Iterator[None]:
    """Autocast as it was at another time, for what is run again."""
    before, mode.autocast = mode.autocast, casting
    try:
        yield
    finally:
        mode.autocast = before
