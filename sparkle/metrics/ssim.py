"""The structural similarity of images and volumes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import numpy

from ..core.backend import library
from .arrays import pair
from .mean import MeanOverExamples
from .metric import same
from .psnr import check_alike
from .quiet import quiet


class SSIM(MeanOverExamples):
    """The mean over examples of the structural similarity index (Wang et al. 2004), -1 to 1, in float64.

    data_range: the largest possible difference, such as 255 or 1. kernel_size: of the windows in which means, variances
    and covariances are taken, odd; with gaussian they are weighted by a normal distribution with sigma, else evenly.
    Both may be sequences, one for each of the last ndims dims. k1, k2: what keeps denominators from 0, in parts of
    data_range. y_pred and y are (N, C, H, W), with ndims=3 (N, C, D, H, W), of one type, and are mirrored at the edge.

    Raises TypeError for different types, ValueError for other shapes and arguments.

    >>> import sparkle
    >>> ssim = SSIM(data_range=1.0)
    >>> images = sparkle.rand(2, 3, 16, 16)
    >>> ssim.update((images, images))
    >>> round(ssim.compute(), 9)
    1.0
    """

    def __init__(
        self,
        data_range: float,
        kernel_size: int | Sequence[int] = 11,
        sigma: float | Sequence[float] = 1.5,
        k1: float = 0.01,
        k2: float = 0.03,
        gaussian: bool = True,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
        ndims: int = 2,
    ) -> None:
        if ndims not in (2, 3):
            raise ValueError(f"Expected ndims to be 2 or 3. Got {ndims}.")
        self.ndims, self.data_range, self.gaussian = ndims, data_range, gaussian
        self.kernel_size = _for_each_dim(kernel_size, ndims, "kernel_size", int)
        self.sigma = _for_each_dim(sigma, ndims, "sigma", Real)
        if any(size % 2 == 0 or size <= 0 for size in self.kernel_size):
            raise ValueError(f"Expected kernel_size to have odd positive number. Got {kernel_size}.")
        if any(not x > 0 for x in self.sigma):
            raise ValueError(f"Expected sigma to have positive number. Got {sigma}.")
        self.c1, self.c2 = (k1 * data_range) ** 2, (k2 * data_range) ** 2
        super().__init__(output_transform, device, skip_unrolling)

    def update(self, output: Any) -> None:
        y_pred, y = pair(output, self)
        check_alike(y_pred, y, "SSIM")
        self._check_shape(y.shape)
        if not y.size:
            return
        with quiet():
            index = self._index(self._padded(y_pred), self._padded(y))
            self._add(index.reshape(len(y), -1).mean(axis=1).sum(), len(y))

    def _check_shape(self, shape: tuple[int, ...]) -> None:
        if len(shape) - 2 != self.ndims:
            raise ValueError(f"SSIM: Expected y_pred and y to have BxCxHxW or BxCxDxHxW shape. Got {shape}.")
        if any(size // 2 >= length for size, length in zip(self.kernel_size, shape[2:], strict=True)):
            raise ValueError(
                f"SSIM: kernel_size {self.kernel_size} needs more than half as many pixels in each dim to mirror, got "
                f"{shape}"
            )

    def _padded(self, x: Any) -> Any:
        edges = [(0, 0), (0, 0), *((size // 2, size // 2) for size in self.kernel_size)]
        return library(x).pad(x.astype("float64"), edges, mode="reflect")

    def _index(self, x: Any, y: Any) -> Any:
        """The index at each pixel."""
        level = y.mean(axis=tuple(range(1, y.ndim)), keepdims=True)  # variances are differences: keep both parts small
        x, y = x - level, y - level
        mean_x, mean_y = self._mean(x), self._mean(y)
        variances = self._mean(x * x) - mean_x**2 + self._mean(y * y) - mean_y**2
        covariance = self._mean(x * y) - mean_x * mean_y
        mean_x, mean_y = mean_x + level, mean_y + level
        above = (2 * mean_x * mean_y + self.c1) * (2 * covariance + self.c2)
        return above / ((mean_x**2 + mean_y**2 + self.c1) * (variances + self.c2))

    def _mean(self, x: Any) -> Any:
        """Weighted, in the window about each pixel: one dim after the other, one weight after the other."""
        for axis, (size, sigma) in enumerate(zip(self.kernel_size, self.sigma, strict=True), start=2):
            x = library(x).moveaxis(x, axis, 0)
            length = len(x) - size + 1
            x = sum(weight * x[i : i + length] for i, weight in enumerate(self._weights(size, sigma)))
            x = library(x).moveaxis(x, 0, axis)
        return x

    def _weights(self, size: int, sigma: float) -> list[float]:
        distances = numpy.arange(size) - size // 2
        weights = numpy.exp(-0.5 * (distances / sigma) ** 2) if self.gaussian else numpy.ones(size)
        return (weights / weights.sum()).tolist()


def _for_each_dim(value: Any, ndims: int, name: str, kind: type) -> tuple[Any, ...]:
    if isinstance(value, kind):
        return (value,) * ndims
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(f"Argument {name} should be either a number or a sequence of length {ndims}, got {value!r}")
    if len(value) != ndims:
        raise ValueError(f"Expected {name} to have length of {ndims}. Got {len(value)}.")
    return tuple(value)
