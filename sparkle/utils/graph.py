"""The graph of a model for TensorBoard: its ops, found on the way that gradients take back, by module.

Nothing is traced or compiled: the model runs once, and what it has recorded for `backward` is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from ..core.mode import mode
from ..core.tensor.facts import is_tensor
from ..core.tensor.making.creation import tensor


class Node(NamedTuple):
    """A node: its name, with its modules as folders, its kind, the names of what goes in, its shape if known."""

    name: str
    kind: str
    inputs: tuple[str, ...]
    shape: tuple[int, ...] | None = None


class Call(NamedTuple):
    """What a module has done between two moments."""

    name: str
    start: int
    end: int


def model_graph(model: Any, inputs: Any) -> list[Node]:
    """Return the nodes of `model(*inputs)` (of `model(inputs)` for a single tensor), each after those that go into it.

    The model runs in evaluation mode, and is as it was afterwards. Ops that no gradient goes through are not seen, and
    neither are inputs of integers.

    Raises:
        TypeError: the model gives something else than tensors, in tuples, lists or dicts.
        ValueError: no gradient goes through the model.

    >>> import sparkle
    >>> model = sparkle.nn.Sequential(sparkle.nn.Linear(2, 3), sparkle.nn.ReLU())
    >>> for node in model_graph(model, sparkle.ones(1, 2)):
    ...     print(node.name, node.inputs)
    input_0 ()
    0/weight ()
    0/bias ()
    0/Addmm ('input_0', '0/weight', '0/bias')
    1/Relu ('0/Addmm',)
    output_0 ('1/Relu',)
    """
    given = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    given = tuple(_recorded(item) for item in given)
    calls: list[Call] = []
    recording, mode.grad = mode.grad, True
    try:
        with _evaluating(model), _noting(model, calls):
            outputs = list(_tensors(model(*given), model))
    finally:
        mode.grad = recording
    if not any(output.grad_fn is not None for output in outputs):
        raise ValueError(f"add_graph: no gradient goes through {type(model).__name__}: there is nothing to show")
    return _Nodes(model, given, calls).of(outputs)


class _Nodes:
    """Names for what is found, and the list of it."""

    def __init__(self, model: Any, inputs: tuple[Any, ...], calls: list[Call]) -> None:
        self._calls = sorted(calls, key=lambda call: call.end - call.start)  # the innermost comes first
        self._nodes: list[Node] = []
        self._taken: set[str] = set()
        self._leaves = {id(item): f"input_{i}" for i, item in enumerate(inputs) if is_tensor(item)}
        for name, parameter in model.named_parameters():
            self._leaves[id(parameter)] = name.replace(".", "/")
        self._inputs = inputs

    def of(self, outputs: list[Any]) -> list[Node]:
        for i, item in enumerate(self._inputs):
            if is_tensor(item):
                self._add(f"input_{i}", "Input", (), tuple(item.shape))
        names: dict[int, str] = {}
        for op in sorted(_ops(outputs), key=lambda op: op.seq):
            sources = [self._source(node, names) for node, _ in op.next_functions if node is not None]
            kind = op.name().removesuffix("Backward0")
            names[id(op)] = self._add("/".join([*self._scope(op.seq), kind]), kind, tuple(sources))
        for i, output in enumerate(outputs):
            made = () if output.grad_fn is None else (names[id(output.grad_fn)],)
            self._add(f"output_{i}", "Output", made, tuple(output.shape))
        return self._nodes

    def _source(self, node: Any, names: dict[int, str]) -> str:
        if id(node) in names:
            return names[id(node)]
        leaf = node.variable
        name = self._leaves.setdefault(id(leaf), f"constant_{len(self._leaves)}")
        if name not in self._taken:
            self._add(name, "Parameter", (), tuple(leaf.shape))
        return name

    def _scope(self, moment: int) -> list[str]:
        """The folders of the innermost module that was running; the model itself has none."""
        inner = next((call.name for call in self._calls if call.start < moment < call.end), "")
        return inner.split(".") if inner else []

    def _add(self, name: str, kind: str, inputs: tuple[str, ...], shape: tuple[int, ...] | None = None) -> str:
        unique, count = name, 1
        while unique in self._taken:
            unique, count = f"{name}_{count}", count + 1
        self._taken.add(unique)
        self._nodes.append(Node(unique, kind, inputs, shape))
        return unique


def _recorded(item: Any) -> Any:
    """A copy of an input that gradients go back to."""
    if not is_tensor(item):
        return item
    item = item.detach()
    return item.requires_grad_() if item.is_floating_point() else item


def _ops(outputs: list[Any]) -> list[Any]:
    """All ops behind some tensors."""
    waiting = [output.grad_fn for output in outputs if output.grad_fn is not None]
    found: dict[int, Any] = {}
    while waiting:
        op = waiting.pop()
        if id(op) not in found and not hasattr(op, "variable"):
            found[id(op)] = op
            waiting += [node for node, _ in op.next_functions if node is not None]
    return list(found.values())


def _tensors(value: Any, model: Any) -> Iterator[Any]:
    if is_tensor(value):
        yield value
    elif isinstance(value, (tuple, list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _tensors(item, model)
    elif value is not None:
        raise TypeError(f"add_graph: {type(model).__name__} gave a {type(value).__name__}, wanted tensors")


@contextmanager
def _evaluating(model: Any) -> Iterator[None]:
    """Evaluation mode, in which neither statistics nor random numbers change."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


@contextmanager
def _noting(model: Any, calls: list[Call]) -> Iterator[None]:
    """Note when each module starts and ends."""
    clock = tensor(0.0, requires_grad=True)
    starts: list[int] = []

    def now() -> int:
        return int((clock + 0.0).grad_fn.seq)

    def before(module: Any, args: Any) -> None:
        starts.append(now())

    def after(name: str) -> Any:
        return lambda module, args, output: calls.append(Call(name, starts.pop(), now()))

    handles = []
    for name, module in model.named_modules():
        handles += [module.register_forward_pre_hook(before), module.register_forward_hook(after(name))]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
