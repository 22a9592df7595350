"""Averages of whatever an engine puts out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..core.backend import library
from ..core.tensor.base import TensorBase, wrap
from .exceptions import NotComputableError
from .metric import Metric, same


class VariableAccumulation(Metric):
    """Combines outputs by `op(accumulator, output)`, beginning with 0.0; `compute` gives (accumulator, number of examples).

    Outputs are numbers, tensors of up to one dim (one example each), or tensors (N, ...) of N examples; they reach op in
    float64.
    """

    required_output_keys = None
    _state_dict_all_req_keys = ("accumulator", "num_examples")

    def __init__(
        self,
        op: Callable[[Any, Any], Any],
        output_transform: Callable[[Any], Any] = same,
        device: Any = "cpu",
        skip_unrolling: bool = False,
    ) -> None:
        if not callable(op):
            raise TypeError(f"Argument op should be a callable, but given {type(op).__name__}")
        self._op = op
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        self.accumulator: Any = 0.0
        self.num_examples = 0

    def update(self, output: Any) -> None:
        if isinstance(output, TensorBase):
            array = output.array
            self.accumulator = self._op(self.accumulator, wrap(array.astype("float64")))
            self.num_examples += array.shape[0] if array.ndim > 1 else 1
        elif isinstance(output, (int, float)) and not isinstance(output, bool):
            self.accumulator = self._op(self.accumulator, float(output))
            self.num_examples += 1
        else:
            raise TypeError(
                f"{self._name()}: output should be a number or a tensor, but given {type(output).__name__}; pass an "
                "output_transform"
            )

    def compute(self) -> Any:
        return self.accumulator, self.num_examples


class Average(VariableAccumulation):
    """The mean of outputs: numbers, vectors (elementwise), or tensors (N, ...) of N examples.

    >>> import sparkle
    >>> mean = Average()
    >>> mean.update(1.0); mean.update(6.0)
    >>> mean.compute()
    3.5
    """

    def __init__(
        self, output_transform: Callable[[Any], Any] = same, device: Any = "cpu", skip_unrolling: bool = False
    ) -> None:
        super().__init__(_add, output_transform, device, skip_unrolling)

    def compute(self) -> Any:
        if self.num_examples < 1:
            raise NotComputableError("Average must have at least one example before it can be computed.")
        return _as_number(self.accumulator / self.num_examples)


class GeometricAverage(VariableAccumulation):
    """The n-th root of the product of n positive outputs, by the mean of their logarithms."""

    def __init__(
        self, output_transform: Callable[[Any], Any] = same, device: Any = "cpu", skip_unrolling: bool = False
    ) -> None:
        super().__init__(_add, output_transform, device, skip_unrolling)

    def update(self, output: Any) -> None:
        if isinstance(output, TensorBase):
            super().update(output.double().log())  # type: ignore[attr-defined]
        elif isinstance(output, (int, float)):
            super().update(math.log(output) if output > 0 else -math.inf if output == 0 else math.nan)
        else:
            super().update(output)

    def compute(self) -> Any:
        if self.num_examples < 1:
            raise NotComputableError("GeometricAverage must have at least one example before it can be computed.")
        mean = self.accumulator / self.num_examples
        return _as_number(mean.exp() if isinstance(mean, TensorBase) else math.exp(mean))  # type: ignore[attr-defined]


def _add(a: Any, b: Any) -> Any:
    """a + b, with the rows of several examples summed first."""
    if isinstance(b, TensorBase) and b.array.ndim > 1:
        b = wrap(library(b.array).sum(b.array, axis=0))
    return a + b


def _as_number(value: Any) -> Any:
    """Tensors without dims as Python numbers."""
    return value.array.item() if isinstance(value, TensorBase) and value.array.ndim == 0 else value
