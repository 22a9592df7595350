"""Distances between the rows of matrices."""

from __future__ import annotations

import math
from typing import Any

from ....ops.linear.distances import DifferingElements, EuclideanDistances
from ...autocast import in_float32
from ...base import apply
from ..shaping import shape
from . import norms
from .matrices import check_alike, check_floating

MODES = {
    "use_mm_for_euclid_dist_if_necessary": None,
    "use_mm_for_euclid_dist": True,
    "donot_use_mm_for_euclid_dist": False,
    None: None,
}
MANY = 25  # rows from which on, by default, Euclidean distances are taken by a product of matrices


@in_float32
def cdist(x1: Any, x2: Any, p: float = 2.0, compute_mode: str | None = "use_mm_for_euclid_dist_if_necessary") -> Any:
    """The p-norm distances between all rows of x1 (*, n, m) and of x2 (*, k, m): (*, n, k). Batch dims broadcast.

    p: 0 (counts the elements that differ) up to inf. compute_mode: take Euclidean distances by a product of matrices,
    which is faster but cancels digits where rows are near each other, always, never, or for more than 25 rows.

    >>> import sparkle
    >>> sparkle.cdist(sparkle.tensor([[0.0, 0.0]]), sparkle.tensor([[3.0, 4.0], [0.0, 1.0]]))
    tensor([[5., 1.]])
    """
    for name, x in (("x1", x1), ("x2", x2)):
        check_floating(x, "cdist", name)
        if x.array.ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {name} got: {x.array.ndim}D")
    check_alike(x1, x2, "cdist")
    a, b = x1.array.shape, x2.array.shape
    if a[-1] != b[-1]:
        raise RuntimeError(f"cdist: x1 and x2 must have the same number of columns. x1: {a[-1]} x2: {b[-1]}")
    if compute_mode not in MODES:
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode")
    _check_order(p, "cdist")
    shape.broadcast_shapes(a[:-2], b[:-2])
    if p == 2:
        products = MODES[compute_mode]
        return apply(EuclideanDistances(max(a[-2], b[-2]) > MANY if products is None else products), x1, x2)
    return _norms(shape.unsqueeze(x1, -2) - shape.unsqueeze(x2, -3), p)


def _check_order(p: float, where: str) -> None:
    if not p >= 0:
        raise RuntimeError(f"{where} only supports non-negative p values, met {p}")


def _norms(apart: Any, p: float) -> Any:
    """The norms of vectors in the last dim, which may be empty."""
    if p == 0:
        return apply(DifferingElements(), apart)
    return norms.vector_norm(apart, 1 if apart.array.shape[-1] == 0 and p == math.inf else p, -1)


def pdist(input: Any, p: float = 2.0) -> Any:
    """The p-norm distances between all pairs of rows i < j of an n x m matrix, as a vector of n (n - 1) / 2.

    >>> import sparkle
    >>> sparkle.pdist(sparkle.tensor([[0.0], [1.0], [3.0]]))
    tensor([1., 3., 2.])
    """
    check_floating(input, "pdist", "input")
    if input.array.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input.array.ndim}D")
    _check_order(p, "pdist")
    n = input.array.shape[0]
    first = [i for i in range(n) for _ in range(i + 1, n)]
    second = [j for i in range(n) for j in range(i + 1, n)]
    return _norms(input[first] - input[second], p)
