"""Window functions: weights that fade a piece of a signal in and out.

Source: Harris, On the use of windows for harmonic analysis with the discrete Fourier transform (1978). A symmetric
window has equal ends; a periodic one (sym=False) is a symmetric one that is longer by one and lacks its last element.
All take `dtype` (the default type if left out), `layout`, `device` and `requires_grad`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from types import ModuleType
from typing import Any, Unpack

from ... import dtypes
from ...ops.special import functions as special_functions
from .filled import Where, make

Shape = Callable[[ModuleType, Any, int], Any]  # (xp, positions in float64, the last position) -> the weights


def _window(name: str, shape: Shape, length: Any, sym: bool, dtype: Any, where: Where, half: bool = False) -> Any:
    """The window of a length with that shape; half: are types of two bytes possible?"""
    kind = dtypes.get_default_dtype() if dtype is None else dtypes.as_dtype(dtype)
    if not kind.is_floating_point or (kind.is_half and not half):
        raise (RuntimeError if half else ValueError)(f"{name}: expects a floating point dtype, met {kind}")
    try:
        n = operator.index(length)
    except TypeError:
        raise TypeError(f"{name}(): the window length must be int, not {type(length).__name__}") from None
    if n < 0:
        raise (RuntimeError if half else ValueError)(f"{name}: requires a non-negative window length, met {n}")

    def maker(xp: ModuleType) -> Any:
        if n == 1:
            return xp.ones(1, kind.numpy)
        return shape(xp, xp.arange(n, dtype="float64"), n - 1 if sym else n).astype(kind.numpy)

    return make(maker, **where)


def _cosines(a: Any) -> Shape:
    """The sum of (-1) ** k a[k] cos(2 pi k i / last)."""

    def shape(xp: ModuleType, i: Any, last: int) -> Any:
        turn = 2 * math.pi / last if last else 0.0
        return sum((-1) ** k * c * xp.cos(k * turn * i) for k, c in enumerate(a)) + 0 * i

    return shape


def _triangle(xp: ModuleType, i: Any, last: int) -> Any:
    return 1 - abs(2 * i / last - 1)


def _kaiser(beta: float) -> Shape:
    def shape(xp: ModuleType, i: Any, last: int) -> Any:
        u = xp.minimum(abs(2 * i / last - 1), 1.0)
        root = beta * xp.sqrt((1 - u) * (1 + u))
        whole = xp.full_like(
            i, beta
        )  # in place of I0(beta), exp(beta) I0e(beta), so that a large beta does not overflow
        return special_functions.i0e(xp, root) / special_functions.i0e(xp, whole) * xp.exp(abs(root) - abs(whole))

    return shape


# At top level, as torch has had them longest: periodic unless asked otherwise.


def bartlett_window(window_length: int, periodic: bool = True, *, dtype: Any = None, **where: Unpack[Where]) -> Any:
    """A triangle, zero at the ends. RuntimeError for a negative length."""
    return _window("bartlett_window", _triangle, window_length, not periodic, dtype, where, half=True)


def blackman_window(window_length: int, periodic: bool = True, *, dtype: Any = None, **where: Unpack[Where]) -> Any:
    """0.42 - 0.5 cos + 0.08 cos of twice the angle. RuntimeError for a negative length."""
    return _window("blackman_window", _cosines((0.42, 0.5, 0.08)), window_length, not periodic, dtype, where, half=True)


def hamming_window(
    window_length: int,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    *,
    dtype: Any = None,
    **where: Unpack[Where],
) -> Any:
    """alpha - beta cos. RuntimeError for a negative length."""
    return _window("hamming_window", _cosines((alpha, beta)), window_length, not periodic, dtype, where, half=True)


def hann_window(window_length: int, periodic: bool = True, *, dtype: Any = None, **where: Unpack[Where]) -> Any:
    """0.5 - 0.5 cos, zero at the ends. RuntimeError for a negative length.

    >>> hann_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return _window("hann_window", _cosines((0.5, 0.5)), window_length, not periodic, dtype, where, half=True)


def kaiser_window(
    window_length: int, periodic: bool = True, beta: float = 12.0, *, dtype: Any = None, **where: Unpack[Where]
) -> Any:
    """I0(beta sqrt(1 - u ** 2)) / I0(beta) for u from -1 to 1. RuntimeError for a negative length."""
    return _window("kaiser_window", _kaiser(float(beta)), window_length, not periodic, dtype, where, half=True)


# In sparkle.signal.windows: symmetric unless asked otherwise, and ValueError for a negative length.


def bartlett(M: int, *, sym: bool = True, dtype: Any = None, **where: Unpack[Where]) -> Any:
    """A triangle, zero at the ends."""
    return _window("bartlett", _triangle, M, sym, dtype, where)


def general_cosine(M: int, *, a: Any, sym: bool = True, dtype: Any = None, **where: Unpack[Where]) -> Any:
    """The sum of (-1) ** k a[k] cos(k x) for x from 0 to 2 pi. TypeError unless a is a list or tuple.

    >>> general_cosine(5, a=[0.5, 0.5])
    tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
    """
    if not isinstance(a, (list, tuple)):
        raise TypeError(f"general_cosine: the coefficients must be a list or tuple, not {type(a).__name__}")
    if not a:
        raise ValueError("general_cosine: the coefficients cannot be empty")
    return _window("general_cosine", _cosines(a), M, sym, dtype, where)


def general_hamming(M: int, *, alpha: float = 0.54, sym: bool = True, dtype: Any = None, **where: Unpack[Where]) -> Any:
    """alpha - (1 - alpha) cos."""
    return _window("general_hamming", _cosines((alpha, 1 - alpha)), M, sym, dtype, where)


def hamming(M: int, *, sym: bool = True, dtype: Any = None, **where: Unpack[Where]) -> Any:
    """0.54 - 0.46 cos."""
    return _window("hamming", _cosines((0.54, 0.46)), M, sym, dtype, where)


def hann(M: int, *, sym: bool = True, dtype: Any = None, **where: Unpack[Where]) -> Any:
    """0.5 - 0.5 cos, zero at the ends."""
    return _window("hann", _cosines((0.5, 0.5)), M, sym, dtype, where)


def blackman(M: int, *, sym: bool = True, dtype: Any = None, **where: Unpack[Where]) -> Any:
    """0.42 - 0.5 cos + 0.08 cos of twice the angle."""
    return _window("blackman", _cosines((0.42, 0.5, 0.08)), M, sym, dtype, where)


def nuttall(M: int, *, sym: bool = True, dtype: Any = None, **where: Unpack[Where]) -> Any:
    """Four cosines whose side lobes are below -98 dB: Nuttall (1981)."""
    return _window("nuttall", _cosines((0.3635819, 0.4891775, 0.1365995, 0.0106411)), M, sym, dtype, where)


def cosine(M: int, *, sym: bool = True, dtype: Any = None, **where: Unpack[Where]) -> Any:
    """Half a period of a sine, taken between the samples: sin(pi (i + 1/2) / M)."""
    return _window("cosine", lambda xp, i, last: xp.sin(math.pi * (i + 0.5) / (last + 1)), M, sym, dtype, where)


def exponential(
    M: int,
    *,
    center: float | None = None,
    tau: float = 1.0,
    sym: bool = True,
    dtype: Any = None,
    **where: Unpack[Where],
) -> Any:
    """exp(-|i - center| / tau); the center, the middle if left out, can only be given for sym=False.

    ValueError for tau <= 0, and for a center where sym=True.
    """
    if tau <= 0:
        raise ValueError(f"exponential: tau must be positive, met {tau}")
    if sym and center is not None:
        raise ValueError("exponential: center must be None for symmetric windows")

    def shape(xp: ModuleType, i: Any, last: int) -> Any:
        return xp.exp(-abs(i - (last / 2 if center is None else center)) / tau)

    return _window("exponential", shape, M, sym, dtype, where)


def gaussian(M: int, *, std: float = 1.0, sym: bool = True, dtype: Any = None, **where: Unpack[Where]) -> Any:
    """exp(-(i - middle) ** 2 / (2 std ** 2)). ValueError for std <= 0."""
    if std <= 0:
        raise ValueError(f"gaussian: the standard deviation must be positive, met {std}")
    return _window("gaussian", lambda xp, i, last: xp.exp(-(((i - last / 2) / std) ** 2) / 2), M, sym, dtype, where)


def kaiser(M: int, *, beta: float = 12.0, sym: bool = True, dtype: Any = None, **where: Unpack[Where]) -> Any:
    """I0(beta sqrt(1 - u ** 2)) / I0(beta) for u from -1 to 1. ValueError for beta < 0."""
    if beta < 0:
        raise ValueError(f"kaiser: beta must be non-negative, met {beta}")
    return _window("kaiser", _kaiser(float(beta)), M, sym, dtype, where)
