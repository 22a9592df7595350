"""The fields of a tensor, and `apply`, which runs an op on the arrays of tensors and notes it in the graph."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy
from numpy import ndarray

from .. import backend, dtypes
from ..autograd.op import RESULT, Op, Pick, Version, clock
from ..kernels.registry import KERNELS
from ..mode import mode


class TensorBase:
    """What every part of the tensor layer needs to know of a tensor. `Tensor` adds the methods.

    array: the numbers, a NumPy or CuPy array. node: the op that made it, when gradients were recorded. tracked: is a
    gradient wanted? version: counts writes to the memory, shared with views.
    """

    Public: ClassVar[type[TensorBase]]  # the class of every result; the one that is declared with `public=True`

    array: Any
    version: Version
    node: Op | None = None
    tracked = False
    grad_value: TensorBase | None = None
    view_of: tuple[TensorBase, Op, int] | None = None  # the tensor this is a view of, by which op, and its `rebased` then
    hooks: list[Any] | None = None  # on the gradient of a leaf
    after_hooks: list[Any] | None = None  # after a leaf's gradient was added to `.grad`

    def __init_subclass__(cls, public: bool = False) -> None:
        if public:
            TensorBase.Public = cls

    __hash__ = object.__hash__


def wrap(array: Any) -> Any:
    """A tensor around an array, without history."""
    out = TensorBase.Public.__new__(TensorBase.Public)
    out.array = array if type(array) is ndarray or backend.is_array(array) else numpy.asarray(array)
    out.version = Version()
    return out


def apply(op: Op, *inputs: Any) -> Any:
    """Run op on the arrays of the inputs (tensors, or values that it takes as they are); returns a tensor or a tuple.

    Where gradients are recorded and an input is tracked, the op becomes the result's `node`.
    """
    arrays = []
    tracked = False
    for x in inputs:
        if isinstance(x, TensorBase):
            arrays.append(x.array)
            if x.tracked or x.version.rebased:
                tracked = True
        else:
            arrays.append(x)
    tracked = tracked and mode.grad and op.differentiable and _record(op, inputs, arrays)
    first = arrays[0]
    xp = numpy if type(first) is ndarray else _library(arrays)
    try:
        kernel = KERNELS[xp.__name__].get(type(op))
        if kernel is None:
            y = mode.quiet(op.forward, xp, *arrays)
        else:
            y = _run_kernel(kernel, op, xp, arrays)
    except (ValueError, TypeError, numpy.linalg.LinAlgError) as error:
        raise op.explain(error, *arrays) from None

    if type(y) is tuple:
        return _several(op, y, inputs[0] if op.is_view else None, tracked)
    out = TensorBase.Public.__new__(TensorBase.Public)
    out.array = y if type(y) is ndarray else _as_array(xp, y)
    if op.is_view:
        out.version = version = inputs[0].version
        out.view_of = (inputs[0], op, version.rebased)
    else:
        out.version = Version()
    if tracked:
        out.node = op
        out.tracked = True
        if op.saves:
            op.result_version = out.version
    return out


def _record(op: Op, inputs: tuple[Any, ...], arrays: list[Any]) -> bool:
    """Give the op its place in the graph, before forward, so that forward knows what backward will need.

    False, and no place, when no input is tracked after all.
    """
    edges = []
    versions = []
    for x in inputs:
        if isinstance(x, TensorBase):
            version = x.version
            if version.rebased and x.view_of is not None:
                refresh(x)
            versions.append(version)
            edges.append((x.node or x) if x.tracked else None)
        else:
            versions.append(None)
            edges.append(None)
    op.edges = tuple(edges)
    op.versions = tuple(versions)
    op.needs = needs = tuple([edge is not None for edge in edges])
    op.seq = next(clock)
    if op.broadcasts:
        shapes = [getattr(a, "shape", None) for a in arrays]
        if any(shape != shapes[0] for shape in shapes):
            op.shapes = tuple(shapes)
    return True in needs


def _library(arrays: list[Any]) -> Any:
    """The library of the first array among the inputs."""
    for a in arrays:
        if backend.is_array(a):
            return backend.library(a)
    return numpy


def _as_array(xp: Any, y: Any) -> Any:
    """A result with no axes comes as a scalar from NumPy; a tensor keeps it as an array."""
    return xp.asarray(y)


def _run_kernel(kernel: Any, op: Op, xp: Any, arrays: list[Any]) -> Any:
    """The faster body where it takes these inputs, the plain one where it does not."""
    y = kernel.forward(op, xp, *arrays)
    if y is NotImplemented:
        return mode.quiet(op.forward, xp, *arrays)
    op.kernel = kernel
    return y


def _several(op: Op, results: tuple[Any, ...], base: Any, tracked: bool) -> tuple[Any, ...]:
    """The results of an op with several: each picks its gradient's place in the op's list."""
    outs = []
    for i, y in enumerate(results):
        out = wrap(y)
        if base is not None:
            out.version = base.version
            out.view_of = (base, op, base.version.rebased)
        if tracked and y.dtype.kind == "f":
            pick = Pick(op, i, len(results))
            pick.seq = next(clock)
            out.node, out.tracked = pick, True
            if RESULT in op.saves.values():
                op.result_version = out.version
        outs.append(out)
    return tuple(outs)


def refresh(x: Any) -> None:
    """Give a view its history anew after its base got another one through an in-place op."""
    parent, op, seen = x.view_of
    if seen == x.version.rebased or op.several:
        return
    if parent.view_of is not None:
        refresh(parent)
    if parent.tracked:
        twin = op.again()
        _record(twin, (parent,), [parent.array])
        twin.forward(backend.library(parent.array), parent.array)
        x.node, x.tracked = twin, True
    x.view_of = (parent, op, x.version.rebased)


def dtype_of(x: TensorBase) -> dtypes.dtype:
    """The sparkle type of a tensor's elements."""
    return dtypes.of(x.array.dtype)
