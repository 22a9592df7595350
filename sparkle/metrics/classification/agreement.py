"""How far two labelings agree beyond chance: Cohen's kappa and the correlation coefficient of Matthews."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from ...core.backend import library, to_numpy
from ...core.tensor.base import wrap
from ..arrays import pair
from ..epoch_metric import try_on_first_batch
from ..exceptions import check_seen
from ..metric import Metric, same
from ..sharing import count_pairs


class Agreement(Metric):
    """Base of scores that are computed from a confusion matrix of two labelings.

    num_classes: the labels are 0..num_classes-1, and only their counts are kept (ValueError for others). None: labels
    are any integers, all of which are kept until the next reset. check_compute_fn: compute the score of the first batch
    already, and warn (EpochMetricWarning) if that fails. Raises ValueError for labels that are no whole numbers.
    """

    _state_dict_all_req_keys = ("_counts", "_predictions", "_targets")

    def __init__(
        self,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
        num_classes: int | None = None,
        check_compute_fn: bool = False,
    ) -> None:
        if num_classes is not None and num_classes <= 1:
            raise ValueError(f"Argument num_classes needs to be > 1, got {num_classes}")
        self._num_classes, self._check_compute_fn = num_classes, check_compute_fn
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        self._counts: Any = None  # and a last cell that stays 0
        self._predictions: list[Any] = []
        self._targets: list[Any] = []
        self._doubts = None

    @abstractmethod
    def _labels(self, y_pred: Any, y: Any) -> tuple[Any, Any]:
        """Class numbers (N,) of what `update` is given."""

    @abstractmethod
    def _score(self, matrix: Any, labels: Any) -> float:
        """The score from the counts (C, C), float64, rows for the true labels; labels (C,) are what they are named."""

    def update(self, output: Any) -> None:
        y_pred, y = self._labels(*pair(output, self))
        if y_pred.shape != y.shape:
            raise ValueError(f"{type(self).__name__}: y_pred has {y_pred.shape} labels, y has {y.shape}")
        y_pred, y = (self._whole(x) for x in (y_pred, y))
        first = not self._targets and self._counts is None
        if self._num_classes is None:
            self._predictions.append(wrap(self._keep(y_pred)))
            self._targets.append(wrap(self._keep(y)))
        elif y.size:
            self._count(y_pred, y, self._num_classes)
        if first and self._check_compute_fn:
            try_on_first_batch(self.compute)

    def _whole(self, labels: Any) -> Any:
        whole = labels.astype("int64")  # a copy: the outputs' memory may be written to later
        if labels.dtype.kind == "f":
            self._demand((whole == labels).all(), "labels should be whole numbers")
        return whole

    def _count(self, y_pred: Any, y: Any, classes: int) -> None:
        known = ((y >= 0) & (y < classes) & (y_pred >= 0) & (y_pred < classes)).all()
        self._demand(known, f"labels should be in 0..{classes - 1}, num_classes is {classes}")
        counts = wrap(self._keep(count_pairs(y_pred, y, classes)))
        self._counts = counts if self._counts is None else self._counts + counts

    def compute(self) -> float:
        if self._num_classes is None:
            return self._score(*self._matrix_of_all())
        check_seen(self, self._counts is not None)
        matrix = to_numpy(self._counts.array)[:-1].reshape(self._num_classes, -1).astype("float64")
        return self._score(matrix, library(matrix).arange(self._num_classes))

    def _matrix_of_all(self) -> tuple[Any, Any]:
        check_seen(self, sum(len(y.array) for y in self._targets))
        xp = library(self._targets[0].array)
        labels = xp.concatenate([x.array for x in self._predictions + self._targets])
        names, places = xp.unique(labels, return_inverse=True)
        predicted, true = xp.split(places.reshape(-1), 2)
        classes = len(names)
        matrix = to_numpy(count_pairs(predicted, true, classes))[:-1].reshape(classes, classes)
        return matrix.astype("float64"), to_numpy(names)


class CohenKappa(Agreement):
    """(observed - expected agreement) / (1 - expected agreement), the latter by chance.

    weights: None: labels agree or not; "linear", "quadratic": disagreement grows with the distance of the labels, or
    its square. y_pred and y are class numbers (N,) or (N, 1). num_classes: see `Agreement`. nan where both hold the
    same single label: the ratio is 0 / 0. Raises ValueError for other weights and shapes. Cohen, "A coefficient of
    agreement for nominal scales", 1960.

    >>> import sparkle
    >>> kappa = CohenKappa(num_classes=2)
    >>> kappa.update((sparkle.tensor([1, 1, 0, 0]), sparkle.tensor([1, 1, 1, 0])))
    >>> kappa.compute()
    0.5
    """

    def __init__(
        self,
        output_transform: Callable[[Any], Any] = same,
        weights: str | None = None,
        check_compute_fn: bool = False,
        device: Any = None,
        skip_unrolling: bool = False,
        num_classes: int | None = None,
    ) -> None:
        if weights not in (None, "linear", "quadratic"):
            raise ValueError(f"Kappa Weighting type must be None or linear or quadratic, got {weights!r}")
        self.weights = weights
        super().__init__(output_transform, device, skip_unrolling, num_classes, check_compute_fn)

    def _labels(self, y_pred: Any, y: Any) -> tuple[Any, Any]:
        columns = [x[:, 0] if x.ndim == 2 and x.shape[1] == 1 else x for x in (y_pred, y)]
        if any(x.ndim != 1 for x in columns):
            raise ValueError(
                f"CohenKappa: multilabel-indicator is not supported: y_pred is {y_pred.shape}, y is {y.shape}, wanted "
                "(N,) or (N, 1)"
            )
        return columns[0], columns[1]

    def _score(self, matrix: Any, labels: Any) -> float:
        distance = abs(labels[:, None] - labels[None, :]).astype("float64")
        weight = distance**2 if self.weights == "quadratic" else distance if self.weights else distance != 0
        expected = matrix.sum(axis=1)[:, None] * matrix.sum(axis=0)[None, :] / matrix.sum()
        disagreement = float((weight * expected).sum())
        return 1 - float((weight * matrix).sum()) / disagreement if disagreement else math.nan


class MatthewsCorrCoef(Agreement):
    """The correlation of predicted and true classes, for two classes the phi coefficient; 0 where one does not vary.

    y_pred: class numbers (N,) or scores (N, C); y: class numbers (N,), or (N, C) of which the greatest counts, then
    y_pred must be (N, C) as well (ValueError). (N, 1) is taken as (N,). num_classes: see `Agreement`. Gorodkin,
    "Comparing two K-category assignments by a K-category correlation coefficient", 2004.

    >>> import sparkle
    >>> correlation = MatthewsCorrCoef()
    >>> correlation.update((sparkle.tensor([1, 1, 0, 0]), sparkle.tensor([1, 1, 1, 0])))
    >>> round(correlation.compute(), 4)
    0.5774
    """

    def __init__(
        self,
        output_transform: Callable[[Any], Any] = same,
        check_compute_fn: bool = False,
        device: Any = None,
        skip_unrolling: bool = False,
        num_classes: int | None = None,
    ) -> None:
        super().__init__(output_transform, device, skip_unrolling, num_classes, check_compute_fn)

    def _labels(self, y_pred: Any, y: Any) -> tuple[Any, Any]:
        y_pred, y = (x[:, 0] if x.ndim == 2 and x.shape[1] == 1 else x for x in (y_pred, y))
        if y_pred.ndim not in (1, 2) or y.ndim not in (1, 2):
            raise ValueError(f"MatthewsCorrCoef: wanted (N,) or (N, C), got y_pred {y_pred.shape} and y {y.shape}")
        if y_pred.ndim == 1 and y.ndim == 2:
            raise ValueError(f"MatthewsCorrCoef: y_pred is {y_pred.shape} while y is {y.shape}: wanted scores for both")
        return tuple(x.argmax(axis=1) if x.ndim == 2 else x for x in (y_pred, y))  # type: ignore[return-value]

    def _score(self, matrix: Any, labels: Any) -> float:
        true, predicted, total = matrix.sum(axis=1), matrix.sum(axis=0), matrix.sum()
        covariance = matrix.trace() * total - true @ predicted
        spread = float(total**2 - true @ true) * float(total**2 - predicted @ predicted)
        return float(covariance) / math.sqrt(spread) if spread else 0.0


def matthews_corrcoef_compute_fn(y_preds: Any, y_targets: Any) -> float:
    """The score of `MatthewsCorrCoef` for two tensors."""
    correlation = MatthewsCorrCoef()
    correlation.update((y_preds, y_targets))
    return correlation.compute()
