"""Adafactor."""

from __future__ import annotations

import math
from typing import Any

import numpy

from ... import backend
from ...dtypes import finfo, get_default_dtype
from ...tensor.base import wrap
from ..checks import check_number, number, sign_of
from .per_tensor import PerTensorOptimizer, wide


class Adafactor(PerTensorOptimizer):
    """Adam's second moments from two factors, a row and a column mean for each matrix (Shazeer & Stern, 2018).

    For gradients of two or more dimensions, R and C are running means of g² along the last two; their product over the
    mean of R, at least eps[0]², stands for v. Vectors keep v itself. The step u = g/√v is scaled down to a root mean
    square of d where it is above, and by max(eps[1], rms(p)) · min(lr, 1/√t). β₂ = 1 - t^beta2_decay; weight_decay
    shrinks p by lr·weight_decay. eps[0] None: the machine precision of the parameter's type. foreach is a hint without
    effect. Raises ValueError for options out of range.

    >>> import sparkle
    >>> x = sparkle.ones(2, 3, requires_grad=True)
    >>> optimizer = Adafactor([x], lr=0.1)
    >>> (x * x).sum().backward()
    >>> optimizer.step(); round(x[0, 0].item(), 4)
    0.9
    >>> [tuple(optimizer.state[x][name].shape) for name in ("row_var", "col_var")]
    [(2, 1), (1, 3)]
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        check_number("Learning rate", lr, 0.0)
        if not beta2_decay <= 0.0:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        if eps[0] is not None:
            check_number("epsilon1", eps[0], 0.0)
        check_number("epsilon2", eps[1], 0.0)
        check_number("Clipping threshold d", d, 1.0)
        check_number("weight_decay", weight_decay, 0.0)
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _update(self, p: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        gradient = p.grad_value.array
        _prepare(state, gradient)
        state["step"].array[...] += 1
        if not p.array.size:
            return
        steps, lr = state["step"].array.item(), number(group["lr"])
        eps1, eps2 = group["eps"]
        eps1 = finfo(p.dtype).eps if eps1 is None else eps1
        rate = max(eps2, _rms(wide(p.array))) * min(lr, 1.0 / math.sqrt(steps))
        if group["weight_decay"]:
            p.array[...] *= 1.0 - lr * group["weight_decay"]
        xp = backend.library(gradient)
        g = sign_of(group) * wide(gradient)
        square = _second_moment(xp, g, state, steps ** group["beta2_decay"], eps1)
        update = g / xp.sqrt(xp.maximum(square, eps1 * eps1))
        p.array[...] -= rate / max(1.0, _rms(update) / group["d"]) * update


def _prepare(state: dict[str, Any], g: Any) -> None:
    """Make the state where there is none."""
    if state:
        return
    zeros = backend.library(g).zeros
    state["step"] = wrap(numpy.zeros((), get_default_dtype().numpy))
    if g.ndim > 1:
        state["row_var"] = wrap(zeros((*g.shape[:-1], 1), g.dtype))
        state["col_var"] = wrap(zeros((*g.shape[:-2], 1, g.shape[-1]), g.dtype))
    else:
        state["variance"] = wrap(zeros(g.shape, g.dtype))


def _second_moment(xp: Any, g: Any, state: dict[str, Any], weight: float, eps: float) -> Any:
    """The running mean of g², taking this one with the weight."""
    square = g * g
    if g.ndim < 2:
        return _follow(state["variance"].array, square, weight)
    rows = _follow(state["row_var"].array, square.mean(axis=-1, keepdims=True), weight)
    columns = _follow(state["col_var"].array, square.mean(axis=-2, keepdims=True), weight)
    return rows / xp.maximum(rows.mean(axis=-2, keepdims=True), eps) * columns


def _follow(mean: Any, value: Any, weight: float) -> Any:
    """Move a running mean towards the value, in its memory; returns it for further use."""
    mean[...] += weight * (value - mean)
    return wide(mean)


def _rms(a: Any) -> float:
    """The root mean square."""
    flat = a.ravel()
    return math.sqrt(float(flat @ flat) / flat.size)
