"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from ..checks import check_modes, check_not_negative, number, sign_of
from ..fused import Rule, RuleOptimizer


def plain(p: Any, g: Any, sign: float, decay: float, lr: float) -> Any:
    """p - lr·(±g + decay·p)"""
    g = sign * g
    if decay != 0.0:
        g = g + decay * p
    return p - lr * g


def heavy_ball(
    p: Any, g: Any, buffer: Any, sign: float, decay: float, lr: float, keep: float, take: float, ahead: float
) -> Any:
    """b = keep·b + take·g; p - lr·b, or p - lr·(g + ahead·b) where ahead (Nesterov's momentum) is not 0"""
    g = sign * g
    if decay != 0.0:
        g = g + decay * p
    buffer = keep * buffer + take * g
    g = g + ahead * buffer if ahead != 0.0 else buffer
    return p - lr * g, buffer


PLAIN = Rule(plain, counts=False)
HEAVY_BALL = Rule(heavy_ball, ("momentum_buffer",), counts=False)


class SGD(RuleOptimizer):
    """Gradient descent, with momentum if wanted (Sutskever et al., 2013; Nesterov's form with nesterov=True).

    b = momentum·b + (1 - dampening)·g, b = g in the first step; p -= lr·b. weight_decay adds weight_decay·p to g;
    maximize climbs. foreach and fused are taken as hints: one fused pass serves all and the numbers are the same.
    Raises ValueError for negative options, and for nesterov without momentum or with dampening.

    >>> import sparkle
    >>> x = sparkle.tensor([4.0], requires_grad=True)
    >>> optimizer = SGD([x], lr=0.1)
    >>> (x * x).sum().backward()
    >>> optimizer.step(); round(x.item(), 4)
    3.2
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_not_negative(learning_rate=lr, momentum_value=momentum, weight_decay_value=weight_decay)
        check_modes(foreach, fused, differentiable=differentiable)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def _rule(self, group: dict[str, Any]) -> Rule:
        return HEAVY_BALL if group["momentum"] else PLAIN

    def _numbers(self, group: dict[str, Any], age: Any) -> tuple[float, ...]:
        sign = sign_of(group)
        decay, lr, momentum = number(group["weight_decay"]), number(group["lr"]), float(group["momentum"])
        if not momentum:
            return sign, decay, lr
        ahead = momentum if group["nesterov"] else 0.0
        if age == 0:  # the buffer starts as the first gradient, not dampened
            return sign, decay, lr, 0.0, 1.0, ahead
        return sign, decay, lr, momentum, 1.0 - group["dampening"], ahead
