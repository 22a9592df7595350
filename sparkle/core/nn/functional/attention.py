"""Scaled dot product attention."""

from __future__ import annotations

import math
from typing import Any

from ... import dtypes
from ...backend import library
from ...dtypes import FLOATS
from ...mode import mode
from ...ops.nn.attention import Attention
from ...tensor.base import TensorBase, apply, dtype_of, wrap
from ...tensor.functions.pointwise.unary import check_tensor
from .dropout import kept_elements

WHERE = "scaled_dot_product_attention"


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    """softmax(query keyᵀ scale + mask) value: query (..., L, E), key (..., S, E) and value (..., S, D) to (..., L, D).

    attn_mask: broadcast to (..., L, S); bool, where True may take part, or floating point, which is added. A query that
    may see nothing gives 0. is_causal: query i sees the keys 0..i, besides what attn_mask says. scale: 1/√E unless
    given. dropout_p: weights are dropped with this probability, whether training or not. enable_gqa: query has n times
    as many heads (third dim from the end) as key and value, and n heads in a row share one of theirs.
    Raises RuntimeError for other types than one floating point type, and for sizes that do not fit.

    >>> import sparkle
    >>> x = sparkle.tensor([[1.0, 0.0], [0.0, 1.0]])
    >>> scaled_dot_product_attention(x, x, x, is_causal=True)
    tensor([[1.0000, 0.0000],
            [0.3302, 0.6698]])
    """
    if mode.autocast is not None:
        given = (query, key, value, attn_mask, dropout_p, is_causal, scale, enable_gqa)
        return mode.autocast.lower(scaled_dot_product_attention, *given)
    _check(query, key, value, dropout_p)
    if enable_gqa:
        key, value = (_with_heads_of(query, x) for x in (key, value))
    q, k = query.array, key.array
    mask = None if attn_mask is None else additive_mask(attn_mask, query)
    kept = None
    if dropout_p:
        lead = library(q).broadcast_shapes(q.shape[:-2], k.shape[:-2])
        kept = kept_elements(query, (*lead, q.shape[-2], k.shape[-2]), dropout_p)
    if scale is None:
        scale = 1 / math.sqrt(q.shape[-1]) if q.shape[-1] else 1.0
    op = Attention(float(scale), 1 / (1 - dropout_p) if dropout_p < 1 else 0.0, bool(is_causal))
    return apply(op, query, key, value, mask, kept)


def _check(query: Any, key: Any, value: Any, dropout_p: float) -> None:
    for x, name in ((query, "query"), (key, "key"), (value, "value")):
        check_tensor(x, WHERE, name)
    q, k, v = query.array, key.array, value.array
    if min(q.ndim, k.ndim, v.ndim) < 2:
        raise RuntimeError(
            f"{WHERE}: expected query, key and value to be at least 2 dimensional, met {q.ndim}, {k.ndim} and {v.ndim}"
        )
    if not q.dtype == k.dtype == v.dtype:
        met = ", ".join(str(dtype_of(x)) for x in (query, key, value))
        raise RuntimeError(f"{WHERE}: expected query, key, and value to have the same dtype, met {met}")
    if q.dtype.kind not in FLOATS:
        raise RuntimeError(f"{WHERE}: expected a floating point type, met {dtype_of(query)}")
    if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise RuntimeError(
            f"{WHERE}: query {q.shape}, key {k.shape}, value {v.shape}: wanted (..., L, E), (..., S, E) and (..., S, D)"
        )
    if not 0 <= dropout_p <= 1:
        raise RuntimeError(f"{WHERE}: dropout probability has to be between 0 and 1, but got {dropout_p}")


def _with_heads_of(query: Any, x: Any) -> Any:
    """The heads of key or value, each repeated for the heads of query that share it."""
    if min(query.ndim, x.ndim) < 3:
        raise RuntimeError(f"{WHERE}: enable_gqa needs heads, met query {query.shape} and {x.shape}")
    times, rest = divmod(query.shape[-3], x.shape[-3])
    if rest:
        raise RuntimeError(
            f"{WHERE}: Number of heads in key and value must divide the number of heads in query, met {x.shape[-3]} "
            f"and {query.shape[-3]}"
        )
    return x if times == 1 else x.repeat_interleave(times, -3)


def additive_mask(mask: Any, query: Any) -> Any:
    """The mask as numbers to add to what query and key agree on; True of a bool one stands for 0, False for -inf."""
    if not isinstance(mask, TensorBase):
        raise TypeError(f"{WHERE}: attn_mask must be a tensor, met {type(mask).__name__}")
    if dtype_of(mask) is dtypes.bool:
        xp, dtype = library(mask.array), query.array.dtype
        return wrap(xp.where(mask.array, xp.zeros((), dtype), xp.full((), -math.inf, dtype)))
    if mask.array.dtype != query.array.dtype:
        raise RuntimeError(
            f"{WHERE}: Expected attn_mask dtype to be bool or to match query dtype, but got attn_mask.dtype: "
            f"{dtype_of(mask)} and query.dtype: {dtype_of(query)}"
        )
    return mask
