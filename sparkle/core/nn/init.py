"""Filling parameters with first values. Every function changes its tensor in place, unrecorded, and returns it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

import numpy

from ..tensor.base import wrap
from ..tensor.switches import no_grad

_PLAIN = {"linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid"}
_skipping: ContextVar[bool] = ContextVar("first values are left out", default=False)


@contextmanager
def skipped() -> Iterator[None]:
    """Inside, no function of this module changes its tensor."""
    token = _skipping.set(True)
    try:
        yield
    finally:
        _skipping.reset(token)


def _filling(fill: Callable[..., Any]) -> Callable[..., Any]:
    """The function, unrecorded; inside `skipped`, one that does nothing."""
    unrecorded = no_grad()(fill)

    @wraps(fill)
    def filling(tensor: Any, *args: Any, **kwargs: Any) -> Any:
        return tensor if _skipping.get() else unrecorded(tensor, *args, **kwargs)

    return filling


def calculate_gain(nonlinearity: str, param: Any = None) -> float:
    """The factor by which standard deviations grow to make up for what a nonlinearity takes away.

    param: the negative slope of leaky_relu, 0.01 unless given. Raises ValueError for unknown names.

    >>> calculate_gain("tanh")
    1.6666666666666667
    """
    if nonlinearity in _PLAIN:
        return 1
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        if param is not None and (isinstance(param, bool) or not isinstance(param, (int, float))):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity == "selu":
        return 3.0 / 4
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}")


@_filling
def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Any:
    """Numbers drawn evenly from a to b."""
    return tensor.uniform_(a, b, generator=generator)


@_filling
def normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Any:
    """Numbers from the normal distribution."""
    return tensor.normal_(mean, std, generator=generator)


@_filling
def trunc_normal_(
    tensor: Any, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Any = None
) -> Any:
    """Numbers from the normal distribution between a and b: evenly drawn probabilities through its inverse."""
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            f"trunc_normal_: mean {mean} is more than 2 std from [{a}, {b}]; the distribution may be incorrect.",
            stacklevel=4,
        )
    low, high = (math.erf((bound - mean) / std / math.sqrt(2.0)) for bound in (a, b))
    tensor.uniform_(low, high, generator=generator)
    return tensor.erfinv_().mul_(std * math.sqrt(2.0)).add_(mean).clamp_(min=a, max=b)


@_filling
def constant_(tensor: Any, val: float) -> Any:
    """val everywhere."""
    return tensor.fill_(val)


def ones_(tensor: Any) -> Any:
    """1 everywhere."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Any) -> Any:
    """0 everywhere."""
    return constant_(tensor, 0.0)


@_filling
def eye_(tensor: Any) -> Any:
    """The identity matrix; ValueError unless the tensor has two dims."""
    if tensor.ndimension() != 2:
        raise ValueError(f"Only tensors with 2 dimensions are supported, met shape {tuple(tensor.shape)}")
    tensor.fill_(0)
    tensor.diagonal().fill_(1)
    return tensor


@_filling
def dirac_(tensor: Any, groups: int = 1) -> Any:
    """A convolution that hands its channels on, as far as there are as many out as in (in each group).

    Raises ValueError unless the tensor has three to five dims, and unless groups divides its first.
    """
    if tensor.ndimension() not in (3, 4, 5):
        raise ValueError(f"Only tensors with 3, 4, or 5 dimensions are supported, met shape {tuple(tensor.shape)}")
    out, channels, *window = tensor.shape
    if out % groups != 0:
        raise ValueError(f"dim 0 must be divisible by groups, met {out} and {groups}")
    tensor.fill_(0)
    middle = tuple(n // 2 for n in window)
    per_group = out // groups
    for group in range(groups):
        for d in range(min(per_group, channels)):
            tensor[(group * per_group + d, d, *middle)] = 1
    return tensor


def _calculate_fan_in_and_fan_out(tensor: Any) -> tuple[int, int]:
    """How many inputs reach an output and how many outputs an input reaches."""
    if tensor.dim() < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    window = math.prod(tensor.shape[2:])
    return tensor.shape[1] * window, tensor.shape[0] * window


def _calculate_correct_fan(tensor: Any, mode: str) -> int:
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return _calculate_fan_in_and_fan_out(tensor)[mode == "fan_out"]


def xavier_uniform_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    """Even numbers within ±gain · √(6 / (fan_in + fan_out)) (Glorot & Bengio, 2010)."""
    bound = gain * math.sqrt(6.0 / sum(_calculate_fan_in_and_fan_out(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    """Normal numbers of standard deviation gain · √(2 / (fan_in + fan_out)) (Glorot & Bengio, 2010)."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(_calculate_fan_in_and_fan_out(tensor))), generator)


def kaiming_uniform_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Any:
    """Even numbers within ±gain · √(3 / fan) (He et al., 2015); a: the negative slope of leaky_relu."""
    if _is_empty(tensor):
        return tensor
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Any:
    """Normal numbers of standard deviation gain / √fan (He et al., 2015); a: the negative slope of leaky_relu."""
    if _is_empty(tensor):
        return tensor
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def _kaiming_std(tensor: Any, a: float, mode: str, nonlinearity: str) -> float:
    return calculate_gain(nonlinearity, a) / math.sqrt(_calculate_correct_fan(tensor, mode))


def _is_empty(tensor: Any) -> bool:
    if 0 not in tensor.shape:
        return False
    warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
    return True


@_filling
def orthogonal_(tensor: Any, gain: float = 1, generator: Any = None) -> Any:
    """A (half) orthogonal matrix, dims after the first taken together (Saxe et al., 2013).

    Raises ValueError for fewer than two dims.
    """
    if tensor.ndimension() < 2:
        raise ValueError(f"Only tensors with 2 or more dimensions are supported, met shape {tuple(tensor.shape)}")
    if tensor.numel() == 0:
        return tensor
    rows = tensor.shape[0]
    numbers = tensor.new_empty((rows, tensor.numel() // rows)).normal_(0, 1, generator=generator).cpu().numpy()
    q, r = numpy.linalg.qr((numbers.T if rows < numbers.shape[1] else numbers).astype(numpy.float64))
    q = q * numpy.sign(numpy.diag(r))  # so that every orthogonal matrix is as likely
    q = q.T if rows < numbers.shape[1] else q
    return tensor.copy_(_from_host(gain * q, tensor).reshape(tensor.shape))


@_filling
def sparse_(tensor: Any, sparsity: float, std: float = 0.01, generator: Any = None) -> Any:
    """Normal numbers with a part, `sparsity`, of every column set to 0 (Martens, 2010); ValueError unless two dims."""
    if tensor.ndimension() != 2:
        raise ValueError(f"Only tensors with 2 dimensions are supported, met shape {tuple(tensor.shape)}")
    rows, columns = tensor.shape
    zeros = math.ceil(sparsity * rows)
    tensor.normal_(0, std, generator=generator)
    order = tensor.new_empty((rows, columns)).uniform_(generator=generator).cpu().numpy().argsort(axis=0)
    return tensor.mul_(_from_host((order >= zeros).astype(numpy.float64), tensor))


def _from_host(array: Any, like: Any) -> Any:
    """The array as a tensor of the type and on the device of another."""
    return wrap(array).to(dtype=like.dtype, device=like.device)
