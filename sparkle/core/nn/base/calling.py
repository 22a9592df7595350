"""Calling a module: `forward` between the hooks."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

from ...tensor.base import TensorBase
from .everywhere import everywhere
from .hooks import BackwardHooks, RemovableHandle

MIXED = (
    "Cannot use both regular backward hooks and full backward hooks on a single Module. Please use only one of them."
)
PARTIAL = (
    "Using a non-full backward hook {} is deprecated: this hook will be missing some {}. Please use "
    "register_full_backward_hook to get the documented behavior."
)


class Calling:
    """`module(...)` and the hooks around it."""

    _hooked: bool
    _forward_hooks: dict[int, Any]
    _forward_hooks_with_kwargs: dict[int, bool]
    _forward_hooks_always_called: dict[int, bool]
    _forward_pre_hooks: dict[int, Any]
    _forward_pre_hooks_with_kwargs: dict[int, bool]
    _backward_hooks: dict[int, Any]
    _backward_pre_hooks: dict[int, Any]
    _is_full_backward_hook: bool | None

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; every subclass defines it."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._hooked or everywhere.hooked:
            return self._call_with_hooks(args, kwargs)
        return self.forward(*args, **kwargs)

    def _call_with_hooks(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        call = _Call(self, args, kwargs)
        try:
            return call.run()
        except Exception:
            call.fail()
            raise

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call hook(module, args) before each forward; what it returns, unless None, replaces the arguments.

        With with_kwargs it is hook(module, args, kwargs) and returns (args, kwargs) or None.
        """
        flags = [self._forward_pre_hooks_with_kwargs] * with_kwargs
        return self._hook(self._forward_pre_hooks, hook, prepend, *flags)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call hook(module, args, output) after each forward; what it returns, unless None, replaces the output.

        With with_kwargs it is hook(module, args, kwargs, output). always_call: also when forward fails, with None.
        """
        flags = [self._forward_hooks_with_kwargs] * with_kwargs + [self._forward_hooks_always_called] * always_call
        return self._hook(self._forward_hooks, hook, prepend, *flags)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call hook(module, grad_output) before each backward; what it returns, unless None, replaces grad_output."""
        return self._hook(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call hook(module, grad_input, grad_output) when the gradients of the positional inputs are known.

        Both are tuples, with None for what is no tensor or needs no gradient; what it returns, unless None, replaces
        grad_input. Raises RuntimeError after `register_backward_hook`.
        """
        return self._hook_backward(hook, prepend, full=True)

    def register_backward_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Deprecated: call hook(module, grad_input, grad_output) in the backward of the last op of forward only.

        grad_input are the gradients of that op's inputs. Raises RuntimeError after `register_full_backward_hook`, which
        is what to use.
        """
        return self._hook_backward(hook, False, full=False)

    def _hook_backward(self, hook: Callable[..., Any], prepend: bool, full: bool) -> RemovableHandle:
        if self._is_full_backward_hook is not None and self._is_full_backward_hook != full:
            raise RuntimeError(MIXED)
        handle = self._hook(self._backward_hooks, hook, prepend)
        self.__dict__["_is_full_backward_hook"] = full
        return handle

    def _hook(self, hooks: dict[int, Any], hook: Any, prepend: bool, *flags: dict[int, bool]) -> RemovableHandle:
        handle = RemovableHandle(hooks, hook, prepend, *flags)
        self.__dict__["_hooked"] = True
        return handle


class _Call:
    """One call of a module."""

    def __init__(self, module: Calling, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.module, self.args, self.kwargs = module, args, kwargs
        self.result: Any = None
        self.done: set[Any] = set()  # the hooks that are always called and have been

    def run(self) -> Any:
        """The result of forward after all hooks."""
        self.before()
        full, partial = self.backward_hooks()
        before = [*everywhere.backward_pre.values(), *self.module._backward_pre_hooks.values()]
        watching = BackwardHooks(self.module, before, full) if full or before else None
        if watching is not None:
            self.args = watching.on_inputs(self.args)
        self.result = self.module.forward(*self.args, **self.kwargs)
        for key, hook, with_kwargs, _ in self.hooks():
            self.done.add(key)
            answer = hook(self.module, self.args, *((self.kwargs,) if with_kwargs else ()), self.result)
            self.result = self.result if answer is None else answer
        if watching is not None:
            self.result = watching.on_result(self.result)
        if partial:
            _watch_last_op(self.module, partial, self.args, self.result)
        return self.result

    def before(self) -> None:
        """The arguments after the pre-hooks."""
        module = self.module
        for hook in tuple(everywhere.forward_pre.values()):
            self.replace(hook(module, self.args))
        for key, hook in tuple(module._forward_pre_hooks.items()):
            if key not in module._forward_pre_hooks_with_kwargs:
                self.replace(hook(module, self.args))
                continue
            answer = hook(module, self.args, self.kwargs)
            if answer is None:
                continue
            if not (isinstance(answer, tuple) and len(answer) == 2):
                raise RuntimeError(
                    f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {answer}."
                )
            self.args, self.kwargs = answer

    def replace(self, answer: Any) -> None:
        """Take over the arguments that a pre-hook gave."""
        if answer is not None:
            self.args = answer if isinstance(answer, tuple) else (answer,)

    def hooks(self) -> Iterator[tuple[Any, Any, bool, bool]]:
        """(key, hook, does it want kwargs, is it always called), those on all modules first."""
        here, all_ = self.module, everywhere
        for key, hook in tuple(all_.forward.items()):
            yield ("all", key), hook, key in all_.forward_with_kwargs, key in all_.forward_always_called
        for key, hook in tuple(here._forward_hooks.items()):
            yield key, hook, key in here._forward_hooks_with_kwargs, key in here._forward_hooks_always_called

    def backward_hooks(self) -> tuple[list[Any], list[Any]]:
        """The full backward hooks, and the others."""
        found: tuple[list[Any], list[Any]] = ([], [])
        for hooks, full in (
            (everywhere.backward, everywhere.backward_is_full),
            (self.module._backward_hooks, self.module._is_full_backward_hook),
        ):
            found[not full].extend(hooks.values())
        return found

    def fail(self) -> None:
        """Call those that asked for it even now; their own errors stay in the background."""
        for key, hook, with_kwargs, always in self.hooks():
            if not always or key in self.done:
                continue
            try:
                answer = hook(self.module, self.args, *((self.kwargs,) if with_kwargs else ()), self.result)
                self.result = self.result if answer is None else answer
            except Exception as error:
                where = "global module" if isinstance(key, tuple) else "module"
                warnings.warn(
                    f"{where} forward hook with ``always_call=True`` raised an exception that was silenced as another "
                    f"error was raised in forward: {error}",
                    stacklevel=4,
                )


def _watch_last_op(module: Any, hooks: list[Any], args: tuple[Any, ...], result: Any) -> None:
    """Call the hooks with the gradients of the op that made the (first) result."""
    last = result
    while not isinstance(last, TensorBase):
        last = next(v for v in last.values() if isinstance(v, TensorBase)) if isinstance(last, dict) else last[0]
    node = last.grad_fn  # type: ignore[attr-defined]
    if node is None:
        return
    for hook in hooks:
        node.register_hook(lambda gi, go, hook=hook: hook(module, gi, go))
    _warn_of_what_is_missed(args, result, node)


def _warn_of_what_is_missed(args: Any, result: Any, node: Any) -> None:
    results = result if isinstance(result, tuple) else (result,)
    if not all(isinstance(x, TensorBase) for x in results):
        _warn("on a Module that does not return a single Tensor or a tuple of Tensors", "of the grad_output")
    elif not all(isinstance(x, TensorBase) for x in args):
        _warn("on a Module that does not take as input a single Tensor or a tuple of Tensors", "of the grad_input")
    elif {x.grad_fn for x in results if x.grad_fn is not None} != {node}:
        _warn("when outputs are generated by different autograd Nodes", "grad_output")
    elif {x.grad_fn for x in args if x.grad_fn is not None} != {n for n, _ in node.next_functions}:
        _warn("when the forward contains multiple autograd Nodes", "grad_input")


def _warn(when: str, what: str) -> None:
    warnings.warn(PARTIAL.format(when, what), FutureWarning, stacklevel=7)
