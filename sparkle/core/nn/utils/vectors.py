"""All parameters of a network as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...tensor.base import TensorBase
from ...tensor.functions.shaping.joining import cat


def parameters_to_vector(parameters: Iterable[Any]) -> Any:
    """All parameters as one vector, through which gradients flow back to them.

    Raises ValueError for no parameters, TypeError where they are on different devices, RuntimeError for one that has no
    flat view.

    >>> import sparkle
    >>> parameters_to_vector([sparkle.ones(1, 2), sparkle.zeros(1)])
    tensor([1., 1., 0.])
    """
    parameters = list(parameters)
    _check_devices(parameters)
    if not parameters:
        raise ValueError("parameters_to_vector: expected a non-empty iterable of tensors")
    return cat([p.view(-1) for p in parameters])


def vector_to_parameters(vec: Any, parameters: Iterable[Any]) -> None:
    """Make the parameters, one after another, views of a vector's elements; what is left over is not used.

    Raises TypeError for what is no tensor and where parameters are on different devices, RuntimeError for a vector that
    is too short.

    >>> import sparkle
    >>> bias = sparkle.nn.Parameter(sparkle.zeros(2))
    >>> vector_to_parameters(sparkle.tensor([1.0, 2.0]), [bias])
    >>> bias.tolist()
    [1.0, 2.0]
    """
    if not isinstance(vec, TensorBase):
        raise TypeError(f"expected sparkle.Tensor, but got: {type(vec).__name__}")
    parameters, values = list(parameters), vec.detach()  # type: ignore[attr-defined]
    _check_devices(parameters)
    start = 0
    for p in parameters:
        stop = start + p.numel()
        p.data = values[start:stop].view_as(p)
        start = stop


def _check_devices(parameters: list[Any]) -> None:
    if len(devices := {str(p.device) for p in parameters}) > 1:
        raise TypeError(
            f"Found two parameters on different devices, this is currently not supported: {sorted(devices)}"
        )
