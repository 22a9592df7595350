"""Rprop."""

from __future__ import annotations

from typing import Any

import numpy

from ...kernels.choice import where
from ..checks import check_modes, check_not_negative, number, sign_of
from ..fused import Rule, RuleOptimizer


def rprop(
    p: Any, g: Any, previous: Any, size: Any, sign: float, down: float, up: float, low: float, high: float, zero: float
) -> Any:
    """s = clamp(s·(up, down or 1, as g·previous is > 0, < 0 or neither)); g = 0 where it was < 0; p - s·sign(g)"""
    g = sign * g
    agree = g * previous
    size = where(agree > zero, up * size, where(agree < zero, down * size, size))
    size = numpy.minimum(numpy.maximum(size, low), high)
    g = where(agree < zero, zero, g)
    return where(g > zero, p - size, where(g < zero, p + size, p)), g, size


RPROP = Rule(rprop, ("prev", "step_size"))


class Rprop(RuleOptimizer):
    """Resilient backpropagation: only the gradients' signs count (Riedmiller & Braun, 1993). For full batches.

    Each element has its step size, at first lr: times etas[1] where the sign is that of the step before, times etas[0]
    where it has changed, and there the element stays for this step. step_sizes bound it. Other options as in `SGD`.
    Raises ValueError for a negative lr, and unless 0 < etas[0] < 1 < etas[1].

    >>> import sparkle
    >>> x = sparkle.tensor([1.0], requires_grad=True)
    >>> optimizer = Rprop([x], lr=0.1)
    >>> (x * x).sum().backward()
    >>> optimizer.step(); round(x.item(), 4)
    0.9
    >>> optimizer.step(); round(x.item(), 4)
    0.78
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_not_negative(learning_rate=lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}, wanted 0 < etas[0] < 1 < etas[1]")
        check_modes(foreach, None, capturable, differentiable)
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _rule(self, group: dict[str, Any]) -> Rule:
        return RPROP

    def _fresh(self, p: Any, name: str, group: dict[str, Any]) -> Any:
        fresh = super()._fresh(p, name, group)
        if name == "step_size":
            fresh.array[...] = number(group["lr"])
        return fresh

    def _numbers(self, group: dict[str, Any], age: Any) -> tuple[float, ...]:
        (down, up), (smallest, largest) = group["etas"], group["step_sizes"]
        return sign_of(group), float(down), float(up), float(smallest), float(largest), 0.0
