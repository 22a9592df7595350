"""Convolutions in one to three dims, and their transposes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ...mode import mode
from ...ops.nn.conv import Convolution, TransposedConvolution, Window
from ...tensor.base import apply
from ...tensor.functions.shaping.shape import squeeze, unsqueeze
from .arguments import check_same_dtype, sizes

Dims = int | tuple[int, ...]


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Dims = 1,
    padding: Dims | str = 0,
    dilation: Dims = 1,
    groups: int = 1,
) -> Any:
    """Convolve (n, c, length), or (c, length), with weight (out, c / groups, k). See `conv2d`."""
    return _convolve(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Dims = 1,
    padding: Dims | str = 0,
    dilation: Dims = 1,
    groups: int = 1,
) -> Any:
    """Convolve (n, c, h, w), or (c, h, w), with weight (out, c / groups, kh, kw): (n, out, h', w').

    h' = (h + 2 padding - dilation (kh - 1) - 1) // stride + 1. stride, padding and dilation: one number, or one per
    dim. padding may be "valid" (none), or "same" (the size stays; for stride 1). bias: (out,).
    The result is a view of memory with the channels last.
    Raises RuntimeError where sizes, groups or types do not fit.

    >>> import sparkle
    >>> conv2d(sparkle.ones(1, 1, 3, 3), sparkle.ones(1, 1, 2, 2)).shape
    sparkle.Size([1, 1, 2, 2])
    """
    return _convolve(2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Dims = 1,
    padding: Dims | str = 0,
    dilation: Dims = 1,
    groups: int = 1,
) -> Any:
    """Convolve (n, c, d, h, w), or (c, d, h, w), with weight (out, c / groups, kd, kh, kw). See `conv2d`."""
    return _convolve(3, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Dims = 1,
    padding: Dims = 0,
    output_padding: Dims = 0,
    groups: int = 1,
    dilation: Dims = 1,
) -> Any:
    """The transpose of `conv1d`: (n, c, length) and weight (c, out / groups, k). See `conv_transpose2d`."""
    return _spread(1, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Dims = 1,
    padding: Dims = 0,
    output_padding: Dims = 0,
    groups: int = 1,
    dilation: Dims = 1,
) -> Any:
    """The gradient of `conv2d` as a layer: (n, c, h, w) and weight (c, out / groups, kh, kw) give (n, out, h', w').

    h' = (h - 1) stride - 2 padding + dilation (kh - 1) + output_padding + 1.
    Raises RuntimeError where sizes, groups or types do not fit.

    >>> import sparkle
    >>> conv_transpose2d(sparkle.ones(1, 1, 2, 2), sparkle.ones(1, 1, 2, 2), stride=2).shape
    sparkle.Size([1, 1, 4, 4])
    """
    return _spread(2, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Dims = 1,
    padding: Dims = 0,
    output_padding: Dims = 0,
    groups: int = 1,
    dilation: Dims = 1,
) -> Any:
    """The transpose of `conv3d`: (n, c, d, h, w) and weight (c, out / groups, kd, kh, kw). See `conv_transpose2d`."""
    return _spread(3, input, weight, bias, stride, padding, output_padding, groups, dilation)


def _convolve(
    dims: int, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    if mode.autocast is not None:
        return mode.autocast.lower(_convolve, dims, input, weight, bias, stride, padding, dilation, groups)
    where = f"conv{dims}d"
    _check_inputs(where, dims, input, weight, bias, groups)
    x, w = input.array.shape, weight.array.shape
    if w[0] % groups:
        raise RuntimeError(f"{where}: groups {groups} must divide weight.shape[0] = {w[0]}")
    if x[-dims - 1] != w[1] * groups:
        raise RuntimeError(
            f"{where}: given groups={groups}, weight {list(w)}, expected input{list(x)} to have {w[1] * groups} "
            f"channels, but got {x[-dims - 1]} channels instead"
        )
    _check_bias(where, bias, w[0])
    stride, dilation = _positive(stride, dims, "stride", where), _positive(dilation, dims, "dilation", where)
    window = _window(where, w[2:], stride, _padding(padding, w[2:], stride, dilation, where), dilation, groups)
    out = window.out(x[-dims:])
    if min(out) < 1:
        raise RuntimeError(
            f"{where}: calculated padded input size per channel: "
            f"{tuple(n + sum(p) for n, p in zip(x[-dims:], window.padding, strict=True))}. Kernel: {w[2:]}, dilation "
            f"{dilation}. Kernel size can't be greater than actual input size"
        )
    return _batched(Convolution(window, out), dims, input, weight, bias)


def _spread(
    dims: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: int,
    dilation: Any,
) -> Any:
    if mode.autocast is not None:
        given = (stride, padding, output_padding, groups, dilation)
        return mode.autocast.lower(_spread, dims, input, weight, bias, *given)
    where = f"conv_transpose{dims}d"
    _check_inputs(where, dims, input, weight, bias, groups)
    x, w = input.array.shape, weight.array.shape
    if w[0] % groups or x[-dims - 1] != w[0]:
        raise RuntimeError(
            f"{where}: given transposed=1, groups={groups}, weight {list(w)}, expected input{list(x)} to have {w[0]} "
            f"channels, a multiple of the groups, but got {x[-dims - 1]} channels instead"
        )
    _check_bias(where, bias, w[1] * groups)
    stride, dilation = _positive(stride, dims, "stride", where), _positive(dilation, dims, "dilation", where)
    extra = sizes(output_padding, dims, "output_padding", where)
    if any(e < 0 or e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        raise RuntimeError(
            f"{where}: output padding must be smaller than either stride or dilation, but got output_padding {extra}, "
            f"stride {stride}, dilation {dilation}"
        )
    window = _window(where, w[2:], stride, _padding(padding, w[2:], stride, dilation, where), dilation, groups)
    size = tuple(
        (n - 1) * s - 2 * p + d * (k - 1) + e + 1
        for n, s, (p, _), d, k, e in zip(x[-dims:], stride, window.padding, dilation, w[2:], extra, strict=True)
    )
    if min(size) < 1:
        raise RuntimeError(
            f"{where}: the calculated output size {size} is too small for input {list(x)} and weight {list(w)}"
        )
    return _batched(TransposedConvolution(window, size), dims, input, weight, bias)


def _batched(op: Any, dims: int, input: Any, weight: Any, bias: Any) -> Any:
    if input.array.ndim == dims + 2:
        return apply(op, input, weight, bias)
    return squeeze(apply(op, unsqueeze(input, 0), weight, bias), 0)


@lru_cache(maxsize=1024)
def _window(where: str, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Window:
    return Window(kernel, stride, padding, dilation, groups)


def _check_inputs(where: str, dims: int, input: Any, weight: Any, bias: Any, groups: Any) -> None:
    check_same_dtype(where, input=input, weight=weight, bias=bias)
    if weight.array.ndim != dims + 2:
        raise RuntimeError(
            f"{where}: expected a {dims + 2}-dimensional weight, met one of size {list(weight.array.shape)}"
        )
    if input.array.ndim not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"{where}: expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input, but got input of size: "
            f"{list(input.array.shape)}"
        )
    if groups < 1:
        raise RuntimeError(f"{where}: non-positive groups is not supported, met {groups}")
    if not weight.array.size:
        raise RuntimeError(f"{where}: the weight must not be empty, met one of size {list(weight.array.shape)}")


def _check_bias(where: str, bias: Any, channels: int) -> None:
    if bias is not None and bias.array.shape != (channels,):
        raise RuntimeError(
            f"{where}: expected bias to be 1-dimensional with {channels} elements, but got bias of size "
            f"{list(bias.array.shape)} instead"
        )


def _positive(value: Any, dims: int, name: str, where: str) -> tuple[int, ...]:
    given = sizes(value, dims, name, where)
    if min(given) < 1:
        raise RuntimeError(f"{where}: {name} must be positive, met {given}")
    return given


def _padding(value: Any, kernel: Any, stride: Any, dilation: Any, where: str) -> tuple[tuple[int, int], ...]:
    """(before, after) per dim."""
    if isinstance(value, str):
        if value not in ("same", "valid") or "transpose" in where:
            raise RuntimeError(f"{where}: invalid padding string {value!r}: wanted 'same' or 'valid', or numbers")
        if value == "valid":
            return ((0, 0),) * len(kernel)
        if max(stride) > 1:
            raise RuntimeError(
                f"{where}: padding='same' is not supported for strided convolutions, met stride {stride}"
            )
        totals = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        return tuple((t // 2, t - t // 2) for t in totals)
    given = sizes(value, len(kernel), "padding", where)
    if min(given) < 0:
        raise RuntimeError(f"{where}: negative padding is not supported, met {given}")
    return tuple((p, p) for p in given)
