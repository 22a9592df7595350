"""ASGD: averaged stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from ...dtypes import get_default_dtype
from ..checks import check_modes, check_not_negative, number, sign_of
from ..fused import Rule, RuleOptimizer


def asgd(p: Any, g: Any, average: Any, sign: float, decay: float, shrink: float, rate: float, weight: float) -> Any:
    """p' = shrink·p - rate·g; average += weight·(p' - average), or p' itself where the weight is 1"""
    g = sign * g
    if decay != 0.0:
        g = g + decay * p
    p = shrink * p - rate * g
    average = average + weight * (p - average) if weight != 1.0 else p
    return p, average


AVERAGED = Rule(asgd, ("ax",), kept=("eta", "mu"))


class ASGD(RuleOptimizer):
    """Gradient descent with an average of the parameters, in the state "ax" (Polyak & Juditsky, 1992).

    p = (1 - lambd·η)·p - η·g; ax += μ·(p - ax). After step t, η = lr / (1 + lambd·lr·t)^alpha and μ = 1/max(1, t - t0):
    averaging starts at step t0. Other options as in `SGD`. Raises ValueError for a negative lr or weight_decay.

    >>> import sparkle
    >>> x = sparkle.tensor([1.0], requires_grad=True)
    >>> optimizer = ASGD([x], lr=0.1, t0=0)
    >>> for _ in range(2):
    ...     x.grad = sparkle.ones(1)
    ...     optimizer.step()
    >>> round(x.item(), 3), round(optimizer.state[x]["ax"].item(), 3)
    (0.8, 0.8)
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_not_negative(learning_rate=lr, weight_decay_value=weight_decay)
        check_modes(foreach, None, capturable, differentiable)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _rule(self, group: dict[str, Any]) -> Rule:
        return AVERAGED

    def _first(self, name: str, group: dict[str, Any]) -> float:
        return {"eta": number(group["lr"]), "mu": 1.0}.get(name, 0.0)

    def _numbers(self, group: dict[str, Any], age: Any) -> tuple[float, ...]:
        _, eta, mu = age
        rate = float(eta)
        return sign_of(group), float(group["weight_decay"]), 1.0 - float(group["lambd"]) * rate, rate, float(mu)

    def _keep(self, group: dict[str, Any], age: Any) -> tuple[Any, ...]:
        steps, *_ = age
        lr, lambd = number(group["lr"]), float(group["lambd"])
        eta = lr / (1.0 + lambd * lr * steps) ** float(group["alpha"])
        kind = get_default_dtype().numpy.type  # the precision of these numbers, whatever that of the state
        return kind(eta), kind(1.0 / max(1.0, steps - float(group["t0"])))
