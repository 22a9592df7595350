"""The short way through `apply`: small NumPy arrays of one, two or three tensors, or of one tensor and other values,
and a result that is no view.

An op on ten numbers costs what Python does around it. These do what `apply` does, in its order but without its loops,
and leave to it whatever is out of the ordinary.
"""

from __future__ import annotations

from typing import Any

import numpy
from numpy import ndarray

from ..autograd.op import Op, Version, clock
from ..kernels.registry import CPU
from ..mode import mode
from .base import SMALL, TensorBase, apply, new, run_kernel


def single(op: Op, x: Any) -> Any:
    """`apply(op, x)` for a tensor."""
    array = x.array
    if type(array) is not ndarray or array.size >= SMALL or Version.alerts:
        return apply(op, x)
    recorded = x.tracked and mode.grad
    if recorded:
        if recorded is not True or not op.differentiable:
            return apply(op, x)
        op.edges = (x.node or x,)
        op.needs = (True,)
        op.versions = (x.version,)
        op.seq = next(clock)
    try:
        y = op.forward(numpy, array)
    except Exception:  # `apply` knows what to do with it
        return apply(op.again(), x)
    return _result(y, op, recorded)


def leading(op: Op, x: Any, *given: Any) -> Any:
    """`apply(op, x, *given)` for a tensor and values that are none, of an op that does not broadcast."""
    array = x.array
    if type(array) is not ndarray or array.size >= SMALL or Version.alerts:
        return apply(op, x, *given)
    recorded = x.tracked and mode.grad
    if recorded:
        if recorded is not True or not op.differentiable:
            return apply(op, x, *given)
        nothing = (None,) * len(given)
        op.edges = (x.node or x, *nothing)
        op.needs = (True, *(False,) * len(given))
        op.versions = (x.version, *nothing)
        op.seq = next(clock)
    try:
        y = op.forward(numpy, array, *given)
    except Exception:  # `apply` knows what to do with it
        return apply(op.again(), x, *given)
    return _result(y, op, recorded)


def pair(op: Op, a: Any, b: Any) -> Any:
    """`apply(op, a, b)` for two tensors."""
    x, y = a.array, b.array
    if type(x) is not ndarray or x.size >= SMALL or type(y) is not ndarray or Version.alerts:
        return apply(op, a, b)
    left, right = a.tracked, b.tracked
    recorded = (left or right) and mode.grad
    if recorded:
        if recorded is not True or not op.differentiable:
            return apply(op, a, b)
        op.edges = (a.node or a if left else None, b.node or b if right else None)
        op.needs = (left, right)
        op.versions = (a.version, b.version)
        op.seq = next(clock)
        if op.broadcasts and x.shape != y.shape:
            op.shapes = (x.shape, y.shape)
    try:
        y = op.forward(numpy, x, y)
    except Exception:  # `apply` knows what to do with it
        return apply(op.again(), a, b)
    return _result(y, op, recorded)


def triple(op: Op, a: Any, b: Any, c: Any, large: bool) -> Any:
    """`apply(op, a, b, c)` for three tensors of an op that does not broadcast; large: by the kernel where one is."""
    x, y, z = a.array, b.array, c.array
    if not (type(x) is type(y) is type(z) is ndarray) or Version.alerts:
        return apply(op, a, b, c)
    first, second, third = a.tracked, b.tracked, c.tracked
    recorded = (first or second or third) and mode.grad
    if recorded:
        if recorded is not True:
            return apply(op, a, b, c)
        op.edges = (a.node or a if first else None, b.node or b if second else None, c.node or c if third else None)
        op.needs = (first, second, third)
        op.versions = (a.version, b.version, c.version)
        op.seq = next(clock)
    try:
        kernel = CPU.get(type(op)) if large else None
        y = op.forward(numpy, x, y, z) if kernel is None else run_kernel(kernel, op, numpy, (x, y, z))
    except Exception:  # `apply` knows what to do with it
        return apply(op.again(), a, b, c)
    return _result(y, op, recorded)


def _result(y: Any, op: Op, recorded: Any) -> Any:
    """The tensor of what forward gave, with its place in the graph."""
    out = new(TensorBase.Public)
    out.array = y if type(y) is ndarray else numpy.asarray(y)
    out.version = version = Version()
    if recorded:
        out.node = op
        out.tracked = True
        op.result_version = version
    return out
