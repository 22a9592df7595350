"""Adagrad."""

from __future__ import annotations

from typing import Any

import numpy

from ..checks import check_modes, check_not_negative, number, sign_of
from ..fused import Rule, RuleOptimizer


def adagrad(p: Any, g: Any, total: Any, sign: float, decay: float, lr: float, eps: float) -> Any:
    """s += g²; p - lr·g / (√s + eps)"""
    g = sign * g
    if decay != 0.0:
        g = g + decay * p
    total = total + g * g
    return p - lr * (g / (numpy.sqrt(total) + eps)), total


ADAGRAD = Rule(adagrad, ("sum",))


class Adagrad(RuleOptimizer):
    """Steps shrink with the sum of squared gradients (Duchi, Hazan & Singer, 2011).

    s += g²; p -= lr / (1 + (t - 1)·lr_decay) · g / (√s + eps). The sums start at initial_accumulator_value. Other
    options as in `SGD`. Raises ValueError for negative options.

    >>> import sparkle
    >>> x = sparkle.tensor([1.0], requires_grad=True)
    >>> optimizer = Adagrad([x], lr=0.1)
    >>> (x * x).sum().backward()
    >>> optimizer.step(); round(x.item(), 4)
    0.9
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_not_negative(
            learning_rate=lr,
            lr_decay_value=lr_decay,
            weight_decay_value=weight_decay,
            initial_accumulator_value_value=initial_accumulator_value,
            epsilon_value=eps,
        )
        check_modes(foreach, fused, differentiable=differentiable)
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Take over more parameters; their sums are there from the start."""
        super().add_param_group(param_group)
        for p in param_group["params"]:
            self._prepare(p, ADAGRAD, param_group)

    def _rule(self, group: dict[str, Any]) -> Rule:
        return ADAGRAD

    def _fresh(self, p: Any, name: str, group: dict[str, Any]) -> Any:
        fresh = super()._fresh(p, name, group)
        fresh.array[...] = group["initial_accumulator_value"]
        return fresh

    def _numbers(self, group: dict[str, Any], age: Any) -> tuple[float, ...]:
        sign = sign_of(group)
        lr = number(group["lr"]) / (1.0 + (age - 1.0) * group["lr_decay"])
        return sign, float(group["weight_decay"]), lr, float(group["eps"])
