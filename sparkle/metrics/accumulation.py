"""Averages of whatever an engine puts out."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Number
from typing import Any

from ..core.backend import library
from ..core.dtypes import float64
from ..core.tensor.base import TensorBase, wrap
from ..core.tensor.making.creation import tensor
from .exceptions import check_seen
from .metric import Metric, same


class VariableAccumulation(Metric):
    """Combines outputs by `op(accumulator, output)`; `compute` gives (accumulator, number of examples).

    The accumulator begins as a float64 tensor, 0. Outputs are numbers, tensors of up to one dim (one example each), or
    tensors (N, ...) of N examples, which reach op in float64. merge_op: what combines two accumulators in `merge`; it
    raises TypeError without, for op may treat an accumulator and an output differently. Raises TypeError for other
    outputs, and for an op that is none.

    >>> import sparkle
    >>> largest = VariableAccumulation(lambda a, x: sparkle.maximum(a, x.max()))
    >>> largest.update(sparkle.tensor([[1.0, 5.0], [3.0, 2.0]]))
    >>> largest.compute()
    (tensor(5., dtype=sparkle.float64), 2)
    """

    required_output_keys = None
    _state_dict_all_req_keys = ("accumulator", "num_examples")

    def __init__(
        self,
        op: Callable[[Any, Any], Any],
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
        *,
        merge_op: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        if not callable(op):
            raise TypeError(f"Argument op should be a callable, but given {type(op).__name__}")
        self._op, self._merge_op = op, merge_op
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        self.accumulator: Any = tensor(0.0, dtype=float64, device=self._device)
        self.num_examples = 0

    def update(self, output: Any) -> None:
        if isinstance(output, TensorBase):
            rows = output.array.shape[0] if output.array.ndim > 1 else 1
            output = wrap(self._keep(output.array.astype("float64")))
        elif isinstance(output, Number):
            rows = 1
        else:
            raise TypeError(
                f"{type(self).__name__}: Output should be a number or a tensor, but given {type(output).__name__}; "
                "pass an output_transform that gives one"
            )
        self.accumulator = self._op(self.accumulator, output)
        self.num_examples += rows

    def compute(self) -> Any:
        return self.accumulator, self.num_examples

    def _merged(self, key: str, held: Any, other: Any) -> Any:
        if key != "accumulator":
            return super()._merged(key, held, other)
        if self._merge_op is None:
            raise TypeError(f"{type(self).__name__}.merge: needs the argument merge_op, to combine two accumulators")
        return self._merge_op(held, other)


class Average(VariableAccumulation):
    """The mean of outputs: numbers, vectors (elementwise), or tensors (N, ...) of N examples.

    >>> average = Average()
    >>> average.update(1.0)
    >>> average.update(6.0)
    >>> average.compute()
    3.5
    """

    def __init__(
        self, output_transform: Callable[[Any], Any] = same, device: Any = None, skip_unrolling: bool = False
    ) -> None:
        super().__init__(_add, output_transform, device, skip_unrolling)

    def reset(self) -> None:
        super().reset()
        self.accumulator = 0.0  # a number, for as long as numbers are added

    def _merged(self, key: str, held: Any, other: Any) -> Any:
        return Metric._merged(self, key, held, other)

    def compute(self) -> Any:
        check_seen(self, self.num_examples)
        return _as_number(self.accumulator / self.num_examples)


class GeometricAverage(Average):
    """The n-th root of the product of n positive outputs, by the mean of their logarithms.

    >>> average = GeometricAverage()
    >>> average.update(1.0)
    >>> average.update(100.0)
    >>> round(average.compute(), 12)
    10.0
    """

    def update(self, output: Any) -> None:
        if isinstance(output, TensorBase):
            output = output.double().log()  # type: ignore[attr-defined]
        elif isinstance(output, Number):
            output = _log(output)
        super().update(output)

    def compute(self) -> Any:
        mean = super().compute()
        return _as_number(mean.exp()) if isinstance(mean, TensorBase) else math.exp(mean)  # type: ignore[attr-defined]


def _add(a: Any, b: Any) -> Any:
    """a + b, with the rows of several examples summed first."""
    if isinstance(b, TensorBase):
        b = wrap(library(b.array).sum(b.array, axis=0)) if b.array.ndim > 1 else b
    return a + b


def _log(x: Any) -> float:
    """The logarithm with -inf at 0, and nan below."""
    return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan


def _as_number(value: Any) -> Any:
    """Tensors with one element as Python numbers."""
    return value.array.item() if isinstance(value, TensorBase) and value.array.size == 1 else value
