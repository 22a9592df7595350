"""State dicts of modules: how they are loaded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ...tensor.base import TensorBase
from ...tensor.switches import no_grad
from ..parameter import Parameter, is_lazy
from .hooks import RemovableHandle
from .saving import EXTRA, Saving

ASSIGN = "assign_to_params_buffers"  # what `assign=True` puts into the metadata that modules get


class _IncompatibleKeys(NamedTuple):
    """What did not fit in a state dict: keys that were missing there, keys that nothing here has."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class _LoadHook(NamedTuple):
    """A hook before loading; with_module: does it want the module as its first argument?"""

    function: Callable[..., Any]
    with_module: bool

    def __call__(self, module: Any, *args: Any) -> None:
        self.function(*((module,) if self.with_module else ()), *args)


class Loading(Saving):
    """`load_state_dict`; set_extra_state takes back what `get_extra_state` gave."""

    _load_state_dict_pre_hooks: dict[int, Any]
    _load_state_dict_post_hooks: dict[int, Any]

    def set_extra_state(self, state: Any) -> None:
        """Take over what `get_extra_state` gave."""
        raise RuntimeError(f"{type(self).__name__}.set_extra_state: a module with extra state defines this")

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> _IncompatibleKeys:
        """Copy a state dict's tensors into this module's, or with assign put them in their place.

        Returns (missing_keys, unexpected_keys). Raises RuntimeError for any of these when strict, and always for shapes
        that differ; then the tensors are as they were before. TypeError for what is no dict.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        state = OrderedDict(state_dict)
        loading = _Load(getattr(state_dict, "_metadata", None) or {}, assign)
        before = None if _fits(self, state) else _Snapshot(self)
        try:
            loading.load(self, state, "")
            loading.complain(type(self).__name__, strict)
        except BaseException:
            if before is not None:
                before.restore()
            raise
        return loading.outcome

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Load this module's own entries, and note in the lists what does not fit.

        A module that can read other formats overrides it, changes state_dict, which is a copy, and calls it.
        local_metadata: {"version": the format's number} where the dict says so.
        """
        for hook in tuple(self._load_state_dict_pre_hooks.values()):
            hook(self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        own = self._own_tensors()
        for name, tensor in own.items():
            if prefix + name not in state_dict:
                missing_keys += [prefix + name] * strict
                continue
            value = state_dict[prefix + name]
            complaint = _unfit(prefix + name, tensor, value)
            if complaint is not None:
                error_msgs.append(complaint)
            elif local_metadata.get(ASSIGN):
                _put(self, name, tensor, value)
            else:
                _copy(tensor, value)
        self._load_extra(state_dict, prefix + EXTRA, strict, missing_keys, unexpected_keys)
        if strict:
            unexpected_keys += [key for key in state_dict if key != prefix + EXTRA and self._unknown(key, prefix, own)]

    def _load_extra(self, state: dict[str, Any], key: str, strict: bool, missing: list[str], more: list[str]) -> None:
        if type(self).set_extra_state is Loading.set_extra_state:
            more += [key] * (strict and key in state)
        elif key in state:
            self.set_extra_state(state[key])
        else:
            missing += [key] * strict

    def _unknown(self, key: str, prefix: str, own: dict[str, Any]) -> bool:
        if not key.startswith(prefix):
            return False
        name, dot, _ = key[len(prefix) :].partition(".")
        return name not in (self._modules if dot else own)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call a hook before a state dict is read, which it may change.

        hook(module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        """
        return self._register_load_state_dict_pre_hook(hook, with_module=True)

    def _register_load_state_dict_pre_hook(
        self, hook: Callable[..., Any], with_module: bool = False
    ) -> RemovableHandle:
        """The same, for a hook that may do without the module."""
        if not callable(hook):
            raise TypeError(f"a hook must be callable, met {hook!r}")
        return RemovableHandle(self._load_state_dict_pre_hooks, _LoadHook(hook, with_module))

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call hook(module, incompatible_keys) after the module was loaded; it may take keys from the two lists."""
        return RemovableHandle(self._load_state_dict_post_hooks, hook)


class _Load:
    """One loading of a state dict: what it finds."""

    def __init__(self, metadata: dict[str, dict[str, Any]], assign: bool) -> None:
        self.metadata, self.assign = metadata, assign
        self.outcome = _IncompatibleKeys([], [])
        self.errors: list[str] = []

    def load(self, module: Any, state: dict[str, Any], prefix: str) -> None:
        """Load a module and all below it."""
        metadata = {**self.metadata.get(prefix[:-1], {}), **({ASSIGN: True} if self.assign else {})}
        module._load_from_state_dict(state, prefix, metadata, True, *self.outcome, self.errors)
        below = _by_child(state, prefix)
        for name, child in module._modules.items():
            if child is not None:
                self.load(child, below.get(name, {}), f"{prefix}{name}.")
        for hook in tuple(module._load_state_dict_post_hooks.values()):
            if hook(module, self.outcome) is not None:
                raise AssertionError(
                    "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new "
                    "values, if incompatible_keys need to be modified, it should be done inplace."
                )

    def complain(self, name: str, strict: bool) -> None:
        """RuntimeError where something did not fit."""
        missing, unexpected = self.outcome if strict else ([], [])
        errors = _listed("Missing", missing) + _listed("Unexpected", unexpected) + self.errors
        if errors:
            raise RuntimeError(f"Error(s) in loading state_dict for {name}:\n\t" + "\n\t".join(errors))


def _by_child(state: dict[str, Any], prefix: str) -> dict[str, dict[str, Any]]:
    """The entries below a prefix, for each child."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in state.items():
        if key.startswith(prefix):
            name, dot, _ = key[len(prefix) :].partition(".")
            if dot:
                found.setdefault(name, {})[key] = value
    return found


def _unfit(key: str, tensor: Any, value: Any) -> str | None:
    """Why a value cannot be loaded into a tensor; None where it can."""
    if not isinstance(value, TensorBase):
        return (
            f'While copying the parameter named "{key}", expected sparkle.Tensor or Tensor-like object from checkpoint '
            f"but received {type(value)}"
        )
    if is_lazy(tensor) or (tensor.shape == () and value.shape == (1,)):  # type: ignore[attr-defined]
        return None
    if value.shape != tensor.shape:  # type: ignore[attr-defined]
        return (
            f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, the shape in "  # type: ignore[attr-defined]
            f"current model is {tensor.shape}."
        )
    return None


def _copy(tensor: Any, value: Any) -> None:
    if is_lazy(tensor):
        return  # what is not known there either stays so
    with no_grad():
        tensor.copy_(value.reshape(tensor.shape))


def _put(module: Any, name: str, tensor: Any, value: Any) -> None:
    """The loaded tensor itself in the place of the module's."""
    if not is_lazy(tensor) and value.shape != tensor.shape:
        value = value[0]
    if isinstance(tensor, Parameter):
        if isinstance(value, Parameter):
            value.requires_grad_(tensor.requires_grad)
        else:
            value = Parameter(value, requires_grad=tensor.requires_grad)
    setattr(module, name, value)


def _listed(what: str, keys: list[str]) -> list[str]:
    return [f"{what} key(s) in state_dict: " + ", ".join(f'"{key}"' for key in keys) + ". "] if keys else []


def _fits(module: Any, state: dict[str, Any]) -> bool:
    """Does the state dict fit exactly, with nobody there who could find fault with it? Then nothing can go wrong."""
    own: dict[str, Any] = {}
    for path, part in module.named_modules(remove_duplicate=False):
        if part._load_state_dict_pre_hooks or part._load_state_dict_post_hooks:
            return False
        if type(part)._load_from_state_dict is not Loading._load_from_state_dict:
            return False
        own |= {f"{path}.{name}" if path else name: tensor for name, tensor in part._own_tensors().items()}
    return own.keys() == state.keys() and not any(_unfit(key, own[key], state[key]) for key in own)


class _Snapshot:
    """A module's tensors and the numbers in them, to go back to."""

    def __init__(self, module: Any) -> None:
        self.tables = [(t, dict(t)) for part in module.modules() for t in (part._parameters, part._buffers)]
        tensors = {id(x): x for _, entries in self.tables for x in entries.values() if x is not None}.values()
        self.lazy = [(x, type(x), dict(x.__dict__)) for x in tensors if is_lazy(x)]
        self.arrays = [(x, x.array.copy()) for x in tensors if not is_lazy(x)]

    def restore(self) -> None:
        """All as it was."""
        for table, entries in self.tables:
            table.clear()
            table.update(entries)
        for tensor, array in self.arrays:
            tensor.array[...] = array
        for tensor, kind, fields in self.lazy:
            tensor.__class__ = kind
            tensor.__dict__.clear()
            tensor.__dict__.update(fields)
