"""What loggers have in common: attaching, and collecting what is to be logged."""

from __future__ import annotations

import operator
import warnings
from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..engine import Engine, Events, EventsList, Priority, RemovableEventHandle
from ._values import as_number, flatten


class BaseHandler(metaclass=ABCMeta):
    """Something a logger calls at an event."""

    handler_priority = Priority.LOGGERS

    @abstractmethod
    def __call__(self, engine: Engine, logger: Any, event_name: Any) -> None:
        """Log what `engine` has now to `logger`."""


class BaseOptimizerParamsHandler(BaseHandler):
    """Logs one setting, as "lr", of each parameter group of an optimizer.

    Raises:
        TypeError: `optimizer` has no list of `param_groups`.
    """

    def __init__(self, optimizer: Any, param_name: str = "lr", tag: str | None = None) -> None:
        if not isinstance(getattr(optimizer, "param_groups", None), (list, tuple)):
            raise TypeError(f"optimizer: met {type(optimizer).__name__}, wanted an optimizer with param_groups")
        self.optimizer = optimizer
        self.param_name = param_name
        self.tag = tag

    def values(self) -> Iterator[tuple[str, float]]:
        """Yield (name, value), names as "lr/group_0"; KeyError when a group has no such setting."""
        for index, group in enumerate(self.optimizer.param_groups):
            if self.param_name not in group:
                raise KeyError(f"parameter group {index} has no {self.param_name!r}; it has {sorted(group)}")
            yield f"{_prefix(self.tag)}{self.param_name}/group_{index}", float(group[self.param_name])


class BaseOutputHandler(BaseHandler):
    """Logs metrics, the output, and attributes of the state of an engine.

    Args:
        tag: put before each name.
        metric_names: names of entries of `engine.state.metrics`, or "all" for those there are when logging.
        output_transform: engine.state.output -> what to log; a dictionary gives names, all else is "output".
        global_step_transform: (engine, event_name) -> int; by default the engine's count for the event.
        state_attributes: names of attributes of `engine.state`.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: there is nothing to log.
    """

    def __init__(
        self,
        tag: str,
        metric_names: str | list[str] | None = None,
        output_transform: Callable[[Any], Any] | None = None,
        global_step_transform: Callable[[Engine, Any], int] | None = None,
        state_attributes: list[str] | None = None,
    ) -> None:
        if metric_names is not None and metric_names != "all" and not isinstance(metric_names, (list, tuple)):
            raise TypeError(f'metric_names: met {metric_names!r}, wanted a list of names, or "all"')
        if state_attributes is not None and not isinstance(state_attributes, (list, tuple)):
            raise TypeError(f"state_attributes: met {state_attributes!r}, wanted a list of names")
        _check_callable("output_transform", output_transform)
        _check_callable("global_step_transform", global_step_transform)
        if metric_names is None and output_transform is None and state_attributes is None:
            raise ValueError("nothing to log: give metric_names, output_transform or state_attributes")
        self.tag = tag
        self.metric_names = metric_names
        self.output_transform = output_transform
        self.global_step_transform = global_step_transform or _own_global_step
        self.state_attributes = state_attributes

    def _setup_output_metrics_state_attrs(
        self, engine: Engine, log_text: bool | None = False, key_tuple: bool | None = True
    ) -> dict[Any, Any]:
        """Return {(tag, name, ...): number}, or with keys joined by "/"; text is left out unless `log_text`."""
        found = {}
        for name, value in self._items(engine):
            for key, number in flatten((self.tag, name), value, bool(log_text)):
                if number is None:
                    warnings.warn(f"{'/'.join(key)} is a {type(value).__name__}, which cannot be logged", stacklevel=2)
                else:
                    found[key if key_tuple else "/".join(key)] = number
        return found

    def _items(self, engine: Engine) -> Iterator[tuple[str, Any]]:
        state = engine.state
        names = state.metrics if self.metric_names == "all" else self.metric_names or ()
        yield from _present("metric", names, state.metrics)
        if self.output_transform is not None:
            output = self.output_transform(state.output)
            yield from output.items() if isinstance(output, Mapping) else [("output", output)]
        yield from _present("state attribute", self.state_attributes or (), _Attributes(state))

    def global_step(self, engine: Engine, event_name: Any) -> int:
        """Return the step to log at; TypeError when the transform gave no integer."""
        step = self.global_step_transform(engine, event_name)
        try:
            return operator.index(step)
        except TypeError:
            raise TypeError(f"global_step_transform: gave {type(step).__name__} {step!r}, wanted an integer") from None


class BaseWeightsHandler(BaseHandler):
    """Logs something about the parameters of a model.

    Args:
        model: has `named_parameters()`.
        tag: put before each name.
        whitelist: which parameters: starts of their names, or a function (name, parameter) -> bool; None for all.

    Raises:
        TypeError: `model` has no named_parameters(), or `whitelist` is of the wrong kind.
    """

    def __init__(
        self, model: Any, tag: str | None = None, whitelist: list[str] | Callable[[str, Any], bool] | None = None
    ) -> None:
        if not callable(getattr(model, "named_parameters", None)):
            raise TypeError(f"model: met {type(model).__name__}, wanted a Module with named_parameters()")
        self.model = model
        self.tag = tag
        wanted = _as_filter(whitelist)
        self.weights = tuple((name, weight) for name, weight in model.named_parameters() if wanted(name, weight))

    def _named(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Yield (name in the log, parameter), names as "weights/0/bias"."""
        for name, weight in self.weights:
            yield f"{_prefix(self.tag)}{kind}/{name.replace('.', '/')}", weight


def norm(tensor: Any) -> Any:
    """Return the Euclidean norm of all entries of a tensor."""
    return tensor.norm()


class BaseWeightsScalarHandler(BaseWeightsHandler):
    """Logs one number for each parameter of a model: `reduction(parameter)`, by default its Euclidean norm.

    Raises:
        TypeError: `reduction` is no function, or gives no single number.
    """

    def __init__(
        self,
        model: Any,
        reduction: Callable[[Any], Any] = norm,
        tag: str | None = None,
        whitelist: list[str] | Callable[[str, Any], bool] | None = None,
    ) -> None:
        super().__init__(model, tag, whitelist)
        if not callable(reduction):
            raise TypeError(f"reduction: met {reduction!r}, wanted a function")
        self.reduction = reduction
        self._reduction_name = getattr(reduction, "__name__", type(reduction).__name__)
        for _, weight in self.weights[:1]:
            self._reduce(weight)

    def _reduce(self, tensor: Any) -> int | float:
        value = self.reduction(tensor.detach())
        number = as_number(value)
        if number is None:
            name = self._reduction_name
            raise TypeError(f"reduction: {name} gave {type(value).__name__} {value!r:.80}, wanted a single number")
        return number


class BaseLogger(metaclass=ABCMeta):
    """Calls log handlers at the events of engines; a context manager that closes at the end.

    A logger of one's own says which handlers it makes in `_create_output_handler` and `_create_opt_params_handler`.
    """

    handler_priority = Priority.LOGGERS

    def attach(
        self, engine: Engine, log_handler: Callable, event_name: Any, *args: Any, **kwargs: Any
    ) -> RemovableEventHandle | EventHandles:
        """Call `log_handler(engine, logger, event, *args, **kwargs)` at an event, or at each of several (`A | B`).

        Raises:
            RuntimeError: the event has no count to log at.
            TypeError: `log_handler` is no function.
        """
        events = list(event_name) if isinstance(event_name, EventsList) else [event_name]
        for event in events:
            _check_countable(engine, event)
        handles = [engine.add_event_handler(event, log_handler, self, event, *args, **kwargs) for event in events]
        return handles[0] if len(handles) == 1 else EventHandles(handles)

    def attach_output_handler(
        self, engine: Engine, event_name: Any, *args: Any, **kwargs: Any
    ) -> RemovableEventHandle | EventHandles:
        """Attach this logger's OutputHandler(*args, **kwargs)."""
        return self.attach(engine, self._create_output_handler(*args, **kwargs), event_name)

    def attach_opt_params_handler(
        self, engine: Engine, event_name: Any, *args: Any, **kwargs: Any
    ) -> RemovableEventHandle | EventHandles:
        """Attach this logger's OptimizerParamsHandler(*args, **kwargs)."""
        return self.attach(engine, self._create_opt_params_handler(*args, **kwargs), event_name)

    @abstractmethod
    def _create_output_handler(self, *args: Any, **kwargs: Any) -> Callable:
        """Make the handler that logs outputs and metrics."""

    @abstractmethod
    def _create_opt_params_handler(self, *args: Any, **kwargs: Any) -> Callable:
        """Make the handler that logs settings of an optimizer."""

    def __enter__(self) -> BaseLogger:
        return self

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        self.close()

    def close(self) -> None:  # noqa: B027 - a logger that holds nothing has nothing to close
        """Write what is not yet written and let go of what is held."""


class EventHandles:
    """Several handles that act as one: what `attach` gives back for several events."""

    def __init__(self, handles: list[RemovableEventHandle]) -> None:
        self._handles = handles

    def remove(self) -> None:
        """Remove the handler from all the events."""
        for handle in self._handles:
            handle.remove()

    def __enter__(self) -> EventHandles:
        return self

    def __exit__(self, *args: Any) -> None:
        self.remove()


class _Attributes:
    """The attributes of an object, looked up like entries of a mapping."""

    def __init__(self, owner: Any) -> None:
        self._owner = owner

    def __contains__(self, name: str) -> bool:
        return hasattr(self._owner, name)

    def __getitem__(self, name: str) -> Any:
        return getattr(self._owner, name)

    def __iter__(self) -> Iterator[str]:
        return iter(vars(self._owner))


def _present(what: str, names: Iterable[str], values: Any) -> Iterator[tuple[str, Any]]:
    for name in names:
        if name in values:
            yield name, values[name]
        else:
            warnings.warn(f"{what} {name!r} is not there to be logged; there are {list(values)}", stacklevel=2)


def _own_global_step(engine: Engine, event_name: Any) -> int:
    return engine.state.get_event_attrib_value(event_name)


def _check_countable(engine: Engine, event: Any) -> None:
    name = getattr(event, "name", event)
    uncounted = name in Events.__members__ and name not in engine.state.event_to_attr
    if uncounted or not isinstance(name, str) or not engine.has_registered_events(name):
        raise RuntimeError(f"Unknown event name {event!r}: the engine has no count for it to log at")


def _check_callable(name: str, value: Any) -> None:
    if value is not None and not callable(value):
        raise TypeError(f"{name}: met {type(value).__name__} {value!r}, wanted a function")


def _prefix(tag: str | None) -> str:
    return f"{tag}/" if tag else ""


def _as_filter(whitelist: Any) -> Callable[[str, Any], bool]:
    if whitelist is None:
        return lambda name, weight: True
    if callable(whitelist):
        return whitelist
    starts = (whitelist,) if isinstance(whitelist, str) else whitelist
    if not isinstance(starts, (list, tuple)) or not all(isinstance(start, str) for start in starts):
        raise TypeError(f"whitelist: met {whitelist!r}, wanted a list of starts of parameter names, or a function")
    return lambda name, weight: name.startswith(tuple(starts))
