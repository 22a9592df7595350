"""The contract of a differentiable op, which is at the same time a node of the graph."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Sequence
from types import ModuleType
from typing import Any, ClassVar

# Where a saved array comes from; a number from 0 on means that input of the op.
RESULT = -1  # the array that forward returned
CONSTANT = -2  # a mask, an index: no gradient flows through it
KEPT = -4  # a user Function's own list; handed to it as it is
DERIVED = -3  # made from the inputs on the way; made anew, with a graph, for a double backward

# What `again` leaves behind: the attributes that are a node's place in the graph.
PLACE = [
    *("needs", "edges", "versions", "result_version", "shapes", "seq", "kernel", "freed", "trace"),
    *("hooked", "hooks", "keepers", "prehooks", "after_hooks"),
]

clock = itertools.count(1)  # creation numbers: of two nodes of one graph the older one never depends on the younger


UNSEEN = -1  # of memory: no view has been made of it, so nothing has to follow what is written there


class Version:
    """Shared by a tensor and its views: how often their memory was written, and when last."""

    latest = 0  # when anything at all was written last; set on the class
    alerts = 0  # rebases of views so far, inference tensors and threads now: where 0, `apply` need not look for them
    inference = False  # was the memory made in inference mode?
    count = 0
    written = 0
    rebased = UNSEEN  # from the first view of the memory on: how often a recorded in-place op gave it a new history


class InferenceVersion(Version):
    """The version of a tensor made in inference mode."""

    inference = True

    def __init__(self) -> None:
        Version.alerts += 1

    def __del__(self, counted: type[Version] = Version) -> None:
        counted.alerts -= 1


class Op:
    """One differentiable operation: `forward` and `backward` next to each other, on arrays, never on tensors.

    forward(self, xp, *inputs) -> array (or a tuple of arrays). `xp` is the array library. It stores on self what
    backward reads, and every array it stores is declared in `saves`: name -> input number, RESULT, CONSTANT or DERIVED.
    backward(self, xp, g) -> one entry per input: None, `g` itself, or a fresh array that nothing else holds. It skips
    inputs for which `self.needs[i]` is false. With several results `g` is a list; None stands for no gradient.

    The same backward serves double backward: it is then given Tensors for `g` and for the saved arrays, and for `xp` a
    module of differentiable functions under NumPy's names. So it uses operators, `xp.f(...)` and `run(xp, op, ...)`.
    """

    saves: ClassVar[dict[str, int]] = {}
    broadcasts: ClassVar[bool] = False  # inputs broadcast as in NumPy; the walk sums the gradients back to their shapes
    is_view: ClassVar[bool] = False  # the result shares the first input's memory
    several: ClassVar[bool] = False  # forward returns a tuple
    heavy: ClassVar[bool] = False  # there may be much to do even where the first input is small
    opaque: ClassVar[bool] = False  # a view that it made cannot be made again
    differentiable: ClassVar[bool] = True
    widens: bool = True  # on half precision it computes in float32; views, copies and writes do not

    # The node's place in the graph, set by `apply` when gradients are recorded.
    needs: Sequence[bool] = (False,) * 16
    edges: Sequence[Any] = ()  # per input: the node that made it, the leaf itself, or None
    versions: Sequence[Version | None] = ()
    result_version: Version | None = None
    shapes: tuple[Any, ...] | None = None  # the inputs' shapes, when they differ
    seq = 0
    freed: Any = False  # True, or a `Packed` that holds the saved arrays instead
    kernel: Any = None  # the faster body that ran forward, if any
    trace: Any = None  # the stack at its creation, while anomalies are being looked for
    hooked = False  # is there any hook?
    hooks: list[Any] | None = None  # called with the gradient of the result; may replace it
    keepers: list[Any] | None = None  # those of `retain_grad`, after them
    prehooks: list[Any] | None = None  # called with the tuple of incoming gradients; may replace it
    after_hooks: list[Any] | None = None  # called with the gradients of inputs and of outputs; may replace the former

    def __init_subclass__(cls) -> None:
        for name in cls.saves:  # what forward does not save reads as None
            if name not in cls.__dict__:
                setattr(cls, name, None)

    def forward(self, xp: ModuleType, *inputs: Any) -> Any:
        """The result, as an array."""
        raise NotImplementedError(f"{type(self).__name__}.forward")

    def backward(self, xp: ModuleType, g: Any) -> tuple[Any, ...]:
        """The gradients of the inputs."""
        raise RuntimeError(f"the derivative of {type(self).__name__} is not implemented")

    def explain(self, error: Exception, *arrays: Any) -> Exception:
        """The array library's complaint as an error that names op and shapes; called only after a failure."""
        shapes = ", ".join(str(tuple(a.shape)) if hasattr(a, "shape") else repr(a) for a in arrays)
        return RuntimeError(f"{self.label()}: inputs of shape {shapes}: {error}")

    def label(self) -> str:
        """The op's name in messages: `Add` is `add`."""
        return type(self).__name__.lower()

    def again(self) -> Op:
        """The same op without its place in the graph."""
        twin = copy.copy(self)
        for name in PLACE:
            twin.__dict__.pop(name, None)
        return twin

    # What a node shows of itself to users: `y.grad_fn`.

    def name(self) -> str:
        """The node's name as printed: `AddBackward0`."""
        return type(self).__name__ + "Backward0"

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """The nodes that gradients go to next, each with the number of its output, as in torch."""
        return tuple(shown(edge) for edge in self.edges)

    @property
    def metadata(self) -> dict[str, Any]:
        """A dict for whatever the user wants to note about this node."""
        return self.__dict__.setdefault("_metadata", {})  # type: ignore[no-any-return]

    def _sequence_nr(self) -> int:
        return self.seq

    def register_hook(self, hook: Any) -> Any:
        """Call hook(grad_inputs, grad_outputs) after this node's backward; returns a handle with `remove()`.

        A tuple that it returns replaces grad_inputs.
        """
        self.after_hooks, self.hooked = self.after_hooks or [], True
        return HookHandle(self.after_hooks, hook)

    def register_prehook(self, hook: Any) -> Any:
        """Call hook(grad_outputs) before this node's backward; returns a handle with `remove()`.

        A tuple that it returns replaces grad_outputs.
        """
        self.prehooks, self.hooked = self.prehooks or [], True
        return HookHandle(self.prehooks, hook)

    def __repr__(self) -> str:
        return f"<{self.name()} object at {hex(id(self))}>"


class Pick(Op):
    """One result of an op with several: hands its gradient to the op's list. Users are shown the op itself."""

    def __init__(self, op: Op, index: int, count: int) -> None:
        self.edges, self.index, self.count = (op,), index, count

    def name(self) -> str:
        return str(self.edges[0].name())


class AccumulateGrad(Op):
    """The end of a path, as users see it: the leaf whose `.grad` receives the gradient. Equal where the leaf is."""

    def __init__(self, variable: Any) -> None:
        self.variable = variable

    def name(self) -> str:
        return "AccumulateGrad"

    def register_hook(self, hook: Any) -> Any:
        return HookHandle(hooks_of(self.variable).after_node, hook)

    def register_prehook(self, hook: Any) -> Any:
        return HookHandle(hooks_of(self.variable).before_node, hook)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AccumulateGrad) and self.variable is other.variable

    def __hash__(self) -> int:
        return hash(self.variable)


class LeafHooks:
    """Who is to be called when the gradient of a leaf arrives, in the order of the lists."""

    def __init__(self) -> None:
        self.on_gradient: list[Any] = []  # hook(gradient); may replace it
        self.before_node: list[Any] = []  # of the leaf's AccumulateGrad: hook((gradient,)); may replace it
        self.accumulated: list[Any] = []  # hook(leaf), when `.grad` has it
        self.after_node: list[Any] = []  # of the leaf's AccumulateGrad: hook((), (gradient,))


def hooks_of(leaf: Any) -> LeafHooks:
    """The hooks of a leaf, which may be added to."""
    leaf.leaf_hooks = hooks = leaf.leaf_hooks or LeafHooks()
    return hooks


def shown(edge: Any) -> tuple[Any, int]:
    """An edge as users see it: the node and the number of its output."""
    if edge is None or type(edge) is Pick:
        return (None, 0) if edge is None else (edge.edges[0], edge.index)
    return (edge if isinstance(edge, Op) else AccumulateGrad(edge), 0)


class HookHandle:
    """Removes one hook: `handle.remove()`, or leaving a `with` block."""

    def __init__(self, hooks: list[Any], hook: Any) -> None:
        if not callable(hook):
            raise TypeError(f"register_hook: wanted a callable, met {hook!r}")
        self._hooks = hooks
        self._entry = (hook,)  # a tuple of its own, so that one function registered twice is removed once
        hooks.append(self._entry)

    def remove(self) -> None:
        """Take the hook away; a second call does nothing."""
        self._hooks[:] = [entry for entry in self._hooks if entry is not self._entry]

    def __enter__(self) -> HookHandle:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.remove()


def run(xp: ModuleType, op: Op, *inputs: Any) -> Any:
    """Another op from inside a rule: on arrays as arrays; on Tensors (double backward) with a graph."""
    apply = xp.__dict__.get("apply")  # NumPy's own __getattr__ makes looking for what is not there slow
    return op.forward(xp, *inputs) if apply is None else apply(op, *inputs)


def sum_to(xp: ModuleType, g: Any, shape: tuple[int, ...]) -> Any:
    """g summed over the axes along which an array of that shape was broadcast."""
    if tuple(g.shape) == tuple(shape):
        return g
    lead = g.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(lead + i for i, n in enumerate(shape) if n == 1 and g.shape[lead + i] != 1)
    return xp.reshape(xp.sum(g, axis=axes), shape)
