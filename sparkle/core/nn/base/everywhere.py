"""Hooks on all modules of the program at once: for profilers and debuggers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .hooks import RemovableHandle


class Everywhere:
    """The tables of the hooks that all modules share."""

    def __init__(self) -> None:
        self.forward: dict[int, Any] = {}
        self.forward_with_kwargs: dict[int, bool] = {}
        self.forward_always_called: dict[int, bool] = {}
        self.forward_pre: dict[int, Any] = {}
        self.backward: dict[int, Any] = {}
        self.backward_pre: dict[int, Any] = {}
        self.backward_is_full: bool | None = None
        self.parameter: dict[int, Any] = {}
        self.buffer: dict[int, Any] = {}
        self.module: dict[int, Any] = {}
        self.hooked = False  # are there hooks on calls? Asked at every call

    def look(self) -> None:
        """See whether there are hooks on calls."""
        self.hooked = any((self.forward, self.forward_pre, self.backward, self.backward_pre))


everywhere = Everywhere()


class _OnCalls(RemovableHandle):
    """The handle of a hook that calls must look for."""

    def __init__(self, hooks: dict[int, Any], hook: Any, *flags: dict[int, bool]) -> None:
        super().__init__(hooks, hook, False, *flags)
        everywhere.look()

    def remove(self) -> None:
        """Take the hook away; a second call does nothing."""
        super().remove()
        everywhere.look()


def replaced(hooks: dict[int, Any], module: Any, name: str, value: Any) -> Any:
    """What the hooks on registration leave of a parameter, buffer or submodule."""
    for hook in tuple(hooks.values()):
        answer = hook(module, name, value)
        value = value if answer is None else answer
    return value


def register_module_parameter_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call hook(module, name, parameter) when any module registers a parameter; what it returns replaces it."""
    return RemovableHandle(everywhere.parameter, hook)


def register_module_buffer_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call hook(module, name, buffer) when any module registers a buffer; what it returns replaces it."""
    return RemovableHandle(everywhere.buffer, hook)


def register_module_module_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call hook(module, name, submodule) when any module registers a submodule; what it returns replaces it."""
    return RemovableHandle(everywhere.module, hook)


def register_module_forward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call hook(module, args) before the forward of every module, ahead of the module's own pre-hooks.

    What it returns, unless None, replaces the positional arguments.
    """
    return _OnCalls(everywhere.forward_pre, hook)


def register_module_forward_hook(
    hook: Callable[..., Any], *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Call hook(module, args, output) after the forward of every module, ahead of the module's own hooks.

    What it returns, unless None, replaces the output. With with_kwargs it is hook(module, args, kwargs, output).
    always_call: also when forward fails, with None.

    >>> import sparkle
    >>> with register_module_forward_hook(lambda module, args, output: print(type(module).__name__)):
    ...     _ = sparkle.nn.ReLU()(sparkle.ones(1))
    ReLU
    """
    flags = [everywhere.forward_with_kwargs] * with_kwargs + [everywhere.forward_always_called] * always_call
    return _OnCalls(everywhere.forward, hook, *flags)


def register_module_full_backward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call hook(module, grad_output) before the backward of every module; see `Module`'s method of that name."""
    return _OnCalls(everywhere.backward_pre, hook)


def register_module_full_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call hook(module, grad_input, grad_output) in the backward of every module; see `Module`'s method of that name.

    Raises RuntimeError after `register_module_backward_hook`.
    """
    return _backward(hook, full=True)


def register_module_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Deprecated: as `Module.register_backward_hook`, on every module; `register_module_full_backward_hook` sees all.

    Raises RuntimeError after `register_module_full_backward_hook`.
    """
    return _backward(hook, full=False)


def _backward(hook: Callable[..., Any], full: bool) -> RemovableHandle:
    if everywhere.backward_is_full is not None and everywhere.backward_is_full != full:
        raise RuntimeError(
            "Cannot use both regular backward hooks and full backward hooks as a global Module hook. Please use only "
            "one of them."
        )
    everywhere.backward_is_full = full
    return _OnCalls(everywhere.backward, hook)
