"""Muon: momentum, orthogonalised."""

from __future__ import annotations

import math
from typing import Any

from ... import backend
from ...tensor.base import wrap
from ..checks import check_number, number
from .per_tensor import PerTensorOptimizer, wide

# What the rate of a matrix with so many rows and columns is multiplied with.
ADJUSTMENTS = {
    "original": lambda rows, columns: math.sqrt(max(1.0, rows / columns)),
    "match_rms_adamw": lambda rows, columns: 0.2 * math.sqrt(max(rows, columns)),
}


class Muon(PerTensorOptimizer):
    """Steps along the orthogonal matrix next to the momentum, for the matrices of hidden layers (Jordan et al., 2024).

    b = momentum·b + (1 - momentum)·g; u = b, or (1 - momentum)·g + momentum·b with nesterov; p shrinks by
    lr·weight_decay and then moves by -lr·a·orthogonal(u). ns_steps steps of the Newton-Schulz iteration
    X = c₀·X + (c₁·XXᵀ + c₂·(XXᵀ)²)·X from u over its norm, at least eps, bring the singular values near 1.
    adjust_lr_fn: "original" (also None), a = √max(1, rows/columns), or "match_rms_adamw", a = 0.2·√max(rows, columns).

    The iteration runs in the gradient's own precision, or float32 for float16; torch rounds it to bfloat16, so numbers
    agree with torch's to about two digits. Other parameters want another optimizer, such as `AdamW`.
    Raises ValueError for parameters that are no matrices and for options out of range.

    >>> import sparkle
    >>> x = sparkle.eye(2).requires_grad_()
    >>> optimizer = Muon([x], lr=0.1, weight_decay=0.0)
    >>> (x * x).sum().backward()
    >>> optimizer.step(); [round(v, 2) for v in x[0].tolist()]
    [0.89, 0.0]
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        check_number("Learning rate", lr, 0.0)
        check_number("momentum", momentum, 0.0)
        check_number("weight decay", weight_decay, 0.0)
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Take over more matrices."""
        super().add_param_group(param_group)
        try:
            _check(param_group)
        except ValueError:
            self.param_groups.pop()
            raise

    def _update(self, p: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        g, momentum = p.grad_value.array, group["momentum"]
        xp = backend.library(g)
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = wrap(xp.zeros_like(g))
        if not p.array.size:
            return
        buffer = state["momentum_buffer"].array
        buffer[...] += (1.0 - momentum) * (g - buffer)
        update = g + momentum * (buffer - g) if group["nesterov"] else buffer
        update = orthogonal(xp, wide(update), group["ns_coefficients"], group["ns_steps"], group["eps"])
        lr = number(group["lr"])
        p.array[...] *= 1.0 - lr * group["weight_decay"]
        p.array[...] -= lr * ADJUSTMENTS[group["adjust_lr_fn"] or "original"](*p.array.shape) * update


def _check(group: dict[str, Any]) -> None:
    for p in group["params"]:
        if p.array.ndim != 2:
            raise ValueError(f"Muon only supports 2D parameters, whereas a parameter has the shape {p.array.shape}")
    if group["adjust_lr_fn"] not in (None, *ADJUSTMENTS):
        raise ValueError(
            f"Adjust learning rate function {group['adjust_lr_fn']} is not supported: {', '.join(ADJUSTMENTS)} are"
        )
    if len(group["ns_coefficients"]) != 3:
        raise ValueError(f"Coefficients must be a tuple of exactly 3 values, met {group['ns_coefficients']}")
    if not group["ns_steps"] < 100:
        raise ValueError(f"Number of steps must be less than 100 for computational efficiency, met {group['ns_steps']}")


def orthogonal(xp: Any, x: Any, coefficients: tuple[float, float, float], steps: int, eps: float) -> Any:
    """The matrix with its singular values brought near 1, by Newton-Schulz steps."""
    a, b, c = coefficients
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x  # so that the products below are the small ones
    x = x / max(float(xp.linalg.norm(x)), eps)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x.T if tall else x
