"""`backward` and `grad`: seeds in, gradients of leaves out."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy

from ...autograd.op import AccumulateGrad, LeafHooks, Op, shown
from ...autograd.walk import walk
from ...dtypes import FLOATS
from ...mode import mode
from ..base import TensorBase, refresh, wrap
from ..making.creation import as_tensor
from ..write import touch
from .lift import WORLD

_delivery = threading.Lock()  # threads may reach one leaf at the same time


class GradientEdge(NamedTuple):
    """A place in the graph that may stand for a tensor in `grad` and `backward`; see `graph.get_gradient_edge`."""

    node: Op
    output_nr: int
    ownership_token: Any = None


class Task(NamedTuple):
    """The walk that is under way in a thread, for those who are called in it."""

    roots: list[Any]
    targets: set[Any] | None
    inside: dict[Any, Any]  # what hooks that work together remember of it


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add the gradients of the tensors' (weighted) sum to `.grad` of the leaves they depend on.

    tensors: one or a sequence; grad_tensors: their weights, of the same shapes; may be left out for scalars.
    create_graph: make the gradients differentiable themselves. inputs: only these receive gradients.
    Raises RuntimeError where a tensor does not require grad, is no scalar and has no weight, or the graph is gone.
    """
    roots = _as_list(tensors)
    wanted = None if inputs is None else _as_list(inputs)
    if wanted is not None:
        _prepare_inputs(wanted)
    _walk(roots, _as_list(grad_tensors), retain_graph, create_graph, wanted, "backward", deliver=True)


def _prepare_inputs(wanted: list[Any]) -> None:
    """Those that are no leaves keep their gradients from now on."""
    if not wanted:
        raise RuntimeError("backward: `inputs` argument to `backward()` cannot be empty; leave it out for all leaves")
    for i, x in enumerate(wanted):
        _check_input(x, i, "backward")
        if isinstance(x, TensorBase) and x.node is not None:
            x.retain_grad()  # type: ignore[attr-defined]


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of the outputs' (weighted) sum with respect to the inputs, as a tuple; `.grad` stays as it is.

    Raises RuntimeError where an input does not require grad, or is not used (unless allow_unused: None, or
    materialize_grads: zeros).

    >>> import sparkle
    >>> x = sparkle.tensor(3.0, requires_grad=True)
    >>> sparkle.autograd.grad(x * x, x)
    (tensor(6.),)
    """
    if is_grads_batched:
        raise NotImplementedError("grad: is_grads_batched=True is not supported; call grad once for each row")
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "grad: Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
            "allow_unused=False"
        )
    wanted = _as_list(inputs)
    for i, x in enumerate(wanted):
        _check_input(x, i, "grad")
    found = _walk(_as_list(outputs), _as_list(grad_outputs), retain_graph, create_graph, wanted, "grad")
    results = []
    for i, x in enumerate(wanted):
        g = found.get(_edge(x))
        if g is None and not (allow_unused or materialize_grads):
            raise RuntimeError(
                f"grad: input {i}, of shape {_shape(x)}, appears to not have been used in the graph. "
                "Set allow_unused=True if this is the desired behavior."
            )
        if g is None:
            results.append(_zeros(x) if materialize_grads else None)
        else:
            results.append(g[0] if create_graph else wrap(g[0] if g[1] else g[0].copy()))
    return tuple(results)


def _check_input(x: Any, i: int, where: str) -> None:
    if not isinstance(x, (TensorBase, GradientEdge)):
        raise RuntimeError(f"{where}: all inputs have to be Tensors or GradientEdges, but got {type(x).__name__}")
    if isinstance(x, TensorBase) and not x.requires_grad:  # type: ignore[attr-defined]
        raise RuntimeError(f"{where}: input {i}, of shape {tuple(x.array.shape)}, does not require grad")


def _edge(x: Any) -> Any:
    """The node, or the leaf, where the gradient of a tensor is gathered."""
    if isinstance(x, TensorBase):
        return x.node or x
    if x.ownership_token is None and (x.output_nr or shown(x.node)[0] is not x.node):
        raise RuntimeError("GradientEdge: one result of several; make it by autograd.graph.get_gradient_edge")
    return x.ownership_token or (x.node.variable if isinstance(x.node, AccumulateGrad) else x.node)


def _shape(x: Any) -> Any:
    return tuple(x.array.shape) if isinstance(x, TensorBase) else "unknown"


def _zeros(x: Any) -> Any:
    if isinstance(x, GradientEdge):
        raise RuntimeError("grad: materialize_grads=True needs tensors as inputs, met an unused GradientEdge")
    return wrap(numpy.zeros_like(x.array)) if type(x.array) is numpy.ndarray else wrap(x.array * 0)


def _walk(
    roots: list[Any],
    weights: list[Any],
    retain: bool | None,
    create_graph: bool,
    wanted: list[Any] | None,
    where: str,
    deliver: bool = False,
) -> dict[Any, Any]:
    """Check roots and weights, and walk with gradient recording on for create_graph, off without it."""
    weights = weights or [None] * len(roots)
    if len(weights) != len(roots):
        raise RuntimeError(f"{where}: got {len(roots)} tensors and {len(weights)} gradients")
    edges, seeds = [], []
    for i, (root, weight) in enumerate(zip(roots, weights, strict=True)):
        if isinstance(root, TensorBase):
            if root.version.rebased and root.view_of is not None:
                refresh(root)
            if not root.tracked:
                raise RuntimeError(f"{where}: element {i} of tensors does not require grad and does not have a grad_fn")
        seed = _seed(root, weight, where)
        edges.append(_edge(root))
        seeds.append(seed if create_graph else seed.array)
    targets = None if wanted is None else {_edge(x) for x in wanted}
    keep = create_graph if retain is None else retain
    outer, recording = mode.task, mode.grad
    mode.task, mode.grad = Task(edges, targets, {}), create_graph and not mode.inference and mode.on
    try:
        with numpy.errstate(all="ignore"):
            found = walk(edges, seeds, keep=keep, world=WORLD, recorded=create_graph, targets=targets)
            leaves = list(found) if targets is None else [leaf for leaf in found if not isinstance(leaf, Op)]
            hooked = [leaf for leaf in leaves if leaf.leaf_hooks is not None]
            for leaf in hooked:
                found[leaf] = _answered(leaf.leaf_hooks, found[leaf], create_graph, deliver)
            if deliver:
                _deliver(leaves, hooked, found, create_graph)
    finally:
        mode.task, mode.grad = outer, recording
    return found


def _seed(root: Any, weight: Any, where: str) -> Any:
    if weight is None:
        if isinstance(root, GradientEdge):
            raise RuntimeError(f"{where}: the weight of a GradientEdge is needed")
        if root.array.size != 1:
            raise RuntimeError(
                f"{where}: grad can be implicitly created only for scalar outputs; this one has shape "
                f"{tuple(root.array.shape)}, so pass its weights: y.backward(gradient=...)"
            )
        if root.array.dtype.kind not in FLOATS:
            raise RuntimeError(f"{where}: grad can be created only for floating point outputs, met {root.dtype}")
        one = root.array.copy()
        one[...] = 1
        return wrap(one)
    if isinstance(weight, (int, float, bool)):
        raise TypeError(f"{where}: gradients can be either Tensors or None, but got {type(weight).__name__}")
    weight = as_tensor(weight)
    if isinstance(root, GradientEdge):
        return weight
    if weight.array.shape != root.array.shape:
        raise RuntimeError(
            f"{where}: Mismatch in shape: grad_output has shape {tuple(weight.array.shape)} and output has shape "
            f"{tuple(root.array.shape)}"
        )
    return weight.to(root.dtype)


def _deliver(leaves: list[Any], hooked: list[Any], found: dict[Any, Any], create_graph: bool) -> None:
    """Add gradients to the leaves' `.grad`, which is never an array that anything else holds."""
    told = [(leaf.leaf_hooks, leaf, found[leaf][0] if leaf.leaf_hooks.after_node else None) for leaf in hooked]
    with _delivery:
        for leaf in leaves:
            g, owned = found.pop(leaf)
            _accumulate(leaf, g, owned, create_graph)
    for hooks, leaf, g in told:
        for (hook,) in tuple(hooks.accumulated):
            hook(leaf)
        for (hook,) in () if g is None else tuple(hooks.after_node):
            hook((), (g if create_graph else wrap(g),))


def _accumulate(leaf: Any, g: Any, owned: bool, create_graph: bool) -> None:
    held = leaf.grad_value
    if create_graph:
        leaf.grad_value = g.clone() if held is None else held + g
    elif held is None:
        leaf.grad_value = wrap(g if owned and g.flags.c_contiguous else g.copy())
    else:
        held.array[...] += g
        touch(held)


def _answered(hooks: LeafHooks, gradient: tuple[Any, bool], recorded: bool, deliver: bool) -> tuple[Any, bool]:
    """The gradient after the hooks of a leaf; those of other tensors have run in the walk."""
    if not (hooks.on_gradient or hooks.after_node or (deliver and hooks.before_node)):
        return gradient
    g = gradient[0]  # hooks may keep it
    for (hook,) in tuple(hooks.on_gradient):
        answer = hook(g if recorded else wrap(g))
        if answer is not None:
            array = WORLD.unwrap(answer, g, hook)
            g = answer if recorded else array
    for (hook,) in tuple(hooks.before_node) if deliver else ():
        answer = hook((g if recorded else wrap(g),))
        if answer is not None:
            (answer,) = answer if isinstance(answer, (tuple, list)) else (answer,)
            array = WORLD.unwrap(answer, g, hook)
            g = answer if recorded else array
    return g, False


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, (TensorBase, GradientEdge)):
        return [value]
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"backward/grad: wanted a tensor or a sequence of tensors, met {type(value).__name__}")
