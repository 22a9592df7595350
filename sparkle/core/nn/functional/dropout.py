"""Dropout: zeros at random places while training, so that the mean stays."""

from __future__ import annotations

import warnings
from typing import Any

from ... import random
from ...backend import library
from ...ops.nn.dropout import AlphaDropout, Dropout
from ...tensor.base import apply, wrap
from ...tensor.write import in_place
from .arguments import check_floating

SELU_FLOOR = -1.7580993408473766  # what selu tends to from below


def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Zero each element with probability p and divide the others by 1 - p; the input itself when not training.

    ValueError unless p is in 0..1. Drawn from the device's generator, so `manual_seed` repeats it.
    """
    _check_probability("dropout", p)
    return _drop("dropout", input, p, training, inplace, None)


def dropout1d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels: (n, c, length) or (c, length)."""
    _check_probability("dropout1d", p)
    ndim = input.array.ndim
    if ndim not in (2, 3):
        raise RuntimeError(f"dropout1d: expected 2D or 3D input, but received a {ndim}D input")
    return _drop_channels("dropout1d", input, p, training, inplace, ndim - 1)


def dropout2d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels: (n, c, h, w). (n, c, length) is taken too, with a warning, as by `dropout1d`."""
    _check_probability("dropout2d", p)
    ndim = input.array.ndim
    if ndim == 3:
        _warn("dropout2d: a 3D input is taken as (n, c, length), not as (c, h, w); use dropout1d for that")
    elif ndim != 4:
        _warn(f"dropout2d: a {ndim}D input, where (n, c, h, w) is wanted, is deprecated; use dropout instead")
    return _drop_channels("dropout2d", input, p, training, inplace, 2)


def dropout3d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels: (n, c, d, h, w) or (c, d, h, w)."""
    _check_probability("dropout3d", p)
    ndim = input.array.ndim
    if ndim not in (4, 5):
        _warn(f"dropout3d: a {ndim}D input, where 4D or 5D is wanted, is deprecated; use dropout instead")
    return _drop_channels("dropout3d", input, p, training, inplace, 2 if ndim == 5 else 1)


def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Dropout for selu: dropped elements get its lowest value, and all are scaled so that mean and variance stay."""
    return _drop_alpha("alpha_dropout", input, p, training, inplace, None)


def feature_alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """`alpha_dropout` of whole channels: (n, c, ...)."""
    return _drop_alpha("feature_alpha_dropout", input, p, training, inplace, input.array.shape[:2])


def _drop_channels(where: str, input: Any, p: float, training: bool, inplace: bool, lead: int) -> Any:
    """One draw for each index of the first `lead` dims."""
    if training and p and input.array.ndim < lead:
        raise RuntimeError(f"{where}: expected at least {lead} dims, but received a {input.array.ndim}D input")
    return _drop(where, input, p, training, inplace, input.array.shape[:lead])


def _warn(text: str) -> None:
    warnings.warn(text, UserWarning, stacklevel=3)


def _check_probability(where: str, p: float) -> None:
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"{where}: dropout probability has to be between 0 and 1, but got {p}")


def _kept(input: Any, p: float, lead: tuple[int, ...] | None) -> Any:
    """Which elements stay; with lead, one draw for each index of the leading dims."""
    x = input.array
    return kept_elements(input, x.shape if lead is None else (*lead, *(1,) * (x.ndim - len(lead))), p)


def kept_elements(like: Any, shape: tuple[int, ...], p: float) -> Any:
    """A bool tensor beside another one: False with probability p.

    The same numbers whatever the other one's order in memory, which a mask of its shape is given too.
    """
    x = like.array
    kept = random.stream_of(x).chances(shape, p)
    if x.shape == shape and not x.flags.c_contiguous:
        drawn, kept = kept, library(x).empty_like(x, dtype=bool)
        kept[...] = drawn
    return wrap(kept)


def _drop(where: str, input: Any, p: float, training: bool, inplace: bool, lead: Any) -> Any:
    check_floating(input, where)
    if not training or p == 0:
        return input
    kept = _kept(input, p, lead)
    scale = 1 / (1 - p) if p < 1 else 0.0

    def dropout(x: Any) -> Any:
        return apply(Dropout(scale), x, kept)

    return in_place(dropout)(input) if inplace else dropout(input)


def _drop_alpha(where: str, input: Any, p: float, training: bool, inplace: bool, lead: Any) -> Any:
    _check_probability(where, p)
    check_floating(input, where)
    if not training or p == 0:
        return input
    if p == 1:
        return input * 0
    a = ((1 - p) * (1 + p * SELU_FLOOR**2)) ** -0.5
    op = AlphaDropout(a, -a * p * SELU_FLOOR, SELU_FLOOR)
    kept = _kept(input, p, lead)

    def alpha_dropout(x: Any) -> Any:
        return apply(op, x, kept)

    return in_place(alpha_dropout)(input) if inplace else alpha_dropout(input)
