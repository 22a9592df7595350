"""The base of all neural network modules."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ... import dtypes
from ...tensor.base import TensorBase, wrap
from ...tensor.switches import no_grad
from ...tensor.write import touch
from .hooks import BackwardHooks, Hook, RemovableHandle
from .loading import Loading
from .members import Members


class Module(Members, Loading):
    """A part of a network: a function with parameters, made of smaller parts.

    A subclass calls `super().__init__()`, assigns parameters, buffers and submodules to attributes, and defines
    `forward`. Calling the module calls `forward`, between the hooks if there are any.

    >>> import sparkle
    >>> class Scale(Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = sparkle.nn.Parameter(sparkle.tensor(2.0))
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> scale = Scale()
    >>> scale(sparkle.tensor([1.0, 2.0]))
    tensor([2., 4.], grad_fn=<MulBackward0>)
    >>> [name for name, _ in scale.named_parameters()]
    ['factor']
    """

    training: bool
    _parameters: dict[str, Any]
    _buffers: dict[str, Any]
    _modules: dict[str, Any]

    def __init__(self) -> None:
        # Not through __setattr__, which looks for these.
        self.__dict__.update(
            training=True,
            _parameters={},
            _buffers={},
            _non_persistent_buffers_set=set(),
            _modules={},
            _hooked=False,
            _forward_hooks={},
            _forward_pre_hooks={},
            _backward_hooks={},
            _backward_pre_hooks={},
        )

    # Calling.

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; every subclass defines it."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call_with_hooks(args, kwargs) if self._hooked else self.forward(*args, **kwargs)

    def _call_with_hooks(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        called: set[int] = set()
        try:
            return self._between_hooks(args, kwargs, called)
        except Exception:
            # Those that asked for it are called even now, without a result; their own errors stay in the background.
            for key, hook in tuple(self._forward_hooks.items()):
                if hook.always and key not in called:
                    _quietly(hook, self, args, kwargs)
            raise

    def _between_hooks(self, args: tuple[Any, ...], kwargs: dict[str, Any], called: set[int]) -> Any:
        for hook in tuple(self._forward_pre_hooks.values()):
            args, kwargs = _replaced(hook, self, args, kwargs)
        watching = None
        if self._backward_hooks or self._backward_pre_hooks:
            watching = BackwardHooks(self, list(self._backward_pre_hooks.values()), list(self._backward_hooks.values()))
            args = watching.on_inputs(args)
        result = self.forward(*args, **kwargs)
        for key, hook in tuple(self._forward_hooks.items()):
            called.add(key)
            extra = (kwargs,) if hook.with_kwargs else ()
            answer = hook.function(self, args, *extra, result)
            result = result if answer is None else answer
        return result if watching is None else watching.on_result(result)

    # Hooks.

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call hook(module, args) before each forward; what it returns, unless None, replaces the arguments.

        With with_kwargs it is hook(module, args, kwargs) and returns (args, kwargs) or None.
        """
        return self._hook(self._forward_pre_hooks, Hook(hook, with_kwargs), prepend)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call hook(module, args, output) after each forward; what it returns, unless None, replaces the output.

        With with_kwargs it is hook(module, args, kwargs, output). always_call: also when forward fails, with None.
        """
        return self._hook(self._forward_hooks, Hook(hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call hook(module, grad_output) before each backward; what it returns, unless None, replaces grad_output."""
        return self._hook(self._backward_pre_hooks, Hook(hook), prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call hook(module, grad_input, grad_output) when the gradients of the positional inputs are known.

        Both are tuples, with None for what is no tensor or needs no gradient; what it returns, unless None, replaces
        grad_input.
        """
        return self._hook(self._backward_hooks, Hook(hook), prepend)

    def _hook(self, hooks: dict[int, Any], hook: Hook, prepend: bool) -> RemovableHandle:
        if not callable(hook.function):
            raise TypeError(f"a hook must be callable, met {hook.function!r}")
        self.__dict__["_hooked"] = True
        return RemovableHandle(hooks, hook, prepend)

    # Everything below this module at once.

    def apply(self, fn: Callable[[Module], Any]) -> Any:
        """Call fn on every submodule and then on the module itself; returns the module."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Any:
        """Set training mode, which dropout and batch norm ask for, here and below; returns the module."""
        if not isinstance(mode, bool):
            raise ValueError(f"training mode is expected to be boolean, met {mode!r}")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Any:
        """Leave training mode, here and below; returns the module."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Any:
        """Should autograd record for the parameters? Returns the module."""
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the gradients of all parameters, or fill them with zeros."""
        for p in self.parameters():
            if set_to_none:
                p.grad = None
            elif p.grad is not None:
                p.grad = wrap(p.grad.array) if p.grad.requires_grad else p.grad
                p.grad.array.fill(0)
                touch(p.grad)

    def _apply(self, fn: Callable[[Any], Any], recurse: bool = True) -> Any:
        """Replace the memory of all parameters, their gradients and buffers by that of fn(tensor)."""
        if recurse:
            for module in self.children():
                module._apply(fn)
        with no_grad():
            for p in self._parameters.values():
                if p is not None:
                    p.data = fn(p.detach())
                    if p.grad is not None:
                        requires_grad = p.grad.requires_grad
                        p.grad = fn(p.grad.detach()).requires_grad_(requires_grad)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Any:
        """Move parameters and buffers to a device, and floating point ones to a type; the module itself is changed.

        `to(device)`, `to(dtype)`, `to(device, dtype)`, `to(tensor)`, as keywords too; non_blocking makes no difference.
        Raises TypeError for a type that is not floating point.
        """
        device, dtype = _destination(*args, **kwargs)
        if dtype is not None and not dtype.is_floating_point:
            raise TypeError(f"nn.Module.to only accepts floating point dtypes, but got desired dtype={dtype}")
        return self._apply(lambda t: t.to(device=device, dtype=dtype if t.is_floating_point() else None))

    def type(self, dst_type: Any) -> Any:
        """Cast all parameters and buffers, integers too."""
        return self._apply(lambda t: t.to(dtype=dst_type))

    def float(self) -> Any:
        """Cast floating point parameters and buffers to float32."""
        return self.to(dtypes.float32)

    def double(self) -> Any:
        """Cast floating point parameters and buffers to float64."""
        return self.to(dtypes.float64)

    def half(self) -> Any:
        """Cast floating point parameters and buffers to float16."""
        return self.to(dtypes.float16)

    def cpu(self) -> Any:
        """Move parameters and buffers to host memory."""
        return self.to("cpu")

    def cuda(self, device: Any = None) -> Any:
        """Move parameters and buffers to a GPU: its number, or the current one."""
        return self.to("cuda" if device is None else device)

    # Printing.

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """What stands between the parentheses of repr, besides submodules."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        if not self._modules and len(lines) <= 1:
            return f"{self._get_name()}({extra})"
        lines += [f"({name}): {_indented(repr(module))}" for name, module in self._modules.items()]
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def _quietly(hook: Hook, module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    try:
        hook.function(module, args, *((kwargs,) if hook.with_kwargs else ()), None)
    except Exception as error:
        warnings.warn(f"module forward hook with always_call=True raised an exception: {error}", stacklevel=2)


def _replaced(hook: Hook, module: Module, args: Any, kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments after a pre-hook."""
    if hook.with_kwargs:
        answer = hook.function(module, args, kwargs)
        if answer is not None and not (isinstance(answer, tuple) and len(answer) == 2):
            raise RuntimeError(f"forward pre-hook must return None or (new_args, new_kwargs), but got {answer}.")
        return (args, kwargs) if answer is None else answer
    answer = hook.function(module, args)
    if answer is None:
        return args, kwargs
    return (answer if isinstance(answer, tuple) else (answer,)), kwargs


def _destination(
    *args: Any, device: Any = None, dtype: Any = None, non_blocking: bool = False, tensor: Any = None
) -> Any:
    """Device and type from the arguments of `Module.to`."""
    for arg in (*args, tensor):
        if isinstance(arg, TensorBase):
            device, dtype = arg.device, arg.dtype  # type: ignore[attr-defined]
        elif isinstance(arg, dtypes.dtype):
            dtype = arg
        elif arg is not None and not isinstance(arg, bool):
            device = arg
    return device, dtype
