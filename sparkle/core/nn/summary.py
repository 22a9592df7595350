"""A model's layers, their shapes, parameters and multiply-adds, found by running it once."""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from .. import dtypes, random
from ..tensor.base import TensorBase
from ..tensor.making.filled import ones, zeros
from ..tensor.switches import no_grad
from .base.module import Module
from .parameter import is_lazy
from .summary_counts import Counter, counter_of, memory, sizes, tensors
from .summary_table import COLUMNS, Layer, Summary

MODES = {"eval": False, "train": True, "same": None}


def summary(
    model: Any,
    input_size: Any = None,
    *,
    input_data: Any = None,
    dtypes: Any = None,
    device: Any = None,
    depth: int = 3,
    col_names: Sequence[str] = ("output_size", "num_params", "mult_adds"),
    mode: str = "eval",
    counters: Mapping[type, Counter] | None = None,
    **kwargs: Any,
) -> Summary:
    """Run a model once and say what its layers are, which shapes they give, what they hold and how much they multiply.

    input_size: the shape of the input, batch included, or a list of shapes for several inputs; ones are put in, zeros
    for integers. dtypes: their types, one or a list; that of the model's first floating point parameter unless given.
    device: where they are made; where the model's first parameter is unless given. input_data: a tensor to run it on
    instead, a tuple or list of arguments, or a dict of keywords. kwargs go to forward as they are. Without input the
    model is not run, and only parameters are shown.

    depth: how far down the table goes. col_names: among input_size, output_size, num_params, trainable, mult_adds.
    mode: "eval", "train" or "same", the mode to run it in. counters: class of module -> function(module, arguments of
    forward by name, result) that gives the multiply-adds of one call.

    Multiply-adds are those of `Linear`, `Bilinear`, convolutions, recurrent layers, `MultiheadAttention` and the
    modules derived from them; what a forward multiplies by functions and operators is seen through `counters` only.
    The model is left as it was: its modes, buffers, hooks and the random state; lazy modules are run in a copy.
    Raises ValueError for unknown columns and modes, or both or wrong kinds of input; TypeError for what is no module.

    >>> import sparkle
    >>> net = sparkle.nn.Sequential(sparkle.nn.Linear(4, 8), sparkle.nn.ReLU(), sparkle.nn.Linear(8, 2))
    >>> print(summary(net, (10, 4)))
    ==============================================================================
    Layer        Output size  Parameters  Multiply-adds
    ==============================================================================
    Sequential       [10, 2]          --             --
    ├─Linear: 0      [10, 8]          40            320
    ├─ReLU: 1        [10, 8]          --             --
    └─Linear: 2      [10, 2]          18            160
    ==============================================================================
    Parameters: 58 (58 trainable)
    Multiply-adds: 480
    Sizes in MB: input 0.00, outputs of layers 0.00, parameters 0.00, buffers 0.00
    ==============================================================================
    >>> summary(net, (10, 4)).total_mult_adds
    480
    """
    _check(model, input_size, input_data, col_names, mode)
    if any(map(is_lazy, (*model.parameters(), *model.buffers()))):
        model = copy.deepcopy(model)
    run = _Run(model, counters or {})
    inputs, more = _given(input_data) if input_data is not None else (_made(model, input_size, dtypes, device), {})
    if input_data is not None or input_size is not None:
        run.forward(inputs, {**more, **kwargs}, MODES[mode])
    top = run.finish()
    parameters = list(model.parameters())
    return Summary(
        top,
        depth,
        tuple(col_names),
        sum(math.prod(p.shape) for p in parameters),
        sum(math.prod(p.shape) for p in parameters if p.requires_grad),
        memory(parameters),
        memory(list(model.buffers())),
        memory(tensors((inputs, more))),
    )


def _check(model: Any, input_size: Any, input_data: Any, col_names: Any, mode: str) -> None:
    if not isinstance(model, Module):
        raise TypeError(f"summary: wanted a Module, met {type(model).__name__}")
    if input_size is not None and input_data is not None:
        raise ValueError("summary: wanted input_size or input_data, met both")
    if unknown := [name for name in col_names if name not in COLUMNS]:
        raise ValueError(f"summary: col_names {unknown} are none of {list(COLUMNS)}")
    if mode not in MODES:
        raise ValueError(f"summary: wanted a mode among {list(MODES)}, met {mode!r}")


def _made(model: Any, input_size: Any, types: Any, device: Any) -> tuple[Any, ...]:
    """Tensors of the wanted shapes."""
    if input_size is None:
        return ()
    several = len(input_size) > 0 and not isinstance(input_size[0], int)
    shapes = [tuple(shape) for shape in input_size] if several else [tuple(input_size)]
    if not all(isinstance(n, int) and n >= 0 for shape in shapes for n in shape):
        raise ValueError(f"summary: input_size: wanted a shape or a list of shapes, met {input_size!r}")
    given = list(types) if isinstance(types, (list, tuple)) else [types] * len(shapes)
    if len(given) != len(shapes):
        raise ValueError(f"summary: dtypes: met {len(given)} for {len(shapes)} inputs")
    own = list(model.parameters())
    usual = next((p.dtype for p in own if p.is_floating_point()), dtypes.get_default_dtype())
    place = own[0].device if device is None and own else device
    kinds = [usual if kind is None else dtypes.as_dtype(kind) for kind in given]
    fill = [ones if kind.is_floating_point else zeros for kind in kinds]
    return tuple(f(shape, dtype=kind, device=place) for f, shape, kind in zip(fill, shapes, kinds, strict=True))


def _given(data: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments and keywords for forward."""
    if isinstance(data, Mapping):
        return (), dict(data)
    if isinstance(data, (tuple, list)) and not hasattr(data, "_fields"):
        return tuple(data), {}
    if isinstance(data, TensorBase) or hasattr(data, "_fields"):
        return (data,), {}
    raise ValueError(f"summary: input_data: wanted a tensor, a tuple, list or dict, met {type(data).__name__}")


class _Run:
    """One run of a model under hooks that note every call."""

    def __init__(self, model: Any, counters: Mapping[type, Counter]) -> None:
        self.model, self.counters = model, counters
        self.names = {module: name for name, module in model.named_modules()}
        self.seen: set[Any] = set()  # parameters that a layer has
        self.met: set[Any] = set()  # modules that were called
        self.open: list[Layer] = []  # the calls that have not ended
        self.top: Layer | None = None

    def forward(self, inputs: tuple[Any, ...], kwargs: dict[str, Any], training: bool | None) -> None:
        """Call the model; everything is as before afterwards."""
        with _as_before(self.model), no_grad():
            if training is not None:
                self.model.train(training)
            for module in self.names:
                module.register_forward_pre_hook(self.begin, with_kwargs=True)
                module.register_forward_hook(self.end, with_kwargs=True)
            try:
                self.model(*inputs, **kwargs)
            except Exception as error:
                where = " in ".join(f"{layer.kind} {layer.name!r}" for layer in reversed(self.open)) or "the model"
                error.add_note(f"summary: this happened in {where}, called with inputs of {sizes(inputs)}")
                raise

    def begin(self, module: Any, args: Any, kwargs: Any) -> None:
        """A call starts."""
        layer = self.described(module, len(self.open))
        layer.input_size, layer.called = sizes((*args, *kwargs.values())), True
        if self.open:
            self.open[-1].layers.append(layer)
        elif self.top is None:
            self.top = layer
        self.open.append(layer)
        self.met.add(module)

    def end(self, module: Any, args: Any, kwargs: Any, output: Any) -> None:
        """A call ends."""
        layer = self.open.pop()
        layer.kind = type(module).__name__
        layer.output_size, layer.output_bytes = sizes(output), memory(tensors(output))
        if not layer.recursive:  # a lazy module has its parameters only now
            self.count(module, layer)
        counter = counter_of(module, self.counters)
        if counter is not None:
            layer.mult_adds = counter(module, _by_name(module, args, kwargs), output)

    def described(self, module: Any, depth: int) -> Layer:
        """A layer without what only a call can tell."""
        layer = Layer(self.names[module], type(module).__name__, depth)
        own = [p for p in module.parameters(recurse=False) if not is_lazy(p)]
        layer.recursive = bool(own) and all(p in self.seen for p in own)
        return layer

    def count(self, module: Any, layer: Layer) -> None:
        """The module's own parameters, those that no earlier layer has."""
        own = [p for p in module.parameters(recurse=False) if not is_lazy(p) and p not in self.seen]
        self.seen.update(own)
        layer.num_params = sum(math.prod(p.shape) for p in own)
        layer.trainable_params = sum(math.prod(p.shape) for p in own if p.requires_grad)

    def finish(self) -> Layer:
        """The outermost layer, with those that were never called."""
        if self.top is None:
            self.top = self.uncalled(self.model, 0)
        else:
            self.add_uncalled(self.top)
        return self.top

    def uncalled(self, module: Any, depth: int) -> Layer:
        """A layer that was not called, and all below it."""
        layer = self.described(module, depth)
        self.met.add(module)
        if not layer.recursive:
            self.count(module, layer)
        layer.layers = [self.uncalled(child, depth + 1) for child in module.children() if child not in self.met]
        return layer

    def add_uncalled(self, layer: Layer) -> None:
        """Add the submodules that were not called to the layers of their parents."""
        for inner in list(layer.layers):
            self.add_uncalled(inner)
        missed = list(self.missed(self.model.get_submodule(layer.name)))
        layer.layers += [self.uncalled(child, layer.depth + 1) for child in missed]

    def missed(self, module: Any) -> Iterator[Any]:
        """The submodules that were not called; lists never are, so what they hold is looked at."""
        for child in module.children():
            if child in self.met:
                continue
            if any(inner in self.met for inner in child.modules()):
                yield from self.missed(child)
            else:
                yield child


def _by_name(module: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    """The arguments of forward under their names."""
    return dict(inspect.signature(module.forward).bind(*args, **kwargs).arguments)


@contextmanager
def _as_before(model: Any) -> Iterator[None]:
    """Put back modes, hooks, buffers and the random state."""
    hooks = ("_forward_hooks", "_forward_hooks_with_kwargs", "_forward_pre_hooks", "_forward_pre_hooks_with_kwargs")
    modules = list(model.modules())
    plain = [(m, m.training, m._hooked, {name: dict(getattr(m, name)) for name in hooks}) for m in modules]
    tables = [(m._buffers, dict(m._buffers)) for m in modules]
    arrays = [(x, x.array.copy()) for x in model.buffers() if not is_lazy(x)]
    states = random.snapshot()
    try:
        yield
    finally:
        random.reinstate(states)
        for table, entries in tables:
            if not any(map(is_lazy, entries.values())):
                table.clear()
                table.update(entries)
        for buffer, array in arrays:
            buffer.array[...] = array
        for module, training, hooked, hooks_before in plain:
            module.training = training
            module.__dict__["_hooked"] = hooked
            for name, entries in hooks_before.items():
                table = getattr(module, name)
                table.clear()
                table.update(entries)
