"""`backward` and `grad`: seeds in, gradients of leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy

from ..autograd.op import Op
from ..autograd.walk import walk
from .base import TensorBase, refresh, wrap
from .creation import as_tensor
from .lift import WORLD
from .switches import set_grad_enabled
from .write import touch


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
    keep = create_graph if retain_graph is None else retain_graph
    wanted = None if inputs is None else _as_list(inputs)
    if wanted is not None and not wanted:
        raise RuntimeError("backward: `inputs` cannot be empty; leave it out to reach all leaves")
    found = _walk(roots, _as_list(grad_tensors), keep, create_graph, wanted, "backward")
    for edge, (g, owned) in found.items():
        leaf = edge if not isinstance(edge, Op) else next(t for t in wanted or () if t.node is edge)
        _deliver(leaf, g, owned, create_graph)


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
        raise ValueError("grad: materialize_grads=True needs allow_unused to be True or left out")
    wanted = _as_list(inputs)
    for i, x in enumerate(wanted):
        if not x.requires_grad:
            raise RuntimeError(f"grad: input {i}, of shape {tuple(x.array.shape)}, does not require grad")
    keep = create_graph if retain_graph is None else retain_graph
    found = _walk(_as_list(outputs), _as_list(grad_outputs), keep, create_graph, wanted, "grad")
    results = []
    for i, x in enumerate(wanted):
        g = found.get(x.node or x)
        if g is None and not (allow_unused or materialize_grads):
            raise RuntimeError(
                f"grad: input {i}, of shape {tuple(x.array.shape)}, appears to not have been used in the graph. "
                "Set allow_unused=True if this is the desired behavior."
            )
        if g is None:
            results.append(as_tensor(x.array * 0) if materialize_grads else None)
        else:
            results.append(_hooked(x, g[0] if create_graph else wrap(g[0] if g[1] else g[0].copy())))
    return tuple(results)


def _walk(
    roots: list[Any], weights: list[Any], keep: bool, create_graph: bool, wanted: list[Any] | None, where: str
) -> dict[Any, Any]:
    """Check roots and weights, and walk with gradient recording on for create_graph, off without it."""
    weights = weights or [None] * len(roots)
    if len(weights) != len(roots):
        raise RuntimeError(f"{where}: got {len(roots)} tensors and {len(weights)} gradients")
    edges, seeds = [], []
    for i, (root, weight) in enumerate(zip(roots, weights, strict=True)):
        if root.version.rebased and root.view_of is not None:
            refresh(root)
        if not root.tracked:
            raise RuntimeError(f"{where}: element {i} of tensors does not require grad and does not have a grad_fn")
        seed = _seed(root, weight, where)
        edges.append(root.node or root)
        seeds.append(seed if create_graph else seed.array)
    targets = None if wanted is None else {x.node or x for x in wanted}
    with set_grad_enabled(create_graph):
        return _quiet_walk(edges, seeds, keep, create_graph, targets)


def _quiet_walk(edges: list[Any], seeds: list[Any], keep: bool, create_graph: bool, targets: Any) -> dict[Any, Any]:
    """The walk, without NumPy's floating point warnings."""
    with numpy.errstate(all="ignore"):
        return walk(edges, seeds, keep=keep, world=WORLD if create_graph else None, targets=targets)


def _seed(root: Any, weight: Any, where: str) -> Any:
    if weight is None:
        if root.array.size != 1:
            raise RuntimeError(
                f"{where}: grad can be implicitly created only for scalar outputs; this one has shape "
                f"{tuple(root.array.shape)}, so pass its weights: y.backward(gradient=...)"
            )
        if root.array.dtype.kind != "f":
            raise RuntimeError(f"{where}: grad can be created only for floating point outputs, met {root.dtype}")
        return wrap(root.array * 0 + 1) if root.array.ndim else wrap(_one(root.array))
    weight = as_tensor(weight)
    if weight.array.shape != root.array.shape:
        raise RuntimeError(
            f"{where}: Mismatch in shape: grad_output has shape {tuple(weight.array.shape)} and output has shape "
            f"{tuple(root.array.shape)}"
        )
    return weight.to(root.dtype)


def _one(array: Any) -> Any:
    one = array.copy()
    one[...] = 1
    return one


def _deliver(leaf: Any, g: Any, owned: bool, create_graph: bool) -> None:
    """Add a gradient to the leaf's `.grad`. A leaf's gradient is never an array that anything else holds."""
    g = _hooked(leaf, g if create_graph else wrap(g))
    held = leaf.grad_value
    if held is None:
        leaf.grad_value = g if create_graph or (owned and g.array.flags.c_contiguous) else wrap(g.array.copy())
    elif create_graph:
        leaf.grad_value = held + g
    else:
        held.array[...] += g.array
        touch(held)
    for (hook,) in tuple(leaf.after_hooks or ()):
        hook(leaf)


def _hooked(leaf: Any, g: Any) -> Any:
    """The gradient after the hooks of a leaf; those of other tensors have run in the walk."""
    if leaf.node is None:
        for (hook,) in tuple(leaf.hooks or ()):
            answer = hook(g)
            g = g if answer is None else answer
    return g


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, TensorBase):
        return [value]
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"backward/grad: wanted a tensor or a sequence of tensors, met {type(value).__name__}")
