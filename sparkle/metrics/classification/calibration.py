"""How far predicted probabilities can be trusted."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...core.backend import library, to_numpy
from ...core.tensor.base import wrap
from ..arrays import count, pair, rows_by_class
from ..exceptions import check_seen
from ..mean import MeanOverExamples
from ..metric import Metric, same


def _checked(metric: Metric, output: Any) -> tuple[Any, Any]:
    """Probabilities (n,) and zeros and ones (n,), or (n, C) and class numbers (n,); ValueError for others."""
    p, y = pair(output, metric)
    if p.ndim == y.ndim + 1 and p.ndim > 1 and p.shape[1] == 1:
        p = p.reshape(y.shape) if p.size == y.size else p
    if p.shape == y.shape:
        metric._demand(((y == 0) | (y == 1)).all(), "y must be comprised of 0's and 1's")
        p, y = p.reshape(-1), y.reshape(-1)
    elif p.ndim == y.ndim + 1 and (p.shape[0], *p.shape[2:]) == y.shape:
        classes = p.shape[1]
        metric._demand(((y >= 0) & (y < classes)).all(), f"y must be one of 0..{classes - 1}, the classes of y_pred")
        p, y = rows_by_class(p), y.reshape(-1)
    else:
        raise ValueError(
            f"{type(metric).__name__}: wanted probabilities (N, ...) beside zeros and ones (N, ...), or (N, C, ...) "
            f"beside class numbers (N, ...); got {p.shape} and {y.shape}"
        )
    p = p.astype("float64")
    metric._demand((((p >= 0) & (p <= 1)) | (p != p)).all(), "y_pred must be probabilities, between 0 and 1")
    return p, y


class BrierScore(MeanOverExamples):
    """The mean squared distance of predicted probabilities to what came true; 0 is best.

    y_pred are probabilities: (N, ...) of the label 1 beside y (N, ...), zeros and ones, which gives the mean of
    (p - y)^2; or (N, C, ...) beside class numbers (N, ...), which gives that of sum_c (p_c - [y = c])^2.
    scale_by_half: halve the latter, so that it too lies in [0, 1]. Raises ValueError for other shapes and values; nan
    makes the value nan. Brier, "Verification of forecasts expressed in terms of probability", 1950.

    >>> import sparkle
    >>> score = BrierScore()
    >>> score.update((sparkle.tensor([0.5, 1.0]), sparkle.tensor([1, 1])))
    >>> score.compute()
    0.125
    """

    def __init__(
        self,
        scale_by_half: bool = False,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        self._scale_by_half = scale_by_half
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        super().reset()
        self._doubts = None

    def update(self, output: Any) -> None:
        p, y = _checked(self, output)
        if p.ndim == 1:
            errors = (p - y) ** 2
        else:
            errors = (p - (library(y).arange(p.shape[1]) == y[:, None])) ** 2
            errors = errors / 2 if self._scale_by_half else errors
        self._add(errors.sum(), len(y))


class ExpectedCalibrationError(Metric):
    """How far confidence and accuracy are apart: sum over bins of their share of examples * |accuracy - confidence|.

    n_bins: of equal width, ((i - 1) / n, i / n] and 0 in the first. norm: "l1" for that sum, "l2" for the root of the
    sum of share * difference^2, "max" for the largest difference. y_pred are probabilities: (N, C, ...) beside class
    numbers (N, ...): the confidence is the largest, its class is right or wrong; or (N, ...) of the label 1, beside y
    (N, ...), zeros and ones: the confidence is this probability, and the accuracy how often y is 1. Raises ValueError
    for other arguments, shapes and values; nan makes the value nan. Guo et al., "On calibration of modern neural
    networks", 2017.

    >>> import sparkle
    >>> error = ExpectedCalibrationError(n_bins=10)
    >>> error.update((sparkle.tensor([0.75, 0.75, 0.75, 0.75]), sparkle.tensor([1, 1, 0, 0])))
    >>> error.compute()
    0.25
    """

    _state_dict_all_req_keys = ("_counts", "_right", "_confidence")

    def __init__(
        self,
        n_bins: int = 15,
        norm: str = "l1",
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        if n_bins < 1:
            raise ValueError(f"Argument n_bins should be at least 1, got {n_bins}")
        if norm not in ("l1", "l2", "max"):
            raise ValueError(f"Argument norm should be one of 'l1', 'l2', 'max', got {norm!r}")
        self.n_bins, self.norm = n_bins, norm
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        # By bin, and in the last cell those that are nan: how many, how many were right, the sum of their confidences.
        self._counts: Any = None
        self._right: Any = None
        self._confidence: Any = None
        self._doubts = None

    def update(self, output: Any) -> None:
        p, y = _checked(self, output)
        confidence, right = (p, y == 1) if p.ndim == 1 else (p.max(axis=1), p.argmax(axis=1) == y)
        xp, cells = library(p), self.n_bins + 1
        bins = xp.clip(xp.ceil(confidence * self.n_bins) - 1, 0, self.n_bins - 1)
        bins = xp.where(confidence == confidence, bins, self.n_bins).astype(xp.int64)
        sums = (xp.arange(cells)[:, None] == bins) @ xp.where(confidence == confidence, confidence, 0.0)
        counts = count(bins * 2 + right, 2 * cells).reshape(cells, 2)
        added = {"_counts": counts.sum(axis=1), "_right": counts[:, 1], "_confidence": sums}
        for name, array in added.items():
            held = getattr(self, name)
            setattr(self, name, wrap(self._keep(array)) if held is None else held + wrap(self._keep(array)))

    def compute(self) -> float:
        check_seen(self, 0 if self._counts is None else int(self._counts.array.sum()))
        counts, right, confidence = (to_numpy(x.array) for x in (self._counts, self._right, self._confidence))
        if counts[-1]:
            return math.nan
        used = counts > 0
        share = counts[used] / counts.sum()
        gaps = abs(right[used] - confidence[used]) / counts[used]
        if self.norm == "max":
            return float(gaps.max())
        return float(share @ gaps) if self.norm == "l1" else math.sqrt(float(share @ gaps**2))
