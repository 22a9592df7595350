"""Checks of what optimizers are made with."""

from __future__ import annotations

from typing import Any

from ..tensor.base import TensorBase


def number(value: Any) -> float:
    """A number or a tensor of one element as a number."""
    return float(value.array.item()) if isinstance(value, TensorBase) else float(value)


def check_not_negative(**values: Any) -> None:
    """ValueError unless each is at least 0; the keywords are what the messages say, with _ for a space."""
    for what, value in values.items():
        if isinstance(value, TensorBase) and value.array.size != 1:
            raise ValueError(f"Tensor {what.replace('_', ' ')} must be 1-element")
        if not value >= 0.0:
            raise ValueError(f"Invalid {what}: {value}")


def check_modes(
    foreach: bool | None = None, fused: bool | None = None, capturable: bool = False, differentiable: bool = False
) -> None:
    """RuntimeError for what is not there; foreach and fused are hints that do not change the numbers."""
    if foreach and fused:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
    if capturable:
        raise RuntimeError("capturable=True is not supported: steps are not recorded in CUDA graphs")
    if differentiable:
        raise RuntimeError("differentiable=True is not supported: gradients do not flow through optimizer steps")
