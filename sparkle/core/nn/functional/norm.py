"""Normalisation over batches, layers, groups and instances."""

from __future__ import annotations

import math
from typing import Any

from ... import dtypes
from ...ops.nn.norm import Affine, Normalize, RmsNorm
from ...ops.nn.padding import Pad
from ...ops.nn.pool import AveragePool, Windows
from ...tensor.base import apply, dtype_of
from ...tensor.write import touch
from .arguments import check_floating


def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """(input - mean) / sqrt(var + eps) weight + bias, per channel (dim 1).

    training: mean and variance are those of the batch, and the running ones, unless None, move towards them by the
    share momentum, the variance without bias. Otherwise the running ones are used.
    ValueError for training with one value per channel; RuntimeError where sizes do not fit.
    """
    check_floating(input, "batch_norm")
    shape = input.array.shape
    if len(shape) < 2:
        raise RuntimeError(f"batch_norm: expected at least 2 dims (n, channels, ...), met shape {tuple(shape)}")
    channels = shape[1]
    given = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    for name, x in given.items():
        if x is not None and x.array.shape != (channels,):
            raise RuntimeError(
                f"batch_norm: {name} should contain {channels} elements, met shape {tuple(x.array.shape)}"
            )
    _check_types("batch_norm", input, **given)
    affine = (1, channels, *(1,) * (len(shape) - 2))
    if not training:
        if running_mean is None or running_var is None:
            raise RuntimeError("batch_norm: expected running_mean and running_var to be defined when training=False")
        return apply(Affine(affine, eps), input, weight, bias, running_mean, running_var)
    count = input.array.size // channels if channels else 0
    if count == 1:
        raise ValueError(
            f"batch_norm: expected more than 1 value per channel when training, got input size {tuple(shape)}"
        )
    op = Normalize((0, *range(2, len(shape))), affine, eps, keep=running_mean is not None or running_var is not None)
    out = apply(op, input, weight, bias)
    if op.statistics is not None:
        mean, var = op.statistics
        op.statistics = None
        if not count:  # an empty batch tells nothing of the mean
            return out
        move(running_mean, mean, momentum)
        move(running_var, var * (count / (count - 1)) if count > 1 else var, momentum)
    return out


def move(running: Any, now: Any, momentum: float) -> None:
    """Move a running statistic, a tensor or None, towards its value in this batch, an array."""
    if running is not None:
        kept = running.array
        kept *= 1 - momentum
        kept += now.reshape(kept.shape) * momentum
        touch(running)


def layer_norm(input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Mean 0 and variance 1 over the last dims, whose sizes are normalized_shape; then times weight, plus bias.

    RuntimeError where the sizes do not fit.

    >>> import sparkle
    >>> layer_norm(sparkle.tensor([[1.0, 3.0]]), (2,))
    tensor([[-1.0000,  1.0000]])
    """
    form = _last_sizes("layer_norm", input, normalized_shape, weight, bias)
    _check_types("layer_norm", input, weight=weight, bias=bias)
    ndim = input.array.ndim
    affine = (*(1,) * (ndim - len(form)), *form)
    return apply(Normalize(tuple(range(ndim - len(form), ndim)), affine, eps), input, weight, bias)


def rms_norm(input: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None) -> Any:
    """input over the root of the mean square over the last dims, whose sizes are normalized_shape; then times weight.

    eps: left out, the type's machine epsilon (Zhang and Sennrich, 2019).
    """
    form = _last_sizes("rms_norm", input, normalized_shape, weight, None)
    ndim = input.array.ndim
    eps = dtypes.finfo(dtype_of(input)).eps if eps is None else eps
    weight = weight if weight is None else weight.to(input.dtype)
    return apply(RmsNorm(tuple(range(ndim - len(form), ndim)), eps), input, weight)


def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Mean 0 and variance 1 over each of num_groups groups of channels; then times weight, plus bias, per channel.

    RuntimeError where the groups do not divide the channels (Wu and He, 2018).
    """
    check_floating(input, "group_norm")
    shape = tuple(input.array.shape)
    if len(shape) < 2:
        raise RuntimeError(f"group_norm: expected at least 2 dims (n, channels, ...), met shape {shape}")
    if num_groups < 1 or shape[1] % num_groups:
        raise RuntimeError(
            f"group_norm: expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{list(shape)} and num_groups={num_groups}"
        )
    _check_channels("group_norm", shape[1], weight, bias)
    _check_types("group_norm", input, weight=weight, bias=bias)
    affine = (1, num_groups, shape[1] // num_groups, *(1,) * (len(shape) - 2))
    op = Normalize(tuple(range(2, len(shape) + 1)), affine, eps, groups=num_groups)
    return apply(op, input, weight, bias)


def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Mean 0 and variance 1 over each channel of each sample; then times weight, plus bias, per channel.

    The running statistics, unless None, move towards the samples' mean; use_input_stats=False normalises by them.
    ValueError for one spatial element.
    """
    check_floating(input, "instance_norm")
    shape = tuple(input.array.shape)
    if len(shape) < 2:
        raise RuntimeError(f"instance_norm: expected at least 2 dims (n, channels, ...), met shape {shape}")
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    count = math.prod(shape[2:])
    if count == 1:
        raise ValueError(f"instance_norm: expected more than 1 spatial element when training, got input size {shape}")
    _check_channels("instance_norm", shape[1], weight, bias)
    _check_types("instance_norm", input, weight=weight, bias=bias)
    affine = (1, shape[1], *(1,) * (len(shape) - 2))
    op = Normalize(tuple(range(2, len(shape))), affine, eps, keep=running_mean is not None or running_var is not None)
    out = apply(op, input, weight, bias)
    if op.statistics is not None:
        mean, var = op.statistics
        op.statistics = None
        move(running_mean, mean.mean(axis=0), momentum)
        move(running_var, var.mean(axis=0) * (count / (count - 1)) if count > 1 else var.mean(axis=0), momentum)
    return out


def local_response_norm(input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """input / (k + alpha mean of squares over `size` neighbouring channels)^beta (Krizhevsky et al., 2012)."""
    check_floating(input, "local_response_norm")
    shape = tuple(input.array.shape)
    if len(shape) < 3:
        raise ValueError(
            f"local_response_norm: expected 3D or higher dimensionality input (got {len(shape)} dimensions)"
        )
    squares = (input * input).reshape(shape[0], 1, shape[1], math.prod(shape[2:]))
    padded = apply(Pad(((0, 0), (0, 0), (size // 2, (size - 1) // 2), (0, 0))), squares)
    means = apply(AveragePool(Windows((size, 1), (1, 1), (0, 0), (1, 1)), False, None), padded)
    return input / (means.reshape(shape) * alpha + k) ** beta


def _last_sizes(where: str, input: Any, normalized_shape: Any, weight: Any, bias: Any) -> tuple[int, ...]:
    check_floating(input, where)
    form = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if not form:
        raise RuntimeError(f"{where}: expected normalized_shape to be at least 1-dimensional")
    for name, x in (("weight", weight), ("bias", bias)):
        if x is not None and tuple(x.array.shape) != form:
            raise RuntimeError(
                f"{where}: expected {name} to be of the normalized_shape {form}, met {tuple(x.array.shape)}"
            )
    if tuple(input.array.shape[-len(form) :]) != form:
        raise RuntimeError(
            f"{where}: given normalized_shape={list(form)}, expected input with shape [*, "
            f"{', '.join(map(str, form))}], but got input of size {list(input.array.shape)}"
        )
    return form


def _check_channels(where: str, channels: int, weight: Any, bias: Any) -> None:
    for name, x in (("weight", weight), ("bias", bias)):
        if x is not None and x.array.shape != (channels,):
            raise RuntimeError(
                f"{where}: expected {name} to be a vector of size equal to the number of channels in input, but got "
                f"{name} of shape {list(x.array.shape)} and {channels} channels"
            )


def _check_types(where: str, input: Any, **parameters: Any) -> None:
    """RuntimeError unless the parameters have the input's type, or are float32 beside an input of half precision."""
    own, wide = input.array.dtype, dtypes.float32.numpy
    given = {name: x.array.dtype for name, x in parameters.items() if x is not None}
    if any(dtype != own for dtype in given.values()) and (
        own.itemsize > 2 or any(dtype != wide for dtype in given.values())
    ):
        met = ", ".join(f"{name} {dtype}" for name, dtype in given.items())
        raise RuntimeError(f"{where}: mixed dtypes: expected all to have the input's dtype {own}, met {met}")
