"""Tests of distributions with Gaussian kernels: independence (HSIC) and equality (MMD)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...core.backend import library
from ..arrays import flat_rows, pair
from ..exceptions import check_seen
from ..metric import Metric, same
from ..quiet import quiet


def squared_distances(x: Any, y: Any) -> Any:
    """|x_i - y_j|^2 of rows (n, d) and (m, d), (n, m); at least 0."""
    xp = library(x)
    with quiet():
        return xp.maximum((x * x).sum(axis=1)[:, None] + (y * y).sum(axis=1) - 2 * (x @ y.T), 0.0)


def gaussian(distances: Any, variance: Any) -> Any:
    """exp(-d / 2v); 1 at distance 0, also where v is 0."""
    xp = library(distances)
    same_place = distances == 0
    with quiet():
        return xp.exp(-0.5 * xp.where(same_place, 0.0, distances / xp.where(same_place, 1.0, variance)))


def _centered(x: Any) -> Any:
    """Rows in float64 less their mean: distances stay what they are, and lose no digits to a common offset."""
    x = flat_rows(x)
    with quiet():
        return x - x.mean(axis=0)


class HSIC(Metric):
    """The Hilbert-Schmidt independence criterion of y_pred and y, its unbiased estimate, averaged over batches.

    Near 0 where both are independent. y_pred (B, ...) and y (B, ...), each made flat; their sizes may differ. sigma_x,
    sigma_y: widths of the Gaussian kernels, the median distance in the batch where negative. A batch of fewer than four
    examples is left out, or (ignore_invalid_batch=False) raises ValueError. Something constant is independent of all.
    Song et al., "Feature selection via dependence maximization", 2012.

    >>> import sparkle
    >>> hsic = HSIC()
    >>> x = sparkle.arange(8.0).reshape(8, 1)
    >>> hsic.update((x, x))
    >>> round(hsic.compute(), 3)
    0.12
    """

    _state_dict_all_req_keys = ("_sum_of_hsic", "_num_batches")

    def __init__(
        self,
        sigma_x: float = -1,
        sigma_y: float = -1,
        ignore_invalid_batch: bool = True,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        self.sigma_x, self.sigma_y, self.ignore_invalid_batch = sigma_x, sigma_y, ignore_invalid_batch
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        self._sum_of_hsic: Any = 0.0
        self._num_batches = 0

    def update(self, output: Any) -> None:
        x, y = pair(output, self)
        if x.ndim < 2 or y.ndim < 2 or len(x) != len(y):
            raise ValueError(f"HSIC: wanted (B, ...) and (B, ...), got {x.shape} and {y.shape}")
        b = len(x)
        if b < 4:
            if self.ignore_invalid_batch:
                return
            raise ValueError(f"HSIC: A batch must contain at least four samples, got only {b} samples.")
        k, l = _kernel(x, self.sigma_x), _kernel(y, self.sigma_y)  # noqa: E741
        products = k @ l
        trace = products.trace() + k.sum() * l.sum() / ((b - 1) * (b - 2)) - 2 * products.sum() / (b - 2)
        value = trace / (b * (b - 3))
        self._sum_of_hsic = self._sum_of_hsic + self._keep(library(value).maximum(value, 0.0))
        self._num_batches += 1

    def compute(self) -> float:
        check_seen(self, self._num_batches)
        return float(self._sum_of_hsic) / self._num_batches


def _kernel(x: Any, sigma: float) -> Any:
    x = _centered(x)
    xp = library(x)
    distances = squared_distances(x, x)
    diagonal = xp.eye(len(x), dtype=bool)
    distances = xp.where(diagonal, 0.0, distances)
    variance = xp.median(distances) if sigma < 0 else sigma**2
    return xp.where(diagonal, 0.0, gaussian(distances, variance))


class MaximumMeanDiscrepancy(Metric):
    """How far two samples' distributions are apart: the root of the mean over batches of the squared discrepancy.

    y_pred and y are (B, ...) of one shape, B > 1, each made flat; the kernel is Gaussian of variance var; the squared
    discrepancy of a batch is E k(x, x') + E k(y, y') - 2 E k(x, y), x and x' different. Raises ValueError for other
    shapes. Gretton et al., "A kernel two-sample test", 2012.

    >>> import sparkle
    >>> discrepancy = MaximumMeanDiscrepancy()
    >>> discrepancy.update((sparkle.zeros(3, 2), sparkle.full((3, 2), 9.0)))
    >>> round(discrepancy.compute(), 4)
    1.4142
    """

    _state_dict_all_req_keys = ("_xx_sum", "_yy_sum", "_xy_sum", "_num_batches")

    def __init__(
        self,
        var: float = 1.0,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        self.var = var
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        self._xx_sum: Any = 0.0
        self._yy_sum: Any = 0.0
        self._xy_sum: Any = 0.0
        self._num_batches = 0

    def update(self, output: Any) -> None:
        x, y = pair(output, self)
        if x.shape != y.shape:
            raise ValueError(f"MaximumMeanDiscrepancy: x and y must be in the same shape, got {x.shape} != {y.shape}.")
        if x.ndim < 2 or len(x) == 1:
            raise ValueError(f"MaximumMeanDiscrepancy: x must be in the shape of (B, ...), B > 1, got {x.shape}.")
        n = len(x)
        if not n:
            return
        xy = _centered(library(x).concatenate([x, y]))
        kernel = gaussian(squared_distances(xy, xy), self.var)
        within = n * (n - 1)
        self._xx_sum = self._xx_sum + self._keep((kernel[:n, :n].sum() - kernel[:n, :n].trace()) / within)
        self._yy_sum = self._yy_sum + self._keep((kernel[n:, n:].sum() - kernel[n:, n:].trace()) / within)
        self._xy_sum = self._xy_sum + self._keep(kernel[:n, n:].mean())
        self._num_batches += 1

    def compute(self) -> float:
        check_seen(self, self._num_batches)
        squared = float(self._xx_sum + self._yy_sum - 2.0 * self._xy_sum) / self._num_batches
        return math.sqrt(squared) if not squared < 0 else 0.0
