"""Schedulers made of schedulers: one after another, or side by side."""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from typing import Any

from ...engine import Engine, Events
from .._groups import undone
from .base import ParamScheduler, check_state


class ParamGroupScheduler:
    """Several schedulers side by side, as one: each with its parameter, its group or its optimizer.

    Args:
        schedulers: list or tuple of parameter schedulers.
        names: what the history calls them; their param_names by default.
        save_history: as in ParamScheduler, for all of them.

    Raises:
        TypeError: schedulers or names are no list or tuple.
        ValueError: an entry that is no scheduler or no string; counts that differ.

    Example:
        >>> from types import SimpleNamespace
        >>> from sparkle.handlers import LinearCyclicalScheduler
        >>> optimizer = SimpleNamespace(param_groups=[{"lr": 0.0}, {"lr": 0.0}])
        >>> down = LinearCyclicalScheduler(optimizer, "lr", 1.0, 0.0, 10, param_group_index=0)
        >>> up = LinearCyclicalScheduler(optimizer, "lr", 0.0, 1.0, 5, param_group_index=1)
        >>> both = ParamGroupScheduler([down, up])
        >>> both(None), both(None), optimizer.param_groups
        (None, None, [{'lr': 0.8}, {'lr': 0.4}])
    """

    def __init__(
        self, schedulers: list[ParamScheduler], names: list[str] | None = None, save_history: bool = False
    ) -> None:
        if not isinstance(schedulers, Sequence):
            raise TypeError(f"Argument schedulers should be a list/tuple, but given {schedulers!r:.80}")
        if not all(isinstance(scheduler, ParamScheduler) for scheduler in schedulers):
            raise ValueError(
                f"Argument schedulers should be a list/tuple of parameter schedulers, but given {schedulers}"
            )
        if names is None:
            names = [scheduler.param_name for scheduler in schedulers]
        if not isinstance(names, (list, tuple)):
            raise TypeError(f"Argument names should be a list/tuple, but given {names!r:.80}")
        if not all(isinstance(name, str) for name in names):
            raise ValueError(f"Argument names should be a list/tuple of parameter scheduler's names, but given {names}")
        if len(names) != len(schedulers):
            raise ValueError(f"ParamGroupScheduler: {len(names)} names for {len(schedulers)} schedulers")
        self.schedulers = schedulers
        self.names = names
        self.optimizer = [scheduler.optimizer for scheduler in schedulers]
        self.param_name = [scheduler.param_name for scheduler in schedulers]
        self.save_history = save_history

    def __call__(self, engine: Engine | None, name: str | None = None) -> None:
        """Set the next value of each scheduler; `name` is not used, as each has one."""
        for scheduler, own_name in zip(self.schedulers, self.names, strict=True):
            scheduler(engine, own_name)

    def attach(self, engine: Engine, event: Any = Events.ITERATION_STARTED) -> None:
        """Set the next values at each `event` of `engine`."""
        engine.add_event_handler(event, self)

    @property
    def optimizer_param_groups(self) -> list[dict[str, Any]]:
        """The groups that are set, of all schedulers."""
        return [group for scheduler in self.schedulers for group in scheduler.optimizer_param_groups]

    @property
    def save_history(self) -> bool:
        """Whether values are appended to `engine.state.param_history`."""
        return self.schedulers[0].save_history

    @save_history.setter
    def save_history(self, value: bool) -> None:
        for scheduler in self.schedulers:
            scheduler.save_history = value

    def get_param(self) -> list[Any]:
        """Return what the next event sets, for each scheduler."""
        return [scheduler._get_param() for scheduler in self.schedulers]

    def state_dict(self) -> dict[str, Any]:
        """Return {"schedulers": [(name, state)]}."""
        return {"schedulers": [(n, s.state_dict()) for n, s in zip(self.names, self.schedulers, strict=True)]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave.

        Raises:
            TypeError: it is no mapping.
            ValueError: no "schedulers", another number of them, or other names.
        """
        states = _states(state_dict, len(self.schedulers), "param group")
        for wanted, (met, _) in zip(self.names, states, strict=True):
            if wanted != met:
                raise ValueError(
                    f"Name of scheduler from input state dict does not correspond to required one, {met} vs {wanted}"
                )
        for scheduler, (_, state) in zip(self.schedulers, states, strict=True):
            scheduler.load_state_dict(state)

    @classmethod
    def simulate_values(cls, num_events: int, schedulers: list[ParamScheduler], **kwargs: Any) -> list[list[Any]]:
        """Return [event_index, value of each scheduler] of the next `num_events` events; nothing is changed."""
        values = []
        with undone(schedulers, [group for s in schedulers for group in s.optimizer.param_groups]):
            joint = cls(schedulers=schedulers, **kwargs)
            for index in range(num_events):
                values.append([index, *joint.get_param()])
                joint(engine=None)
        return values


class ConcatScheduler(ParamScheduler):
    """Schedulers one after another.

    Args:
        schedulers: at least two, of one parameter of one optimizer.
        durations: for how many events each of them is used; the last one, which has none, for all that follow.
        save_history: as in ParamScheduler, for all of them.

    Raises:
        TypeError: schedulers are no list or tuple of schedulers, durations are no list or tuple.
        ValueError: fewer than two schedulers; durations that are no integers, are negative or do not match;
            different optimizers or parameters.

    Example:
        >>> from types import SimpleNamespace
        >>> from sparkle.handlers import CosineAnnealingScheduler, LinearCyclicalScheduler
        >>> optimizer = SimpleNamespace(param_groups=[{"lr": 0.0}])
        >>> up = LinearCyclicalScheduler(optimizer, "lr", 0.0, 1.0, cycle_size=4)
        >>> down = CosineAnnealingScheduler(optimizer, "lr", 1.0, 0.5, cycle_size=2)
        >>> ConcatScheduler.simulate_values(4, schedulers=[up, down], durations=[2])
        [[0, 0.0], [1, 0.5], [2, 1.0], [3, 0.75]]
    """

    def __init__(
        self,
        schedulers: list[ParamScheduler],
        durations: list[int],
        save_history: bool = False,
    ) -> None:
        _check_schedulers(schedulers)
        _check_durations(durations, len(schedulers) - 1)
        self.schedulers = schedulers
        self.durations = durations
        self._scheduler_index = 0
        optimizer = _the_one("optimizer", [scheduler.optimizer for scheduler in schedulers])
        param_name = _the_one("param_name", [scheduler.param_name for scheduler in schedulers])
        super().__init__(optimizer=optimizer, param_name=param_name, save_history=save_history)
        self.save_history = save_history
        self._current_duration = self._duration(0)
        self._state_attrs += ["_current_duration", "durations", "_scheduler_index"]

    def _duration(self, index: int) -> int:
        return self.durations[index] if index < len(self.durations) else -1

    @property
    def _current_scheduler(self) -> ParamScheduler:
        return self.schedulers[self._scheduler_index]

    def __call__(self, engine: Engine | None, name: str | None = None) -> None:
        """Set the next value, of the scheduler whose turn it is."""
        while self._current_duration == 0:
            self._scheduler_index += 1
            self._current_duration = self._duration(self._scheduler_index)
        self._current_scheduler(engine, name)
        self._current_duration -= 1
        self.event_index += 1

    @property
    def optimizer_param_groups(self) -> list[dict[str, Any]]:
        """The groups that were set last."""
        return self._current_scheduler.optimizer_param_groups

    @property
    def save_history(self) -> bool:
        """Whether values are appended to `engine.state.param_history`."""
        return self._current_scheduler.save_history

    @save_history.setter
    def save_history(self, value: bool) -> None:
        for scheduler in self.schedulers:
            scheduler.save_history = value

    def get_param(self) -> Any:
        """Return what the next event sets."""
        index, left = self._scheduler_index, self._current_duration
        while left == 0:
            index += 1
            left = self._duration(index)
        scheduler = self.schedulers[index]
        return scheduler._get_param() if isinstance(scheduler, ParamScheduler) else scheduler.get_param()

    def state_dict(self) -> dict[str, Any]:
        """Return where it is, and under "schedulers" the states of all schedulers."""
        return {**super().state_dict(), "schedulers": [scheduler.state_dict() for scheduler in self.schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave.

        Raises:
            TypeError: it is no mapping.
            ValueError: an entry is missing, or the number of schedulers is another.
        """
        states = _states(state_dict, len(self.schedulers), "concatenated")
        check_state(state_dict, self._state_attrs, type(self).__name__)
        for scheduler, state in zip(self.schedulers, states, strict=True):
            scheduler.load_state_dict(state)
        super().load_state_dict(state_dict)

    @classmethod
    def simulate_values(  # type: ignore[override]
        cls,
        num_events: int,
        schedulers: list[ParamScheduler],
        durations: list[int],
        param_names: list[str] | tuple[str] | None = None,
    ) -> list[list[Any]]:
        """Return [event_index, value in each group, ...] of the next `num_events` events; nothing is changed.

        Args:
            param_names: the parameters to read; that of the schedulers by default.

        Raises:
            TypeError: param_names is no list or tuple.
            ValueError: one of them is no string; what the constructor raises.
        """
        if param_names is not None and not isinstance(param_names, (list, tuple)):
            raise TypeError(f"Argument param_names should be list or tuple, but given {type(param_names)}")
        if not all(isinstance(name, str) for name in param_names or ()):
            raise ValueError(f"Argument param_names should be list or tuple of strings, but given {param_names}")
        optimizer = _the_one("optimizer", [scheduler.optimizer for scheduler in schedulers])
        values = []
        with undone(schedulers, optimizer.param_groups):
            joint = cls(schedulers=schedulers, durations=durations, save_history=False)
            for index in range(num_events):
                joint(engine=None)
                groups = joint.optimizer_param_groups
                values.append([index, *(g[name] for name in param_names or [joint.param_name] for g in groups)])
        return values


def _check_schedulers(schedulers: Any) -> None:
    if not isinstance(schedulers, Sequence):
        raise TypeError(f"Argument schedulers should be a sequence, but given {schedulers!r:.80}")
    if len(schedulers) < 2:
        raise ValueError(f"Argument schedulers should be of more than one parameter schedulers, but given {schedulers}")
    for index, scheduler in enumerate(schedulers):
        if not isinstance(scheduler, (ParamScheduler, ParamGroupScheduler)):
            raise TypeError(
                f"Value at index {index} of schedulers should be a parameter scheduler, but given {type(scheduler)}"
            )


def _check_durations(durations: Any, wanted: int) -> None:
    if not isinstance(durations, (list, tuple)):
        raise TypeError(f"Argument durations should be list/tuple, but given {durations!r:.80}")
    if not all(isinstance(duration, numbers.Integral) for duration in durations):
        raise ValueError(f"Argument durations should be list/tuple of integers, but given {durations}")
    if len(durations) != wanted:
        raise ValueError(
            f"Incorrect number schedulers or duration values: {wanted + 1} schedulers need {wanted} durations, "
            f"but given {len(durations)}"
        )
    if any(duration < 0 for duration in durations):
        raise ValueError(f"Argument durations should not be negative, but given {durations}")


def _the_one(what: str, values: list[Any]) -> Any:
    """The value that all entries, and entries of lists, share."""
    flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
    if any(item is not flat[0] and (what == "optimizer" or item != flat[0]) for item in flat):
        raise ValueError(f"schedulers should be related to same {what}, but given {flat!r:.200}")
    return flat[0]


def _states(state_dict: Any, count: int, kind: str) -> list[Any]:
    check_state(state_dict, ["schedulers"], f"{kind} schedulers")
    states = state_dict["schedulers"]
    if len(states) != count:
        raise ValueError(
            f"Input state_dict contains {len(states)} state_dicts of {kind} schedulers, but {count} needed"
        )
    return states
