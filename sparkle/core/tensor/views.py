"""The short way to views, and the memory behind an array."""

from __future__ import annotations

from typing import Any

from .. import backend
from ..autograd.op import Op, Pick, clock
from ..mode import mode
from .base import TensorBase, apply, new, rebased, viewing


def view(op: Op, x: Any) -> Any:
    """`apply` for an op of one tensor whose result shares its memory: half the work, for the commonest of ops.

    Views save nothing, cannot overflow, and their arguments were checked, so that nothing needs to be caught.
    """
    array = x.array
    part = op.forward(backend.library(array), array)
    version = x.version
    if version.rebased and rebased(version):
        return apply(op, x)
    out = new(TensorBase.Public)
    out.array = part
    out.version = version
    out.view_of = x, op, 0
    return _recorded(out, op, x) if x.tracked and mode.grad else out


def seen(x: Any, array: Any, *recipe: Any) -> Any:
    """The array as a view of x; recipe: class and arguments of the op that makes it, which is made when needed only."""
    version = x.version
    if version.rebased and rebased(version):
        return apply(viewing(recipe), x)
    out = new(TensorBase.Public)
    out.array = array
    out.version = version
    if x.tracked and mode.grad:
        op = viewing(recipe)
        out.view_of = x, op, 0
        return _recorded(out, op, x)
    out.view_of = x, recipe, 0
    return out


def _recorded(out: Any, op: Op, x: Any) -> Any:
    """The view with its place in the graph."""
    if op.differentiable:
        op.edges = (x.node or x,)
        op.needs = (True,)
        op.seq = next(clock)
        out.node = op
        out.tracked = True
        if mode.grad is not True:
            mode.grad(op)
    return out


def views(op: Op, x: Any) -> tuple[Any, ...]:
    """`apply` for an op with several results that share the memory of its one input."""
    version = x.version
    if version.rebased and rebased(version):
        return apply(op, x)
    array = x.array
    parts = op.forward(backend.library(array), array)
    recorded = x.tracked and mode.grad
    if recorded:
        op.edges = (x.node or x,)
        op.needs = (True,)
        op.seq = next(clock)
        if mode.grad is not True:
            mode.grad(op)
    origin = (x, op, 0)
    outs = []
    for i, part in enumerate(parts):
        out = new(TensorBase.Public)
        out.array = part
        out.version = version
        out.view_of = origin
        if recorded:
            out.node = pick = Pick(op, i, len(parts))
            pick.seq = next(clock)
            out.tracked = True
        outs.append(out)
    return tuple(outs)


def viewable(array: Any, shape: tuple[int, ...]) -> bool:
    """Can the array be seen in that shape, of as many elements, without copying?

    Axes of the array are taken in runs that lie in memory as one axis would; every run must be cut up by whole axes of
    the shape.
    """
    if array.flags.c_contiguous or not array.size:
        return True
    j = len(shape) - 1
    for length, _ in reversed(runs(array)):
        covered = 1
        while j >= 0 and (covered < length or shape[j] == 1):
            covered *= shape[j]
            j -= 1
        if covered != length:
            return False
    return True


def runs(array: Any) -> list[tuple[int, int]]:
    """Length and stride of the runs of axes that could be one axis."""
    found: list[tuple[int, int]] = []
    for n, stride in zip(array.shape, array.strides, strict=True):
        if n == 1:
            continue
        if found and found[-1][1] == n * stride:
            found[-1] = (found[-1][0] * n, stride)
        else:
            found.append((n, stride))
    return found


def strides_of(array: Any) -> tuple[int, ...]:
    """The strides in elements."""
    size = array.dtype.itemsize
    strides: list[int] = []
    following = 1
    for n, stride in zip(reversed(array.shape), reversed(array.strides), strict=True):
        own = following if not stride and (n == 1 or not array.size) else stride // size  # NumPy says 0 for both
        strides.append(own)
        following = own * max(n, 1)
    return tuple(reversed(strides))


def root_of(array: Any) -> Any:
    """The array that owns the memory, or the outermost one that is known."""
    base: Any = getattr(array, "base", None)
    while base is not None and backend.is_array(base):
        array, base = base, base.base
    return array


def flat_storage(array: Any) -> tuple[Any, int]:
    """All of the memory behind the array as one axis, and where in it the array begins, in elements."""
    root = root_of(array)
    if root.dtype != array.dtype:
        root = root.view(array.dtype)
    start = (backend.address(array) - backend.address(root)) // array.dtype.itemsize
    return root.ravel(order="K"), start
