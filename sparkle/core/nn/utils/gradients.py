"""The gradients of a whole network: their norm, and clipping."""

from __future__ import annotations

import math
import warnings
from types import GeneratorType
from typing import Any

from ... import backend
from ...tensor.base import TensorBase, wrap
from ...tensor.write import touch


def _gradients(parameters: Any) -> list[Any]:
    """The gradients there are, of one tensor or of many."""
    given: Any = [parameters] if isinstance(parameters, TensorBase) else parameters
    return [p.grad for p in given if p.grad is not None]


def get_total_norm(
    tensors: Any, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Any:
    """The norm of all elements of the tensors taken together, as a tensor; foreach is a hint.

    norm_type: the order, also "inf". Raises RuntimeError for integers, for an order ±inf of no elements, and with
    error_if_nonfinite for a norm that is not finite.

    >>> import sparkle
    >>> get_total_norm([sparkle.tensor([3.0]), sparkle.tensor([[4.0]])])
    tensor(5.)
    """
    tensors = [tensors] if isinstance(tensors, TensorBase) else list(tensors)
    p = float(norm_type)
    if not tensors:
        return wrap(backend.library_for("cpu").zeros(1, "float32").sum())
    xp = backend.library(tensors[0].array)
    each = xp.stack([xp.asarray(_norm(xp, t.array, p)) for t in tensors])
    total = wrap(xp.asarray(_norm(xp, each, p)).astype(each.dtype))
    if error_if_nonfinite and not math.isfinite(total.array.item()):
        raise RuntimeError(
            f"The total norm of order {p} for gradients from `parameters` is non-finite, so it cannot be clipped. To "
            "disable this error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`"
        )
    return total


def _norm(xp: Any, x: Any, p: float) -> Any:
    """The p-norm of all elements, in their type."""
    if x.dtype.kind in "biu":
        raise RuntimeError(f"get_total_norm: expected floating point tensors, met {x.dtype} of shape {x.shape}")
    flat = x.reshape(-1)
    if p == 2.0 and flat.dtype.char in "fd":
        return xp.sqrt(xp.dot(flat, flat))
    if math.isinf(p):
        if not flat.size:
            raise RuntimeError(f"get_total_norm: no norm of order {p} of an empty tensor, shape {x.shape}")
        return abs(flat).max() if p > 0 else abs(flat).min()
    wide = flat.astype("float32") if flat.dtype.itemsize < 4 else flat
    total = (wide != 0).sum() if p == 0 else (abs(wide) ** p).sum() ** (1.0 / p)
    return total.astype(x.dtype)


def clip_grads_with_norm_(parameters: Any, max_norm: float, total_norm: Any, foreach: bool | None = None) -> None:
    """Scale the gradients of the parameters by max_norm / (total_norm + 1e-6) where that is below 1.

    total_norm: a tensor, from `get_total_norm`; TypeError for other things. foreach is a hint.
    """
    grads, max_norm = _gradients(parameters), float(max_norm)
    if not grads:
        return
    if not isinstance(total_norm, TensorBase):
        raise TypeError(f"clip_grads_with_norm_: total_norm must be a tensor, met {type(total_norm).__name__}")
    factor = min((max_norm / (total_norm.detach() + 1e-6)).item(), 1.0)  # type: ignore[attr-defined]
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
    Warns where parameters is a generator that gives nothing: it may have been used up.

    >>> import sparkle
    >>> x = sparkle.tensor([3.0, 4.0], requires_grad=True)
    >>> x.grad = sparkle.tensor([3.0, 4.0])
    >>> clip_grad_norm_([x], 1.0), x.grad
    (tensor(5.), tensor([0.6000, 0.8000]))
    """
    is_generator = isinstance(parameters, GeneratorType)
    parameters = [parameters] if isinstance(parameters, TensorBase) else list(parameters)
    if is_generator and not parameters:
        warnings.warn("`parameters` is an empty generator, no gradient clipping will occur.", stacklevel=2)
    total = get_total_norm(_gradients(parameters), norm_type, error_if_nonfinite, foreach)
    clip_grads_with_norm_(parameters, max_norm, total, foreach)
    return total


def clip_grad_norm(
    parameters: Any,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Any:
    """The old name of `clip_grad_norm_`; warns."""
    warnings.warn(
        "`nn.utils.clip_grad_norm` is now deprecated in favor of `nn.utils.clip_grad_norm_`.",
        FutureWarning,
        stacklevel=2,
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


def clip_grad_value_(parameters: Any, clip_value: float, foreach: bool | None = None) -> None:
    """Cut the elements of all gradients off at ±clip_value; foreach is a hint."""
    value = float(clip_value)
    for g in _gradients(parameters):
        backend.library(g.array).clip(g.array, -value, value, out=g.array)
        touch(g)
