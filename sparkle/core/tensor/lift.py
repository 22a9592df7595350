"""Gradients of gradients: gives a node's backward Tensors instead of arrays."""

from __future__ import annotations

import copy
from typing import Any

from ..autograd.op import DERIVED, KEPT, RESULT, Op
from ..autograd.walk import World
from . import differentiable
from .base import TensorBase, linked, wrap


class Differentiable(World):
    """The world in which backward is recorded: NumPy's names are functions of tensors."""

    xp = differentiable

    def lift(self, node: Op) -> Op:
        """A twin of the node that holds Tensors, linked to the graph, where the node holds saved arrays."""
        twin = copy.copy(node)
        inputs: dict[int, Any] = {}
        for name, source in node.saves.items():
            array = getattr(node, name)
            if array is None or source in (DERIVED, KEPT):
                continue
            lifted = linked(array, node.edges[source] if source >= 0 else node if source == RESULT else None)
            setattr(twin, name, lifted)
            if source >= 0:
                inputs[source] = lifted
        if DERIVED in node.saves.values():
            twin.forward(self.xp, *[inputs.get(i) for i in range(len(node.edges))])
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


WORLD = Differentiable()
