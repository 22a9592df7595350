"""Power-average and fractional pooling layers; the functions of `sparkle.nn.functional` say what they compute."""

from __future__ import annotations

from typing import Any

from .. import functional as F
from ..base.module import Module


class _LPPool(Module):
    def __init__(self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> None:
        super().__init__()
        self.norm_type, self.kernel_size, self.stride, self.ceil_mode = norm_type, kernel_size, stride, ceil_mode

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPool):
    """The norm_type-norm of each window over the last dim, see `F.lp_pool1d`."""

    def forward(self, input: Any) -> Any:
        """`F.lp_pool1d`"""
        return F.lp_pool1d(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)


class LPPool2d(_LPPool):
    """The norm_type-norm of each window over the last two dims, see `F.lp_pool2d`."""

    def forward(self, input: Any) -> Any:
        """`F.lp_pool2d`"""
        return F.lp_pool2d(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)


class LPPool3d(_LPPool):
    """The norm_type-norm of each window over the last three dims, see `F.lp_pool3d`."""

    def forward(self, input: Any) -> Any:
        """`F.lp_pool3d`"""
        return F.lp_pool3d(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)


class _FractionalMaxPool(Module):
    dims = 0

    def __init__(
        self,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Any = None,
    ) -> None:
        super().__init__()
        self.kernel_size, self.return_indices = self._all(kernel_size), return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = None if output_size is None else self._all(output_size)
        self.output_ratio = None if output_ratio is None else self._all(output_ratio)
        name = type(self).__name__
        if (output_size is None) == (output_ratio is None):
            wanted = "requires specifying either" if output_size is None else "takes only one of"
            raise ValueError(f"{name} {wanted} an output size, or a pooling ratio")
        if self.output_ratio is not None and not all(0 < ratio < 1 for ratio in self.output_ratio):
            raise ValueError(f"{name}: output_ratio must be between 0 and 1 (got {output_ratio})")

    def _all(self, value: Any) -> tuple[Any, ...]:
        return tuple(value) if isinstance(value, (tuple, list)) else (value,) * self.dims

    def _arguments(self) -> tuple[Any, ...]:
        wanted = (self.kernel_size, self.output_size, self.output_ratio)
        return (*wanted, self.return_indices, self._random_samples)


class FractionalMaxPool2d(_FractionalMaxPool):
    """The largest elements of randomly placed windows over the last two dims, see `F.fractional_max_pool2d`."""

    dims = 2

    def forward(self, input: Any) -> Any:
        """`F.fractional_max_pool2d`"""
        return F.fractional_max_pool2d(input, *self._arguments())


class FractionalMaxPool3d(_FractionalMaxPool):
    """The largest elements of randomly placed windows over the last three dims, see `F.fractional_max_pool3d`."""

    dims = 3

    def forward(self, input: Any) -> Any:
        """`F.fractional_max_pool3d`"""
        return F.fractional_max_pool3d(input, *self._arguments())
