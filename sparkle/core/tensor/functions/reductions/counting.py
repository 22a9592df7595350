"""Distinct elements, and how many there are of each. Nothing here has a gradient."""

from __future__ import annotations

from typing import Any

from ....backend import library
from ....dtypes import FLOATS
from ...axes import axis_of
from ...base import TensorBase, wrap
from ...out import into
from .. import named
from ..pointwise.comparison import arrays_of
from ..pointwise.unary import check_tensor, not_for


def unique(
    input: Any, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The distinct elements, or the distinct slices along dim, in ascending order (also for sorted=False).

    With return_inverse and return_counts a tuple of them, of where each element went, and of how often each occurs.
    Every nan is one of its own.

    >>> import sparkle
    >>> values, counts = sparkle.unique(sparkle.tensor([3, 1, 3]), return_counts=True)
    >>> values.tolist(), counts.tolist()
    ([1, 3], [1, 2])
    """
    check_tensor(input, "unique")
    array = input.array
    axis = None if dim is None else axis_of(dim, array.ndim, "unique")
    if axis is not None:
        _check_slices(array, axis, "unique")
    found = library(array).unique(
        array, return_inverse=return_inverse, return_counts=return_counts, axis=axis, equal_nan=False
    )
    if not return_inverse:
        return _chosen(*found) if return_counts else wrap(found)
    return _chosen(found[0], found[1].reshape(array.shape if axis is None else -1), *found[2:])


def _check_slices(array: Any, axis: int, where: str) -> None:
    if 0 in (*array.shape[:axis], *array.shape[axis + 1 :]):
        raise RuntimeError(f"{where}: there are no elements in the slices along dim {axis} of {list(array.shape)}")


def unique_consecutive(
    input: Any, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The elements (with dim: the slices along it) without the repetitions that follow each other.

    With return_inverse and return_counts a tuple of them, of where each element went, and of how long each run is.
    """
    check_tensor(input, "unique_consecutive")
    array = input.array
    xp = library(array)
    axis = 0 if dim is None else axis_of(dim, array.ndim, "unique_consecutive")
    if dim is not None:
        _check_slices(array, axis, "unique_consecutive")
    rows = array.reshape(-1) if dim is None else xp.moveaxis(array, axis, 0)
    first = xp.ones(len(rows), dtype=bool)
    first[1:] = (rows[1:] != rows[:-1]).any(axis=tuple(range(1, rows.ndim)))
    starts = first.nonzero()[0]
    counts = xp.diff(xp.append(starts, len(rows)))
    inverse = (xp.cumsum(first) - 1).reshape(array.shape if dim is None else -1)
    values = rows[starts] if dim is None else xp.moveaxis(rows[starts], 0, axis)
    return _chosen(values, inverse if return_inverse else None, counts if return_counts else None)


def _chosen(values: Any, *others: Any) -> Any:
    """The values alone, or in a tuple with those of the others that were asked for."""
    wanted = tuple(wrap(array) for array in (values, *others) if array is not None)
    return wanted if len(wanted) > 1 else wanted[0]


def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each of 0, 1, ... occurs in a vector of integers; with weights, the sum of the weights where it does.

    Raises RuntimeError for more dims than one or negative numbers.

    >>> import sparkle
    >>> sparkle.bincount(sparkle.tensor([0, 2, 2])).tolist()
    [1, 0, 2]
    """
    check_tensor(input, "bincount")
    array = input.array
    if array.dtype.kind not in "iu":
        raise not_for("bincount", input)
    if array.ndim != 1 or (array.size and array.min() < 0):
        raise RuntimeError(f"bincount: only supports 1-d non-negative integral inputs, met shape {tuple(array.shape)}")
    if minlength < 0:
        raise RuntimeError(f"bincount: minlength should be >= 0, met {minlength}")
    if weights is None:
        return wrap(library(array).bincount(array, minlength=minlength))
    if weights.array.shape != array.shape:
        raise RuntimeError(
            f"bincount: input and weights should have the same length, met {tuple(array.shape)} and "
            f"{tuple(weights.array.shape)}"
        )
    sums = library(array).bincount(array, weights=weights.array, minlength=minlength)
    return wrap(sums.astype("float32" if weights.array.dtype == "float32" else "float64"))


def histc(input: Any, bins: int = 100, min: float = 0, max: float = 0, *, out: Any = None) -> Any:
    """How many elements fall into each of `bins` equal intervals of min..max; others are not counted.

    Where min and max are equal, the smallest and the largest element take their place.
    """
    if out is not None:
        return into(out, histc, input, bins, min, max)
    check_tensor(input, "histc")
    low, high = _range(input, bins, (min, max), "histc")
    array = input.array
    counts, _ = library(array).histogram(array, bins=bins, range=(low, high))
    return wrap(counts.astype(array.dtype))


def _range(input: Any, bins: int, limits: tuple[float, float] | None, where: str) -> tuple[float, float]:
    """The interval that a histogram covers: the limits, or what the elements span, widened where that is one point."""
    array = input.array
    if array.dtype.kind not in FLOATS:
        raise not_for(where, input)
    if bins <= 0:
        raise RuntimeError(f"{where}: bins must be > 0, but got {bins}")
    low, high = limits or (0.0, 0.0)
    if low > high:
        raise RuntimeError(f"{where}: max must be larger than min, met {low}..{high}")
    if low == high:
        low, high = (float(array.min()), float(array.max())) if array.size else (0.0, 1.0)
    if not (abs(low) < float("inf") and abs(high) < float("inf")):
        raise RuntimeError(f"{where}: range of [{low}, {high}] is not finite")
    margin = 0 if low < high else 1 if where == "histc" else 0.5
    return low - margin, high + margin


def histogram(
    input: Any,
    bins: Any,
    *,
    range: tuple[float, float] | None = None,
    weight: Any = None,
    density: bool = False,
    out: Any = None,
) -> Any:
    """(hist, bin_edges): the elements, or their weights, counted in bins.

    bins: a number of equal ones between the limits `range` (or the smallest and largest element), or a tensor of edges.
    density: divide by the total and the bins' widths.
    """
    if out is not None:
        return into(out, histogram, input, bins, range=range, weight=weight, density=density)
    check_tensor(input, "histogram")
    array = input.array
    dtype = array.dtype
    if weight is not None and weight.array.shape != array.shape:
        raise RuntimeError(
            f"histogram: weight should have the shape of the input {list(array.shape)}, met {list(weight.array.shape)}"
        )
    if isinstance(bins, TensorBase):
        edges, limits = bins.array, None
    else:
        edges, limits = bins, _range(input, bins, range, "histogram")
    hist, edges = library(array).histogram(
        array, bins=edges, range=limits, weights=None if weight is None else weight.array, density=density
    )
    return named.histogram(wrap(hist.astype(dtype)), wrap(edges.astype(dtype)))


def histogramdd(
    input: Any, bins: Any, *, range: Any = None, weight: Any = None, density: bool = False, out: Any = None
) -> Any:
    """(hist, bin_edges): points, the rows of the last dim, counted in boxes.

    bins: a number, or for each coordinate a number or a tensor of edges. range: low and high of each coordinate.
    """
    if out is not None:
        return into(out, histogramdd, input, bins, range=range, weight=weight, density=density)
    check_tensor(input, "histogramdd")
    array = input.array
    if array.dtype.kind not in FLOATS:
        raise not_for("histogramdd", input)
    if array.ndim < 2:
        raise RuntimeError(f"histogramdd: input tensor should have at least 2 dimensions, but got {array.ndim}")
    points = array.reshape(-1, array.shape[-1])
    if not isinstance(bins, int):
        bins = [edges.array if isinstance(edges, TensorBase) else edges for edges in bins]
    limits = None if range is None else list(zip(range[::2], range[1::2], strict=True))
    weights = None if weight is None else weight.array.reshape(-1)
    hist, edges = library(array).histogramdd(points, bins=bins, range=limits, weights=weights, density=density)
    return named.histogramdd(wrap(hist.astype(array.dtype)), tuple(wrap(e.astype(array.dtype)) for e in edges))


def gcd(input: Any, other: Any, *, out: Any = None) -> Any:
    """The greatest common divisors, not negative, of two tensors of integers."""
    if out is not None:
        return into(out, gcd, input, other)
    return _of_integers("gcd", input, other)


def lcm(input: Any, other: Any, *, out: Any = None) -> Any:
    """The least common multiples, not negative, of two tensors of integers."""
    if out is not None:
        return into(out, lcm, input, other)
    return _of_integers("lcm", input, other)


def _of_integers(where: str, input: Any, other: Any) -> Any:
    check_tensor(input, where)
    check_tensor(other, where, "other")
    a, b = arrays_of(input, other)
    if a.dtype.kind not in "iu":
        raise not_for(where, input if input.array.dtype.kind not in "iu" else other)
    return wrap(getattr(library(a), where)(a, b))


def nextafter(input: Any, other: Any, *, out: Any = None) -> Any:
    """The next floating point number after input in the direction of other."""
    if out is not None:
        return into(out, nextafter, input, other)
    check_tensor(input, "nextafter")
    check_tensor(other, "nextafter", "other")
    a, b = arrays_of(input, other)
    if a.dtype.kind not in FLOATS:
        raise not_for("nextafter", input)
    return wrap(library(a).nextafter(a, b))
