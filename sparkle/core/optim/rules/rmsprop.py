"""RMSprop."""

from __future__ import annotations

from typing import Any

import numpy

from ..checks import check_modes, check_not_negative, number, sign_of
from ..fused import Rule, RuleOptimizer


def rmsprop(
    p: Any, g: Any, square: Any, sign: float, decay: float, lr: float, keep: float, take: float, eps: float
) -> Any:
    """s = keep·s + take·g²; p - lr·g / (√s + eps)"""
    g = sign * g
    if decay != 0.0:
        g = g + decay * p
    square = keep * square + take * (g * g)
    return p - lr * (g / (numpy.sqrt(square) + eps)), square


def rmsprop_momentum(
    p: Any,
    g: Any,
    square: Any,
    buffer: Any,
    sign: float,
    decay: float,
    lr: float,
    keep: float,
    take: float,
    eps: float,
    momentum: float,
) -> Any:
    """s = keep·s + take·g²; b = momentum·b + g / (√s + eps); p - lr·b"""
    g = sign * g
    if decay != 0.0:
        g = g + decay * p
    square = keep * square + take * (g * g)
    buffer = momentum * buffer + g / (numpy.sqrt(square) + eps)
    return p - lr * buffer, square, buffer


def rmsprop_centered(
    p: Any, g: Any, square: Any, mean: Any, sign: float, decay: float, lr: float, keep: float, take: float, eps: float
) -> Any:
    """s = keep·s + take·g²; m += take·(g - m); p - lr·g / (√(s - m²) + eps)"""
    g = sign * g
    if decay != 0.0:
        g = g + decay * p
    square = keep * square + take * (g * g)
    mean = mean + take * (g - mean)
    return p - lr * (g / (numpy.sqrt(square - mean * mean) + eps)), square, mean


def rmsprop_centered_momentum(
    p: Any,
    g: Any,
    square: Any,
    buffer: Any,
    mean: Any,
    sign: float,
    decay: float,
    lr: float,
    keep: float,
    take: float,
    eps: float,
    momentum: float,
) -> Any:
    """As rmsprop_momentum, with √(s - m²)"""
    g = sign * g
    if decay != 0.0:
        g = g + decay * p
    square = keep * square + take * (g * g)
    mean = mean + take * (g - mean)
    buffer = momentum * buffer + g / (numpy.sqrt(square - mean * mean) + eps)
    return p - lr * buffer, square, buffer, mean


RULES = {
    (False, False): Rule(rmsprop, ("square_avg",)),
    (True, False): Rule(rmsprop_momentum, ("square_avg", "momentum_buffer")),
    (False, True): Rule(rmsprop_centered, ("square_avg", "grad_avg")),
    (True, True): Rule(rmsprop_centered_momentum, ("square_avg", "momentum_buffer", "grad_avg")),
}


class RMSprop(RuleOptimizer):
    """Gradients over a running root mean square (Hinton, 2012), about the running mean where centered (Graves, 2013).

    s = alpha·s + (1 - alpha)·g²; p -= lr·g / (√s + eps). centered: √(s - m²), with m the running mean of g as s is of
    g². momentum: b = momentum·b + g / (√s + eps); p -= lr·b. Other options as in `SGD`. Raises ValueError for negative
    options.

    >>> import sparkle
    >>> x = sparkle.tensor([1.0], requires_grad=True)
    >>> optimizer = RMSprop([x], lr=0.01)
    >>> (x * x).sum().backward()
    >>> optimizer.step(); round(x.item(), 4)
    0.9
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_not_negative(
            learning_rate=lr,
            epsilon_value=eps,
            momentum_value=momentum,
            weight_decay_value=weight_decay,
            alpha_value=alpha,
        )
        check_modes(foreach, None, capturable, differentiable)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _rule(self, group: dict[str, Any]) -> Rule:
        return RULES[group["momentum"] > 0, bool(group["centered"])]

    def _numbers(self, group: dict[str, Any], age: Any) -> tuple[float, ...]:
        sign = sign_of(group)
        alpha = float(group["alpha"])
        numbers = (sign, float(group["weight_decay"]), number(group["lr"]), alpha, 1.0 - alpha, float(group["eps"]))
        return (*numbers, float(group["momentum"])) if group["momentum"] > 0 else numbers
