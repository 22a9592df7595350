"""What a metric has gathered: as a dict and back, and joined with what another has gathered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from ..core.devices import device as Device
from ..engine import Serializable
from .merging import merged
from .state import from_state, to_state

NEVER_COMPARED = ("_result", "_skip_unrolling", "_metrics_result_mode")
PLAIN = (bool, int, float, str, tuple, type(None))


class Saved(Serializable):
    """Base of metrics: saves, loads and merges the attributes that `_state_dict_all_req_keys` names.

    These hold numbers, arrays, tensors and other metrics, and lists, tuples and dicts of them. Others of one
    class are what it was made with, such as the number of classes, and must be equal in both for a merge.
    """

    _state_dict_all_req_keys: tuple[str, ...] = ()
    _not_compared: tuple[str, ...] = ()  # what merged metrics may differ in besides their state
    _device: Device | None

    def state_dict(self) -> dict[str, Any]:
        """What the metric has gathered, as a dict that `sparkle.save` takes.

        >>> from sparkle.metrics import Average
        >>> average, other = Average(), Average()
        >>> average.update(3.0)
        >>> average.state_dict()
        {'accumulator': 3.0, 'num_examples': 1}
        >>> other.load_state_dict(average.state_dict())
        >>> other.compute()
        3.0
        """
        return {
            key: to_state(getattr(self, key), f"{type(self).__name__}.{key}") for key in self._state_dict_all_req_keys
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave; TypeError and ValueError, with nothing changed, for anything else."""
        for write in list(self._planned_writes(state_dict)):
            write()

    def _planned_writes(self, state_dict: Mapping[str, Any]) -> Iterator[Callable[[], None]]:
        """Check a state, then give what is to be done to load it."""
        super().load_state_dict(state_dict)
        for key in self._state_dict_all_req_keys:
            yield from self._planned(key, getattr(self, key), state_dict[key])
        yield self._forget_result

    def _planned(self, key: str, held: Any, saved: Any) -> Iterator[Callable[[], None]]:
        if isinstance(held, Saved):
            yield from held._planned_writes(saved)
        elif isinstance(held, (list, tuple)) and any(isinstance(item, Saved) for item in held):
            if not isinstance(saved, (list, tuple)) or len(saved) != len(held):
                raise ValueError(f"{type(self).__name__}: {key} should be a list of {len(held)} states, got {saved!r}")
            for item, state in zip(held, saved, strict=True):
                yield from item._planned_writes(state)
        elif isinstance(held, dict) and any(isinstance(item, Saved) for item in held.values()):
            if not isinstance(saved, dict) or list(saved) != list(held):
                raise ValueError(f"{type(self).__name__}: {key} should hold states of {list(held)}, got {saved!r}")
            for name, item in held.items():
                yield from item._planned_writes(saved[name])
        else:
            yield partial(setattr, self, key, from_state(saved, self._device, f"{type(self).__name__}.{key}"))

    def _forget_result(self) -> None:
        """Drop a value that was computed before."""
        if "_result" in self.__dict__:
            self._result = None

    # Merging.

    def merge(self, other: Saved) -> None:
        """Take in what another metric of this kind has gathered, as if its batches had come after one's own.

        For data that was evaluated in parts, in other processes say: `state_dict` brings the parts together. The other
        is left as it is. Raises TypeError for a metric of another class, and for one whose value depends on more than
        it keeps, ValueError where they were made with other arguments; nothing is changed then.

        >>> from sparkle.metrics import Average
        >>> first, second = Average(), Average()
        >>> first.update(1.0)
        >>> second.update(4.0)
        >>> first.merge(second)
        >>> first.compute()
        2.5
        """
        for write in list(self._planned_merge(other)):
            write()

    def _planned_merge(self, other: Saved) -> Iterator[Callable[[], None]]:
        """Check another metric, then give what is to be done to merge it."""
        self._check_alike(other)
        for key in self._state_dict_all_req_keys:
            yield from self._planned_merge_of(key, getattr(self, key), getattr(other, key))
        yield self._forget_result

    def _planned_merge_of(self, key: str, held: Any, other: Any) -> Iterator[Callable[[], None]]:
        if isinstance(held, Saved):
            yield from held._planned_merge(other)
        elif isinstance(held, (list, tuple)) and any(isinstance(item, Saved) for item in held):
            for a, b in zip(held, other, strict=True):
                yield from a._planned_merge(b)
        elif isinstance(held, dict) and any(isinstance(item, Saved) for item in held.values()):
            for name, item in held.items():
                yield from item._planned_merge(other[name])
        else:
            yield partial(setattr, self, key, self._merged(key, held, other))

    def _merged(self, key: str, held: Any, other: Any) -> Any:
        """The value of one attribute for both. How is declared by `sync_all_reduce`; most are added."""
        how = getattr(type(self).compute, "reduced_attributes", {}).get(key, "SUM")  # type: ignore[attr-defined]
        return merged(held, other, how, self._device, f"{type(self).__name__}.merge: {key}")

    def _check_alike(self, other: Saved) -> None:
        name = type(self).__name__
        if type(other) is not type(self):
            raise TypeError(f"{name}.merge: wanted another {name}, met {type(other).__name__}")
        skipped = {*self._state_dict_all_req_keys, *self._not_compared, *NEVER_COMPARED}
        for key, value in self.__dict__.items():
            theirs = other.__dict__.get(key, value)
            if key in skipped or not (isinstance(value, PLAIN) and isinstance(theirs, PLAIN)):
                continue
            if value != theirs:
                raise ValueError(f"{name}.merge: {key} is {value!r} here and {theirs!r} in the other")
