"""State dicts of modules."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ...tensor.base import TensorBase
from ...tensor.switches import no_grad
from ..parameter import Parameter
from .hooks import RemovableHandle

EXTRA = "_extra_state"


class _IncompatibleKeys(NamedTuple):
    """What did not fit in a state dict: keys that were missing there, keys that nothing here has."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class Loading:
    """`state_dict` and `load_state_dict`; get_extra_state and set_extra_state are for state of other kinds."""

    _parameters: dict[str, Any]
    _buffers: dict[str, Any]
    _modules: dict[str, Any]
    _non_persistent_buffers_set: set[str]

    def get_extra_state(self) -> Any:
        """State besides tensors, to be saved in the state dict under "_extra_state"."""
        raise RuntimeError(f"{type(self).__name__}.get_extra_state: a module with extra state defines this")

    def set_extra_state(self, state: Any) -> None:
        """Take over what `get_extra_state` gave."""
        raise RuntimeError(f"{type(self).__name__}.set_extra_state: a module with extra state defines this")

    def state_dict(self, *, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> Any:
        """All parameters and persistent buffers by dotted name, in the order of their registration.

        The tensors share memory with the module's; with keep_vars they are the module's own, which autograd follows.
        destination: a dict to fill; prefix: stands before every name.

        >>> import sparkle
        >>> list(sparkle.nn.Linear(2, 1).state_dict())
        ['weight', 'bias']
        """
        result = OrderedDict() if destination is None else destination
        for hook in tuple(self.__dict__.get("_before_saving", {}).values()):
            hook(self, prefix, keep_vars)
        self._save(result, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=result, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        for hook in tuple(self.__dict__.get("_after_saving", {}).values()):
            hook(self, result, prefix, {})
        return result

    def _save(self, result: Any, prefix: str, keep_vars: bool) -> None:
        """This module's own entries."""
        for name, tensor in self._own_tensors().items():
            result[prefix + name] = tensor if keep_vars else tensor.detach()
        if self._has_extra_state():
            result[prefix + EXTRA] = self.get_extra_state()

    def _own_tensors(self) -> dict[str, Any]:
        both = {**self._parameters, **self._buffers}
        return {k: t for k, t in both.items() if t is not None and k not in self._non_persistent_buffers_set}

    def _has_extra_state(self) -> bool:
        return type(self).get_extra_state is not Loading.get_extra_state

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> _IncompatibleKeys:
        """Copy a state dict's tensors into this module's, or with assign put them in their place.

        Returns (missing_keys, unexpected_keys). Raises RuntimeError for any of these when strict, and always for shapes
        that differ; then nothing has been changed. TypeError for what is no dict.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict).__name__}.")
        state = OrderedDict(state_dict)
        plan = _Plan(state, strict, assign)
        _look(self, plan, "")
        unexpected = [key for key in state if key not in plan.expected]
        outcome = _IncompatibleKeys(plan.missing, unexpected)
        for hook, module in plan.after:
            hook(module, outcome)
        errors = plan.errors
        if strict:
            errors = _complaints("Missing", outcome.missing_keys) + _complaints("Unexpected", unexpected) + errors
        if errors:
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t" + "\n\t".join(errors))
        with no_grad():
            for write in plan.writes:
                write()
        return outcome

    # Hooks.

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call hook(module, prefix, keep_vars) before `state_dict` reads the module."""
        return RemovableHandle(self.__dict__.setdefault("_before_saving", {}), hook)

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call hook(module, state_dict, prefix, local_metadata) after `state_dict`; it may change the dict."""
        return RemovableHandle(self.__dict__.setdefault("_after_saving", {}), hook)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call a hook before a state dict is read, which it may change.

        hook(module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        """
        return RemovableHandle(self.__dict__.setdefault("_before_loading", {}), hook)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call hook(module, incompatible_keys) when loading has found what fits; it may take keys from the lists."""
        return RemovableHandle(self.__dict__.setdefault("_after_loading", {}), hook)


class _Plan:
    """What loading a state dict will do, found out before anything is changed."""

    def __init__(self, state: dict[str, Any], strict: bool, assign: bool) -> None:
        self.state, self.strict, self.assign = state, strict, assign
        self.expected: set[str] = set()
        self.missing: list[str] = []
        self.errors: list[str] = []
        self.writes: list[Callable[[], None]] = []
        self.after: list[tuple[Any, Any]] = []


def _look(module: Any, plan: _Plan, prefix: str) -> None:
    """Plan for a module and all below it."""
    for hook in tuple(module.__dict__.get("_before_loading", {}).values()):
        hook(module, plan.state, prefix, {}, plan.strict, plan.missing, [], plan.errors)
    for name, tensor in module._own_tensors().items():
        key = prefix + name
        plan.expected.add(key)
        if key in plan.state:
            _plan_tensor(plan, module, name, tensor, key)
        else:
            plan.missing.append(key)
    if module._has_extra_state():
        key = prefix + EXTRA
        plan.expected.add(key)
        if key in plan.state:
            plan.writes.append(lambda: module.set_extra_state(plan.state[key]))
        else:
            plan.missing.append(key)
    for name, child in module._modules.items():
        if child is not None:
            _look(child, plan, f"{prefix}{name}.")
    plan.after += [(hook, module) for hook in module.__dict__.get("_after_loading", {}).values()]


def _plan_tensor(plan: _Plan, module: Any, name: str, tensor: Any, key: str) -> None:
    value = plan.state[key]
    if not isinstance(value, TensorBase):
        plan.errors.append(
            f'While copying the parameter named "{key}", expected sparkle.Tensor from checkpoint but received '
            f"{type(value).__name__}"
        )
    elif value.array.shape != tensor.array.shape:
        plan.errors.append(
            f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, the shape in "  # type: ignore[attr-defined]
            f"current model is {tensor.shape}."
        )
    elif plan.assign:
        plan.writes.append(lambda: _put(module, name, tensor, value))
    else:
        plan.writes.append(lambda: tensor.copy_(value))


def _put(module: Any, name: str, tensor: Any, value: Any) -> None:
    """The loaded tensor itself in the place of the module's."""
    if isinstance(tensor, Parameter) and not isinstance(value, Parameter):
        value = Parameter(value, requires_grad=tensor.requires_grad)
    setattr(module, name, value)


def _complaints(what: str, keys: list[str]) -> list[str]:
    return [f"{what} key(s) in state_dict: " + ", ".join(f'"{key}"' for key in keys) + ". "] if keys else []
