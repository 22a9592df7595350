"""Optimizers that take one parameter after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...mode import mode
from ...tensor.write import touch
from ..optimizer import Optimizer


class PerTensorOptimizer(Optimizer):
    """An optimizer whose subclass gives `_update` for one parameter."""

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update all parameters that have a gradient; returns what closure, which evaluates the loss anew, gives."""
        loss = self._evaluate(closure)
        for group in self.param_groups:
            for p in dict.fromkeys(group["params"]):
                if p.grad_value is not None:
                    mode.quiet(self._update, p, group, self.state[p])
                    touch(p)
        return loss

    def _update(self, p: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        """Change the parameter and its state in their memory."""
        raise NotImplementedError(f"{type(self).__name__}._update")


def wide(a: Any) -> Any:
    """The array in a type that sums of squares fit into: float16 as float32, others as they are."""
    return a.astype("float32") if a.dtype.itemsize < 4 else a
