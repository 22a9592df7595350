"""Batch norms in evaluation folded into the layer before them: `sparkle.nn.utils.fusion`."""

from __future__ import annotations

import copy
from typing import Any

from ...tensor.making.filled import ones_like, zeros_like
from ...tensor.switches import no_grad
from ..parameter import Parameter


def fuse_conv_bn_eval(conv: Any, bn: Any, transpose: bool = False) -> Any:
    """A new convolution that does what conv and then bn do; transpose: for a transposed one.

    Raises AssertionError unless both are in evaluation mode and bn has running statistics.

    >>> import sparkle
    >>> conv, bn = sparkle.nn.Conv2d(1, 2, 3).eval(), sparkle.nn.BatchNorm2d(2).eval()
    >>> x = sparkle.randn(1, 1, 5, 5)
    >>> sparkle.allclose(fuse_conv_bn_eval(conv, bn)(x), bn(conv(x)), atol=1e-5)
    True
    """
    _check(conv, bn)
    fused = copy.deepcopy(conv)
    fused.weight, fused.bias = fuse_conv_bn_weights(
        conv.weight, conv.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias, transpose
    )
    return fused


@no_grad()
def fuse_conv_bn_weights(
    conv_w: Any,
    conv_b: Any,
    bn_rm: Any,
    bn_rv: Any,
    bn_eps: float,
    bn_w: Any,
    bn_b: Any,
    transpose: bool = False,
) -> tuple[Parameter, Parameter]:
    """(weight, bias) of a convolution with a batch norm folded in: mean bn_rm, variance bn_rv, scale bn_w, shift bn_b.

    conv_b, bn_w and bn_b may be None. transpose: output channels are dim 1 of the weight, not dim 0.
    """
    scale = (bn_rv + bn_eps).rsqrt() * (ones_like(bn_rm) if bn_w is None else bn_w)
    shape = [1] * conv_w.dim()
    shape[1 if transpose else 0] = -1
    weight = (conv_w * scale.reshape(shape)).to(conv_w.dtype)
    return _parameter(weight, conv_w), _folded_bias(conv_w, conv_b, bn_rm, scale, bn_b)


def fuse_linear_bn_eval(linear: Any, bn: Any) -> Any:
    """A new linear layer that does what linear and then bn do.

    Raises AssertionError unless both are in evaluation mode, bn has running statistics, and has as many features as
    linear has outputs, or one.
    """
    _check(linear, bn)
    if bn.num_features not in (linear.out_features, 1):
        raise AssertionError(
            "To fuse, linear.out_features == bn.num_features or bn.num_features == 1, got "
            f"linear.out_features={linear.out_features} and bn.num_features={bn.num_features}"
        )
    fused = copy.deepcopy(linear)
    fused.weight, fused.bias = fuse_linear_bn_weights(
        linear.weight, linear.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias
    )
    return fused


@no_grad()
def fuse_linear_bn_weights(
    linear_w: Any, linear_b: Any, bn_rm: Any, bn_rv: Any, bn_eps: float, bn_w: Any, bn_b: Any
) -> tuple[Parameter, Parameter]:
    """(weight, bias) of a linear layer with a batch norm folded in: mean bn_rm, variance bn_rv, scale bn_w, shift bn_b.

    linear_b may be None.
    """
    scale = bn_w * (bn_rv + bn_eps).rsqrt()
    weight = linear_w * scale.unsqueeze(-1).to(linear_w.dtype)
    return _parameter(weight, linear_w), _folded_bias(linear_w, linear_b, bn_rm, scale, bn_b)


def _folded_bias(weight: Any, bias: Any, mean: Any, scale: Any, shift: Any) -> Parameter:
    like = weight if bias is None else bias
    bias = zeros_like(mean) if bias is None else bias
    folded = (bias - mean) * scale
    return _parameter((folded if shift is None else folded + shift).to(like.dtype), bias)


def _parameter(value: Any, before: Any) -> Parameter:
    return Parameter(value, before.requires_grad)


def _check(layer: Any, bn: Any) -> None:
    if layer.training or bn.training:
        raise AssertionError("Fusion only for eval!")
    if bn.running_mean is None or bn.running_var is None:
        raise AssertionError("bn.running_mean and bn.running_var must not be None")
