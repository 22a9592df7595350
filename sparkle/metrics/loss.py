"""The mean of a loss function over examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.tensor.base import TensorBase
from .arrays import number
from .exceptions import NotComputableError
from .metric import Metric, same


class Loss(Metric):
    """The mean of loss_fn(y_pred, y) over batches, weighted by their sizes.

    loss_fn returns the mean over a batch, a tensor without dims; the output may be (y_pred, y, kwargs) with arguments
    for it. batch_size: from y_pred's first row of dims to the number of examples. Raises ValueError where loss_fn returns
    no mean.

    >>> import sparkle
    >>> loss = Loss(sparkle.nn.functional.mse_loss)
    >>> loss.update((sparkle.zeros(2), sparkle.ones(2)))
    >>> loss.compute()
    1.0
    """

    required_output_keys = ("y_pred", "y", "criterion_kwargs")
    _state_dict_all_req_keys = ("_sum", "_num_examples")

    def __init__(
        self,
        loss_fn: Callable[..., Any],
        output_transform: Callable[[Any], Any] = same,
        batch_size: Callable[[Any], int] = len,
        device: Any = "cpu",
        skip_unrolling: bool = False,
    ) -> None:
        self._loss_fn, self._batch_size = loss_fn, batch_size
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        self._sum: Any = 0.0
        self._num_examples = 0

    def update(self, output: Any) -> None:
        y_pred, y, *rest = output
        mean = self._loss_fn(y_pred, y, **(rest[0] if rest else {}))
        if not isinstance(mean, TensorBase) or mean.array.ndim:
            raise ValueError(
                f"Loss: loss_fn did not return the average loss, a tensor without dims, but {_described(mean)}"
            )
        n = self._batch_size(y)
        self._sum = self._sum + mean.array.astype("float64") * n
        self._num_examples += n

    def compute(self) -> float:
        if self._num_examples == 0:
            raise NotComputableError("Loss must have at least one example before it can be computed.")
        return number(self._sum) / self._num_examples

    def _from_mapping(self, output: Any) -> tuple[Any, ...]:
        keys = ("y_pred", "y")
        missing = [key for key in keys if key not in output]
        if missing:
            raise ValueError(f"Loss: the output should contain {self.required_output_keys}, given {list(output)} misses {missing}")
        return output["y_pred"], output["y"], output.get("criterion_kwargs", {})


def _described(value: Any) -> str:
    return f"one of shape {tuple(value.array.shape)}" if isinstance(value, TensorBase) else repr(value)
