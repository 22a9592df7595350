"""The machinery that all metrics share: attaching, transforming outputs, arithmetic, saving."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from ..core.tensor.base import TensorBase
from ..core.tensor.switches import no_grad
from ..engine import Engine
from .usage import EpochWise, MetricUsage, as_usage

RESULT_MODES = ("flatten", "named", "both")


def same(output: Any) -> Any:
    """The output as it is."""
    return output


class Metric(ABC):
    """Base of metrics: a subclass defines `reset()`, `update(output)` and `compute()`.

    output_transform: from the engine's output to what `update` takes, mostly `(y_pred, y)`; a mapping with the keys
    `required_output_keys` becomes such a tuple. device: where sums are kept. skip_unrolling: lists of tensors in the
    output are one item each unless True. metrics_result_mode: how a mapping that `compute` returns enters
    `engine.state.metrics`: its items ("flatten"), itself under the metric's name ("named"), or both.

    Sums are kept in float64 and on the device, and no number is read back before `compute`. A nan in the data makes the
    value nan. `compute` before any `update` raises NotComputableError.
    """

    required_output_keys: tuple[str, ...] | None = ("y_pred", "y")
    _state_dict_all_req_keys: tuple[str, ...] = ()

    def __init__(
        self,
        output_transform: Callable[[Any], Any] = same,
        device: Any = "cpu",
        skip_unrolling: bool = False,
        metrics_result_mode: str = "flatten",
    ) -> None:
        if not callable(output_transform):
            raise TypeError(f"{self._name()}: argument output_transform should be callable, got {output_transform!r}")
        if metrics_result_mode not in RESULT_MODES:
            raise ValueError(f"metrics_result_mode should be one of {RESULT_MODES}, got {metrics_result_mode!r}")
        self._output_transform = output_transform
        self._device = device
        self._skip_unrolling = skip_unrolling
        self._result_mode = metrics_result_mode
        self.reset()

    @abstractmethod
    def reset(self) -> None:
        """Forget everything seen."""

    @abstractmethod
    def update(self, output: Any) -> None:
        """Take in the (transformed) output of one iteration."""

    @abstractmethod
    def compute(self) -> Any:
        """The value of everything seen since the last reset; NotComputableError when that is nothing."""

    @classmethod
    def _name(cls) -> str:
        return cls.__name__

    # What the engine calls.

    def started(self, engine: Engine) -> None:
        """Handler: reset."""
        self.reset()

    @no_grad()
    def iteration_completed(self, engine: Engine) -> None:
        """Handler: update with the engine's output.

        Raises TypeError for a mapping that this metric does not take, ValueError for one without the required keys.
        """
        output = self._output_transform(engine.state.output)
        if type(output) is tuple or type(output) is float or isinstance(output, TensorBase):  # spares the slow test below
            keyed = False
        else:
            keyed = isinstance(output, Mapping)
        if keyed:
            output = self._from_mapping(output)
        if type(output) is tuple and len(output) == 2 and not self._skip_unrolling and _are_lists(*output):
            for pair in _pairs(*output):
                self.update(pair)
        else:
            self.update(output)

    def completed(self, engine: Engine, name: str) -> None:
        """Handler: put the value into `engine.state.metrics[name]`, numbers as Python numbers, tensors on the CPU."""
        result = self.compute()
        metrics = engine.state.metrics
        if not isinstance(result, Mapping):
            metrics[name] = _as_result(result)
            return
        if self._result_mode != "flatten" and name in result:
            raise ValueError(f"Argument name '{name}' is conflicting with mapping keys: {list(result)}")
        if self._result_mode != "named":
            metrics.update({key: _as_result(value) for key, value in result.items()})
        if self._result_mode != "flatten":
            metrics[name] = result

    def _from_mapping(self, output: Mapping[str, Any]) -> tuple[Any, ...]:
        keys = self.required_output_keys
        if keys is None:
            raise TypeError(
                f"Transformed engine output for {self._name()} metric should be a tuple/list, but given {type(output).__name__}"
            )
        missing = [key for key in keys if key not in output]
        if missing:
            raise ValueError(
                f"When transformed engine's output is a mapping, it should contain {keys} keys, but given {list(output)}: "
                f"{self._name()} misses {missing}"
            )
        return tuple(output[key] for key in keys)

    # Attaching.

    def attach(self, engine: Engine, name: str, usage: str | MetricUsage = EpochWise()) -> None:  # noqa: B008 - frozen
        """Reset, update and compute at the usage's events of the engine; the value enters `engine.state.metrics[name]`.

        Several names may be attached; each reset and update still happens once.

        >>> from sparkle.engine import Engine
        >>> from sparkle.metrics import Average
        >>> engine = Engine(lambda engine, batch: batch)
        >>> Average().attach(engine, "mean")
        >>> engine.run([1.0, 2.0, 6.0]).metrics
        {'mean': 3.0}
        """
        usage = as_usage(usage)
        if not engine.has_event_handler(self.started, usage.STARTED):
            engine.add_event_handler(usage.STARTED, self.started)
        if not engine.has_event_handler(self.iteration_completed, usage.ITERATION_COMPLETED):
            engine.add_event_handler(usage.ITERATION_COMPLETED, self.iteration_completed)
        engine.add_event_handler(usage.COMPLETED, self.completed, name)

    def detach(self, engine: Engine, usage: str | MetricUsage = EpochWise()) -> None:  # noqa: B008
        """Take the metric off the usage's events."""
        usage = as_usage(usage)
        for handler, event in self._registrations(usage):
            while engine.has_event_handler(handler, event):
                engine.remove_event_handler(handler, event)

    def is_attached(self, engine: Engine, usage: str | MetricUsage = EpochWise()) -> bool:  # noqa: B008
        """Is the metric computed at the usage's event?"""
        return engine.has_event_handler(self.completed, as_usage(usage).COMPLETED)

    def _registrations(self, usage: MetricUsage) -> list[tuple[Callable[..., Any], Any]]:
        return [
            (self.completed, usage.COMPLETED),
            (self.started, usage.STARTED),
            (self.iteration_completed, usage.ITERATION_COMPLETED),
        ]

    # Saving.

    def state_dict(self) -> dict[str, Any]:
        """What the metric has gathered, as a dict that `sparkle.save` takes."""
        return {key: _state_of(getattr(self, key)) for key in self._state_dict_all_req_keys}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave; TypeError and ValueError, with nothing changed, for anything else."""
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"{self._name()}: argument state_dict should be a dictionary, but given {type(state_dict).__name__}")
        missing = set(self._state_dict_all_req_keys) - set(state_dict)
        if missing:
            raise ValueError(f"{self._name()}: required state attributes {sorted(missing)} are not in the given {list(state_dict)}")
        for key in self._state_dict_all_req_keys:
            held = getattr(self, key)
            if isinstance(held, Metric):
                held.load_state_dict(state_dict[key])
            else:
                setattr(self, key, state_dict[key])

    # Arithmetic.

    def __add__(self, other: Any) -> Metric:
        return MetricsLambda(operator.add, self, other)

    def __radd__(self, other: Any) -> Metric:
        return MetricsLambda(operator.add, other, self)

    def __sub__(self, other: Any) -> Metric:
        return MetricsLambda(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Metric:
        return MetricsLambda(operator.sub, other, self)

    def __mul__(self, other: Any) -> Metric:
        return MetricsLambda(operator.mul, self, other)

    def __rmul__(self, other: Any) -> Metric:
        return MetricsLambda(operator.mul, other, self)

    def __truediv__(self, other: Any) -> Metric:
        return MetricsLambda(operator.truediv, self, other)

    def __rtruediv__(self, other: Any) -> Metric:
        return MetricsLambda(operator.truediv, other, self)

    def __floordiv__(self, other: Any) -> Metric:
        return MetricsLambda(operator.floordiv, self, other)

    def __mod__(self, other: Any) -> Metric:
        return MetricsLambda(operator.mod, self, other)

    def __pow__(self, other: Any) -> Metric:
        return MetricsLambda(operator.pow, self, other)

    def __rpow__(self, other: Any) -> Metric:
        return MetricsLambda(operator.pow, other, self)

    def __getitem__(self, index: Any) -> Metric:
        return MetricsLambda(operator.getitem, self, index)

    # There is __getitem__ for `metric[0]`, and no iteration that would follow from it without end.
    __iter__ = None


class MetricsLambda(Metric):
    """A metric computed from the values of others: `MetricsLambda(f, precision, recall, beta=2)`.

    Attaching it attaches what the other metrics need, each once. Arithmetic makes them: `2 * p * r / (p + r)`, `cm[0]`,
    and for methods of tensors `MetricsLambda(lambda x: x.mean(), precision)`.
    """

    def __init__(self, f: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.function, self.args, self.kwargs = f, args, kwargs
        self._metrics = [x for x in (*args, *kwargs.values()) if isinstance(x, Metric)]
        self._updated = False
        super().__init__()

    def reset(self) -> None:
        for metric in self._metrics:
            metric.reset()
        self._updated = False

    def update(self, output: Any) -> None:
        """Update the metrics it is made of, each with its own output_transform; for use without an engine."""
        for metric in self._metrics:
            metric.update(metric._output_transform(output))
        self._updated = True

    def compute(self) -> Any:
        args = [x.compute() if isinstance(x, Metric) else x for x in self.args]
        kwargs = {key: x.compute() if isinstance(x, Metric) else x for key, x in self.kwargs.items()}
        return self.function(*args, **kwargs)

    def attach(self, engine: Engine, name: str, usage: str | MetricUsage = EpochWise()) -> None:  # noqa: B008
        """Compute this metric at the usage's event, and reset and update the metrics it is made of."""
        if self._updated:
            raise ValueError("MetricsLambda: it was updated by hand already and cannot be attached to an engine")
        usage = as_usage(usage)
        self._attach_parts(engine, usage)
        engine.add_event_handler(usage.COMPLETED, self.completed, name)

    def _attach_parts(self, engine: Engine, usage: MetricUsage) -> None:
        for metric in self._metrics:
            if isinstance(metric, MetricsLambda):
                metric._attach_parts(engine, usage)
                continue
            for handler, event in metric._registrations(usage)[1:]:
                if not engine.has_event_handler(handler, event):
                    engine.add_event_handler(event, handler)

    def detach(self, engine: Engine, usage: str | MetricUsage = EpochWise()) -> None:  # noqa: B008
        """Stop computing this metric; the metrics it is made of stay attached, for others may use them."""
        super().detach(engine, usage)

    def state_dict(self) -> dict[str, Any]:
        """The states of the metrics it is made of."""
        return {str(i): metric.state_dict() for i, metric in enumerate(self._metrics)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Load the states of the metrics it is made of."""
        if not isinstance(state_dict, Mapping) or len(state_dict) != len(self._metrics):
            raise ValueError(f"MetricsLambda: wanted the states of {len(self._metrics)} metrics, met {state_dict!r}")
        for i, metric in enumerate(self._metrics):
            metric.load_state_dict(state_dict[str(i)])


def _are_lists(y_pred: Any, y: Any) -> bool:
    """Are both lists of single items, to be taken one by one?"""
    return (
        isinstance(y_pred, (list, tuple))
        and isinstance(y, (list, tuple))
        and len(y_pred) == len(y)
        and all(isinstance(x, (TensorBase, int, float)) for x in (*y_pred, *y))
    )


def _pairs(y_pred: Any, y: Any) -> list[tuple[Any, Any]]:
    return [(_batch_of_one(a), _batch_of_one(b)) for a, b in zip(y_pred, y, strict=True)]


def _batch_of_one(x: Any) -> Any:
    from ..core.tensor.creation import tensor

    return x.unsqueeze(0) if isinstance(x, TensorBase) else tensor([x])


def _as_result(value: Any) -> Any:
    if not isinstance(value, TensorBase):
        return value
    return value.array.item() if value.array.ndim == 0 else value.cpu()  # type: ignore[attr-defined]


def _state_of(value: Any) -> Any:
    return value.state_dict() if isinstance(value, Metric) else value
