"""Distances between all rows of two matrices, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

Array = numpy.ndarray
Distance = Callable[[Array, Array], Array]
ELEMENTS = 1 << 22  # of differences that are held in memory at once


def squared_euclidean(a: Array, b: Array) -> Array:
    """sum (a - b)^2 by products, about the mean of b: near rows of b are told apart wherever they lie."""
    center = b.mean(axis=0)
    a, b = a - center, b - center
    return numpy.maximum((a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1) - 2 * (a @ b.T), 0.0)


def euclidean(a: Array, b: Array) -> Array:
    """|a - b|."""
    return numpy.sqrt(squared_euclidean(a, b))


def cosine(a: Array, b: Array) -> Array:
    """1 - a b / (|a| |b|); 1 where one of both is 0."""
    a, b = (x / numpy.maximum(numpy.linalg.norm(x, axis=1, keepdims=True), 1e-300) for x in (a, b))
    return numpy.clip(1 - a @ b.T, 0.0, 2.0)


def by_differences(reduce: Callable[[Array], Array]) -> Distance:
    """reduce(|a - b|) over the last dim, some rows at a time."""

    def distances(a: Array, b: Array) -> Array:
        step = max(1, ELEMENTS // max(1, b.size))
        parts = [reduce(abs(a[i : i + step, None, :] - b)) for i in range(0, len(a), step)]
        return numpy.concatenate(parts)

    return distances


def by_function(function: Callable[[Array, Array], float]) -> Distance:
    """Of a function of two rows."""
    return lambda a, b: numpy.array([[float(function(x, y)) for y in b] for x in a])


manhattan = by_differences(lambda x: x.sum(axis=-1))
chebyshev = by_differences(lambda x: x.max(axis=-1))

DISTANCES: dict[str, Distance] = {
    **dict.fromkeys(("euclidean", "l2"), euclidean),
    **dict.fromkeys(("manhattan", "cityblock", "l1"), manhattan),
    "sqeuclidean": squared_euclidean,
    "cosine": cosine,
    "chebyshev": chebyshev,
}


def distance(metric: Any) -> Distance:
    """The distance of that name, or from a function of two rows; ValueError for other names."""
    if callable(metric):
        return by_function(metric)
    if metric not in DISTANCES:
        raise ValueError(f"metric should be a function or one of {', '.join(DISTANCES)} or precomputed, got {metric!r}")
    return DISTANCES[metric]
