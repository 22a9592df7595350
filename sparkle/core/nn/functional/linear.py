"""Affine maps."""

from __future__ import annotations

from typing import Any

from ...kernels.registry import MANY
from ...mode import mode
from ...ops.linear.linalg import Linear
from ...tensor.autocast import uncast
from ...tensor.base import apply
from ...tensor.functions.linear.linalg import matmul
from ...tensor.quick import triple
from .arguments import check_same_dtype


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """input weight^T + bias: (*, in) and (out, in) give (*, out).

    Raises RuntimeError where the sizes or types do not fit.

    >>> import sparkle
    >>> linear(sparkle.ones(2, 3), sparkle.ones(1, 3), sparkle.tensor([0.5]))
    tensor([[3.5000],
            [3.5000]])
    """
    if mode.autocast is not None:
        return mode.autocast.lower(linear, input, weight, bias)
    try:
        x, w = input.array, weight.array
        fits = x.dtype is w.dtype and (
            bias is None or (bias.array.dtype is w.dtype and bias.array.shape == w.shape[:1])
        )
    except AttributeError:
        fits = False
    if fits and w.ndim == 2 and x.ndim > 0:
        if bias is None:
            return apply(Linear(), input, weight)
        return triple(Linear(), input, weight, bias, x.size * len(w) >= MANY)
    check_same_dtype("linear", input=input, weight=weight, bias=bias)
    out = matmul(input, weight.t())
    return out if bias is None else out + bias


@uncast
def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """input1^T weight[k] input2 + bias[k]: (*, in1), (*, in2) and (out, in1, in2) give (*, out).

    Raises RuntimeError where the sizes or types do not fit.
    """
    check_same_dtype("bilinear", input1=input1, input2=input2, weight=weight, bias=bias)
    a, b, w = input1.array.shape, input2.array.shape, weight.array.shape
    if len(w) != 3 or a[:-1] != b[:-1] or a[-1:] != w[1:2] or b[-1:] != w[2:]:
        raise RuntimeError(
            f"bilinear: input1 {a}, input2 {b}, weight {w}: wanted (*, in1), (*, in2) and (out, in1, in2)"
        )
    left = matmul(input1.reshape(-1, a[-1]), weight.permute(1, 0, 2).reshape(w[1], w[0] * w[2]))
    out = matmul(left.reshape(-1, w[0], w[2]), input2.reshape(-1, w[2], 1)).reshape(*a[:-1], w[0])
    return out if bias is None else out + bias
