"""Adam and AdamW."""

from __future__ import annotations

import math
from typing import Any

import numpy

from ..checks import check_betas, check_modes, check_not_negative, number, sign_of
from ..fused import Rule, RuleOptimizer


def adam(
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
    lr: float,
) -> Any:
    """m += pull·(g - m); v = keep·v + take·g²; shrink·p - lr·m / (√v + eps)"""
    g = sign * g
    if decay != 0.0:
        g = g + decay * p
    mean = mean + pull * (g - mean)
    square = keep * square + take * (g * g)
    return shrink * p - lr * (mean / (numpy.sqrt(square) + eps)), mean, square


def amsgrad(
    p: Any,
    g: Any,
    mean: Any,
    square: Any,
    largest: Any,
    sign: float,
    decay: float,
    shrink: float,
    pull: float,
    keep: float,
    take: float,
    eps: float,
    lr: float,
) -> Any:
    """As adam, with the largest v so far in v's place under the root"""
    g = sign * g
    if decay != 0.0:
        g = g + decay * p
    mean = mean + pull * (g - mean)
    square = keep * square + take * (g * g)
    largest = numpy.maximum(largest, square)
    return shrink * p - lr * (mean / (numpy.sqrt(largest) + eps)), mean, square, largest


ADAM = Rule(adam, ("exp_avg", "exp_avg_sq"))
AMSGRAD = Rule(amsgrad, ("exp_avg", "exp_avg_sq", "max_exp_avg_sq"))


class Adam(RuleOptimizer):
    """Running means of gradients and of their squares, corrected for their start at zero (Kingma & Ba, 2014).

    m = β₁·m + (1 - β₁)·g; v = β₂·v + (1 - β₂)·g²; p -= lr · m/(1 - β₁ᵗ) / (√(v/(1 - β₂ᵗ)) + eps). amsgrad uses the
    largest v so far (Reddi et al., 2018). weight_decay adds weight_decay·p to g, or with decoupled_weight_decay shrinks
    p by lr·weight_decay before the step. lr may be a tensor of one element. foreach and fused are taken as hints: one
    fused pass serves all and the numbers are the same. Raises ValueError for options out of range, RuntimeError for
    capturable and differentiable.

    >>> import sparkle
    >>> x = sparkle.tensor([1.0], requires_grad=True)
    >>> optimizer = Adam([x], lr=0.1)
    >>> (x * x).sum().backward()
    >>> optimizer.step(); round(x.item(), 4)
    0.9
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check_not_negative(learning_rate=lr, epsilon_value=eps)
        check_betas(betas)
        check_not_negative(weight_decay_value=weight_decay)
        check_modes(foreach, fused, capturable, differentiable)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def _rule(self, group: dict[str, Any]) -> Rule:
        return AMSGRAD if group["amsgrad"] else ADAM

    def _numbers(self, group: dict[str, Any], age: Any) -> tuple[float, ...]:
        lr, decay = number(group["lr"]), float(group["weight_decay"])
        b1, b2 = (number(b) for b in group["betas"])
        sign = sign_of(group)
        shrink = 1.0
        if group["decoupled_weight_decay"]:
            decay, shrink = 0.0, 1.0 - lr * decay
        # m̂ / (√v̂ + eps) is the same fraction with √(1 - β₂ᵗ) taken out of both parts: one division an element less.
        root = math.sqrt(1.0 - b2**age)
        return sign, decay, shrink, 1.0 - b1, b2, 1.0 - b2, root * float(group["eps"]), root * lr / (1.0 - b1**age)


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov & Hutter, 2017): p shrinks by lr·weight_decay before each step.

    >>> import sparkle
    >>> x = sparkle.tensor([1.0], requires_grad=True)
    >>> optimizer = AdamW([x], lr=0.1, weight_decay=0.5)
    >>> (x * x).sum().backward()
    >>> optimizer.step(); round(x.item(), 4)
    0.85
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize, capturable=capturable,
            differentiable=differentiable, fused=fused, decoupled_weight_decay=True,
        )  # fmt: skip
