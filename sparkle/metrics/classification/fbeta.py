"""The F-score."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core.tensor.base import TensorBase
from ..metric import MetricsLambda, same
from .precision_recall import Precision, Recall

EPS = 1e-15  # keeps 0 / 0 at 0


def Fbeta(
    beta: float,
    average: bool = True,
    precision: Precision | None = None,
    recall: Recall | None = None,
    output_transform: Callable[[Any], Any] | None = None,
    device: Any = None,
) -> MetricsLambda:
    """The metric (1 + beta^2) * precision * recall / (beta^2 * precision + recall), by class.

    beta: how much more recall counts than precision. average: True for the mean over classes, a number; False for one
    value a class, a tensor, or for binary data a number. precision, recall: metrics with average=False to compute it
    from, made of output_transform and device where they are None. Raises ValueError for other arguments.

    >>> import sparkle
    >>> f1 = Fbeta(beta=1.0)
    >>> f1.update((sparkle.tensor([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]), sparkle.tensor([0, 1, 1])))
    >>> round(f1.compute(), 4)
    0.6667
    """
    if not beta > 0:
        raise ValueError(f"Beta should be a positive integer, but given {beta}")
    for name, given in (("precision", precision), ("recall", recall)):
        if given is not None and output_transform is not None:
            raise ValueError(f"If {name} argument is provided, output_transform should be None")
        if given is not None and device is not None:
            raise ValueError(f"If {name} argument is provided, device should be None")
        if given is not None and given._average:
            raise ValueError(f"Input {name} metric should have average=False, got {given._average!r}")
    precision = precision or Precision(output_transform or same, average=False, device=_device(recall, device))
    recall = recall or Recall(output_transform or same, average=False, device=_device(precision, device))
    return MetricsLambda(_mean_fbeta if average else fbeta, precision, recall, beta)


def _device(other: Any, device: Any) -> Any:
    return device if other is None else other._device


def fbeta(precision: Any, recall: Any, beta: float) -> Any:
    """The F-scores of precisions and recalls, numbers, arrays or tensors."""
    return (1.0 + beta**2) * precision * recall / (beta**2 * precision + recall + EPS)


def _mean_fbeta(precision: Any, recall: Any, beta: float) -> float:
    score = fbeta(precision, recall, beta)
    return float(score.array.mean()) if isinstance(score, TensorBase) else score
