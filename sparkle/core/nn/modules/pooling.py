"""Pooling layers; the functions of `sparkle.nn.functional` say what they compute."""

from __future__ import annotations

from typing import Any

from .. import functional as F
from ..base.module import Module


class _MaxPool(Module):
    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def _arguments(self) -> tuple[Any, ...]:
        return self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, dilation={self.dilation}, "
            f"ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    """The largest element of each window over the last dim, see `F.max_pool1d`; its place too if asked."""

    def forward(self, input: Any) -> Any:
        """`F.max_pool1d`"""
        return F.max_pool1d(input, *self._arguments())


class MaxPool2d(_MaxPool):
    """The largest element of each window over the last two dims, see `F.max_pool2d`; also its place, if asked."""

    def forward(self, input: Any) -> Any:
        """`F.max_pool2d`"""
        return F.max_pool2d(input, *self._arguments())


class MaxPool3d(_MaxPool):
    """The largest element of each window over the last three dims, see `F.max_pool3d`; its place too if asked."""

    def forward(self, input: Any) -> Any:
        """`F.max_pool3d`"""
        return F.max_pool3d(input, *self._arguments())


class _MaxUnpool(Module):
    dims = 0

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        stride = kernel_size if stride is None else stride
        self.kernel_size, self.stride, self.padding = (
            tuple(value) if isinstance(value, (tuple, list)) else (value,) * self.dims
            for value in (kernel_size, stride, padding)
        )

    def extra_repr(self) -> str:
        """The arguments."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    """The elements that `MaxPool1d` took, back in their places among zeros, see `F.max_unpool1d`."""

    dims = 1

    def forward(self, input: Any, indices: Any, output_size: Any = None) -> Any:
        """`F.max_unpool1d`"""
        return F.max_unpool1d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool2d(_MaxUnpool):
    """The elements that `MaxPool2d` took, back in their places among zeros, see `F.max_unpool2d`."""

    dims = 2

    def forward(self, input: Any, indices: Any, output_size: Any = None) -> Any:
        """`F.max_unpool2d`"""
        return F.max_unpool2d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool3d(_MaxUnpool):
    """The elements that `MaxPool3d` took, back in their places among zeros, see `F.max_unpool3d`."""

    dims = 3

    def forward(self, input: Any, indices: Any, output_size: Any = None) -> Any:
        """`F.max_unpool3d`"""
        return F.max_unpool3d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class AvgPool1d(Module):
    """The mean of each window over the last dim, see `F.avg_pool1d`."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        stride = kernel_size if stride is None else stride
        self.kernel_size, self.stride, self.padding = (
            tuple(value) if isinstance(value, (tuple, list)) else (value,) for value in (kernel_size, stride, padding)
        )
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, input: Any) -> Any:
        """`F.avg_pool1d`"""
        return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class _AvgPool(Module):
    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def _arguments(self) -> tuple[Any, ...]:
        window = (self.kernel_size, self.stride, self.padding)
        return (*window, self.ceil_mode, self.count_include_pad, self.divisor_override)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(_AvgPool):
    """The mean of each window over the last two dims, see `F.avg_pool2d`."""

    def forward(self, input: Any) -> Any:
        """`F.avg_pool2d`"""
        return F.avg_pool2d(input, *self._arguments())


class AvgPool3d(_AvgPool):
    """The mean of each window over the last three dims, see `F.avg_pool3d`."""

    def forward(self, input: Any) -> Any:
        """`F.avg_pool3d`"""
        return F.avg_pool3d(input, *self._arguments())


class _AdaptiveAvgPool(Module):
    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def extra_repr(self) -> str:
        """The wanted size."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """Means over the last dim that give output_size, see `F.adaptive_avg_pool1d`."""

    def forward(self, input: Any) -> Any:
        """`F.adaptive_avg_pool1d`"""
        return F.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """Means over the last two dims that give output_size, see `F.adaptive_avg_pool2d`."""

    def forward(self, input: Any) -> Any:
        """`F.adaptive_avg_pool2d`"""
        return F.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """Means over the last three dims that give output_size, see `F.adaptive_avg_pool3d`."""

    def forward(self, input: Any) -> Any:
        """`F.adaptive_avg_pool3d`"""
        return F.adaptive_avg_pool3d(input, self.output_size)


class _AdaptiveMaxPool(Module):
    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size, self.return_indices = output_size, return_indices

    def extra_repr(self) -> str:
        """The wanted size."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Largest elements over the last dim that give output_size, see `F.adaptive_max_pool1d`."""

    def forward(self, input: Any) -> Any:
        """`F.adaptive_max_pool1d`"""
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Largest elements over the last two dims that give output_size, see `F.adaptive_max_pool2d`."""

    def forward(self, input: Any) -> Any:
        """`F.adaptive_max_pool2d`"""
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """Largest elements over the last three dims that give output_size, see `F.adaptive_max_pool3d`."""

    def forward(self, input: Any) -> Any:
        """`F.adaptive_max_pool3d`"""
        return F.adaptive_max_pool3d(input, self.output_size, self.return_indices)
