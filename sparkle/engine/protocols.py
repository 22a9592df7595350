"""What the engine's companions promise: to save and restore themselves, or to start over."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Mapping
from typing import Any


class Serializable:
    """Something with a `state_dict` that can be loaded back.

    A subclass names the keys that must be there in `_state_dict_all_req_keys`, and in `_state_dict_one_of_opt_keys`
    groups of keys of which exactly one must be there; its `load_state_dict` calls this one first.
    """

    _state_dict_all_req_keys: tuple[str, ...] = ()
    _state_dict_one_of_opt_keys: tuple[tuple[str, ...], ...] | tuple[str, ...] = ()

    def state_dict(self) -> Mapping[str, Any]:
        """Everything that is needed to go on from here, as a mapping."""
        raise NotImplementedError(f"{type(self).__name__} does not define state_dict()")

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Check that `state_dict` is a mapping (TypeError) with the keys that are required (ValueError)."""
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Argument state_dict should be a dictionary, but given {type(state_dict)}")
        for key in self._state_dict_all_req_keys:
            if key not in state_dict:
                raise ValueError(
                    f"Required state attribute '{key}' is absent in provided state_dict '{list(state_dict)}'"
                )
        groups = self._state_dict_one_of_opt_keys
        for group in (groups,) if groups and isinstance(groups[0], str) else groups:
            if sum(key in state_dict for key in group) != 1:
                raise ValueError(f"state_dict should contain exactly one of '{group}' keys, got {list(state_dict)}")


class ResettableHandler(metaclass=ABCMeta):
    """A handler whose collected state can be thrown away, for example at the start of a run."""

    @abstractmethod
    def reset(self) -> None:
        """Forget what was collected."""

    @abstractmethod
    def attach(self, engine: Any, *args: Any, **kwargs: Any) -> None:
        """Attach the handler to an engine."""
