"""Rows of a table, looked up and combined bag by bag."""

from __future__ import annotations

import warnings
from typing import Any

from ...backend import library, to_numpy
from ...dtypes import FLOATS
from ...ops.nn.bags import SumBags, largest
from ...tensor.base import apply, dtype_of, wrap
from ...tensor.functions.pointwise.unary import check_tensor
from .embedding import embedding


def embedding_bag(
    input: Any,
    weight: Any,
    offsets: Any = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    """The sum, mean or max of the rows of weight (rows, d) that each bag of input names: (bags, d); 0 for empty bags.

    input: integers, (bags, n), or (total) with offsets (bags), where in input each bag begins; include_last_offset: one
    more says where the last ends. per_sample_weights: as input, factors of the rows, with mode "sum" only. padding_idx:
    entries that are left out. max_norm, norm_type and scale_grad_by_freq are those of `embedding`.
    Raises ValueError for shapes and modes, RuntimeError for types, indices and offsets that do not fit.

    >>> import sparkle
    >>> table = sparkle.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> embedding_bag(sparkle.tensor([0, 1, 2]), table, sparkle.tensor([0, 2]), mode="sum")
    tensor([[4., 6.],
            [5., 6.]])
    """
    check_tensor(input, "embedding_bag")
    check_tensor(weight, "embedding_bag", "weight")
    if weight.array.dtype.kind in "iu" and input.array.dtype.kind in FLOATS:
        warnings.warn("embedding_bag: input comes before weight; they were exchanged", UserWarning, stacklevel=2)
        input, weight = weight, input
    _check(input, weight, offsets, mode, per_sample_weights, scale_grad_by_freq, sparse)
    flat, counts = _bags(input, offsets, include_last_offset)
    factors = None if per_sample_weights is None else per_sample_weights.reshape(-1)[: len(flat)]
    _check_indices(flat, weight)
    if padding_idx is not None:
        flat, counts, factors = _without(padding_idx, weight, flat, counts, factors)
    rows = embedding(wrap(flat), weight, None, max_norm, norm_type, scale_grad_by_freq)
    if factors is not None:
        rows = rows * factors.unsqueeze(1)
    return _combined(rows, counts, mode)


def _combined(rows: Any, counts: Any, mode: str) -> Any:
    xp, x = library(rows.array), rows.array
    if mode == "max" and len(x):
        best = rows.gather(0, wrap(largest(xp, x, counts)))
        return best * wrap((counts > 0).astype(x.dtype)[:, None])
    out = apply(SumBags(), rows, counts)
    return out / wrap(xp.maximum(counts, 1).astype(x.dtype)[:, None]) if mode == "mean" else out


def _check(input: Any, weight: Any, offsets: Any, mode: str, factors: Any, by_count: bool, sparse: bool) -> None:
    if factors is not None and factors.shape != input.shape:
        raise ValueError(
            f"embedding_bag: per_sample_weights {tuple(factors.shape)} must have the same shape as the input "
            f"{tuple(input.shape)}"
        )
    if weight.ndim != 2:
        raise ValueError(f"embedding_bag: weight has to be a 2D Tensor, but got Tensor of dimension {weight.ndim}")
    if input.ndim not in (1, 2):
        raise ValueError(f"embedding_bag: input has to be 1D or 2D Tensor, but got Tensor of dimension {input.ndim}")
    if (input.ndim == 2) != (offsets is None) or (offsets is not None and offsets.ndim != 1):
        met = "None" if offsets is None else f"a {offsets.ndim}D tensor"
        raise ValueError(f"embedding_bag: offsets has to be a 1D Tensor for 1D input, None for 2D input; met {met}")
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"embedding_bag: mode has to be one of sum, mean or max, met {mode!r}")
    if mode == "max" and by_count:
        raise ValueError("embedding_bag: max mode does not support scaling the gradient by the frequency")
    if sparse:
        raise NotImplementedError("embedding_bag: sparse=True is not supported: gradients are dense")
    if factors is not None and mode != "sum":
        raise NotImplementedError(f"embedding_bag: per_sample_weights need mode='sum', met mode={mode!r}")
    if weight.array.dtype.kind not in FLOATS:
        raise RuntimeError(f"embedding_bag: weight must be floating point, met {dtype_of(weight)}")
    if factors is not None and factors.array.dtype != weight.array.dtype:
        raise RuntimeError(
            f"embedding_bag: weight is {dtype_of(weight)}, per_sample_weights {dtype_of(factors)}: wanted the same type"
        )
    for x in (input, offsets):
        if x is not None and x.array.dtype.kind not in "iu":
            raise RuntimeError(f"embedding_bag: expected integer indices and offsets, met {dtype_of(x)}")


def _bags(input: Any, offsets: Any, last: bool) -> tuple[Any, Any]:
    """(all indices, how many each bag has), as arrays."""
    flat = input.array.reshape(-1)
    xp = library(flat)
    if offsets is None:
        bags, size = input.shape
        if not size:
            raise RuntimeError(f"embedding_bag: bags of 2D input must not be empty, met {tuple(input.shape)}")
        return flat, xp.full(bags, size)
    starts = offsets.array
    if len(starts) and int(starts[0]):
        raise RuntimeError(f"embedding_bag: offsets[0] has to be 0, met {int(starts[0])}")
    if last and not len(starts):
        raise RuntimeError("embedding_bag: include_last_offset: number of offset should be at least 1")
    ends = xp.asarray([len(flat)], starts.dtype)
    bounds = xp.concatenate((starts[:-1] if last else starts, starts[-1:] if last else ends))
    counts = xp.diff(bounds) if len(starts) else xp.zeros(0, "int64")
    if len(starts) and int(starts[-1]) > len(flat):
        raise RuntimeError(
            f"embedding_bag: offsets[-1] can not be greater than input's length {len(flat)} but got {int(starts[-1])}"
        )
    if bool((counts < 0).any()):
        raise RuntimeError(f"embedding_bag: offsets must not decrease, met {to_numpy(starts).tolist()}")
    return flat[: int(counts.sum())], counts


def _check_indices(flat: Any, weight: Any) -> None:
    if flat.size and not (int(flat.min()) >= 0 and int(flat.max()) < weight.shape[0]):
        raise RuntimeError(
            f"embedding_bag: index out of range: indices {int(flat.min())}..{int(flat.max())}, table of "
            f"{weight.shape[0]} rows"
        )


def _without(padding: int, weight: Any, flat: Any, counts: Any, factors: Any) -> tuple[Any, Any, Any]:
    """Bags without the entries that are padding."""
    rows = weight.shape[0]
    if not -rows <= padding < rows:
        raise RuntimeError(
            f"embedding_bag: padding_idx must be within the number of embeddings, {-rows} through {rows - 1}, but got "
            f"{padding}"
        )
    xp = library(flat)
    kept = flat != padding % rows
    bag = xp.repeat(xp.arange(len(counts)), counts)
    left = xp.bincount(bag[kept], minlength=len(counts))
    places = xp.flatnonzero(kept)
    return flat[places], left, None if factors is None else factors.index_select(0, wrap(places))
