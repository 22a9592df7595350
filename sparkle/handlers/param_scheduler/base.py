"""What all schedulers share: where they are, what comes next, how they are saved, tried and drawn."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from ...engine import Engine, Events
from .._groups import check_optimizer, set_in_groups, stand_in
from .._plotting import pyplot


class BaseParamScheduler(metaclass=ABCMeta):
    """Gives a parameter a value that follows from the number of events seen, `event_index`, and from nothing else.

    A subclass gives `get_param`, which computes the value for `event_index` and changes nothing. The names of the
    attributes to save are in `_state_attrs`; a subclass appends its own.

    Args:
        param_name: the parameter.
        save_history: append each value to `engine.state.param_history[param_name]`.
    """

    def __init__(self, param_name: str, save_history: bool = False) -> None:
        self.param_name = param_name
        self.event_index = 0
        self._save_history = save_history
        self._state_attrs = ["event_index", "param_name", "save_history"]

    @property
    def save_history(self) -> bool:
        """Whether values are appended to `engine.state.param_history`."""
        return self._save_history

    @save_history.setter
    def save_history(self, value: bool) -> None:
        self._save_history = value

    @abstractmethod
    def get_param(self) -> Any:
        """Return the value for `event_index`: a number, or a list with one for each parameter group."""

    def state_dict(self) -> dict[str, Any]:
        """Return all that is needed to go on from here, as copies."""
        state = {}
        for name in self._state_attrs:
            value = getattr(self, name)
            state[name] = deepcopy(value.state_dict() if hasattr(value, "state_dict") else value)
        return state

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave.

        Raises:
            TypeError: it is no mapping.
            ValueError: an entry is missing; then nothing has changed.
        """
        check_state(state_dict, self._state_attrs, type(self).__name__)
        for name in self._state_attrs:
            value, present = state_dict[name], getattr(self, name)
            if isinstance(value, Mapping) and hasattr(present, "load_state_dict"):
                present.load_state_dict(deepcopy(value))
            else:
                setattr(self, name, deepcopy(value))

    def _note(self, engine: Engine | None, name: str, value: Any) -> None:
        """Append a value to the history that the engine keeps under a name, if that is wanted."""
        if self.save_history and engine is not None:
            history_of(engine).setdefault(name, []).append(value)

    @classmethod
    @abstractmethod
    def simulate_values(cls, num_events: int, **scheduler_kwargs: Any) -> list[list[Any]]:
        """Return [event_index, value] of the first `num_events` events of a scheduler made with these arguments."""

    @classmethod
    def plot_values(cls, num_events: int, **scheduler_kwargs: Any) -> Any:
        """Draw the values of `simulate_values` into matplotlib's present axes; return the lines.

        Raises:
            ModuleNotFoundError: matplotlib is not installed (the extra `plot`).
        """
        plt = pyplot(f"{cls.__name__}.plot_values")
        rows = cls.simulate_values(num_events=num_events, **scheduler_kwargs)
        lines = plt.plot(
            [row[0] for row in rows],
            [row[1] if len(row) == 2 else row[1:] for row in rows],
            label=scheduler_kwargs.get("param_name", "learning rate"),
        )
        plt.legend()
        plt.grid(which="both")
        return lines


class ParamScheduler(BaseParamScheduler):
    """Sets a parameter in the groups of an optimizer, whatever value it had before.

    Args:
        optimizer: an optimizer, or another object with `param_groups`.
        param_name: the key in the groups.
        save_history: append the groups' values, a list, to `engine.state.param_history[param_name]`.
        param_group_index: the one group to set; None for all of them.

    Raises:
        TypeError: the optimizer has no param_groups.

    Example:
        >>> class Halving(ParamScheduler):
        ...     def get_param(self):
        ...         return 0.5**self.event_index
        >>> from types import SimpleNamespace
        >>> from sparkle.engine import Engine
        >>> optimizer = SimpleNamespace(param_groups=[{"lr": 1.0}])
        >>> trainer = Engine(lambda engine, batch: optimizer.param_groups[0]["lr"])
        >>> Halving(optimizer, "lr").attach(trainer)
        >>> trainer.run([0, 0, 0]).output
        0.25
        >>> Halving.simulate_values(3, param_name="lr")
        [[0, 1.0], [1, 0.5], [2, 0.25]]
    """

    def __init__(
        self,
        optimizer: Any,
        param_name: str,
        save_history: bool = False,
        param_group_index: int | None = None,
    ) -> None:
        super().__init__(param_name, save_history)
        check_optimizer(optimizer, type(self).__name__)
        self.optimizer = optimizer
        self.param_group_index = param_group_index
        self._state_attrs += ["param_group_index"]

    def attach(self, engine: Engine, event: Any = Events.ITERATION_STARTED) -> None:
        """Set the next value at each `event` of `engine`."""
        engine.add_event_handler(event, self)

    def __call__(self, engine: Engine | None, name: str | None = None) -> None:
        """Set the next value; `name` is what the history calls it.

        Raises:
            ValueError: get_param gave a list, but not one value for each group.
        """
        set_in_groups(self.optimizer_param_groups, self.param_name, self._get_param())
        if self.save_history:
            values = [group[self.param_name] for group in self.optimizer_param_groups]
            self._note(engine, self.param_name if name is None else name, values)
        self.event_index += 1

    def _get_param(self) -> Any:
        """The value to set: `get_param`, unless a kind of scheduler has phases in which its formula does not hold."""
        return self.get_param()

    @property
    def optimizer_param_groups(self) -> list[dict[str, Any]]:
        """The groups that are set."""
        if self.param_group_index is None:
            return self.optimizer.param_groups
        return [self.optimizer.param_groups[self.param_group_index]]

    @classmethod
    def simulate_values(cls, num_events: int, **scheduler_kwargs: Any) -> list[list[Any]]:
        """Return [event_index, value] of the first `num_events` events of a scheduler made with these arguments.

        No optimizer is needed; `optimizer` and `save_history` are ignored.
        """
        options = {key: value for key, value in scheduler_kwargs.items() if key not in ("optimizer", "save_history")}
        groups = 1 + max(options.get("param_group_index") or 0, 0)
        scheduler = cls(optimizer=stand_in(groups, lr=0.01), save_history=False, **options)
        values = []
        for index in range(num_events):
            scheduler(engine=None)
            values.append([index, scheduler.optimizer_param_groups[0][scheduler.param_name]])
        return values


def history_of(engine: Engine) -> dict[str, list[Any]]:
    """The dictionary `engine.state.param_history`, made if it is not there."""
    if getattr(engine.state, "param_history", None) is None:
        engine.state.param_history = {}  # type: ignore[attr-defined]
    return engine.state.param_history  # type: ignore[attr-defined]


def check_state(state_dict: Any, names: Sequence[str], where: str) -> None:
    """Raise TypeError unless it is a mapping, ValueError unless it has all these entries."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(f"Argument state_dict should be a dictionary, but given {type(state_dict)} ({where})")
    for name in names:
        if name not in state_dict:
            raise ValueError(
                f"Required state attribute '{name}' is absent in provided state_dict '{list(state_dict)}' ({where})"
            )
