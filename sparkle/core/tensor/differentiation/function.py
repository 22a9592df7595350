"""Ops that users define: `class Square(Function)` with static `forward` and `backward` on tensors."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ClassVar

from ...autograd.op import KEPT, Op, Pick, clock, sum_to
from ...autograd.walk import SECOND_TIME
from ...backend import library
from ...dtypes import FLOATS
from ...mode import mode
from ...ops.shaping.shape import Cast
from ..base import TensorBase, apply, rebased, record, wrap
from ..switches import no_grad
from ..write import check_writable, take_history, touch
from .saved import Saved, packer


class FunctionCtx(Op):
    """What forward and backward of a user Function are given as `ctx`; it is also the node in the graph."""

    saves: ClassVar[dict[str, int]] = {"saved": KEPT}
    opaque = True

    def __init__(self, function: type[Function]) -> None:
        self.function = function
        self.dirty: tuple[Any, ...] = ()
        self.non_differentiable: tuple[Any, ...] = ()
        self.materialize = True
        self.outputs: list[tuple[Any, ...] | None] = []  # (shape, dtype, array library) of each result
        self.inputs: list[Any] = []  # (shape, dtype) of each argument that is a tensor

    # What forward may say.

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors (inputs or results of forward) for backward; read them there as `ctx.saved_tensors`."""
        for x in tensors:
            if x is not None and not isinstance(x, TensorBase):
                raise TypeError(f"save_for_backward: can only save tensors, but argument is of type {type(x).__name__}")
        self.saved = [None if x is None else Saved(x) for x in tensors]

    def save_for_forward(self, *tensors: Any) -> None:
        """Refused: there is no forward mode."""
        raise NotImplementedError("save_for_forward: forward-mode differentiation is not supported")

    def mark_dirty(self, *tensors: Any) -> None:
        """Say that forward wrote to these inputs; they must be among its results."""
        self.dirty = tensors

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """Say that these results have no gradient."""
        self.non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """True (as at the start): a missing gradient reaches backward as zeros; False: as None."""
        self.materialize = value

    # What backward may ask.

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The saved tensors; RuntimeError when they were freed or written since."""
        if self.freed:
            raise RuntimeError(SECOND_TIME.format(name=self.name()))
        return tuple(None if entry is None else entry.tensor(self) for entry in self.saved or ())

    @property
    def needs_input_grad(self) -> tuple[bool, ...]:
        """For each input: will its gradient be used?"""
        return tuple(self.needs)

    def backward(self, xp: Any, g: Any) -> tuple[Any, ...]:
        gs = g if type(g) is list else [g]
        lifted = next(isinstance(x, TensorBase) for x in gs if x is not None)
        answer = self._rule()(self, *[self._given(x, i, lifted) for i, x in enumerate(gs)])
        answer = tuple(answer) if isinstance(answer, (tuple, list)) else (answer,)
        count = len(self.edges)
        if len(answer) < count or any(x is not None for x in answer[count:]):
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients (expected {count}, got "
                f"{len(answer)})"
            )
        return tuple(self._taken(xp, x, i, lifted) for i, x in enumerate(answer[:count]))

    def _rule(self) -> Callable[..., Any]:
        own = self.function.vjp is not Function.vjp
        if own and self.function.backward is not Function.backward:
            raise RuntimeError(
                "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only "
                "implement one of them."
            )
        return self.function.vjp if own else self.function.backward

    def _given(self, x: Any, i: int, lifted: bool) -> Any:
        if x is not None:
            return x if lifted else wrap(x)
        made = self.outputs[i]
        if not self.materialize or made is None:
            return None
        shape, dtype, xp = made
        return wrap(xp.zeros(shape, dtype=dtype))

    def _taken(self, xp: Any, x: Any, i: int, lifted: bool) -> Any:
        """The user's gradient in the input's shape and type; a copy, for nobody knows who else holds it."""
        if x is None:
            return None
        if not isinstance(x, TensorBase):
            raise RuntimeError(
                f"{self.name()}: expected a tensor or None as the gradient of input {i}, met {type(x).__name__}"
            )
        if self.inputs[i] is None:
            raise RuntimeError(
                f"function {self.name()} returned a gradient different from None at position {i + 1}, but the "
                "corresponding forward input was not a Variable"
            )
        if self.edges[i] is None:
            return None
        (wanted, dtype), shape = self.inputs[i], x.array.shape
        if len(shape) < len(wanted) or any(n not in (1, m) for n, m in zip(wanted[::-1], shape[::-1], strict=False)):
            raise RuntimeError(
                f"Function {self.name()} returned an invalid gradient at index {i} - got {list(shape)} but expected "
                f"shape compatible with {list(wanted)}"
            )
        if lifted:
            return sum_to(xp, apply(Cast(dtype), x) if x.array.dtype != dtype else x, wanted)
        return sum_to(xp, x.array.astype(dtype), wanted)

    def name(self) -> str:
        return self.function.__name__ + "Backward"


class Function:
    """Base of ops defined by users.

    Write static `forward(ctx, *args)` on tensors (nothing is recorded inside) and `backward(ctx, *grad_outputs)`, which
    returns one gradient or None for each argument of forward; call the op as `Name.apply(*args)`. Or write
    `forward(*args)` together with `setup_context(ctx, inputs, output)`.

    >>> import sparkle
    >>> class Cube(Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x * x
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         (x,) = ctx.saved_tensors
    ...         return 3 * x * x * g
    >>> x = sparkle.tensor(2.0, requires_grad=True)
    >>> Cube.apply(x).backward(); x.grad
    tensor(12.)
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError(f"{type(self).__name__} should not be instantiated; call {type(self).__name__}.apply(...)")

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """The op on tensors."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Where forward takes no ctx: save here what backward needs."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradients of forward's arguments."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    @staticmethod
    def vjp(ctx: Any, *grad_outputs: Any) -> Any:
        """Another name for `backward`; write one of them."""
        raise NotImplementedError("vjp is not implemented.")

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run forward, and note backward in the graph."""
        node = FunctionCtx(cls)
        node.inputs = [(x.array.shape, x.array.dtype) if isinstance(x, TensorBase) else None for x in args]
        tracked = record(node, args) and bool(mode.grad)
        with no_grad():
            if cls.setup_context is not Function.setup_context:
                result = cls.forward(*args, **kwargs)
                cls.setup_context(node, args, result)
            else:
                result = cls.forward(node, *args, **kwargs)
        results = result if isinstance(result, tuple) else (result,)
        outs = _finish(node, args, results, tracked)
        return outs if isinstance(result, tuple) else outs[0]


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates a `backward` that cannot itself be differentiated: a second derivative through it is an error.

    >>> class Root(Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         return x.sqrt()
    ...     @staticmethod
    ...     @once_differentiable
    ...     def backward(ctx, g):
    ...         raise NotImplementedError
    """

    @functools.wraps(backward)
    def once(ctx: Any, *grads: Any) -> Any:
        recorded = bool(mode.grad) and any(isinstance(g, TensorBase) and g.tracked for g in grads)
        with no_grad():
            answer = backward(ctx, *grads)
        several = isinstance(answer, (tuple, list))
        if not recorded:
            return answer
        answers = [
            _Once.apply(x.detach().requires_grad_()) if _real(x) else x for x in (answer if several else [answer])
        ]
        return tuple(answers) if several else answers[0]

    return once


def _real(x: Any) -> bool:
    return isinstance(x, TensorBase) and x.array.dtype.kind in FLOATS


class _Once(Function):
    """The identity, through which nothing can be differentiated."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")


def _finish(node: FunctionCtx, args: tuple[Any, ...], results: tuple[Any, ...], tracked: bool) -> tuple[Any, ...]:
    """The results with their history."""
    _check_dirty(node, args, results)
    node.outputs = [
        (y.array.shape, y.array.dtype, library(y.array)) if isinstance(y, TensorBase) else None for y in results
    ]
    outs = []
    for i, y in enumerate(results):
        if not isinstance(y, TensorBase):
            outs.append(y)
            continue
        made = _alias(y)
        if tracked and y.array.dtype.kind in FLOATS and not _among(y, node.non_differentiable):
            made.node, made.tracked = _output(node, i), True
        outs.append(_placed(y, made, node, args))
    _keep(node, results, tracked)
    node.dirty = node.non_differentiable = ()  # results among them would hold the graph in a circle
    return tuple(outs)


def _among(x: Any, tensors: tuple[Any, ...]) -> bool:
    return any(x is y for y in tensors)


def _check_dirty(node: FunctionCtx, args: tuple[Any, ...], results: tuple[Any, ...]) -> None:
    for x in node.dirty:
        if not _among(x, results):
            raise RuntimeError(
                f"{node.name()}: some elements marked as dirty during the forward method were not returned as output. "
                "The inputs that are modified inplace must all be outputs of the Function."
            )
        check_writable(x, node.name(), any(node.needs))
        touch(x)


def _placed(y: Any, made: Any, node: FunctionCtx, args: tuple[Any, ...]) -> Any:
    """The tensor that is given back for a result y whose history `made` has."""
    if _among(y, node.dirty):
        if mode.grad:
            take_history(y, made)
        return y
    if _among(y, args):
        y, made.view_of = made, (y, node, rebased(made.version))
    else:
        y.node, y.tracked = made.node, made.tracked
        if y.view_of is not None:
            y.view_of = (y.view_of[0], node, y.version.rebased)
    return y


def _output(node: FunctionCtx, i: int) -> Op:
    """Where the gradient of result i is gathered."""
    if len(node.outputs) == 1:
        return node
    pick = Pick(node, i, len(node.outputs))
    pick.seq = next(clock)
    return pick


def _alias(x: Any) -> Any:
    out = wrap(x.array)
    out.version = x.version
    return out


def _keep(node: FunctionCtx, results: tuple[Any, ...], tracked: bool) -> None:
    """Saved results are kept without their history, which would be a circle; pack hooks get what was saved."""
    if not tracked:
        node.saved = []
        return
    hooks = packer()
    for entry in node.saved or ():
        if entry is not None:
            entry.settle([i for i, y in enumerate(results) if y is entry.x], hooks)
