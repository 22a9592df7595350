"""Hooks of modules: handles, and the op that sees the gradients of a module's inputs and outputs."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ...autograd.op import Op
from ...mode import mode
from ...tensor.base import TensorBase, apply, wrap

WITHOUT_INPUTS = (
    "{}: full backward hook is firing when gradients are computed with respect to module outputs since no inputs "
    "require gradients"
)
NOT_WATCHED = "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received {}"


class RemovableHandle:
    """Removes one hook from its table: `handle.remove()`, or leaving a `with` block.

    flags: tables in which the hook's number stands when it wants to be called in a special way.
    """

    _numbers = iter(range(1 << 62))

    def __init__(self, hooks: dict[int, Any], hook: Any, prepend: bool = False, *flags: dict[int, bool]) -> None:
        if not callable(hook):
            raise TypeError(f"a hook must be callable, met {hook!r}")
        self.id = next(number for number in self._numbers if number not in hooks)  # some may come from a pickle
        self._hooks, self._flags = hooks, flags
        others = list(hooks.items()) if prepend else []
        if prepend:
            hooks.clear()
        hooks[self.id] = hook
        hooks.update(others)
        for flag in flags:
            flag[self.id] = True

    def remove(self) -> None:
        """Take the hook away; a second call does nothing."""
        for table in (self._hooks, *self._flags):
            table.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.remove()


class Through(Op):
    """Its inputs, unchanged; gradients pass through `on_gradients`, a function of a list of tensors and Nones."""

    several = True

    def __init__(self, on_gradients: Callable[[list[Any]], Any]) -> None:
        self.on_gradients = on_gradients

    def forward(self, xp: Any, *xs: Any) -> Any:
        return xs

    def backward(self, xp: Any, gs: Any) -> tuple[Any, ...]:
        lifted = any(isinstance(g, TensorBase) for g in gs)
        results = self.on_gradients([wrap(g) if g is not None and not lifted else g for g in gs])
        return tuple(results if lifted else [g if g is None else g.array for g in results])


def watch(values: tuple[Any, ...], on_gradients: Callable[[list[Any]], Any]) -> tuple[tuple[Any, ...], bool]:
    """The values with the tracked tensors among them sent through `Through`; False where there are none.

    on_gradients gets and returns a list as long as the values, with None for all that is no tracked tensor.
    """
    places = [i for i, x in enumerate(values) if isinstance(x, TensorBase) and x.requires_grad]  # type: ignore[attr-defined]
    if not places or not mode.grad:
        return values, False

    def spread(gs: list[Any]) -> list[Any]:
        full: list[Any] = [None] * len(values)
        for i, g in zip(places, gs, strict=True):
            full[i] = g
        answer = on_gradients(full)
        return [answer[i] for i in places]

    watched = list(values)
    sources = [values[i] for i in places]
    for i, source, out in zip(places, sources, apply(Through(spread), *sources), strict=True):
        out.version = source.version  # the memory is the same, so writes through either are counted for both
        watched[i] = out
    return tuple(watched), True


class BackwardHooks:
    """One call of a module, seen from its backward: calls the hooks when the gradients of its inputs are known."""

    def __init__(self, module: Any, before: list[Any], after: list[Any]) -> None:
        self.module, self.before, self.after = module, before, after
        self.grad_outputs: tuple[Any, ...] | None = None
        self.inputs = 0
        self.watches_inputs = False

    def on_inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments, watched."""
        self.inputs = len(args)
        args, self.watches_inputs = watch(args, self._inputs_known)
        return args

    def on_result(self, result: Any) -> Any:
        """The module's result, watched: a tensor or a tuple; other structures pass as they are."""
        is_tuple = isinstance(result, tuple)
        if not is_tuple and not isinstance(result, TensorBase):
            warnings.warn(NOT_WATCHED.format(type(result)), UserWarning, stacklevel=4)
            return result
        watched, _ = watch(result if is_tuple else (result,), self._outputs_known)
        return type(result)(watched) if is_tuple else watched[0]

    def _outputs_known(self, gs: list[Any]) -> Any:
        grads: Any = tuple(gs)
        for hook in self.before:
            answer = hook(self.module, grads)
            if answer is not None:
                grads = _as_many("full backward pre-hook", answer, len(grads))
        self.grad_outputs = grads
        if not self.watches_inputs:  # no input needs a gradient, so nothing more will be known
            if self.after:
                warnings.warn(WITHOUT_INPUTS.format(type(self.module).__name__), UserWarning, stacklevel=2)
            self._call((None,) * self.inputs)
        return grads

    def _inputs_known(self, gs: list[Any]) -> Any:
        return self._call(tuple(gs))

    def _call(self, grads: Any) -> Any:
        for hook in self.after:
            answer = hook(self.module, grads, self.grad_outputs)
            if answer is None:
                continue
            if not self.watches_inputs:
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or None for "
                    f"all gradients; {type(self.module).__name__}'s hook returned {type(answer).__name__}"
                )
            grads = _as_many("full backward hook", answer, len(grads))
        return grads


def _as_many(what: str, answer: Any, count: int) -> tuple[Any, ...]:
    grads = answer if isinstance(answer, tuple) else (answer,)
    if len(grads) != count:
        raise RuntimeError(f"{what}: got {len(grads)} gradients, but expected {count}")
    return grads
