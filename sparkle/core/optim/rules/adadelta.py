"""Adadelta."""

from __future__ import annotations

from typing import Any

import numpy

from ..checks import check_modes, check_not_negative, number, sign_of
from ..fused import Rule, RuleOptimizer


def adadelta(
    p: Any,
    g: Any,
    square: Any,
    moved: Any,
    sign: float,
    decay: float,
    keep: float,
    take: float,
    eps: float,
    lr: float,
) -> Any:
    """v = keep·v + take·g²; d = √(u + eps) / √(v + eps) · g; u = keep·u + take·d²; p - lr·d"""
    g = sign * g
    if decay != 0.0:
        g = g + decay * p
    square = keep * square + take * (g * g)
    delta = numpy.sqrt(moved + eps) / numpy.sqrt(square + eps) * g
    moved = keep * moved + take * (delta * delta)
    return p - lr * delta, square, moved


ADADELTA = Rule(adadelta, ("square_avg", "acc_delta"))


class Adadelta(RuleOptimizer):
    """Steps in the parameter's own unit: root mean square of past steps over that of gradients (Zeiler, 2012).

    v = rho·v + (1 - rho)·g²; d = √(u + eps)/√(v + eps)·g; u = rho·u + (1 - rho)·d²; p -= lr·d. Other options as in
    `SGD`. Raises ValueError for negative options and rho above 1.

    >>> import sparkle
    >>> x = sparkle.tensor([1.0], requires_grad=True)
    >>> optimizer = Adadelta([x])
    >>> (x * x).sum().backward()
    >>> optimizer.step(); round(x.item(), 4)
    0.9968
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_not_negative(learning_rate=lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}, wanted one from 0 to 1")
        check_not_negative(epsilon_value=eps, weight_decay_value=weight_decay)
        check_modes(foreach, None, capturable, differentiable)
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _rule(self, group: dict[str, Any]) -> Rule:
        return ADADELTA

    def _numbers(self, group: dict[str, Any], age: Any) -> tuple[float, ...]:
        rho = float(group["rho"])
        decay, eps, lr = float(group["weight_decay"]), float(group["eps"]), number(group["lr"])
        return sign_of(group), decay, rho, 1.0 - rho, eps, lr
