"""Distances, similarities and the losses made of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...tensor.autocast import in_float32
from ...tensor.axes import axis_of
from ...tensor.functions.pointwise import elementwise as pointwise
from ...tensor.functions.pointwise.selection import clamp_min, minimum, where
from .arguments import check_floating, reduced, reduction_of


def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12, out: Any = None) -> Any:
    """input over its p-norm along dim, the norm held above eps.

    >>> import sparkle
    >>> normalize(sparkle.tensor([[3.0, 4.0]]))
    tensor([[0.6000, 0.8000]])
    """
    if out is not None:
        raise NotImplementedError("normalize: out= is not supported; assign the result")
    return input / clamp_min(_norm(input, p, dim, True), eps)


def _norm(x: Any, p: float, dim: Any, keepdim: bool) -> Any:
    """The p-norm along dim, with gradient 0 at 0 for p = 2."""
    if p == math.inf:
        return pointwise.abs(x).amax(dim, keepdim)
    if p == 1:
        return pointwise.abs(x).sum(dim, keepdim)
    if p != 2:
        return (pointwise.abs(x) ** p).sum(dim, keepdim) ** (1 / p)
    squares = (x * x).sum(dim, keepdim)
    zero = squares == 0
    return where(zero, squares, pointwise.sqrt(where(zero, 1.0, squares)))


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """x1 . x2 / (|x1| |x2|) along dim, each norm held above eps; the two are broadcast."""
    check_floating(x1, "cosine_similarity")
    check_floating(x2, "cosine_similarity")
    axis_of(dim, max(x1.array.ndim, x2.array.ndim), "cosine_similarity")
    a = x1 / clamp_min(_norm(x1, 2, dim, True), eps)
    return (a * (x2 / clamp_min(_norm(x2, 2, dim, True), eps))).sum(dim)


def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """The p-norm of x1 - x2 + eps along the last dim."""
    return _norm(x1 - x2 + eps, p, -1, keepdim)


@in_float32
def cosine_embedding_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """1 - cos where target is 1, max(0, cos - margin) where it is -1, with cos the inputs' cosine along the last dim.

    Inputs are (n, d) with target (n,), or (d,) with target (). RuntimeError for other shapes.
    """
    reduction = reduction_of(size_average, reduce, reduction, "cosine_embedding_loss")
    if (
        target.array.ndim not in (0, 1)
        or input1.array.ndim != target.array.ndim + 1
        or input2.array.ndim != input1.array.ndim
    ):
        raise RuntimeError(
            f"cosine_embedding_loss: {target.array.ndim}D target expects {target.array.ndim + 1}D inputs, but "
            f"found inputs with sizes {tuple(input1.array.shape)} and {tuple(input2.array.shape)}"
        )
    eps = 1e-12
    squares1, squares2 = (input1 * input1).sum(-1) + eps, (input2 * input2).sum(-1) + eps
    cos = (input1 * input2).sum(-1) / pointwise.sqrt(squares1 * squares2)
    apart = where(target == -1, clamp_min(cos - margin, 0.0), 0.0)
    return reduced(where(target == 1, 1 - cos, 0.0) + apart, reduction)


@in_float32
def margin_ranking_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """max(0, -target (input1 - input2) + margin): target 1 wants input1 larger, -1 smaller."""
    reduction = reduction_of(size_average, reduce, reduction, "margin_ranking_loss")
    if not input1.array.ndim == input2.array.ndim == target.array.ndim:
        raise RuntimeError(
            f"margin_ranking_loss: all input tensors should have same dimension but got sizes: input1: "
            f"{tuple(input1.array.shape)}, input2: {tuple(input2.array.shape)}, target: {tuple(target.array.shape)}"
        )
    return reduced(clamp_min(-target * (input1 - input2) + margin, 0.0), reduction)


@in_float32
def hinge_embedding_loss(
    input: Any,
    target: Any,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """input where target is 1, max(0, margin - input) where it is -1."""
    reduction = reduction_of(size_average, reduce, reduction, "hinge_embedding_loss")
    apart = where(target == 1, 0.0, clamp_min(margin - input, 0.0))
    return reduced(apart + where(target == -1, 0.0, input), reduction)


@in_float32
def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """max(0, d(anchor, positive) - d(anchor, negative) + margin) with `pairwise_distance`.

    swap: count the negative's distance to the positive where that is smaller. ValueError unless margin is positive.
    """
    reduction = reduction_of(size_average, reduce, reduction, "triplet_margin_loss")
    return triplet_margin_with_distance_loss(
        anchor,
        positive,
        negative,
        distance_function=lambda a, b: pairwise_distance(a, b, p, eps),
        margin=margin,
        swap=swap,
        reduction=reduction,
    )


def triplet_margin_with_distance_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """`triplet_margin_loss` with a distance of one's own."""
    reduction = reduction_of(None, None, reduction, "triplet_margin_with_distance_loss")
    if margin <= 0:
        raise ValueError(f"triplet_margin_loss: margin must be greater than 0, got {margin}")
    if not anchor.array.ndim == positive.array.ndim == negative.array.ndim:
        raise RuntimeError(
            f"triplet_margin_loss: the anchor, positive, and negative tensors are expected to have the same number of "
            f"dimensions, but got: anchor {anchor.array.ndim}D, positive {positive.array.ndim}D, and negative "
            f"{negative.array.ndim}D inputs"
        )
    distance = distance_function or pairwise_distance
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return reduced(clamp_min(near - far + margin, 0.0), reduction)
