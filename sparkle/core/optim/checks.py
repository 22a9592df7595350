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


def check_betas(betas: tuple[Any, Any]) -> None:
    """ValueError unless both are numbers from 0 to below 1, or both tensors of one."""
    if isinstance(betas[0], TensorBase) is not isinstance(betas[1], TensorBase):
        raise ValueError("betas must be either both floats or both Tensors")
    for i, beta in enumerate(betas):
        if not 0.0 <= number(beta) < 1.0:
            raise ValueError(f"Invalid beta parameter at index {i}: {beta}")


def sign_of(group: dict[str, Any]) -> float:
    """What gradients are multiplied with: -1 where the group climbs."""
    return -1.0 if group["maximize"] else 1.0


def check_number(what: str, value: Any, least: float) -> None:
    """ValueError unless the value is at least so much."""
    if isinstance(value, TensorBase) and value.array.size != 1:
        raise ValueError(f"Tensor {what} must be 1-element")
    if not value >= least:
        raise ValueError(f"{what} should be >= {least:g} but is: {value}")
