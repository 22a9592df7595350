"""Convolution layers."""

from __future__ import annotations

import math
from typing import Any

from ...tensor.making.filled import empty
from .. import functional as F
from .. import init
from ..base.module import Module
from ..parameter import Parameter

MODES = ("zeros", "reflect", "replicate", "circular")


def _sizes(value: Any, dims: int) -> tuple[Any, ...]:
    """One size for all dims, or a tuple of them."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * dims


class _Convolution(Module):
    """What all convolutions share: arguments, parameters, their first values, repr.

    weight and bias start as even numbers within ±1/√fan_in, fan_in = channels into an output · kernel elements.
    """

    dims = 0
    transposed = False

    def _build(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        dilation: Any,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any,
        dtype: Any,
        output_padding: Any = 0,
    ) -> None:
        super().__init__()
        _check_channels(in_channels, out_channels, groups)
        if padding_mode not in MODES:
            raise ValueError(f"padding_mode must be one of {list(MODES)}, but got padding_mode='{padding_mode}'")
        if isinstance(padding, str):
            self._check_named(padding, stride)
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation, self.output_padding = (
            _sizes(value, self.dims) for value in (kernel_size, stride, dilation, output_padding)
        )
        self.padding = padding if isinstance(padding, str) else _sizes(padding, self.dims)
        self.padding_mode = padding_mode
        self._margins = self._all_margins()
        ends = (in_channels, out_channels // groups) if self.transposed else (out_channels, in_channels // groups)
        self.weight = Parameter(empty((*ends, *self.kernel_size), device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(empty(out_channels, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def _check_named(self, padding: str, stride: Any) -> None:
        if padding not in ("same", "valid"):
            raise ValueError(f"Invalid padding string '{padding}', should be one of 'valid', 'same'")
        if padding == "same" and any(s != 1 for s in _sizes(stride, self.dims)):
            raise ValueError(f"padding='same' is not supported for strided convolutions, met stride {stride}")

    def _all_margins(self) -> list[Any]:
        """The padding of both sides of each dim, last dim first, as `F.pad` wants it."""
        if self.padding == "valid":
            return [0] * (2 * self.dims)
        if self.padding == "same":
            totals = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
            return [part for n in reversed(totals) for part in (n // 2, n - n // 2)]
        return [part for n in reversed(self.padding) for part in (n, n)]

    def reset_parameters(self) -> None:
        """Draw new first values."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in, _ = init._calculate_fan_in_and_fan_out(self.weight)
            if fan_in != 0:
                bound = 1 / math.sqrt(fan_in)
                init.uniform_(self.bias, -bound, bound)

    def _run(self, convolve: Any, input: Any) -> Any:
        """The convolution, after other padding than with zeros."""
        if self.padding_mode == "zeros":
            return convolve(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)
        input = F.pad(input, self._margins, mode=self.padding_mode)
        return convolve(input, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    def extra_repr(self) -> str:
        """Channels, kernel size, stride, and what differs from the defaults."""
        ones, zeros = (1,) * self.dims, (0,) * self.dims
        parts = [
            f"{self.in_channels}",
            f"{self.out_channels}",
            f"kernel_size={self.kernel_size}",
            f"stride={self.stride}",
        ]
        if self.padding != zeros:
            parts.append(f"padding={self.padding}")
        if self.dilation != ones:
            parts.append(f"dilation={self.dilation}")
        if self.output_padding != zeros:
            parts.append(f"output_padding={self.output_padding}")
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        if self.bias is None:
            parts.append("bias=False")
        if self.padding_mode != "zeros":
            parts.append(f"padding_mode={self.padding_mode}")
        return ", ".join(parts)


def _check_channels(in_channels: int, out_channels: int, groups: int) -> None:
    if groups <= 0:
        raise ValueError(f"groups must be a positive integer, met {groups}")
    if in_channels % groups != 0:
        raise ValueError(f"in_channels must be divisible by groups, met {in_channels} and {groups}")
    if out_channels % groups != 0:
        raise ValueError(f"out_channels must be divisible by groups, met {out_channels} and {groups}")


class _Forward(_Convolution):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        self._build(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, device, dtype
        )


class Conv1d(_Forward):
    """Cross-correlation over the last dim: (N, C, L) to (N, out_channels, L'); see `Conv2d`."""

    dims = 1

    def forward(self, input: Any) -> Any:
        """The cross-correlation with weight, plus bias."""
        return self._run(F.conv1d, input)


class Conv2d(_Forward):
    """Cross-correlation over the last two dims: (N, C, H, W) to (N, out_channels, H', W').

    H' = (H + 2·padding - dilation·(kernel_size - 1) - 1) // stride + 1. Sizes are numbers or tuples; padding may be
    "same" or "valid"; padding_mode: zeros, reflect, replicate, circular. groups: channels in separate groups.
    weight is (out_channels, in_channels / groups, *kernel_size).

    >>> import sparkle
    >>> Conv2d(3, 8, kernel_size=3, padding=1)(sparkle.zeros(2, 3, 5, 5)).shape
    sparkle.Size([2, 8, 5, 5])
    """

    dims = 2

    def forward(self, input: Any) -> Any:
        """The cross-correlation with weight, plus bias."""
        return self._run(F.conv2d, input)


class Conv3d(_Forward):
    """Cross-correlation over the last three dims; see `Conv2d`."""

    dims = 3

    def forward(self, input: Any) -> Any:
        """The cross-correlation with weight, plus bias."""
        return self._run(F.conv3d, input)


class _Transposed(_Convolution):
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        shape = (in_channels, out_channels, kernel_size, stride, padding, dilation, groups)
        self._build(*shape, bias, padding_mode, device, dtype, output_padding)

    def _spread(self, convolve: Any, input: Any, output_size: Any) -> Any:
        extra = self.output_padding if output_size is None else self._missing(input, list(output_size))
        return convolve(input, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation)

    def _missing(self, input: Any, wanted: list[int]) -> tuple[int, ...]:
        """The output padding that leads to the wanted size; ValueError where none does."""
        lead = input.dim() - self.dims
        if len(wanted) == input.dim():
            wanted = wanted[lead:]
        if len(wanted) != self.dims:
            raise ValueError(
                f"{type(self).__name__}: for {input.dim()}D input, output_size must have {self.dims} or {input.dim()} "
                f"elements (got {len(wanted)})"
            )
        smallest = [
            (n - 1) * s - 2 * p + d * (k - 1) + 1
            for n, s, p, d, k in zip(
                input.shape[lead:], self.stride, self.padding, self.dilation, self.kernel_size, strict=True
            )
        ]
        extra = tuple(w - low for w, low in zip(wanted, smallest, strict=True))
        if any(not 0 <= e < s for e, s in zip(extra, self.stride, strict=True)):
            largest = [low + s - 1 for low, s in zip(smallest, self.stride, strict=True)]
            raise ValueError(
                f"requested an output size of {wanted}, but valid sizes range from {smallest} to {largest} "
                f"(for an input of {list(input.shape[lead:])})"
            )
        return extra


class ConvTranspose1d(_Transposed):
    """The transpose of `Conv1d`: (N, C, L) to (N, out_channels, L'); see `ConvTranspose2d`."""

    dims = 1

    def forward(self, input: Any, output_size: Any = None) -> Any:
        """Each input element spreads weight over its window."""
        return self._spread(F.conv_transpose1d, input, output_size)


class ConvTranspose2d(_Transposed):
    """The transpose of `Conv2d`, that is its gradient: (N, C, H, W) to (N, out_channels, H', W').

    H' = (H - 1)·stride - 2·padding + dilation·(kernel_size - 1) + output_padding + 1. weight is (in_channels,
    out_channels / groups, *kernel_size). Calling it with output_size chooses output_padding.

    >>> import sparkle
    >>> ConvTranspose2d(8, 3, kernel_size=4, stride=2, padding=1)(sparkle.zeros(2, 8, 5, 5)).shape
    sparkle.Size([2, 3, 10, 10])
    """

    dims = 2

    def forward(self, input: Any, output_size: Any = None) -> Any:
        """Each input element spreads weight over its window."""
        return self._spread(F.conv_transpose2d, input, output_size)


class ConvTranspose3d(_Transposed):
    """The transpose of `Conv3d`; see `ConvTranspose2d`."""

    dims = 3

    def forward(self, input: Any, output_size: Any = None) -> Any:
        """Each input element spreads weight over its window."""
        return self._spread(F.conv_transpose3d, input, output_size)
