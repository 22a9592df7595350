"""NAdam: Adam with Nesterov's momentum."""

from __future__ import annotations

import math
from typing import Any

import numpy

from ..checks import check_betas, check_modes, check_not_negative, number, sign_of
from ..fused import Rule, RuleOptimizer


def nadam(
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
    now: float,
    ahead: float,
) -> Any:
    """m += pull·(g - m); v = keep·v + take·g²; shrink·p - (now·g + ahead·m) / (√v + eps)"""
    g = sign * g
    if decay != 0.0:
        g = g + decay * p
    mean = mean + pull * (g - mean)
    square = keep * square + take * (g * g)
    return shrink * p - (now * g + ahead * mean) / (numpy.sqrt(square) + eps), mean, square


NADAM = Rule(nadam, ("exp_avg", "exp_avg_sq"), kept=("mu_product",))


class NAdam(RuleOptimizer):
    """Adam whose momentum looks one step ahead (Dozat, 2016).

    μₜ = β₁·(1 - 0.96^(t·momentum_decay) / 2), and the state "mu_product" is μ₁···μₜ. With m and v as in `Adam`,
    p -= lr·((1 - μₜ)·g / (1 - μ₁···μₜ) + μₜ₊₁·m / (1 - μ₁···μₜ₊₁)) / (√(v/(1 - β₂ᵗ)) + eps). Other options, and what is
    raised, as in `Adam`; ValueError also for a negative momentum_decay.

    >>> import sparkle
    >>> x = sparkle.tensor([1.0], requires_grad=True)
    >>> optimizer = NAdam([x], lr=0.1)
    >>> (x * x).sum().backward()
    >>> optimizer.step(); round(x.item(), 4)
    0.8944
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 2e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_not_negative(learning_rate=lr, epsilon_value=eps)
        check_betas(betas)
        check_not_negative(weight_decay_value=weight_decay, momentum_decay_value=momentum_decay)
        check_modes(foreach, None, capturable, differentiable)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _rule(self, group: dict[str, Any]) -> Rule:
        return NADAM

    def _first(self, name: str, group: dict[str, Any]) -> float:
        return 1.0 if name == "mu_product" else 0.0

    def _keep(self, group: dict[str, Any], age: Any) -> tuple[Any, ...]:
        steps, product = age
        return (product * _momentum(group, steps),)  # in the product's own type, which is that of the state

    def _numbers(self, group: dict[str, Any], age: Any) -> tuple[float, ...]:
        steps, _ = age
        lr, decay = number(group["lr"]), float(group["weight_decay"])
        b1, b2 = (number(b) for b in group["betas"])
        shrink = 1.0
        if group["decoupled_weight_decay"]:
            decay, shrink = 0.0, 1.0 - lr * decay
        product, now, ahead = float(self._keep(group, age)[0]), _momentum(group, steps), _momentum(group, steps + 1)
        root = math.sqrt(1.0 - b2**steps)  # taken out of both parts of the fraction, as in Adam
        return (
            sign_of(group), decay, shrink, 1.0 - b1, b2, 1.0 - b2, root * float(group["eps"]),
            root * lr * (1.0 - now) / (1.0 - product), root * lr * ahead / (1.0 - product * ahead),
        )  # fmt: skip


def _momentum(group: dict[str, Any], steps: float) -> float:
    """μ at a step."""
    return number(group["betas"][0]) * (1.0 - 0.5 * 0.96 ** (steps * float(group["momentum_decay"])))
