"""The fields of a tensor, and `apply`, which runs an op on the arrays of tensors and notes it in the graph."""

from __future__ import annotations

import weakref
from typing import Any, ClassVar

import numpy
from numpy import ndarray

from .. import backend, dtypes
from ..autograd.half import Widened, half_of, narrow, wide
from ..autograd.op import RESULT, UNSEEN, HookHandle, InferenceVersion, LeafHooks, Op, Pick, Version, clock
from ..dtypes import FLOATS, HALVES
from ..kernels.registry import CPU, CUDA
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
    view_of: tuple[TensorBase, Any, int] | None = None  # of what, by which op (see `viewing`), its `rebased` then
    leaf_hooks: LeafHooks | None = None
    keeper: Any = None  # the handle by which `retain_grad` can be moved to another node

    def __init_subclass__(cls, public: bool = False) -> None:
        if public:
            TensorBase.Public = cls

    __hash__ = object.__hash__


SMALL = 1 << 12  # elements of the first input, below which no faster body is looked for

new = object.__new__  # results are made without passing through the legacy constructor


def wrap(array: Any) -> Any:
    """A tensor around an array, without history."""
    out = new(TensorBase.Public)
    out.array = array if type(array) is ndarray or backend.is_array(array) else numpy.asarray(array)
    out.version = InferenceVersion() if Version.alerts and mode.inference else Version()
    return out


def apply(op: Op, *inputs: Any) -> Any:
    """Run op on the arrays of the inputs (tensors, or values that it takes as they are); returns a tensor or a tuple.

    Where gradients are recorded and an input is tracked, the op becomes the result's `node`. Every op of every program
    passes here, so this is written out where calls would be shorter.
    """
    if Version.alerts and (other := _look(inputs, op)) is not None:
        return other(op, inputs)
    arrays: list[Any] = []
    edges: list[Any] = []
    needs = []
    versions: list[Any] = []
    tracked = False
    for x in inputs:
        if isinstance(x, TensorBase):
            arrays.append(x.array)
            versions.append(x.version)
            if x.tracked:
                edges.append(x.node or x)
                needs.append(True)
                tracked = True
                continue
        else:
            arrays.append(x)
            versions.append(None)
        edges.append(None)
        needs.append(False)
    first = arrays[0]
    if type(first) is ndarray:
        xp: Any = numpy
        kernel = CPU.get(type(op)) if op.heavy or first.size >= SMALL else None
    else:
        xp = _library(arrays)
        kernel = (CPU if xp is numpy else CUDA).get(type(op))
    if tracked:
        watch = mode.grad
        if watch and op.differentiable:
            # The op gets its place before forward runs, so that forward knows what backward will need.
            op.edges = edges
            op.needs = needs
            op.versions = versions
            op.seq = next(clock)
            if op.broadcasts:
                last = arrays[-1]
                if type(last) is not type(first) or last.shape != first.shape or len(arrays) > 2:
                    _note_shapes(op, arrays)
        else:
            tracked = False
    try:
        y = op.forward(xp, *arrays) if kernel is None else run_kernel(kernel, op, xp, arrays)
    except (RuntimeWarning, FloatingPointError):  # somebody asked NumPy to raise for 1/0; a tensor program gets inf
        y = mode.quiet(op.forward, xp, *arrays)
    except (ValueError, TypeError, numpy.linalg.LinAlgError) as error:
        raise op.explain(error, *arrays) from None

    if type(y) is tuple:
        outs = _several(op, y, inputs[0] if op.is_view else None, tracked)
        if tracked and watch is not True:
            watch(op)
        return outs
    out = new(TensorBase.Public)
    out.array = y if type(y) is ndarray else xp.asarray(y)  # NumPy gives scalars where there are no axes
    if op.is_view:
        out.version = inputs[0].version
        out.view_of = (inputs[0], op, rebased(out.version))
    else:
        out.version = Version()
    if tracked:
        out.node = op
        out.tracked = True
        if op.saves:
            op.result_version = out.version
        if watch is not True:
            watch(op)
    return out


def _infer(op: Op, inputs: tuple[Any, ...]) -> Any:
    """`apply` in inference mode: nothing is recorded, and the results never will be."""
    arrays = [x.array if isinstance(x, TensorBase) else x for x in inputs]
    y = _forward(op, _library(arrays), arrays) if half_of(op, arrays) is None else _widened(op, arrays)
    results = y if type(y) is tuple else (y,)
    outs = []
    for array in results:
        out = wrap(array)
        if op.is_view:
            out.version = inputs[0].version
            out.view_of = (inputs[0], op, rebased(out.version))
        outs.append(out)
    return tuple(outs) if type(y) is tuple else outs[0]


def _forward(op: Op, xp: Any, arrays: list[Any]) -> Any:
    kernel = (CPU if xp is numpy else CUDA).get(type(op))
    try:
        return op.forward(xp, *arrays) if kernel is None else run_kernel(kernel, op, xp, arrays)
    except (RuntimeWarning, FloatingPointError):
        return mode.quiet(op.forward, xp, *arrays)
    except (ValueError, TypeError, numpy.linalg.LinAlgError) as error:
        raise op.explain(error, *arrays) from None


class _Careful:
    """Stands in `mode.grad` while an op with an inference tensor among its inputs runs."""

    def __init__(self, recording: Any) -> None:
        self.recording = recording

    def __call__(self, op: Op) -> None:
        _check_saved(op)
        if self.recording is not True:
            self.recording(op)


def _check(op: Op, inputs: tuple[Any, ...]) -> Any:
    """`apply` of an op that may not keep all of its inputs."""
    recording, mode.grad = mode.grad, _Careful(mode.grad)
    try:
        return apply(op, *inputs)
    finally:
        mode.grad = recording


def _check_saved(op: Op) -> None:
    """Refuse to keep for backward what inference mode made: nobody counts the writes to it."""
    for name, source in op.saves.items():
        version = op.versions[source] if source >= 0 else None
        if version is not None and version.inference and getattr(op, name) is not None:
            raise RuntimeError(
                f"{op.label()}: input {source} was made in inference mode. Inference tensors cannot be saved for "
                "backward; use its clone(), or make it under no_grad() instead"
            )


class Through(Op):
    """The identity: leads to a leaf whose numbers were kept somewhere else."""

    def backward(self, xp: Any, g: Any) -> tuple[Any, ...]:
        return (g,)


def linked(array: Any, edge: Any) -> Any:
    """A tensor of the array whose history goes on at the edge; the leaf itself where the array is still its own."""
    if isinstance(edge, TensorBase) and edge.array is array:
        return edge
    out = wrap(array)
    if isinstance(edge, TensorBase):
        leaf, edge = edge, Through()
        edge.edges, edge.needs, edge.seq = (leaf,), (True,), next(clock)
    if edge is not None and out.array.dtype.kind in FLOATS:
        out.node, out.tracked = edge, True
    return out


def _note_shapes(op: Op, arrays: list[Any]) -> None:
    """Remember the inputs' shapes where they differ, for summing the gradients back; None for numbers."""
    if type(arrays[-1]) is float and len(arrays) == 2:
        return
    shapes = [getattr(a, "shape", None) for a in arrays]
    if shapes.count(shapes[0]) != len(shapes):
        op.shapes = tuple(shapes)


def record(op: Op, inputs: tuple[Any, ...]) -> bool:
    """Give an op that is not run by `apply` its place in the graph; False where no input is tracked."""
    _look(inputs)
    op.edges = [((x.node or x) if x.tracked else None) if isinstance(x, TensorBase) else None for x in inputs]
    op.needs = [edge is not None for edge in op.edges]
    op.versions = [x.version if isinstance(x, TensorBase) else None for x in inputs]
    op.seq = next(clock)
    if mode.grad is not True and mode.grad:
        mode.grad.trace(op)
    return True in op.needs


def _look(inputs: tuple[Any, ...], op: Op | None = None) -> Any:
    """Bring views up to date whose base was written through another view; says who should run the op, if not `apply`.

    That is `_infer` in inference mode, `_check` where an input was made in it, and `_widely` where one is of half
    precision.
    """
    made_there = half = False
    for x in inputs:
        if isinstance(x, TensorBase):
            half = half or x.array.dtype.char in HALVES
            made_there = made_there or x.version.inference
            if x.view_of is not None and x.view_of[2] < x.version.rebased:
                refresh(x)
    if mode.inference:
        return _infer
    if made_there and mode.grad and type(mode.grad) is not _Careful:
        return _check
    return _widely if half and op is not None and op.widens and not op.is_view else None


def _alert() -> None:
    Version.alerts += 1


dtypes.on_first_half(_alert)


def _widely(op: Op, inputs: tuple[Any, ...]) -> Any:
    """`apply` of an op on half precision, which computes in float32."""
    arrays = [x.array if isinstance(x, TensorBase) else x for x in inputs]
    watch = mode.grad
    tracked = bool(watch) and op.differentiable and record(op, inputs)
    if tracked and op.broadcasts:
        _note_shapes(op, arrays)
    y = _widened(op, arrays)
    if type(y) is tuple:
        result = _several(op, y, None, tracked)
    else:
        result = wrap(y)
        if tracked:
            result.node, result.tracked, op.result_version = op, True, result.version
    if tracked and watch is not True:
        watch(op)
    return result


def _widened(op: Op, arrays: list[Any]) -> Any:
    """The op's result from arrays of half precision: computed in float32, and rounded once."""
    half = half_of(op, arrays)
    y = _forward(op, _library(arrays), [wide(a) for a in arrays])
    op.kernel = Widened(op.kernel, arrays, half)
    return tuple(_narrowed(one, half) for one in y) if type(y) is tuple else _narrowed(y, half)


def _narrowed(a: Any, half: Any) -> Any:
    try:
        return narrow(a, half)
    except (RuntimeWarning, FloatingPointError):  # too large a number becomes inf, without a word
        return mode.quiet(narrow, a, half)


def _library(arrays: list[Any]) -> Any:
    """The library of the first array among the inputs."""
    for a in arrays:
        if backend.is_array(a):
            return backend.library(a)
    return numpy


def run_kernel(kernel: Any, op: Op, xp: Any, arrays: Any) -> Any:
    """The faster body where it takes these inputs, the plain one where it does not."""
    y = kernel.forward(op, xp, *arrays)
    if y is NotImplemented:
        return op.forward(xp, *arrays)
    op.kernel = kernel
    return y


def _several(op: Op, results: tuple[Any, ...], base: Any, tracked: bool) -> tuple[Any, ...]:
    """The results of an op with several: each picks its gradient's place in the op's list."""
    outs = []
    for i, y in enumerate(results):
        out = wrap(y)
        if base is not None:
            out.version = base.version
            out.view_of = (base, op, rebased(base.version))
        if tracked and y.dtype.kind in FLOATS:
            pick = Pick(op, i, len(results))
            pick.seq = next(clock)
            out.node, out.tracked = pick, True
            if RESULT in op.saves.values():
                op.result_version = out.version
        outs.append(out)
    return tuple(outs)


def settle(x: Any, node: Any, tracked: bool) -> None:
    """Give a tensor another history; `retain_grad` goes along."""
    x.node, x.tracked = node, tracked
    if x.keeper is not None:
        x.keeper.remove()
        x.keeper = keep_grad(x) if node is not None else None


def keep_grad(x: Any) -> HookHandle:
    """A hook on the tensor's node that keeps its gradient in `.grad`, after all other hooks."""
    this = weakref.ref(x)  # a strong reference from the node would keep the tensor alive in a circle

    def keep(g: Any) -> None:
        kept = this()
        if kept is not None:
            kept.grad_value = g.clone() if kept.grad_value is None else kept.grad_value + g

    x.node.keepers, x.node.hooked = x.node.keepers or [], True
    return HookHandle(x.node.keepers, keep)


def rebased(version: Version) -> int:
    """How often the memory's history was replaced, as a view that is being made must know."""
    if version.rebased == UNSEEN:
        version.rebased = 0
    return version.rebased


def viewing(recipe: Any) -> Op:
    """The op of a view from what its `view_of` holds: the op itself, or its class and arguments."""
    return recipe[0](*recipe[1:]) if type(recipe) is tuple else recipe  # type: ignore[no-any-return]


def refresh(x: Any) -> None:
    """Give a view its history anew after its base got another one through an in-place op."""
    parent, recipe, seen = x.view_of
    if seen >= x.version.rebased:
        return
    op = viewing(recipe)
    if parent.view_of is not None:
        refresh(parent)
    if parent.tracked and (op.several or op.opaque):
        raise RuntimeError(
            f"a tensor of shape {tuple(x.array.shape)} is one of several views made by {op.label()}, and its "
            f"base or another "
            "view of it has been modified in place since; take the views anew, or clone() them before that write"
        )
    if parent.tracked and op.differentiable:
        twin = op.again()
        record(twin, (parent,))
        twin.forward(backend.library(parent.array), parent.array)
        settle(x, twin, True)
    x.view_of = (parent, op, x.version.rebased)


def dtype_of(x: TensorBase) -> dtypes.dtype:
    """The sparkle type of a tensor's elements."""
    return dtypes.of(x.array.dtype)
