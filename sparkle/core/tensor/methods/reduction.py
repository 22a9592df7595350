"""Reductions as methods."""

from __future__ import annotations

from ..functions.linear import norms
from ..functions.reductions import reduction, scan
from ..functions.reductions import softmax as exponential
from ..write import in_place


class ReductionMethods:
    """Reductions."""

    sum = reduction.sum
    nansum = reduction.nansum
    mean = reduction.mean
    nanmean = reduction.nanmean
    prod = reduction.prod
    amax = reduction.amax
    amin = reduction.amin
    aminmax = reduction.aminmax
    argmax = reduction.argmax
    argmin = reduction.argmin
    all = reduction.all
    any = reduction.any
    count_nonzero = reduction.count_nonzero
    var = reduction.var
    std = reduction.std
    norm = norms.norm
    dist = norms.dist

    softmax = exponential.softmax
    log_softmax = exponential.log_softmax
    logsumexp = exponential.logsumexp

    cumsum = scan.cumsum
    cumprod = scan.cumprod
    logcumsumexp = scan.logcumsumexp
    cummax = scan.cummax
    cummin = scan.cummin
    cumsum_ = in_place(scan.cumsum)
    cumprod_ = in_place(scan.cumprod)
