"""The base of all neural network modules."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from ... import dtypes
from ...tensor.base import TensorBase, wrap
from ...tensor.making.filled import empty_like
from ...tensor.switches import no_grad
from ...tensor.write import touch
from ..parameter import is_lazy
from .calling import Calling
from .loading import Loading
from .members import Members


class Module(Members, Calling, Loading):
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
    dump_patches: ClassVar[bool] = False
    call_super_init: ClassVar[bool] = False  # does __init__ hand its arguments on to the next class of a subclass?
    T_destination = TypeVar("T_destination", bound=dict[str, Any])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not self.call_super_init and (args or kwargs):
            raise TypeError(
                f"{type(self).__name__}.__init__() takes no arguments for Module, met {len(args)} positional ones and "
                f"the keywords {list(kwargs)}"
            )
        # Not through __setattr__, which looks for these.
        self.__dict__.update(
            training=True,
            _parameters={},
            _buffers={},
            _non_persistent_buffers_set=set(),
            _modules={},
            _hooked=False,
            _forward_hooks={},
            _forward_hooks_with_kwargs={},
            _forward_hooks_always_called={},
            _forward_pre_hooks={},
            _forward_pre_hooks_with_kwargs={},
            _backward_hooks={},
            _is_full_backward_hook=None,
            _backward_pre_hooks={},
            _state_dict_hooks={},
            _state_dict_hooks_public={},
            _state_dict_pre_hooks={},
            _load_state_dict_pre_hooks={},
            _load_state_dict_post_hooks={},
        )
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

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
                    p.data = fn(p if is_lazy(p) else p.detach())
                    if p.grad is not None:
                        requires_grad = p.grad.requires_grad
                        p.grad = fn(p.grad.detach()).requires_grad_(requires_grad)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Any:
        """Move parameters and buffers to a device, and floating point ones to a type; the module itself is changed.

        `to(device)`, `to(dtype)`, `to(device, dtype)`, `to(tensor)`, as keywords too; non_blocking makes no difference;
        memory_format: the order in memory of those with four or five dims.
        Raises TypeError for a type that is not floating point.
        """
        device, dtype, order = _destination(*args, **kwargs)
        if dtype is not None and not dtype.is_floating_point:
            raise TypeError(f"nn.Module.to only accepts floating point dtypes, but got desired dtype={dtype}")

        def move(t: Any) -> Any:
            moved = t.to(device=device, dtype=dtype if t.is_floating_point() else None)
            return moved.to(memory_format=order) if order is not None and t.dim() in (4, 5) else moved

        return self._apply(move)

    def to_empty(self, *, device: Any, recurse: bool = True) -> Any:
        """Give parameters and buffers new memory on a device, with any numbers in it; recurse: those below too."""
        return self._apply(lambda t: empty_like(t, device=device), recurse=recurse)

    def share_memory(self) -> Any:
        """Not supported, as `Tensor.share_memory_` says: tensors are copied when they go to another process."""
        return self._apply(lambda t: t.share_memory_())

    def compile(self, *args: Any, backend: Any = None, disable: bool = False, **kwargs: Any) -> None:
        """There is no compiler: RuntimeError, but for backend="eager" and disable=True, which ask to run as it is."""
        if not disable and backend != "eager":
            raise RuntimeError(
                f"{type(self).__name__}.compile: there is no compiler, modules run as they are; leave the call out, or "
                f"ask for backend='eager' or disable=True (met backend={backend!r})"
            )
        if args or kwargs:
            raise RuntimeError(f"{type(self).__name__}.compile: there is no compiler for {[*args, *kwargs]} to act on")

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

    def bfloat16(self) -> Any:
        """Cast floating point parameters and buffers to bfloat16, which needs the package ml_dtypes."""
        return self.to(dtypes.bfloat16)

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


def _destination(
    *args: Any,
    device: Any = None,
    dtype: Any = None,
    non_blocking: bool = False,
    memory_format: Any = None,
    tensor: Any = None,
) -> Any:
    """Device, type and order in memory from the arguments of `Module.to`."""
    for arg in (*args, tensor):
        if isinstance(arg, TensorBase):
            device, dtype = arg.device, arg.dtype  # type: ignore[attr-defined]
        elif isinstance(arg, dtypes.dtype) or arg is builtins.float:
            dtype = dtypes.as_dtype(arg)
        elif arg is not None and not isinstance(arg, bool):
            device = arg
    return device, dtype if dtype is None else dtypes.as_dtype(dtype), memory_format
