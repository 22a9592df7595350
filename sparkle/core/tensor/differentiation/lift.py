"""Gradients of gradients: gives a node's backward Tensors instead of arrays."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

from ... import dtypes
from ...autograd.half import Widened, narrow
from ...autograd.op import DERIVED, KEPT, RESULT, Op
from ...autograd.walk import World
from ...ops.shaping.shape import Cast
from ..base import TensorBase, apply, dtype_of, linked, wrap
from . import differentiable


class Differentiable(World):
    """The world in which backward is recorded: NumPy's names are functions of tensors."""

    xp = differentiable

    def lift(self, node: Op) -> Op:
        """A twin of the node that holds Tensors, linked to the graph, where the node holds saved arrays."""
        twin: Any = copy.copy(node)
        widened = node.kernel if isinstance(node.kernel, Widened) else None
        inputs: dict[int, Any] = {}
        for name, source in node.saves.items():
            array = getattr(node, name)
            if array is None or source in (DERIVED, KEPT):
                continue
            edge = node.edges[source] if source >= 0 else node if source == RESULT else None
            if widened is None:
                lifted = linked(array, edge)
            else:  # the graph beyond the edge is of half precision
                half = widened.half if source == RESULT else widened.types[source] if source >= 0 else None
                lifted = _wide(linked(narrow(array, half), edge))
            setattr(twin, name, lifted)
            if source >= 0:
                inputs[source] = lifted
        if DERIVED in node.saves.values():
            twin.forward(self.xp, *[inputs.get(i) for i in range(len(node.edges))])
        if widened is not None:
            twin.backward = partial(_in_float32, widened, twin)
        return twin

    def wrap(self, array: Any) -> Any:
        return wrap(array)

    def unwrap(self, answer: Any, like: Any, hook: Any) -> Any:
        name = getattr(hook, "__name__", repr(hook))
        if not isinstance(answer, TensorBase):
            raise TypeError(f"hook '{name}': expected a tensor or None, but it returned {type(answer).__name__!r}")
        if like is not None and answer.array.shape != like.shape:
            raise RuntimeError(
                f"hook '{name}' has changed the size of value: met {tuple(answer.array.shape)}, wanted "
                f"{tuple(like.shape)}"
            )
        return answer.array


def _wide(x: Any) -> Any:
    return x if x is None or not dtype_of(x).is_half else apply(Cast(dtypes.float32.numpy), x)


def _in_float32(widened: Widened, twin: Any, xp: Any, g: Any) -> list[Any]:
    """The twin's gradients, computed in float32 and rounded to the types of its inputs."""
    dxs = type(twin).backward(twin, xp, [_wide(one) for one in g] if type(g) is list else _wide(g))
    pairs = zip(dxs, widened.types, strict=True)
    return [d if d is None or half is None else apply(Cast(half), d) for d, half in pairs]


WORLD = Differentiable()
