"""State dicts of modules: how they are made."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, ClassVar

from ..parameter import is_lazy
from .hooks import RemovableHandle

EXTRA = "_extra_state"


class Saving:
    """`state_dict`; get_extra_state is for state of other kinds."""

    _version: ClassVar[int] = 1  # of the format of the module's own entries; subclasses count on
    _parameters: dict[str, Any]
    _buffers: dict[str, Any]
    _modules: dict[str, Any]
    _non_persistent_buffers_set: set[str]
    _state_dict_hooks: dict[int, Any]
    _state_dict_hooks_public: dict[int, bool]
    _state_dict_pre_hooks: dict[int, Any]

    def get_extra_state(self) -> Any:
        """State besides tensors, to be saved in the state dict under "_extra_state"."""
        raise RuntimeError(f"{type(self).__name__}.get_extra_state: a module with extra state defines this")

    def state_dict(self, *args: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> Any:
        """All parameters and persistent buffers by dotted name, in the order of their registration.

        The tensors share memory with the module's; with keep_vars they are the module's own, which autograd follows.
        destination: a dict to fill; prefix: stands before every name. To give these by position is deprecated.

        >>> import sparkle
        >>> list(sparkle.nn.Linear(2, 1).state_dict())
        ['weight', 'bias']
        """
        if args:
            warnings.warn("state_dict: Positional args are being deprecated, use keywords", FutureWarning, stacklevel=2)
            given: tuple[Any, ...] = (destination, prefix, keep_vars)
            destination, prefix, keep_vars = (*args, *given[len(args) :])
        if destination is None:  # the metadata: dotted module name -> {"version": number of its format}
            destination = OrderedDict()
            destination._metadata = OrderedDict()  # type: ignore[attr-defined]
        metadata = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = metadata
        for hook in tuple(self._state_dict_pre_hooks.values()):
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        return self._after_saving(destination, prefix, metadata)

    def _after_saving(self, destination: Any, prefix: str, metadata: dict[str, Any]) -> Any:
        for key, hook in tuple(self._state_dict_hooks.items()):
            answer = hook(self, destination, prefix, metadata)
            if answer is not None:
                if key in self._state_dict_hooks_public:
                    raise RuntimeError("state_dict post-hook must return None")
                destination = answer
        return destination

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        """Add this module's own entries; a module of another format overrides it."""
        for name, tensor in self._own_tensors().items():
            destination[prefix + name] = tensor if keep_vars or is_lazy(tensor) else tensor.detach()
        if type(self).get_extra_state is not Saving.get_extra_state:
            destination[prefix + EXTRA] = self.get_extra_state()

    def _own_tensors(self) -> dict[str, Any]:
        both = {**self._parameters, **self._buffers}
        return {k: t for k, t in both.items() if t is not None and k not in self._non_persistent_buffers_set}

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call hook(module, prefix, keep_vars) before `state_dict` reads the module."""
        return RemovableHandle(self._state_dict_pre_hooks, hook)

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call hook(module, state_dict, prefix, local_metadata) after `state_dict`; it may change the dict.

        RuntimeError where it returns something.
        """
        return RemovableHandle(self._state_dict_hooks, hook, False, self._state_dict_hooks_public)

    def _register_state_dict_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """The same for a hook that may return another dict."""
        return RemovableHandle(self._state_dict_hooks, hook)
