"""The loss of sequences whose alignment is not known."""

from __future__ import annotations

from typing import Any

import numpy

from ...backend import library
from ...ops.nn.ctc import CtcLoss
from ...tensor.autocast import in_float32
from ...tensor.base import TensorBase, apply, dtype_of, wrap
from ...tensor.functions.shaping.shape import squeeze, unsqueeze
from .arguments import check_floating, check_reduction, reduced


@in_float32
def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Any:
    """-log of the probability of the targets under all alignments with the input (Graves et al., 2006).

    log_probs: (T, N, C) from log_softmax, or (T, C). targets: labels (N, S), padded, or all of them in one row.
    input_lengths, target_lengths: N integers each, as a tensor or a sequence. blank: the label of no target.
    reduction: mean divides by the target lengths first. zero_infinity: losses that no alignment can have, and their
    gradients, are 0 instead of infinite. RuntimeError where lengths or labels do not fit.

    >>> import sparkle
    >>> log_probs = sparkle.full((2, 1, 2), 0.5).log()
    >>> ctc_loss(log_probs, sparkle.tensor([[1]]), [2], [1]).exp()  # of four paths all but one say "1"
    tensor(1.3333)
    """
    check_reduction(reduction, "ctc_loss")
    check_floating(log_probs, "ctc_loss")
    if log_probs.array.ndim not in (2, 3):
        raise RuntimeError(f"ctc_loss: log_probs must be (T, N, C) or (T, C), met {list(log_probs.array.shape)}")
    _check_tensor(targets, "targets")
    alone = log_probs.array.ndim == 2
    x = unsqueeze(log_probs, 1) if alone else log_probs
    batch, classes = x.array.shape[1:]
    if not 0 <= blank < classes:
        raise RuntimeError(f"ctc_loss: blank must be in label range 0..{classes - 1}, met {blank}")
    steps = _lengths(input_lengths, batch, len(x.array), "input_lengths")
    sizes = _lengths(target_lengths, batch, None, "target_lengths")
    labels = _labels(targets, sizes, batch, blank, classes)
    xp = library(x.array)
    constants = [wrap(xp.asarray(a)) for a in (labels, steps, sizes)]
    losses = apply(CtcLoss(zero_infinity), x, *constants)
    if reduction == "mean":
        return (losses / wrap(xp.asarray(numpy.maximum(sizes, 1), x.array.dtype))).mean()
    return squeeze(losses, 0) if alone and reduction == "none" else reduced(losses, reduction)


def _check_tensor(x: Any, name: str) -> None:
    if not isinstance(x, TensorBase):
        raise TypeError(f"ctc_loss: {name} must be a tensor, met {type(x).__name__}")


def _host(x: Any) -> numpy.ndarray:
    array: numpy.ndarray = x.detach().cpu().numpy()
    return array


def _lengths(given: Any, batch: int, most: int | None, name: str) -> numpy.ndarray:
    """The lengths as int64 on the host."""
    if isinstance(given, TensorBase):
        if given.array.dtype.kind not in "iu":
            raise RuntimeError(f"ctc_loss: {name} must be integers, met {dtype_of(given)}")
        given = _host(given)
    lengths = numpy.atleast_1d(numpy.asarray(given, dtype="int64"))
    if lengths.shape != (batch,):
        raise RuntimeError(f"ctc_loss: {name} must be of size {batch}, the batch's, met {list(lengths.shape)}")
    if batch and (lengths.min() < 0 or (most is not None and lengths.max() > most)):
        limit = "" if most is None else f" and at most {most}, log_probs' first size"
        raise RuntimeError(f"ctc_loss: expected {name} to be at least 0{limit}, met {lengths.tolist()}")
    return lengths


def _labels(targets: Any, sizes: numpy.ndarray, batch: int, blank: int, classes: int) -> numpy.ndarray:
    """(N, 2 S + 1): blanks, with the targets between them."""
    rows = _host(targets).astype("int64")
    longest = int(sizes.max(initial=0))
    if rows.ndim == 1:
        if rows.size != sizes.sum():
            raise RuntimeError(
                f"ctc_loss: 1-D targets must hold the {sizes.sum()} labels that target_lengths count, met {rows.size}"
            )
        parts = numpy.split(rows, numpy.cumsum(sizes)[:-1])
    elif rows.ndim == 2 and rows.shape[0] == batch and rows.shape[1] >= longest:
        parts = [row[:n] for row, n in zip(rows, sizes, strict=True)]
    else:
        raise RuntimeError(
            f"ctc_loss: expected targets of shape ({batch}, {longest} or more) or in one row, met {list(rows.shape)}"
        )
    labels = numpy.full((batch, 2 * longest + 1), blank)
    for row, part in zip(labels, parts, strict=True):
        row[1 : 2 * len(part) : 2] = part
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise RuntimeError(f"ctc_loss: targets must be labels 0..{classes - 1}, met {labels.min()}..{labels.max()}")
    return labels
