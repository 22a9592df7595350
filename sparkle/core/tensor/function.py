"""Ops that users define: `class Square(Function)` with static `forward` and `backward` on tensors."""

from __future__ import annotations

from typing import Any, ClassVar

from ..autograd.op import KEPT, Op, Pick, clock, sum_to
from ..backend import library
from ..mode import mode
from .base import TensorBase, record, wrap
from .switches import no_grad
from .write import check_writable, touch


class FunctionNode(Op):
    """The node of a user Function in the graph; it is also the `ctx` that forward and backward are given."""

    saves: ClassVar[dict[str, int]] = {"saved": KEPT}

    def __init__(self, function: type[Function]) -> None:
        self.function = function
        self.dirty: tuple[Any, ...] = ()
        self.non_differentiable: tuple[Any, ...] = ()
        self.materialize = True
        self.outputs: list[tuple[Any, ...]] = []  # (shape, dtype, array library) of each result
        self.input_shapes: list[Any] = []

    # What forward may say.

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors (inputs or results of forward) for backward; read them there as `ctx.saved_tensors`."""
        for x in tensors:
            if x is not None and not isinstance(x, TensorBase):
                raise TypeError(f"save_for_backward: can only save tensors, but argument is of type {type(x).__name__}")
        self.saved = [(x, x.version.count) if x is not None else None for x in tensors]

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
            raise RuntimeError(
                "Trying to backward through the graph a second time (or directly access saved tensors after they have "
                f"already been freed): {self.name()}. Specify retain_graph=True in the first backward."
            )
        out: list[Any] = []
        for entry in self.saved or ():
            if entry is None:
                out.append(None)
                continue
            x, version = entry
            if x.version.count != version:
                raise RuntimeError(
                    f"{self.name()}: one of the variables needed for gradient computation has been modified by "
                    f"an inplace "
                    f"operation: a saved tensor of shape {tuple(x.array.shape)} is at version "
                    f"{x.version.count}; expected "
                    f"version {version} instead"
                )
            out.append(_continued(x, self) if getattr(x, "_result_of", None) is self.outputs else x)
        return tuple(out)

    @property
    def needs_input_grad(self) -> tuple[bool, ...]:
        """For each input: will its gradient be used?"""
        return tuple(self.needs)

    def backward(self, xp: Any, g: Any) -> tuple[Any, ...]:
        gs = g if type(g) is list else [g]
        lifted = next(isinstance(x, TensorBase) for x in gs if x is not None)
        given = [self._given(x, i, lifted) for i, x in enumerate(gs)]
        answer = self.function.backward(self, *given)
        answer = answer if isinstance(answer, tuple) else (answer,)
        count = len(self.edges)
        if len(answer) < count or any(x is not None for x in answer[count:]):
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients (expected {count}, got "
                f"{len(answer)})"
            )
        return tuple(self._taken(xp, x, i, lifted) for i, x in enumerate(answer[:count]))

    def _given(self, x: Any, i: int, lifted: bool) -> Any:
        if x is not None:
            return x if lifted else wrap(x)
        if not self.materialize:
            return None
        shape, dtype, xp = self.outputs[i]
        return wrap(xp.zeros(shape, dtype=dtype))

    def _taken(self, xp: Any, x: Any, i: int, lifted: bool) -> Any:
        """The user's gradient in the input's shape; a copy, for nobody knows who else holds it."""
        if x is None or self.edges[i] is None:
            return None
        if not isinstance(x, TensorBase):
            raise TypeError(
                f"{self.name()}: expected a tensor or None as the gradient of input {i}, met {type(x).__name__}"
            )
        wanted, shape = self.input_shapes[i], x.array.shape
        if len(shape) < len(wanted) or any(n not in (1, m) for n, m in zip(wanted[::-1], shape[::-1], strict=False)):
            raise RuntimeError(
                f"Function {self.name()} returned an invalid gradient at index {i} - got {list(shape)} but expected "
                f"shape compatible with {list(wanted)}"
            )
        return sum_to(xp, x if lifted else x.array.copy(), wanted)

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

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run forward, and note backward in the graph."""
        node = FunctionNode(cls)
        tracked = _begin(node, args)
        with no_grad():
            if cls.setup_context is not Function.setup_context:
                result = cls.forward(*args, **kwargs)
                cls.setup_context(node, args, result)
            else:
                result = cls.forward(node, *args, **kwargs)
        results = result if isinstance(result, tuple) else (result,)
        outs = _finish(node, args, results, tracked)
        return outs if isinstance(result, tuple) else outs[0]


def _begin(node: FunctionNode, args: tuple[Any, ...]) -> bool:
    node.input_shapes = [x.array.shape if isinstance(x, TensorBase) else None for x in args]
    return record(node, args) and mode.grad


def _finish(node: FunctionNode, args: tuple[Any, ...], results: tuple[Any, ...], tracked: bool) -> tuple[Any, ...]:
    """The results with their history."""
    for x in node.dirty:
        check_writable(x, node.name())
        touch(x)
    tensors = [y for y in results if isinstance(y, TensorBase)]
    node.outputs = [(y.array.shape, y.array.dtype, library(y.array)) for y in tensors]
    outs = []
    place = 0
    for y in results:
        if not isinstance(y, TensorBase):
            outs.append(y)
            continue
        dirty = any(y is x for x in node.dirty)
        out = y if dirty or not any(y is x for x in args) else _alias(y)
        if tracked and y.array.dtype.kind == "f" and not any(y is x for x in node.non_differentiable):
            if len(tensors) == 1:
                out.node = node
            else:
                pick = Pick(node, place, len(tensors))
                pick.seq = next(clock)
                out.node = pick
            out.tracked = True
        place += 1
        outs.append(out)
    _mark_saved_results(node, outs)
    return tuple(outs)


def _alias(x: Any) -> Any:
    out = wrap(x.array)
    out.version = x.version
    return out


def _mark_saved_results(node: FunctionNode, outs: list[Any]) -> None:
    """A saved result is kept without its history, which would be a circle; backward gets it back with it."""
    for i, entry in enumerate(node.saved or ()):
        if entry is not None and any(entry[0] is y for y in outs):
            twin = _alias(entry[0])
            twin._result_of = node.outputs
            twin._place = getattr(entry[0].node, "index", None)
            node.saved[i] = (twin, entry[1])


def _continued(twin: Any, node: FunctionNode) -> Any:
    """A saved result, linked to the node that made it."""
    out = _alias(twin)
    if twin._place is None:
        out.node = node
    else:
        out.node = Pick(node, twin._place, len(node.outputs))
        out.node.seq = next(clock)
    out.tracked = True
    return out
