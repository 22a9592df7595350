"""Gradients and parameters of a whole network at once: `sparkle.nn.utils`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from .. import backend
from ..tensor.base import TensorBase, wrap
from ..tensor.functions.joining import cat
from ..tensor.switches import no_grad
from ..tensor.write import touch


def _gradients(parameters: Any) -> list[Any]:
    """The gradients there are, of one tensor or of many."""
    given: Any = [parameters] if isinstance(parameters, TensorBase) else parameters
    return [p.grad for p in given if p.grad is not None]


def get_total_norm(
    tensors: Any, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Any:
    """The norm of all elements of the tensors taken together, as a tensor; foreach is a hint.

    Raises RuntimeError for a norm that is not finite, with error_if_nonfinite.
    """
    tensors = [tensors] if isinstance(tensors, TensorBase) else list(tensors)
    if not tensors:
        return wrap(backend.library_for("cpu").zeros(1, "float32").sum())
    xp = backend.library(tensors[0].array)
    p = float(norm_type)
    each = xp.stack([xp.asarray(_norm(xp, t.array, p)) for t in tensors])
    total = wrap(xp.asarray(_norm(xp, each, p)).astype(tensors[0].array.dtype))
    if error_if_nonfinite and not math.isfinite(total.array.item()):
        raise RuntimeError(
            f"The total norm of order {p} for gradients from `parameters` is non-finite, so it cannot be clipped. To "
            "disable this error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`"
        )
    return total


def _norm(xp: Any, x: Any, p: float) -> Any:
    """The p-norm of all elements."""
    flat = x.reshape(-1)
    if p == 2.0 and flat.dtype.char in "fd":
        return xp.sqrt(xp.dot(flat, flat))
    if p == math.inf:
        return abs(flat).max() if flat.size else 0.0
    if p == -math.inf:
        return abs(flat).min()
    return (flat != 0).sum() if p == 0 else (abs(flat) ** p).sum() ** (1.0 / p)


def clip_grads_with_norm_(parameters: Any, max_norm: float, total_norm: Any, foreach: bool | None = None) -> None:
    """Scale the gradients of the parameters by max_norm / total_norm where that is below 1; foreach is a hint."""
    grads = _gradients(parameters)
    if not grads:
        return
    factor = min(float(max_norm) / (total_norm.array.item() + 1e-6), 1.0)
    for g in grads:
        g.array[...] *= factor
        touch(g)


def clip_grad_norm_(
    parameters: Any,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Any:
    """Scale the gradients of all parameters so that their norm, taken together, is at most max_norm.

    Returns the norm before that, as a tensor. Raises RuntimeError for one that is not finite, with error_if_nonfinite.

    >>> import sparkle
    >>> x = sparkle.tensor([3.0, 4.0], requires_grad=True)
    >>> x.grad = sparkle.tensor([3.0, 4.0])
    >>> clip_grad_norm_([x], 1.0), x.grad
    (tensor(5.), tensor([0.6000, 0.8000]))
    """
    parameters = [parameters] if isinstance(parameters, TensorBase) else list(parameters)
    total = get_total_norm(_gradients(parameters), norm_type, error_if_nonfinite, foreach)
    clip_grads_with_norm_(parameters, max_norm, total, foreach)
    return total


def clip_grad_value_(parameters: Any, clip_value: float, foreach: bool | None = None) -> None:
    """Cut the elements of all gradients off at ±clip_value; foreach is a hint."""
    value = float(clip_value)
    for g in _gradients(parameters):
        backend.library(g.array).clip(g.array, -value, value, out=g.array)
        touch(g)


def parameters_to_vector(parameters: Iterable[Any]) -> Any:
    """All parameters as one vector, through which gradients flow back to them."""
    return cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec: Any, parameters: Iterable[Any]) -> None:
    """Write a vector's elements into the parameters; TypeError for what is no tensor."""
    if not isinstance(vec, TensorBase):
        raise TypeError(f"expected sparkle.Tensor, but got: {type(vec).__name__}")
    start = 0
    with no_grad():
        for p in parameters:
            stop = start + p.numel()
            p.copy_(vec[start:stop].reshape(p.shape))  # type: ignore[index]
            start = stop
