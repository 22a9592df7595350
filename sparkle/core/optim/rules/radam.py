"""RAdam: Adam with a rectified start."""

from __future__ import annotations

import math
from typing import Any

import numpy

from ..checks import check_betas, check_modes, check_not_negative, number, sign_of
from ..fused import Rule, RuleOptimizer


def radam(
    p: Any,
    g: Any,
    mean: Any,
    square: Any,
    sign: float,
    decay: float,
    shrink: float,
    pull: float,
    keep: float,
    take: float,
    eps: float,
    adapts: float,
    lr: float,
) -> Any:
    """m += pull·(g - m); v = keep·v + take·g²; shrink·p - lr·m / (√v + eps), or - lr·m where adapts is 0"""
    g = sign * g
    if decay != 0.0:
        g = g + decay * p
    mean = mean + pull * (g - mean)
    square = keep * square + take * (g * g)
    step = mean / (numpy.sqrt(square) + eps) if adapts != 0.0 else mean
    return shrink * p - lr * step, mean, square


RADAM = Rule(radam, ("exp_avg", "exp_avg_sq"))


class RAdam(RuleOptimizer):
    """Adam that uses its squared gradients only once their mean rests on enough of them (Liu et al., 2019).

    ρ∞ = 2/(1 - β₂) - 1; ρₜ = ρ∞ - 2t·β₂ᵗ/(1 - β₂ᵗ). With m and v as in `Adam`: while ρₜ <= 5, p -= lr·m/(1 - β₁ᵗ); then
    p -= lr·r · m/(1 - β₁ᵗ) · √(1 - β₂ᵗ) / (√v + eps) with r² = (ρₜ - 4)(ρₜ - 2)ρ∞ / ((ρ∞ - 4)(ρ∞ - 2)ρₜ). Options, and
    what is raised, as in `Adam`.

    >>> import sparkle
    >>> x = sparkle.tensor([1.0], requires_grad=True)
    >>> optimizer = RAdam([x], lr=0.1)
    >>> (x * x).sum().backward()
    >>> optimizer.step(); round(x.item(), 4)
    0.8
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
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
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _rule(self, group: dict[str, Any]) -> Rule:
        return RADAM

    def _numbers(self, group: dict[str, Any], age: Any) -> tuple[float, ...]:
        lr, decay = number(group["lr"]), float(group["weight_decay"])
        b1, b2 = (number(b) for b in group["betas"])
        shrink = 1.0
        if group["decoupled_weight_decay"]:
            decay, shrink = 0.0, 1.0 - lr * decay
        factor = _rectified(b2, age)
        rate = lr / (1.0 - b1**age) * (factor or 1.0)
        adapts = 1.0 if factor else 0.0
        return sign_of(group), decay, shrink, 1.0 - b1, b2, 1.0 - b2, float(group["eps"]), adapts, rate


def _rectified(b2: float, age: float) -> float:
    """r·√(1 - β₂ᵗ), or 0 while there are too few squared gradients."""
    left, most = 1.0 - b2**age, 2.0 / (1.0 - b2) - 1.0
    length = most - 2.0 * age * b2**age / left
    if length <= 5.0:
        return 0.0
    return math.sqrt((length - 4.0) * (length - 2.0) * most / ((most - 4.0) * (most - 2.0) * length) * left)
