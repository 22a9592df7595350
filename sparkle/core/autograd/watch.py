"""What else is done with every op that is recorded: its saved arrays are packed, its place in the program is noted."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from ..backend import is_array
from ..mode import mode
from .anomaly import stack
from .op import Op


class Hooks(NamedTuple):
    """Arrays to whatever is kept instead of them, and back; `refusal` says why there may be none."""

    pack: Any
    unpack: Any
    refusal: str | None = None


class Packed:
    """What a node holds in the place of its saved arrays."""

    def __init__(self, node: Op, hooks: Hooks) -> None:
        self.hooks = hooks
        self.held = {name: hooks.pack(getattr(node, name)) for name in node.saves if is_array(getattr(node, name))}

    def opened(self, node: Op) -> Op:
        """A twin of the node with the arrays back in their places."""
        twin = copy.copy(node)
        twin.freed = False
        for name, kept in self.held.items():
            setattr(twin, name, self.hooks.unpack(kept))
        return twin


class Watch:
    """Stands in `mode.grad` for True where recorded ops are watched; never changed, only replaced."""

    def __init__(self, packing: tuple[Hooks, ...] = (), tracing: bool = False) -> None:
        self.packing, self.tracing = packing, tracing

    def __call__(self, node: Op) -> None:
        """A node has been recorded, and forward has run."""
        self.trace(node)
        if self.packing and node.saves and self.packing[-1].pack is not None:
            packed = Packed(node, self.packing[-1])
            for name in packed.held:
                setattr(node, name, None)
            node.freed = packed

    def trace(self, node: Op) -> None:
        """Note where in the program the node was made."""
        if self.tracing:
            node.trace = stack()


def current() -> Watch:
    """What is watched in this thread."""
    return mode.on if isinstance(mode.on, Watch) else Watch()


def watching(packing: tuple[Hooks, ...], tracing: bool) -> None:
    """Watch for these from now on in this thread; it costs nothing when there are none."""
    mode.on = Watch(packing, tracing) if packing or tracing else True
    if mode.grad:
        mode.grad = mode.on
