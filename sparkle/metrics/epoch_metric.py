"""Metrics that need all outputs at once."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ..core.backend import library
from ..core.tensor.base import wrap
from .arrays import pair
from .exceptions import check_seen
from .metric import Metric, same


class EpochMetricWarning(UserWarning):
    """compute_fn failed on the first batch."""


def try_on_first_batch(compute: Callable[[], Any]) -> None:
    """Call, and warn if that fails: it may fail at the end of the epoch as well."""
    try:
        compute()
    except Exception as error:
        warnings.warn(
            f"Probably, there can be a problem with `compute_fn`:\n {error}.", EpochMetricWarning, stacklevel=3
        )


class EpochMetric(Metric):
    """compute_fn(y_pred, y) of all outputs of an epoch, joined; for scores that have no sum over batches.

    y_pred and y are tensors (N,) or (N, n); (N, 1) becomes (N,). They are copied and kept until the next reset, so the
    memory that this takes grows with the data. check_compute_fn: call compute_fn with the first batch already, and warn
    (EpochMetricWarning) if it fails. Raises TypeError where compute_fn is none, ValueError for other shapes, and for
    another dtype than before.

    >>> import sparkle
    >>> metric = EpochMetric(lambda y_pred, y: (y_pred - y).abs().median().item())
    >>> metric.update((sparkle.tensor([1.0, 2.0]), sparkle.tensor([1.0, 4.0])))
    >>> metric.update((sparkle.tensor([5.0]), sparkle.tensor([4.0])))
    >>> metric.compute()
    1.0
    """

    _state_dict_all_req_keys = ("_predictions", "_targets")

    def __init__(
        self,
        compute_fn: Callable[[Any, Any], Any],
        output_transform: Callable[[Any], Any] = same,
        check_compute_fn: bool = True,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        if not callable(compute_fn):
            raise TypeError(f"Argument compute_fn should be callable, got {compute_fn!r}")
        self.compute_fn, self._check_compute_fn = compute_fn, check_compute_fn
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        self._predictions: list[Any] = []
        self._targets: list[Any] = []
        self._result: Any = None
        self._doubts = None

    def update(self, output: Any) -> None:
        y_pred, y = (self._column(array, name) for array, name in zip(pair(output, self), ("y_pred", "y"), strict=True))
        self._check_type(y_pred, self._predictions, "y_pred and stored predictions")
        self._check_type(y, self._targets, "y and stored targets")
        self._predictions.append(wrap(self._keep(y_pred.copy())))
        self._targets.append(wrap(self._keep(y.copy())))
        self._result = None
        if self._check_compute_fn and len(self._predictions) == 1:
            try_on_first_batch(lambda: self.compute_fn(self._predictions[0], self._targets[0]))

    def _column(self, array: Any, name: str) -> Any:
        if array.ndim not in (1, 2):
            raise ValueError(
                f"{type(self).__name__}: {name} should be of shape (batch_size, n_targets) or (batch_size,), got "
                f"{array.shape}"
            )
        return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array

    def _check_type(self, array: Any, kept: list[Any], what: str) -> None:
        if kept and kept[-1].array.dtype != array.dtype:
            raise ValueError(
                f"{type(self).__name__}: Incoherent types between input {what}: {array.dtype} vs {kept[-1].array.dtype}"
            )

    def compute(self) -> Any:
        check_seen(self, sum(len(y.array) for y in self._targets))
        if self._result is None:
            self._result = self.compute_fn(*self._all())
        return self._result

    def _all(self) -> tuple[Any, Any]:
        """All y_pred and all y; kept as one from here on."""
        for kept in (self._predictions, self._targets):
            if len(kept) > 1:
                kept[:] = [wrap(library(kept[0].array).concatenate([x.array for x in kept]))]
        return self._predictions[0], self._targets[0]
