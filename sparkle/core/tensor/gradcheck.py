"""Gradients against finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy

from ..backend import device_of, move, to_numpy
from .base import TensorBase, wrap
from .gradients import grad


class GradcheckError(RuntimeError):
    """A gradient does not agree with the finite difference."""


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Do the gradients of func agree with central differences at these inputs?

    inputs: float64 tensors (others are passed through); those that require grad are checked. Returns True, or raises
    GradcheckError (a RuntimeError) with both numbers; with raise_exception=False returns False.

    >>> import sparkle
    >>> x = sparkle.tensor([0.5, 2.0], dtype=sparkle.float64, requires_grad=True)
    >>> gradcheck(lambda x: x * x, x)
    True
    """
    inputs = [inputs] if isinstance(inputs, TensorBase) else list(inputs)
    checked = [i for i, x in enumerate(inputs) if isinstance(x, TensorBase) and x.tracked]
    if not checked:
        raise ValueError("gradcheck: no input requires grad")
    for i in checked:
        if inputs[i].array.dtype != numpy.float64:
            raise ValueError(f"gradcheck: input {i} is {inputs[i].array.dtype}; differences need float64")
    try:
        for k in range(len(_outputs(func, inputs))):
            for i in checked:
                _check_pair(func, inputs, i, k, eps, atol, rtol)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any], inputs: Any, *, atol: float = 1e-5, rtol: float = 1e-3, **options: Any
) -> bool:
    """Do the gradients of the gradients of func agree with central differences at these inputs?"""
    inputs = [inputs] if isinstance(inputs, TensorBase) else list(inputs)
    checked = [i for i, x in enumerate(inputs) if isinstance(x, TensorBase) and x.tracked]
    random = numpy.random.default_rng(0)
    weights = [_beside(random.standard_normal(y.array.shape), y) for y in _outputs(func, inputs)]
    for w in weights:
        w.requires_grad_()

    def first(*everything: Any) -> tuple[Any, ...]:
        xs, ws = everything[: len(inputs)], everything[len(inputs) :]
        wanted = [xs[i] for i in checked]
        gs = grad(_outputs(func, xs), wanted, ws, create_graph=True, allow_unused=True)
        return tuple(g for g in gs if g is not None and g.tracked)

    return gradcheck(first, [*inputs, *weights], atol=atol, rtol=rtol, **options)


def _outputs(func: Callable[..., Any], inputs: Sequence[Any]) -> list[Any]:
    """The differentiable results of func."""
    y = func(*inputs)
    return [t for t in (y if isinstance(y, (tuple, list)) else [y]) if isinstance(t, TensorBase) and t.tracked]


def _beside(values: numpy.ndarray, y: Any) -> Any:
    """Values as a tensor on the device of y."""
    return wrap(move(values, *device_of(y.array)))


def _check_pair(
    func: Callable[..., Any], inputs: list[Any], i: int, k: int, eps: float, atol: float, rtol: float
) -> None:
    """d output k / d input i, contracted with one random direction on each side of every element of the input."""
    x = inputs[i]
    y = _outputs(func, inputs)[k]
    weight = numpy.random.default_rng(k).standard_normal(y.array.shape)
    (g,) = grad(y, x, _beside(weight, y), allow_unused=True)
    analytic = numpy.zeros(x.array.shape) if g is None else to_numpy(g.array)
    numeric = numpy.zeros(x.array.shape)
    for place in numpy.ndindex(*x.array.shape):
        values = []
        for step in (eps, -eps):
            moved = x.array.copy()
            moved[place] += step
            twin = wrap(moved)
            twin.requires_grad_()
            result = _outputs(func, [*inputs[:i], twin, *inputs[i + 1 :]])[k]
            values.append(float((to_numpy(result.array) * weight).sum()))
        numeric[place] = (values[0] - values[1]) / (2 * eps)
    if analytic.shape != numeric.shape or not numpy.allclose(analytic, numeric, atol=atol, rtol=rtol, equal_nan=True):
        raise GradcheckError(
            f"gradcheck: output {k} with respect to input {i}, of shape "
            f"{tuple(x.array.shape)}:\nnumerical:\n{numeric}\n"
            f"analytical:\n{analytic}\nat input:\n{x.array}"
        )
