"""Attention with several heads: projections in, scaled dot product attention head by head, one projection out."""

from __future__ import annotations

import math
import warnings
from typing import Any, NamedTuple

from ... import dtypes
from ...backend import library
from ...tensor.base import dtype_of, wrap
from ...tensor.functions.linear.linalg import matmul
from ...tensor.functions.reductions.softmax import softmax
from ...tensor.functions.shaping.joining import cat
from .attention import scaled_dot_product_attention
from .dropout import dropout
from .linear import linear
from .padding import pad

WHERE = "multi_head_attention_forward"


class Projection(NamedTuple):
    """The weights of q, k and v in one matrix, or three matrices, and their bias."""

    packed: Any
    bias: Any
    separate: tuple[Any, Any, Any] | None


def multi_head_attention_forward(
    query: Any,
    key: Any,
    value: Any,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Any,
    in_proj_bias: Any,
    bias_k: Any,
    bias_v: Any,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Any,
    out_proj_bias: Any,
    training: bool = True,
    key_padding_mask: Any = None,
    need_weights: bool = True,
    attn_mask: Any = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Any = None,
    k_proj_weight: Any = None,
    v_proj_weight: Any = None,
    static_k: Any = None,
    static_v: Any = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
    *,
    batch_first: bool = False,
) -> tuple[Any, Any]:
    """(output, weights) of `nn.MultiheadAttention` with the parameters given.

    query (L, N, E), key (S, N, K) and value (S, N, V), or without N; batch_first: N stands first. Masks are those of
    `nn.MultiheadAttention`. static_k, static_v (N heads, S, E / heads) stand in the place of projected keys and values.
    weights: None unless need_weights. Raises AssertionError or RuntimeError for sizes that do not fit.
    """
    batched = _check_dims(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        query, key, value = _unsqueezed(query, key, value)
        batch_first = False
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    _check_sizes(query, key, value, embed_dim_to_check, num_heads, use_separate_proj_weight)
    separate = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else None
    heads = _projected(query, key, value, Projection(in_proj_weight, in_proj_bias, separate), num_heads)
    q, k, v = (x.permute(0, 2, 1, 3) if batch_first else x.permute(1, 2, 0, 3) for x in heads)
    k = k if static_k is None else _static(static_k, q, "static_k")
    v = v if static_v is None else _static(static_v, q, "static_v")
    mask, causal = _mask(attn_mask, key_padding_mask, is_causal, need_weights, q, k)
    k, v, mask = _with_more_keys(k, v, mask, bias_k, bias_v, add_zero_attn)
    p = dropout_p if training else 0.0
    if need_weights:
        out, weights = _with_weights(q, k, v, mask, p)
        weights = weights.mean(dim=1) if average_attn_weights else weights
        weights = weights if batched else weights.squeeze(0)
    else:
        out, weights = scaled_dot_product_attention(q, k, v, mask, p, causal), None
    n, _, length, _ = q.shape
    out = out.permute(0, 2, 1, 3) if batch_first else out.permute(2, 0, 1, 3)
    out = out.reshape(*((n, length) if batch_first else (length, n)), embed_dim_to_check)
    out = linear(out, out_proj_weight, out_proj_bias)
    return (out if batched else out.squeeze(1)), weights


def _unsqueezed(*xs: Any) -> tuple[Any, ...]:
    """Each with a batch of one; inputs that are one tensor stay one."""
    made = {id(x): x.unsqueeze(1) for x in xs}
    return tuple(made[id(x)] for x in xs)


def _check_dims(query: Any, key: Any, value: Any, padding: Any, mask: Any, heads: int) -> bool:
    """Are there batches?"""
    if query.ndim not in (2, 3):
        raise AssertionError(f"{WHERE}: query should be unbatched 2D or batched 3D, met {query.ndim}-D")
    if (key.ndim, value.ndim) != (query.ndim,) * 2:
        raise AssertionError(
            f"{WHERE}: for {query.ndim}-D query, expected key and value to be {query.ndim}-D, met {key.ndim}-D and "
            f"{value.ndim}-D"
        )
    for x, name, dims in ((padding, "key_padding_mask", (query.ndim - 1,)), (mask, "attn_mask", (2, 3))):
        if x is not None and x.ndim not in dims:
            raise AssertionError(
                f"{WHERE}: for {query.ndim}-D query, expected {name} to be None or {' or '.join(map(str, dims))}-D, "
                f"met {x.ndim}-D"
            )
        if x is not None and dtype_of(x) is not dtypes.bool and not dtype_of(x).is_floating_point:
            raise AssertionError(f"{WHERE}: only bool and floating types of {name} are supported, met {dtype_of(x)}")
    if query.ndim == 2 and mask is not None and mask.ndim == 3:
        wanted = (heads, query.shape[0], key.shape[0])
        if tuple(mask.shape) != wanted:
            raise AssertionError(f"{WHERE}: Expected attn_mask shape to be {wanted} but got {tuple(mask.shape)}")
    return bool(query.ndim == 3)


def _check_sizes(query: Any, key: Any, value: Any, embed: int, heads: int, separate: bool) -> None:
    if query.shape[-1] != embed:
        raise AssertionError(f"{WHERE}: was expecting embedding dimension of {embed}, but got {query.shape[-1]}")
    if embed % heads:
        raise AssertionError(f"{WHERE}: embed_dim {embed} not divisible by num_heads {heads}")
    if separate and key.shape[:2] != value.shape[:2]:
        raise AssertionError(f"{WHERE}: key is {key.shape}, value {value.shape}: sequence and batch dims must be equal")
    if not separate and key.shape != value.shape:
        raise AssertionError(f"{WHERE}: key shape {key.shape} does not match value shape {value.shape}")


def _projected(query: Any, key: Any, value: Any, given: Projection, heads: int) -> list[Any]:
    """q, k and v as (first, second, heads, width): as few products as there are different inputs."""
    e = query.shape[-1]
    biases = (None,) * 3 if given.bias is None else given.bias.split(e)
    if given.separate is not None:
        triples = zip((query, key, value), given.separate, biases, strict=True)
        return [_in_heads(linear(x, w, b), 1, heads)[0] for x, w, b in triples]
    if query is key and key is value:
        return _in_heads(linear(query, given.packed, given.bias), 3, heads)
    if key is value:
        parts = given.packed.split([e, 2 * e])
        first, both = (None, None) if given.bias is None else given.bias.split([e, 2 * e])
        q = _in_heads(linear(query, parts[0], first), 1, heads)
        return [*q, *_in_heads(linear(key, parts[1], both), 2, heads)]
    triples = zip((query, key, value), given.packed.split(e), biases, strict=True)
    return [_in_heads(linear(x, w, b), 1, heads)[0] for x, w, b in triples]


def _in_heads(x: Any, parts: int, heads: int) -> list[Any]:
    """(a, b, parts E) as so many views (a, b, heads, E / heads)."""
    a, b, width = x.shape
    if parts == 1:
        return [x.reshape(a, b, heads, width // heads)]
    return list(x.reshape(a, b, parts, heads, width // parts // heads).unbind(2))


def _static(x: Any, q: Any, name: str) -> Any:
    n, heads, _, width = q.shape
    if x.shape[0] != n * heads or x.shape[2] != width:
        raise AssertionError(f"{WHERE}: expecting {name} of ({n * heads}, S, {width}), but got {tuple(x.shape)}")
    return x.reshape(n, heads, x.shape[1], width)


def _added(mask: Any, like: Any) -> Any:
    """The mask as numbers to add: -inf where a bool one is True."""
    if dtype_of(mask) is not dtypes.bool:
        return mask
    xp, dtype = library(mask.array), like.array.dtype
    return wrap(xp.where(mask.array, xp.full((), -math.inf, dtype), xp.zeros((), dtype)))


def _mask(attn: Any, padding: Any, is_causal: bool, need_weights: bool, q: Any, k: Any) -> tuple[Any, bool]:
    """(what to add to the weights of all heads before softmax, is it simply causal?)"""
    n, heads, length, _ = q.shape
    if is_causal and attn is None:
        raise RuntimeError(
            f"{WHERE}: Need attn_mask if specifying the is_causal hint; "
            "nn.Transformer.generate_square_subsequent_mask makes it"
        )
    if attn is not None and padding is not None and dtype_of(attn) is not dtype_of(padding):
        warnings.warn(
            "Support for mismatched key_padding_mask and attn_mask is deprecated. Use same type for both instead.",
            UserWarning,
            stacklevel=4,
        )
    if is_causal and padding is None and not need_weights:
        return None, True
    mask = None
    if attn is not None:
        wanted = (length, k.shape[2]) if attn.ndim == 2 else (n * heads, length, k.shape[2])
        if tuple(attn.shape) != wanted:
            raise RuntimeError(
                f"{WHERE}: The shape of the {attn.ndim}D attn_mask is {tuple(attn.shape)}, but should be {wanted}."
            )
        mask = _added(attn if attn.ndim == 2 else attn.reshape(n, heads, *wanted[1:]), q)
    if padding is not None:
        if tuple(padding.shape) != (n, k.shape[2]):
            raise AssertionError(
                f"{WHERE}: Expected key_padding_mask of shape {(n, k.shape[2])}, but got {tuple(padding.shape)}"
            )
        added = _added(padding, q).reshape(n, 1, 1, k.shape[2])
        mask = added if mask is None else mask + added
    return mask, False


def _with_more_keys(k: Any, v: Any, mask: Any, bias_k: Any, bias_v: Any, zero: bool) -> tuple[Any, Any, Any]:
    """Keys and values that every sequence gets besides its own: learned ones, and zeros."""
    if (bias_k is None) != (bias_v is None):
        raise AssertionError(f"{WHERE}: bias_k and bias_v must be given together")
    n, heads, _, width = k.shape
    more = []
    if bias_k is not None:
        more.append([b.reshape(1, heads, 1, width).expand(n, heads, 1, width) for b in (bias_k, bias_v)])
    if zero:
        more.append([x.new_zeros((n, heads, 1, width)) for x in (k, v)])
    if more:
        k, v = (cat([x, *(pair[i] for pair in more)], dim=2) for i, x in enumerate((k, v)))
        mask = None if mask is None else pad(mask, (0, len(more)))
    return k, v, mask


def _with_weights(q: Any, k: Any, v: Any, mask: Any, p: float) -> tuple[Any, Any]:
    scores = matmul(q * (1 / math.sqrt(q.shape[-1])), k.transpose(-2, -1))
    weights = softmax(scores if mask is None else scores + mask, dim=-1)
    weights = dropout(weights, p) if p else weights
    return matmul(weights, v), weights
