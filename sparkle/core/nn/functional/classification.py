"""Losses for classes."""

from __future__ import annotations

import math
from typing import Any

import numpy

from ...backend import library
from ...dtypes import FLOATS
from ...mode import mode
from ...ops.nn.loss import CrossEntropy, NllLoss
from ...tensor.autocast import in_float32
from ...tensor.base import apply, wrap
from ...tensor.functions.pointwise.selection import clamp_min
from ...tensor.functions.reductions import softmax as normalised
from ...tensor.quick import leading
from .activation import logsigmoid
from .arguments import check_floating, check_reduction, check_same_dtype, reduced, reduction_of

INT64 = numpy.dtype("int64")


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """-weight[target] input[target]: the negative log likelihood, for logarithms of probabilities.

    input: (n, classes, *) or (classes,); target: (n, *) or (), integers; weight: one per class. Targets equal to
    ignore_index count nothing; the mean is over the weights of the others.
    ValueError where the shapes do not fit, IndexError for a target that is no class.

    >>> import sparkle
    >>> nll_loss(sparkle.tensor([[-1.0, -2.0], [-3.0, -4.0]]), sparkle.tensor([0, 1]))
    tensor(2.5000)
    """
    if mode.autocast is not None:
        return mode.autocast.float32(nll_loss, input, target, weight, size_average, ignore_index, reduce, reduction)
    reduction = reduction_of(size_average, reduce, reduction, "nll_loss")
    check_floating(input, "nll_loss")
    return _pick("nll_loss", NllLoss, input, target, weight, ignore_index, reduction)


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """`nll_loss` of log_softmax(input); target may also be probabilities, in the shape of input.

    label_smoothing: the share of each target that is spread over all classes.

    >>> import sparkle
    >>> cross_entropy(sparkle.zeros(2, 4), sparkle.tensor([0, 3]))
    tensor(1.3863)
    """
    if mode.autocast is not None:
        given = (input, target, weight, size_average, ignore_index, reduce, reduction, label_smoothing)
        return mode.autocast.float32(cross_entropy, *given)
    if size_average is not None or reduce is not None or reduction not in ("mean", "sum", "none"):
        reduction = reduction_of(size_average, reduce, reduction, "cross_entropy")
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(f"cross_entropy: label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    check_floating(input, "cross_entropy")
    if target.array.dtype.kind in FLOATS:
        return _soft_cross_entropy(input, target, weight, ignore_index, reduction, label_smoothing)
    if label_smoothing == 0:
        return _pick("cross_entropy", CrossEntropy, input, target, weight, ignore_index, reduction)
    return _smoothed(input, target, weight, ignore_index, reduction, label_smoothing)


def _pick(where: str, op: Any, input: Any, target: Any, weight: Any, ignore: int, reduction: str) -> Any:
    """The op on input with the classes in dim 1, reduced."""
    if input.array.ndim == 1 and target.array.ndim == 0:
        out = _pick(where, op, input.reshape(1, -1), target.reshape(1), weight, ignore, reduction)
        return out.reshape(()) if reduction == "none" else out
    index, scale = picks(where, input.array, target.array, weight, ignore)
    nothing = False
    if reduction == "mean":
        total = target.array.size if type(scale) is float else scale.sum()
        nothing = not total
        scale = scale / (total or 1.0)
    return leading(op(reduction != "none", nothing), input, index, scale)


def picks(where: str, x: Any, t: Any, weight: Any, ignore: int) -> tuple[Any, Any]:
    """The targets as an index along dim 1, and the weight of each: 1.0 for all, or an array like the index."""
    if t.dtype.kind not in "iu" or x.ndim < 2 or t.shape != (*x.shape[:1], *x.shape[2:]):
        _complain(where, x, t)
    classes = x.shape[1]
    w = None if weight is None else _checked_weight(where, weight.array, classes, x)
    if t.dtype != INT64:
        t = t.astype(INT64)
    xp = library(t)
    outside = t.size > 0 and int(t.view(numpy.uint64).max()) >= classes
    kept = None
    if outside or 0 <= ignore < classes:
        kept = t != ignore
        t = xp.where(kept, t, 0)
        if bool(((t < 0) | (t >= classes)).any()):
            wrong = int(t[(t < 0) | (t >= classes)][0])
            raise IndexError(f"{where}: target {wrong} is out of bounds for {classes} classes")
    index = t.reshape(t.shape[0], 1, *t.shape[1:])
    if w is None and kept is None:
        return index, 1.0
    scale = xp.ones(index.shape, x.dtype) if w is None else w[index]
    return index, scale if kept is None else scale * kept.reshape(index.shape)


def _complain(where: str, x: Any, t: Any) -> None:
    """The error for a target that does not fit."""
    if t.dtype.kind not in "iu":
        raise RuntimeError(f"{where}: expected integer targets, or probabilities in the input's shape, met {t.dtype}")
    if x.ndim < 2 or (t.ndim and x.shape[0] != t.shape[0]):
        raise ValueError(
            f"{where}: expected input batch_size ({x.shape[0] if x.ndim > 1 else 1}) to match target batch_size "
            f"({t.shape[0] if t.ndim else 0}): input is {x.shape}, target is {t.shape}"
        )
    raise RuntimeError(
        f"{where}: input is {x.shape}, so the target must be {(*x.shape[:1], *x.shape[2:])}, met {t.shape}"
    )


def _checked_weight(where: str, w: Any, classes: int, x: Any) -> Any:
    if w.shape != (classes,):
        raise RuntimeError(
            f"{where}: weight should be defined either for all {classes} classes or no classes but got weight tensor "
            f"of shape: {list(w.shape)}"
        )
    if w.dtype != x.dtype:
        raise RuntimeError(f"{where}: expected weight of the input's type {x.dtype}, met {w.dtype}")
    return w


def _smoothed(input: Any, target: Any, weight: Any, ignore: int, reduction: str, smoothing: float) -> Any:
    """Cross entropy with a part of each target spread over all classes."""
    alone = input.array.ndim == 1
    if alone:
        input, target = input.reshape(1, -1), target.reshape(1)
    classes = input.array.shape[1]
    logs = normalised.log_softmax(input, 1)
    index, scale = picks("cross_entropy", input.array, target.array, weight, ignore)
    kept = wrap((target.array != ignore).astype(input.array.dtype))
    hard = apply(NllLoss(False), logs, index, scale)
    spread = -(logs if weight is None else logs * weight.reshape(1, -1, *(1,) * (input.array.ndim - 2))).sum(1) * kept
    if reduction == "none":
        losses = (1 - smoothing) * hard + smoothing / classes * spread
        return losses.reshape(()) if alone else losses
    total = (1 - smoothing) * hard.sum() + smoothing / classes * spread.sum()
    if reduction == "sum":
        return total
    below = target.array.size if type(scale) is float else float(scale.sum())
    return total / below if below else total * 0.0 + math.nan


def _soft_cross_entropy(input: Any, target: Any, weight: Any, ignore: int, reduction: str, smoothing: float) -> Any:
    """Cross entropy with probabilities as targets."""
    if target.array.shape != input.array.shape:
        if target.array.ndim < input.array.ndim:
            raise RuntimeError(f"cross_entropy: expected scalar type Long for class targets but found {target.dtype}")
        raise RuntimeError(
            f"cross_entropy: target probabilities {tuple(target.array.shape)} must have the input's shape "
            f"{tuple(input.array.shape)}"
        )
    if ignore >= 0:
        raise RuntimeError("cross_entropy: ignore_index is not supported for floating point target")
    axis = 0 if input.array.ndim == 1 else 1
    classes = input.array.shape[axis]
    if smoothing:
        target = target * (1 - smoothing) + smoothing / classes
    terms = normalised.log_softmax(input, axis) * target
    if weight is not None:
        terms = terms * (weight if not axis else weight.reshape(1, -1, *(1,) * (input.array.ndim - 2)))
    if reduction == "mean":
        return -terms.sum() / (input.array.size / classes)
    return -terms.sum(axis) if reduction == "none" else -terms.sum()


@in_float32
def multi_margin_loss(
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """The sum over classes j other than the target of max(0, margin - input[target] + input[j])^p / classes.

    p is 1 or 2, else ValueError. weight: one per class, raised to p with the rest.
    """
    reduction = reduction_of(size_average, reduce, reduction, "multi_margin_loss")
    if p not in (1, 2):
        raise ValueError(f"multi_margin_loss: only p == 1 and p == 2 supported, met {p}")
    alone = input.array.ndim == 1
    if alone:
        input, target = input.reshape(1, -1), target.reshape(1)
    try:
        index, _ = picks("multi_margin_loss", input.array, target.array, None, -1)
    except IndexError as error:  # of this loss torch says RuntimeError
        raise RuntimeError(str(error)) from None
    at_target = -apply(NllLoss(False), input, index, 1.0)
    violation = clamp_min(margin - at_target.reshape(-1, 1) + input, 0.0)
    if p == 2:
        violation = violation * violation
    others = wrap((library(index).arange(input.array.shape[1]) != index).astype(input.array.dtype))
    violation = violation * others
    if weight is not None:
        check_same_dtype("multi_margin_loss", input=input, weight=weight)
        if weight.array.shape != input.array.shape[1:]:
            wrong = ValueError if weight.array.ndim != 1 else RuntimeError
            met, wanted = tuple(weight.array.shape), tuple(input.array.shape[1:])
            raise wrong(f"multi_margin_loss: weight has shape {met}, wanted {wanted}")
        violation = violation * wrap(weight.array[index])
    losses = violation.sum(1) / input.array.shape[1]
    return losses.reshape(()) if alone and reduction == "none" else reduced(losses, reduction)


def multilabel_soft_margin_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """The mean over the last dim of binary cross entropy with logits, times weight if given."""
    reduction = reduction_of(size_average, reduce, reduction, "multilabel_soft_margin_loss")
    losses = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    return reduced((losses if weight is None else losses * weight).mean(-1), reduction)


@in_float32
def multilabel_margin_loss(
    input: Any, target: Any, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
) -> Any:
    """The sum over targets i and other classes j of max(0, 1 - input[i] + input[j]) / classes.

    target: classes in the shape of input, up to the first -1 of each row.
    """
    reduction = reduction_of(size_average, reduce, reduction, "multilabel_margin_loss")
    check_reduction(reduction, "multilabel_margin_loss")
    if input.array.shape != target.array.shape or input.array.ndim not in (1, 2):
        raise RuntimeError(
            f"multilabel_margin_loss: inconsistent target size {tuple(target.array.shape)} for input of size "
            f"{tuple(input.array.shape)}"
        )
    x = input.reshape(1, -1) if input.array.ndim == 1 else input
    t = target.array.reshape(x.array.shape)
    xp = library(t)
    given = xp.cumsum(t < 0, axis=1) == 0
    classes = x.array.shape[1]
    if t.size and not -1 <= int(t.min()) <= int(t.max()) < classes:
        met = f"{int(t.min())}..{int(t.max())}"
        raise RuntimeError(f"multilabel_margin_loss: targets {met} are not in -1..{classes - 1}")
    is_target = ((t[:, :, None] == xp.arange(classes)) & given[:, :, None]).any(axis=1)
    pairs = (is_target[:, :, None] & ~is_target[:, None, :]).astype(x.array.dtype)
    violation = clamp_min(1 - x.reshape(-1, classes, 1) + x.reshape(-1, 1, classes), 0.0) * wrap(pairs)
    losses = violation.sum((1, 2)) / classes
    return losses.reshape(()) if input.array.ndim == 1 and reduction == "none" else reduced(losses, reduction)
