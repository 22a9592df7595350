"""The gradient of samples of a function, estimated by finite differences."""

from __future__ import annotations

import numbers
from typing import Any

from ..axes import axis_of
from ..base import TensorBase
from .pointwise.unary import check_tensor
from .shaping.joining import cat
from .shaping.shape import in_shape
from .shaping.splitting import narrow


def gradient(input: Any, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1) -> tuple[Any, ...]:
    """The derivatives along each of the dims (all if left out) of a function whose samples are the input.

    Central differences, of second order, inside; at both ends one-sided ones of order edge_order, 1 or 2. spacing: the
    distance of samples, one number for all dims or one for each, or for each dim a vector of coordinates. Returns a
    tuple of tensors of the input's shape. RuntimeError where a dim has fewer than edge_order + 1 samples, or spacing
    and dim do not match.

    >>> import sparkle
    >>> sparkle.gradient(sparkle.tensor([1.0, 4.0, 9.0, 16.0]), edge_order=2)[0].tolist()
    [2.0, 4.0, 6.0, 8.0]
    """
    check_tensor(input, "gradient")
    shape = input.array.shape
    if input.array.dtype == "uint8":
        raise RuntimeError("gradient: uint8 input is not supported")
    if edge_order not in (1, 2):
        raise RuntimeError(f"gradient: edge_order must be 1 or 2, met {edge_order!r}")
    axes = _axes(dim, len(shape))
    steps = _spacings(spacing, len(axes))
    for axis, step in zip(axes, steps, strict=True):
        if shape[axis] < edge_order + 1:
            raise RuntimeError(
                f"gradient: dim {axis} has {shape[axis]} samples, edge_order + 1 = {edge_order + 1} needed"
            )
        if isinstance(step, TensorBase) and step.array.shape != (shape[axis],):
            raise RuntimeError(
                f"gradient: the coordinates have shape {tuple(step.array.shape)}, dim {axis} has {shape[axis]} samples"
            )
    along = [_uneven if isinstance(step, TensorBase) else _even for step in steps]
    return tuple([f(input, step, axis, edge_order) for f, step, axis in zip(along, steps, axes, strict=True)])


def _axes(dim: Any, ndim: int) -> list[int]:
    if dim is None:
        return list(range(ndim))
    axes = [axis_of(d, ndim, "gradient") for d in (dim if isinstance(dim, (tuple, list)) else [dim])]
    if len(set(axes)) < len(axes):
        raise RuntimeError(f"gradient: a dim appears multiple times in the list of dims {dim}")
    return axes


def _spacings(spacing: Any, count: int) -> list[Any]:
    """A number, or a vector of coordinates, for each dim."""
    if isinstance(spacing, TensorBase) and not spacing.array.ndim:
        spacing = spacing.array.item()
    if isinstance(spacing, numbers.Real):
        return [spacing] * count
    if not isinstance(spacing, (tuple, list)):
        raise TypeError(f"gradient: spacing must be a number or a sequence, not {type(spacing).__name__}")
    tensors = [isinstance(s, TensorBase) for s in spacing]
    if any(tensors) != all(tensors):
        raise TypeError("gradient: spacing must hold numbers only, or tensors only")
    if len(spacing) != count:
        raise RuntimeError(f"gradient: spacing has {len(spacing)} entries for {count} dims")
    return list(spacing)


def _even(x: Any, h: Any, axis: int, order: int) -> Any:
    """The derivative for samples a distance h apart."""
    n = x.array.shape[axis]

    def at(start: int, length: int = 1) -> Any:
        return narrow(x, axis, start % n, length)

    if order == 1:
        first, last = (at(1) - at(0)) / h, (at(-1) - at(-2)) / h
    else:
        first = (at(1) * 4 - at(0) * 3 - at(2)) / (2 * h)
        last = (at(-1) * 3 - at(-2) * 4 + at(-3)) / (2 * h)
    return cat([first, (at(2, n - 2) - at(0, n - 2)) / (2 * h), last] if n > 2 else [first, last], axis)


def _uneven(x: Any, places: Any, axis: int, order: int) -> Any:
    """The derivative for samples at the given places: that of the parabola through three of them."""
    n = x.array.shape[axis]
    steps = narrow(places, 0, 1, n - 1) - narrow(places, 0, 0, n - 1)
    steps = in_shape(steps, (n - 1, *[1] * (x.array.ndim - 1 - axis)))

    def at(start: int, length: int = 1) -> Any:
        return narrow(x, axis, start % n, length)

    def step(start: int, length: int = 1) -> Any:
        return narrow(steps, 0, start % (n - 1), length)

    if order == 1:
        first, last = (at(1) - at(0)) / step(0), (at(-1) - at(-2)) / step(-1)
    else:
        first = _parabola(at(0), at(1), at(2), step(0), step(1), -1)
        last = _parabola(at(-3), at(-2), at(-1), step(-2), step(-1), 1)
    if n == 2:
        return cat([first, last], axis)
    inner = _parabola(at(0, n - 2), at(1, n - 2), at(2, n - 2), step(0, n - 2), step(1, n - 2), 0)
    return cat([first, inner, last], axis)


def _parabola(p: Any, q: Any, r: Any, a: Any, b: Any, where: int) -> Any:
    """The slope of the parabola through (-a, p), (0, q), (b, r) in the first (-1), middle (0) or last (1) of them."""
    left, right = (q - p) / a, (r - q) / b
    if where == 0:
        return (left * b + right * a) / (a + b)
    bend = (right - left) / (a + b)
    return left - bend * a if where < 0 else right + bend * b
