"""The mean of a loss function over examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..core.tensor.base import TensorBase
from .arrays import as_sum
from .mean import MeanOverExamples
from .metric import same


class Loss(MeanOverExamples):
    """The mean of loss_fn(y_pred, y) over batches, weighted by their sizes.

    loss_fn returns the mean over a batch, a tensor without dims. The output is (y_pred, y) or (y_pred, y, kwargs) with
    arguments for loss_fn, or a mapping with the keys y_pred, y and perhaps criterion_kwargs. batch_size: from y to the
    number of examples. Raises ValueError where loss_fn returns something else and for outputs of other lengths,
    TypeError for outputs that are no tuple.

    >>> import sparkle
    >>> loss = Loss(lambda y_pred, y: ((y_pred - y) ** 2).mean())
    >>> loss.update((sparkle.zeros(2), sparkle.ones(2)))
    >>> loss.compute()
    1.0
    """

    required_output_keys = ("y_pred", "y", "criterion_kwargs")

    def __init__(
        self,
        loss_fn: Callable[..., Any],
        output_transform: Callable[[Any], Any] = same,
        batch_size: Callable[[Any], int] = len,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        self._loss_fn, self._batch_size = loss_fn, batch_size
        super().__init__(output_transform, device, skip_unrolling)

    def update(self, output: Any) -> None:
        y_pred, y, kwargs = _with_kwargs(output)
        examples = self._batch_size(y)
        if not examples:  # nothing has no mean
            return
        mean = self._loss_fn(y_pred, y, **kwargs)
        if not isinstance(mean, TensorBase) or mean.array.ndim:
            raise ValueError(
                f"Loss: loss_fn did not return the average loss, a tensor without dims, but {_described(mean)}"
            )
        self._add(as_sum(mean.array) * examples, examples)

    def _from_mapping(self, output: Mapping[str, Any]) -> tuple[Any, ...]:
        return super()._from_mapping({"criterion_kwargs": {}, **output})


def _with_kwargs(output: Any) -> tuple[Any, Any, Any]:
    if not isinstance(output, (tuple, list)):
        raise TypeError(f"Loss: wanted the output (y_pred, y), met {type(output).__name__}; pass an output_transform")
    if len(output) not in (2, 3):
        raise ValueError(f"Loss: wanted the output (y_pred, y) or (y_pred, y, kwargs), met {len(output)} items")
    return output[0], output[1], output[2] if len(output) == 3 else {}


def _described(value: Any) -> str:
    return f"one of shape {value.array.shape}" if isinstance(value, TensorBase) else repr(value)
