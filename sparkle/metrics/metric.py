"""The machinery that all metrics share: attaching, transforming outputs, saving; and metrics made of metrics."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

import numpy

from ..core.backend import library
from ..core.devices import device as Device
from ..core.mode import mode
from ..core.tensor.base import TensorBase
from ..engine import Engine, Priority
from .arithmetic import Arithmetic
from .reduction import reinit__is_reduced, sync_all_reduce
from .saving import Saved
from .sharing import sharing
from .state import on_device
from .unrolling import unroll
from .usage import (
    BatchFiltered,
    BatchWise,
    EpochWise,
    MetricUsage,
    RunningBatchWise,
    RunningEpochWise,
    SingleEpochRunningBatchWise,
    as_usage,
)

__all__ = [
    "BatchFiltered",
    "BatchWise",
    "EpochWise",
    "Metric",
    "MetricUsage",
    "MetricsLambda",
    "RunningBatchWise",
    "RunningEpochWise",
    "SingleEpochRunningBatchWise",
    "reinit__is_reduced",
    "sync_all_reduce",
]

RESULT_MODES = ("flatten", "named", "both")


def same(output: Any) -> Any:
    """The output as it is."""
    return output


class Metric(Arithmetic, Saved):
    """Base of metrics: a subclass defines `reset()`, `update(output)` and `compute()`.

    output_transform: from the engine's output to what `update` takes, mostly `(y_pred, y)`; a mapping becomes such a
    tuple by the keys `required_output_keys`. device: where sums are kept; None: where the outputs are. skip_unrolling:
    two lists of tensors or numbers in the output are taken item by item unless True. metrics_result_mode: how a mapping
    that `compute` returns enters `engine.state.metrics`: its items ("flatten"), itself under the metric's name
    ("named"), or both.

    Sums are kept in float64, and read back from the device by `compute` only. A nan among numbers makes the value nan.
    An empty batch changes nothing, and `compute` before any other raises NotComputableError.

    Data that was seen in parts is put together by `merge`. `state_dict` and `merge` take the attributes that
    `_state_dict_all_req_keys` names: numbers, arrays, tensors and other metrics, and lists and dicts of them.
    """

    handler_priority = Priority.METRICS

    required_output_keys: tuple[str, ...] | None = ("y_pred", "y")
    _doubts: dict[str, Any] | None = None  # `reset` of a metric that uses `_demand` sets this to None again

    def __init__(
        self,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
        metrics_result_mode: str = "both",
    ) -> None:
        if not callable(output_transform):
            raise TypeError(f"Argument output_transform should be callable, got {output_transform!r}")
        if metrics_result_mode not in RESULT_MODES:
            raise ValueError(
                f"Argument metrics_result_mode should be one of {RESULT_MODES}, got {metrics_result_mode!r}"
            )
        self._output_transform = output_transform
        self._device = None if device is None else Device(device)
        self._skip_unrolling = skip_unrolling
        self._metrics_result_mode = metrics_result_mode
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

    def _keep(self, array: Any) -> Any:
        """An array on the device where this metric keeps its sums."""
        return array if self._device is None else on_device(array, self._device)

    def _demand(self, ok: Any, message: str, values: Callable[[], str] = str) -> None:
        """ValueError unless ok, an array without dims: at once on the CPU, with values; on a GPU by `compute`.

        Looking at it there would make the program wait for the GPU in each iteration.
        """
        if library(ok) is numpy:
            if not ok:
                raise ValueError(f"{type(self).__name__}: {message}{values()}")
            return
        self._doubts = self._doubts or {}
        self._doubts[message] = self._doubts[message] & ok if message in self._doubts else ok

    def _derived(self, function: Callable[..., Any], *args: Any) -> MetricsLambda:
        return MetricsLambda(function, *args)

    # What the engine calls.

    def started(self, engine: Engine) -> None:
        """Handler: reset."""
        sharing.batch = None
        self.reset()

    def iteration_completed(self, engine: Engine) -> None:
        """Handler: update with the engine's output, without recording gradients.

        Raises TypeError for a mapping that this metric does not take, ValueError for one without the required keys and
        for two lists of different lengths.
        """
        recording, mode.grad = mode.grad, False
        try:
            state = engine.state
            output = self._output_transform(state.output)
            if type(output) is float or isinstance(output, TensorBase):  # most running averages: nothing to take apart
                self.update(output)
            else:
                self._update_sharing(output, state.iteration)
        finally:
            mode.grad = recording

    def _update_sharing(self, output: Any, scope: Any) -> None:
        """Update, sharing what is computed from the same tensors with other metrics in the same scope."""
        outer, sharing.scope = sharing.scope, scope
        try:
            if type(output) is tuple and output and isinstance(output[0], TensorBase):  # the same for pairs of tensors
                self.update(output)
            else:
                self._update_with(output)
        finally:
            sharing.scope = outer

    def _update_with(self, output: Any) -> None:
        if isinstance(output, Mapping):
            output = self._from_mapping(output)
        items = None if self._skip_unrolling else unroll(output, type(self).__name__)
        for item in (output,) if items is None else items:
            self.update(item)

    def _from_mapping(self, output: Mapping[str, Any]) -> tuple[Any, ...]:
        keys, name = self.required_output_keys, type(self).__name__
        if keys is None:
            raise TypeError(
                f"Transformed engine output for {name} metric should be a tuple/list, but given {type(output).__name__}"
            )
        missing = [key for key in keys if key not in output]
        if missing:
            raise ValueError(
                f"{name}: When transformed engine's output is a mapping, it should contain {keys} keys, but given "
                f"{list(output)}: {missing} are missing"
            )
        return tuple(output[key] for key in keys)

    def completed(self, engine: Engine, name: str) -> None:
        """Handler: put the value into `engine.state.metrics[name]`, numbers as Python numbers, tensors on the CPU.

        Raises ValueError where a mapping is to be put under a name that is one of its keys.
        """
        result, metrics = self.compute(), engine.state.metrics
        if type(result) is float:
            metrics[name] = result
        elif isinstance(result, Mapping):
            named, flat = self._metrics_result_mode != "flatten", self._metrics_result_mode != "named"
            if named and name in result:
                raise ValueError(f"Argument name '{name}' is conflicting with mapping keys: {list(result)}")
            metrics.update(result if flat else {}, **({name: result} if named else {}))
        else:
            metrics[name] = _as_result(result)

    # Attaching.

    def attach(self, engine: Engine, name: str, usage: str | MetricUsage = "epoch_wise") -> None:
        """Reset, update and compute at the usage's events of the engine; the value enters `engine.state.metrics[name]`.

        Several names may be attached; each reset and update still happens once. Raises ValueError for the name of no
        usage, TypeError for anything else that is none.

        >>> from sparkle.engine import Engine
        >>> from sparkle.metrics import Average
        >>> engine = Engine(lambda engine, batch: batch)
        >>> Average().attach(engine, "mean")
        >>> engine.run([1.0, 2.0, 6.0]).metrics
        {'mean': 3.0}
        """
        usage = as_usage(usage)
        self._attach_gathering(engine, usage)
        engine.add_event_handler(usage.COMPLETED, self.completed, name)

    def _attach_gathering(self, engine: Engine, usage: MetricUsage) -> None:
        """All but the computing, once."""
        for event, handler in ((usage.STARTED, self.started), (usage.ITERATION_COMPLETED, self.iteration_completed)):
            if not engine.has_event_handler(handler, event):
                engine.add_event_handler(event, handler)

    def _is_gathering(self, engine: Engine, usage: MetricUsage) -> bool:
        return engine.has_event_handler(self.started, usage.STARTED) and engine.has_event_handler(
            self.iteration_completed, usage.ITERATION_COMPLETED
        )

    def detach(self, engine: Engine, usage: str | MetricUsage = "epoch_wise") -> None:
        """Take the metric, under all its names, off the usage's events; does nothing where it is not attached."""
        usage = as_usage(usage)
        for event, handler in (
            (usage.COMPLETED, self.completed),
            (usage.STARTED, self.started),
            (usage.ITERATION_COMPLETED, self.iteration_completed),
        ):
            if engine.has_event_handler(handler, event):
                engine.remove_event_handler(handler, event)

    def is_attached(self, engine: Engine, usage: str | MetricUsage = "epoch_wise") -> bool:
        """Is the metric computed at the usage's event?"""
        return engine.has_event_handler(self.completed, as_usage(usage).COMPLETED)


class MetricsLambda(Metric):
    """A metric computed from the values of others: `MetricsLambda(f, precision, recall, beta=2)`.

    f is given the values of those arguments that are metrics, tensors on the CPU. Attaching it attaches what the other
    metrics need, each once. Arithmetic makes such metrics: `2 * p * r / (p + r)`, `cm[0]`, `precision.mean()`.

    >>> from sparkle.engine import Engine
    >>> from sparkle.metrics import Average
    >>> engine = Engine(lambda engine, batch: batch)
    >>> MetricsLambda(lambda mean, digits: round(mean, digits), Average(), digits=2).attach(engine, "mean")
    >>> engine.run([1.0, 2.0, 2.0]).metrics
    {'mean': 1.67}
    """

    _state_dict_all_req_keys = ("_metrics",)
    _not_compared = ("_updated", "_attached")

    def __init__(
        self,
        f: Callable[..., Any],
        *args: Any,
        skip_unrolling: bool = False,
        metrics_result_mode: str = "both",
        **kwargs: Any,
    ) -> None:
        self.function, self.args, self.kwargs = f, list(args), kwargs
        self._metrics: list[Metric] = _gathering(*args, *kwargs.values())
        self._updated = self._attached = False
        super().__init__(skip_unrolling=skip_unrolling, metrics_result_mode=metrics_result_mode)

    def reset(self) -> None:
        for metric in self._metrics:
            metric.reset()
        self._updated = False

    def update(self, output: Any) -> None:
        """Update the metrics it is made of; for use without an engine: ValueError while it is attached to one."""
        if self._attached:
            raise ValueError(
                "MetricsLambda is already attached to an engine, and MetricsLambda can't use update API while it's "
                "attached."
            )
        outer, sharing.scope = sharing.scope, sharing.scope or object()
        try:
            for metric in self._metrics:
                metric.update(output)
        finally:
            sharing.scope = outer
        self._updated = True

    def compute(self) -> Any:
        args = [_value_of(x) for x in self.args]
        return self.function(*args, **{key: _value_of(x) for key, x in self.kwargs.items()})

    def attach(self, engine: Engine, name: str, usage: str | MetricUsage = "epoch_wise") -> None:
        """Compute this metric at the usage's event, and reset and update the metrics it is made of.

        Raises ValueError where it was updated by hand already.
        """
        if self._updated:
            raise ValueError(
                "The underlying metrics are already updated, can't attach MetricsLambda while using "
                "reset/update/compute API."
            )
        super().attach(engine, name, usage)

    def _attach_gathering(self, engine: Engine, usage: MetricUsage) -> None:
        self._attached = True
        for metric in self._metrics:
            metric._attach_gathering(engine, usage)

    def _is_gathering(self, engine: Engine, usage: MetricUsage) -> bool:
        return all(metric._is_gathering(engine, usage) for metric in self._metrics)

    def detach(self, engine: Engine, usage: str | MetricUsage = "epoch_wise") -> None:
        """Stop computing this metric; the metrics it is made of go on being updated, for others may use them."""
        super().detach(engine, usage)
        self._attached = False

    def is_attached(self, engine: Engine, usage: str | MetricUsage = "epoch_wise") -> bool:
        """Is the metric computed at the usage's event, and are all those updated that it is made of?"""
        return super().is_attached(engine, usage) and self._is_gathering(engine, as_usage(usage))


def _gathering(*parts: Any) -> list[Metric]:
    """The metrics among the parts, each once; instead of one that is derived, those that it is derived from."""
    nested = [x._metrics if isinstance(x, MetricsLambda) else [x] for x in parts if isinstance(x, Metric)]
    return list(dict.fromkeys(metric for metrics in nested for metric in metrics))


def _value_of(x: Any) -> Any:
    value = x.compute() if isinstance(x, Metric) else x
    return value.cpu() if isinstance(value, TensorBase) else value  # type: ignore[attr-defined]


def _as_result(value: Any) -> Any:
    if not isinstance(value, TensorBase):
        return value
    return value.array.item() if value.array.ndim == 0 else value.cpu()  # type: ignore[attr-defined]
