"""The one door through which tensors are written: it counts, and keeps the history right."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy
from numpy import ndarray

from .. import dtypes
from ..autograd.op import UNSEEN, Op, Version, clock, run
from ..backend import library
from ..mode import mode
from ..ops.shaping.shape import Cast
from .base import TensorBase, apply, dtype_of, record, refresh, settle, viewing, wrap

LEAF = (
    "a {what} that requires grad is being used in an in-place operation ({name}). Write to it inside "
    "`with no_grad():`, or to a clone()."
)

OVERLAP = (
    "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please "
    "clone() the tensor before performing the operation."
)
INFERENCE = (
    "{name}: Inplace update to inference tensor outside InferenceMode is not allowed. Make a clone() of it, and write "
    "to that."
)
READ_ONLY = "{name}: the tensor shares the memory of a read-only array; write to a clone() of it"


class CopySlices(Op):
    """The base after its part view(base) was overwritten: the part's gradient goes to what was written."""

    def __init__(self, view: Op) -> None:
        self.view = view

    def backward(self, xp: Any, g: Any) -> tuple[Any, ...]:
        part = run(xp, self.view.again(), g)
        mask = xp.ones_like(g)
        _cleared(self.view, mask)
        return (g * mask if self.needs[0] else None), (xp.copy(part) if self.needs[1] else None)


def _cleared(view: Op, mask: Any) -> None:
    """Zeros in the mask's part; the mask is an array, or a tensor without history."""
    array = getattr(mask, "array", mask)
    view.again().forward(library(array), array)[...] = 0


def check_writable(target: TensorBase, name: str, incoming: bool = False) -> None:
    """Refuse what torch refuses: leaves that require grad, their views, and outputs of multi-view ops.

    incoming: does what will be written have a history?
    """
    if target.version.inference and not mode.inference:
        raise RuntimeError(INFERENCE.format(name=name))
    if not mode.grad:
        return
    if target.tracked and target.node is None:
        raise RuntimeError(LEAF.format(what="leaf Variable", name=name))
    if target.view_of is not None:
        refresh(target)
    view = target
    while view.view_of is not None:
        parent, recipe, _ = view.view_of
        _check_step(view, parent, viewing(recipe), name, target.tracked or incoming)
        view = parent


def _check_step(view: TensorBase, parent: TensorBase, op: Op, name: str, recorded: bool) -> None:
    """Refuse to write through a view to its parent where the parent's history could not follow."""
    if (op.several or op.opaque) and (recorded or parent.tracked):
        maker = "those returned by the Function" if op.opaque else "several made by"
        raise RuntimeError(
            f"{name}: the target is a view, one of {maker} {op.name() if op.opaque else op.label()}, and such views "
            "cannot be written while gradients are recorded; write to a clone(), or to a slice of the original"
        )
    if parent.tracked and parent.node is None:
        raise RuntimeError(LEAF.format(what="view of a leaf Variable", name=name))
    if parent.tracked and not view.tracked and op.differentiable:
        raise RuntimeError(
            f"{name}: a view was created in no_grad mode and is being modified inplace with grad mode enabled, so that "
            "its base could not follow; make both inside `with no_grad():`, or both outside"
        )


def touch(target: TensorBase) -> None:
    """Count a write to the target's memory."""
    target.version.count += 1
    target.version.written = Version.latest = next(clock)


def touch_all(targets: list[TensorBase]) -> None:
    """Count one write to the memory of each."""
    now = Version.latest = next(clock)
    for target in targets:
        version = target.version
        version.count += 1
        version.written = now


def write(target: Any, value: Any, name: str) -> Any:
    """Store the value (a tensor) in the target's memory; the target takes over its history. Returns the target.

    Raises RuntimeError where the value's kind or shape does not fit, or where autograd could not follow.
    """
    check_writable(target, name, value.tracked)
    to, have = dtype_of(target), dtype_of(value)
    if dtypes.category(have) > dtypes.category(to):
        raise RuntimeError(f"{name}: result type {have} can't be cast to the desired output type {to}")
    shape = target.array.shape
    if value.array.shape != shape:
        raise RuntimeError(
            f"{name}: output with shape {list(shape)} doesn't match the broadcast shape {list(value.array.shape)}"
        )
    if have is not to:
        value = apply(Cast(to.numpy), value)
    try:
        target.array[...] = value.array
    except ValueError:  # a view whose elements share places is read-only, or the memory is
        raise _read_only(target, name) from None
    touch(target)
    if mode.grad and (value.tracked or target.tracked or target.view_of is not None):
        take_history(target, value)
    return target


def _read_only(target: TensorBase, name: str) -> RuntimeError:
    return RuntimeError(OVERLAP if 0 in target.array.strides else READ_ONLY.format(name=name))


def overwrite(target: Any, op: Op, *others: Any, name: str) -> Any:
    """Run an op that writes into its first array and saves none of its numbers; the target takes the result's history.

    For writes to a part that no view can name, such as `x[i] = v` for a tensor i, and where the op keeps its result
    alone: nothing is copied.
    """
    check_writable(target, name, any(isinstance(x, TensorBase) and x.tracked for x in others))
    if not getattr(target.array.flags, "writeable", True):
        raise _read_only(target, name)
    if target.view_of is not None:
        refresh(target)
    before = wrap(target.array)
    before.node, before.tracked = target.node, target.tracked
    op.widens = False  # it writes into the memory itself
    made = apply(op, before, *others)
    touch(target)
    if op.result_version is not None:  # what it keeps is the target's memory as it is now
        op.result_version, op.seq = target.version, next(clock)
    if mode.grad and (made.tracked or target.tracked or target.view_of is not None):
        take_history(target, made)
    return target


def take_history(target: Any, value: Any) -> None:
    """The target has been written: its history, and that of what it is a view of, is the value's."""
    if target.view_of is None:
        settle(target, value.node, value.tracked)
    elif value.tracked or target.tracked or target.view_of[0].tracked:
        _rebase(target, value)
    else:
        return
    if target.version.rebased != UNSEEN:
        target.version.rebased += 1
        Version.alerts += 1


def _rebase(part: Any, value: Any) -> None:
    """The base of the view `part` becomes the result of a CopySlices, and so on up the chain of views."""
    parent, recipe, _ = part.view_of
    if parent.view_of is not None:
        refresh(parent)
    node = CopySlices(viewing(recipe).again())
    made = wrap(parent.array)
    if record(node, (parent, value)):
        made.node, made.tracked = node, True
    if parent.view_of is None:
        settle(parent, made.node, made.tracked)
    else:
        _rebase(parent, made)


def in_place(function: Callable[..., Any]) -> Callable[..., Any]:
    """The in-place form of a function: the same arguments, the result written into the first."""
    name = function.__name__ + "_"

    @functools.wraps(function)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        check_writable(self, name)
        since = next(clock)
        made = function(_before(self, args), *args, **kwargs)
        if made.node is not None and type(self.array) is ndarray:
            _keep_numbers(made.node, since, self.array)
        return write(self, made, name)

    method.__name__ = name
    method.__doc__ = f"In-place form of `{function.__name__}`: writes into this tensor and returns it."
    return method


def _before(x: Any, others: tuple[Any, ...]) -> Any:
    """x as it was: where its numbers may be saved, a twin, with a copy of them if they are saved out of reach."""
    if not mode.grad or not (x.tracked or any(isinstance(o, TensorBase) and o.tracked for o in others)):
        return x
    if x.view_of is not None:
        refresh(x)
    within_reach = mode.grad is True and type(x.array) is ndarray and x.array.dtype.char in "fd"
    twin = wrap(x.array if within_reach else x.array.copy(order="K"))  # in the same layout: it will be written back
    twin.node, twin.tracked = x.node, x.tracked
    return twin


def _keep_numbers(last: Any, since: int, memory: Any) -> None:
    """Copy what nodes made since then, up to the last one, have saved of memory that will be written."""
    nodes = [last]
    for node in nodes:
        for name in node.saves:
            saved = getattr(node, name)
            if type(saved) is ndarray and numpy.may_share_memory(saved, memory):
                setattr(node, name, saved.copy(order="K"))
        nodes += [edge for edge in node.edges if isinstance(edge, Op) and edge.seq > since]
