"""Adamax."""

from __future__ import annotations

from typing import Any

import numpy

from ..checks import check_betas, check_modes, check_not_negative, number, sign_of
from ..fused import Rule, RuleOptimizer


def adamax(
    p: Any,
    g: Any,
    mean: Any,
    norm: Any,
    sign: float,
    decay: float,
    pull: float,
    keep: float,
    eps: float,
    lr: float,
) -> Any:
    """m += pull·(g - m); u = max(keep·u, |g| + eps); p - lr·m / u"""
    g = sign * g
    if decay != 0.0:
        g = g + decay * p
    mean = mean + pull * (g - mean)
    norm = numpy.maximum(keep * norm, numpy.abs(g) + eps)
    return p - lr * (mean / norm), mean, norm


ADAMAX = Rule(adamax, ("exp_avg", "exp_inf"))


class Adamax(RuleOptimizer):
    """Adam with the infinity norm of past gradients in place of their squares (Kingma & Ba, 2014, section 7).

    m = β₁·m + (1 - β₁)·g; u = max(β₂·u, |g| + eps); p -= lr/(1 - β₁ᵗ) · m/u. Other options, and what is raised, as in
    `Adam`.

    >>> import sparkle
    >>> x = sparkle.tensor([1.0], requires_grad=True)
    >>> optimizer = Adamax([x], lr=0.1)
    >>> (x * x).sum().backward()
    >>> optimizer.step(); round(x.item(), 4)
    0.9
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 2e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_not_negative(learning_rate=lr, epsilon_value=eps)
        check_betas(betas)
        check_not_negative(weight_decay_value=weight_decay)
        check_modes(foreach, None, capturable, differentiable)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _rule(self, group: dict[str, Any]) -> Rule:
        return ADAMAX

    def _numbers(self, group: dict[str, Any], age: Any) -> tuple[float, ...]:
        b1, b2 = (number(b) for b in group["betas"])
        rate = number(group["lr"]) / (1.0 - b1**age)
        return sign_of(group), float(group["weight_decay"]), 1.0 - b1, b2, float(group["eps"]), rate
