"""Losses of an input and a target of the same shape."""

from __future__ import annotations

import math
import warnings
from typing import Any

from ...dtypes import FLOATS
from ...mode import mode
from ...ops.nn import loss as ops
from ...tensor.autocast import in_float32
from ...tensor.base import apply
from ...tensor.functions.pointwise import elementwise as pointwise
from ...tensor.functions.pointwise.selection import where
from ...tensor.functions.shaping.shape import broadcast_tensors
from ...tensor.operands import result_type
from .activation import logsigmoid
from .arguments import check_floating, check_reduction, reduced, reduction_of


def mse_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """(input - target)^2, times weight if given; the mean of it, the sum, or each (reduction "mean", "sum", "none").

    The weighted mean is over the sum of the weights. Warns where the shapes differ and are broadcast.

    >>> import sparkle
    >>> mse_loss(sparkle.tensor([1.0, 2.0]), sparkle.tensor([1.0, 4.0]))
    tensor(2.)
    """
    if mode.autocast is not None:
        return mode.autocast.float32(mse_loss, input, target, size_average, reduce, reduction, weight)
    reduction = _flags("mse_loss", size_average, reduce, reduction)
    return _of_pair("mse_loss", ops.MSELoss, input, target, reduction, weight)


def l1_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """|input - target|, reduced as in `mse_loss`."""
    if mode.autocast is not None:
        return mode.autocast.float32(l1_loss, input, target, size_average, reduce, reduction, weight)
    reduction = _flags("l1_loss", size_average, reduce, reduction)
    return _of_pair("l1_loss", ops.L1Loss, input, target, reduction, weight)


def smooth_l1_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Any:
    """d^2 / (2 beta) where d = |input - target| is below beta, else d - beta / 2; reduced as in `mse_loss`.

    RuntimeError for a negative beta; 0 gives `l1_loss`.
    """
    if mode.autocast is not None:
        return mode.autocast.float32(smooth_l1_loss, input, target, size_average, reduce, reduction, beta)
    reduction = _flags("smooth_l1_loss", size_average, reduce, reduction)
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss: does not support negative values for beta, met {beta}")
    if beta == 0:
        return _of_pair("smooth_l1_loss", ops.L1Loss, input, target, reduction)
    return _of_pair("smooth_l1_loss", lambda r: ops.SmoothL1Loss(r, float(beta)), input, target, reduction)


def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Any:
    """d^2 / 2 where d = |input - target| is at most delta, else delta (d - delta / 2); reduced as in `mse_loss`.

    The mean of weighted losses is over their number.     RuntimeError unless delta is positive.
    """
    if mode.autocast is not None:
        return mode.autocast.float32(huber_loss, input, target, reduction, delta, weight)
    check_reduction(reduction, "huber_loss")
    if delta <= 0:
        raise RuntimeError(f"huber_loss: does not support non-positive values for delta, met {delta}")
    return _of_pair("huber_loss", lambda r: ops.HuberLoss(r, float(delta)), input, target, reduction, weight)


def binary_cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """-target log(input) - (1 - target) log(1 - input), times weight; the logarithms are held above -100.

    ValueError where the shapes differ, RuntimeError where an input is outside 0..1.

    >>> import sparkle
    >>> binary_cross_entropy(sparkle.tensor([0.5, 0.5]), sparkle.tensor([0.0, 1.0]))
    tensor(0.6931)
    """
    if mode.autocast is not None:
        return mode.autocast.float32(binary_cross_entropy, input, target, weight, size_average, reduce, reduction)
    reduction = _flags("binary_cross_entropy", size_average, reduce, reduction)
    _check_same_shape("binary_cross_entropy", input, target)
    check_floating(input, "binary_cross_entropy")
    x = input.array
    if x.size and not bool(((x >= 0) & (x <= 1)).all()):
        raise RuntimeError(
            f"binary_cross_entropy: input must be between 0 and 1, met {float(x.min())}..{float(x.max())}"
        )
    target = target.to(input.dtype)
    if weight is None:
        return apply(ops.BinaryCrossEntropy(reduction), input, target)
    _check_fits("binary_cross_entropy", weight, input)
    return reduced(apply(ops.BinaryCrossEntropy("none"), input, target) * weight, reduction)


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """`binary_cross_entropy` of sigmoid(input), without overflow. pos_weight: the weight of target 1, per class.

    ValueError where the shapes differ.
    """
    if mode.autocast is not None:
        given = (input, target, weight, size_average, reduce, reduction, pos_weight)
        return mode.autocast.float32(binary_cross_entropy_with_logits, *given)
    name = "binary_cross_entropy_with_logits"
    reduction = _flags(name, size_average, reduce, reduction)
    check_floating(input, name)
    if input.array.shape != target.array.shape:
        raise ValueError(
            f"{name}: target size {tuple(target.array.shape)} must be the same as input size {tuple(input.array.shape)}"
        )
    target = target.to(input.dtype)
    if pos_weight is not None:
        losses = (1 - target) * input - ((pos_weight - 1) * target + 1) * logsigmoid(input)
    elif weight is None:
        return apply(ops.BinaryCrossEntropyWithLogits(reduction), input, target)
    else:
        losses = apply(ops.BinaryCrossEntropyWithLogits("none"), input, target)
    for x in (weight, pos_weight):
        _check_fits(name, x, input)
    return reduced(losses if weight is None else losses * weight, reduction)


def _check_fits(where: str, weight: Any, input: Any) -> None:
    """RuntimeError for weights with which the result would be larger than the input."""
    if weight is not None:
        shape, wanted = weight.array.shape, input.array.shape
        pairs = zip(reversed(shape), reversed(wanted), strict=False)
        if len(shape) > len(wanted) or any(a not in (1, b) for a, b in pairs):
            raise RuntimeError(f"{where}: weights of shape {tuple(shape)} do not fit an input of {tuple(wanted)}")


@in_float32
def kl_div(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Any:
    """target (log(target) - input), with input as logarithms, and target too with log_target.

    reduction: also "batchmean", the sum over the first dim's size: the divergence as it is defined. "mean" warns.
    """
    if size_average is None and reduce is None and reduction == "mean":
        warnings.warn(
            "kl_div: reduction 'mean' divides by both the batch size and the support size; 'batchmean' divides "
            "only by the batch size, and aligns with the KL math definition",
            UserWarning,
            stacklevel=3,  # in_float32 stands in between
        )
    if size_average is not None or reduce is not None or reduction != "batchmean":
        reduction = _flags("kl_div", size_average, reduce, reduction)
    losses = pointwise.exp(target) * (target - input) if log_target else _entropy(target) - target * input
    if reduction == "batchmean":
        return losses.sum() / input.array.shape[0] if input.array.ndim else losses.sum()
    return reduced(losses, reduction)


def _entropy(p: Any) -> Any:
    """p log(p), 0 for p = 0."""
    positive = p > 0
    return where(positive, p * pointwise.log(where(positive, p, 1.0)), p * 0)


@in_float32
def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """exp(input) - target input (log_input), or input - target log(input + eps): a Poisson likelihood.

    full: add Stirling's approximation of log(target!) where target > 1.
    """
    reduction = _flags("poisson_nll_loss", size_average, reduce, reduction)
    losses = pointwise.exp(input) - target * input if log_input else input - target * pointwise.log(input + eps)
    if full:
        big = where(target > 1, target, 1.0)
        stirling = big * pointwise.log(big) - big + 0.5 * pointwise.log(2 * math.pi * big)
        losses = losses + where(target > 1, stirling, 0.0)
    return reduced(losses, reduction)


def gaussian_nll_loss(
    input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Any:
    """(log(var) + (input - target)^2 / var) / 2, with var held above eps; full adds log(2 pi) / 2.

    var: a number or a tensor like input, or with its last dim 1 or left out. ValueError for other shapes and for
    negative variances.
    """
    check_reduction(reduction, "gaussian_nll_loss")
    if not hasattr(var, "array"):
        if var < 0:
            raise ValueError(f"gaussian_nll_loss: var has negative entry {var}")
        var = input * 0 + float(var)
    shape = input.array.shape
    if var.array.shape != shape:
        if shape[:-1] == var.array.shape:
            var = var.unsqueeze(-1)
        elif var.array.ndim != len(shape) or var.array.shape != (*shape[:-1], 1):
            raise ValueError(
                f"gaussian_nll_loss: var is of incorrect size {tuple(var.array.shape)} for input {tuple(shape)}"
            )
    if var.array.size and bool((var.array < 0).any()):
        raise ValueError(f"gaussian_nll_loss: var has negative entries, the smallest {float(var.array.min())}")
    held = var.clone()
    held.detach()[...] = var.detach().clamp(min=eps)  # eps takes no part in the gradient
    losses = 0.5 * (pointwise.log(held) + (input - target) ** 2 / held)
    return reduced(losses + 0.5 * math.log(2 * math.pi) if full else losses, reduction)


def soft_margin_loss(
    input: Any, target: Any, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
) -> Any:
    """log(1 + exp(-target input)) for targets -1 and 1."""
    if mode.autocast is not None:
        return mode.autocast.float32(soft_margin_loss, input, target, size_average, reduce, reduction)
    reduction = _flags("soft_margin_loss", size_average, reduce, reduction)
    return _of_pair("soft_margin_loss", ops.SoftMarginLoss, input, target, reduction)


def _flags(where: str, size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    if size_average is None and reduce is None and reduction in ("mean", "sum", "none"):
        return reduction
    return reduction_of(size_average, reduce, reduction, where)


def _of_pair(where: str, op: Any, input: Any, target: Any, reduction: str, weight: Any = None) -> Any:
    """The loss op on both, brought to one shape and type."""
    try:
        a, b = input.array, target.array
    except AttributeError:
        raise TypeError(
            f"{where}: wanted two tensors, met {type(input).__name__} and {type(target).__name__}"
        ) from None
    if a.shape != b.shape:
        if where != "soft_margin_loss":
            warnings.warn(
                f"Using a target size ({tuple(b.shape)}) that is different to the input size ({tuple(a.shape)}). This "
                "will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
                UserWarning,
                stacklevel=3,
            )
        input, target = broadcast_tensors(input, target)
    if a.dtype is not b.dtype or a.dtype.kind not in FLOATS:
        common = result_type(input, target)
        input, target = input.to(common), target.to(common)
        check_floating(input, where)
    if weight is None:
        return apply(op(reduction), input, target)
    if weight.array.shape != input.array.shape:
        raise ValueError(
            f"{where}: weight {tuple(weight.array.shape)} and input {tuple(a.shape)} must have the same size"
        )
    losses = apply(op("none"), input, target) * weight
    if reduction == "mean" and where != "huber_loss":
        return losses.sum() / weight.sum()
    return reduced(losses, reduction)


def _check_same_shape(where: str, input: Any, target: Any) -> None:
    if input.array.shape != target.array.shape:
        raise ValueError(
            f"{where}: using a target size ({tuple(target.array.shape)}) that is different to the input size "
            f"({tuple(input.array.shape)}) is deprecated; please ensure they have the same size"
        )
