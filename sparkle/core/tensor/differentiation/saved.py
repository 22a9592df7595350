"""What a user Function keeps for its backward, and `saved_tensors_hooks`, which say how saved arrays are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...autograd.op import Pick, clock
from ...autograd.watch import Hooks, current, watching
from ...backend import device_of
from ..base import TensorBase, linked, wrap
from ..switches import no_grad


class Saved:
    """A tensor that `save_for_backward` was given."""

    def __init__(self, x: Any) -> None:
        self.x = x
        self.version: int | None = x.version.count
        self.edge = (x.node or x) if x.tracked else None
        self.place: int | None = None  # which result of the Function it is
        self.hooks: Hooks | None = None

    def settle(self, places: list[int], hooks: Hooks | None) -> None:
        """Forward has run: the tensor is these of its results, and hooks, if any, keep it."""
        if places:
            self.place, self.edge = places[0], None
            if hooks is None:
                self.x, version = wrap(self.x.array), self.x.version
                self.x.version = version
        if self.version != self.x.version.count and self.place is not None:
            self.version = self.x.version.count
        if hooks is not None and hooks.pack is not None:
            self.hooks, self.x = hooks, hooks.pack(self.x.array)

    def tensor(self, node: Any) -> Any:
        """The tensor with its history, for the node's backward; RuntimeError where it was written since."""
        if self.hooks is not None:
            assert self.hooks.unpack is not None
            return linked(self.hooks.unpack(self.x), self._edge(node))
        if self.x.version.count != self.version:
            raise RuntimeError(
                f"{node.name()}: one of the variables needed for gradient computation has been modified by an inplace "
                f"operation: a saved tensor of shape {tuple(self.x.array.shape)} is at version {self.x.version.count}; "
                f"expected version {self.version} instead"
            )
        if self.place is None:
            return self.x
        out = linked(self.x.array, self._edge(node))
        out.version = self.x.version
        return out

    def _edge(self, node: Any) -> Any:
        """Where its history goes on: for a result, at the Function's node itself."""
        if self.place is None:
            return self.edge
        if len(node.outputs) == 1:
            return node
        pick = Pick(node, self.place, len(node.outputs))
        pick.seq = next(clock)
        return pick


def packer() -> Hooks | None:
    """The hooks that saved tensors go through now."""
    packing = current().packing
    return packing[-1] if packing and packing[-1].pack is not None else None


class saved_tensors_hooks:
    """Inside, every tensor that is saved for backward is given to pack_hook, and what that returns is kept instead.

    In backward, unpack_hook is given it and returns the tensor. The innermost hooks count. Writes in place to a packed
    tensor are not noticed.

    >>> import sparkle
    >>> x = sparkle.tensor([1.0, 2.0], requires_grad=True)
    >>> kept = []
    >>> with saved_tensors_hooks(lambda t: kept.append(t) or len(kept) - 1, lambda i: kept[i]):
    ...     y = (x * x).sum()
    >>> y.backward(); len(kept), x.grad
    (2, tensor([2., 4.]))
    """

    def __init__(self, pack_hook: Callable[[Any], Any], unpack_hook: Callable[[Any], Any]) -> None:
        self.hooks = Hooks(_on_array(pack_hook), _to_array(unpack_hook))

    def __enter__(self) -> None:
        watch = current()
        if watch.packing and watch.packing[-1].refusal is not None:
            raise RuntimeError(watch.packing[-1].refusal)
        watching((*watch.packing, self.hooks), watch.tracing)

    def __exit__(self, *exc: Any) -> None:
        watch = current()
        watching(watch.packing[:-1], watch.tracing)


class disable_saved_tensors_hooks(saved_tensors_hooks):
    """Inside, and in functions that it decorates, saved_tensors_hooks raises RuntimeError with this message."""

    def __init__(self, error_message: str) -> None:
        self.hooks = Hooks(None, None, error_message)

    def __enter__(self) -> None:
        watch = current()
        if watch.packing and watch.packing[-1].refusal is None:
            raise RuntimeError(self.hooks.refusal)
        watching((*watch.packing, self.hooks), watch.tracing)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return inside


class save_on_cpu(saved_tensors_hooks):
    """Inside, what is saved for backward is kept in host memory and moved back to its device when backward needs it.

    pin_memory: keep it where CUDA devices read directly.
    """

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        def pack(x: Any) -> tuple[str, Any]:
            kind, index = device_of(x.array)
            kept = x.cpu()
            return (kind if index is None else f"{kind}:{index}"), kept.pin_memory() if pin_memory else kept

        super().__init__(pack, lambda kept: kept[1].to(kept[0], non_blocking=pin_memory))


def _unwatched(function: Callable[..., Any], value: Any) -> Any:
    """The hook's answer; nothing is recorded, and so nothing is packed, while it runs."""
    with no_grad():
        return function(value)


def _on_array(hook: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def pack(array: Any) -> Any:
        x = wrap(array)
        kept = _unwatched(hook, x)
        if x.version.count:
            raise RuntimeError("A saved tensor pack hook is modifying its input in place; it must not")
        return kept

    return pack


def _to_array(hook: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def unpack(kept: Any) -> Any:
        x = _unwatched(hook, kept)
        if not isinstance(x, TensorBase):
            raise TypeError(f"Output of saved tensor unpack_hook expected to be a Tensor but got {type(x).__name__}")
        return x.array

    return unpack
