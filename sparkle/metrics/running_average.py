"""The exponentially weighted mean that progress bars show."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from numbers import Number
from typing import Any

from ..core.tensor.base import TensorBase, wrap
from ..engine import Engine, Events
from .exceptions import check_seen
from .metric import Metric, same
from .usage import MetricUsage, RunningBatchWise, SingleEpochRunningBatchWise, as_usage


class RunningAverage(Metric):
    """value = alpha * value + (1 - alpha) * new, beginning with the first new value.

    src: a metric, which is updated with every batch, and reset after its value was taken; or without it
    output_transform, from the engine's output to a number or tensor. alpha: how much of the old value stays, in (0, 1].
    Usages: `RunningBatchWise` (the default) and `SingleEpochRunningBatchWise` take a value with each batch,
    `RunningEpochWise` takes that of src for each epoch. Raises TypeError and ValueError for other arguments, TypeError
    for other outputs.

    >>> from sparkle.engine import Engine
    >>> engine = Engine(lambda engine, batch: batch)
    >>> RunningAverage(output_transform=lambda x: x, alpha=0.5).attach(engine, "loss")
    >>> engine.run([4.0, 2.0]).metrics
    {'loss': 3.0}
    """

    required_output_keys = None
    _state_dict_all_req_keys = ("_value", "src")

    def __init__(
        self,
        src: Metric | None = None,
        alpha: float = 0.98,
        output_transform: Callable[[Any], Any] | None = None,
        epoch_bound: bool | None = None,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        if not (src is None or isinstance(src, Metric)):
            raise TypeError(f"Argument src should be a Metric or None, got {type(src).__name__}")
        if not 0.0 < alpha <= 1.0:
            raise ValueError(f"Argument alpha should be a float between 0.0 and 1.0, got {alpha}")
        if src is not None and (output_transform is not None or device is not None):
            raise ValueError("Arguments output_transform and device should be None if src is a Metric: it has its own")
        if src is None and output_transform is None:
            raise ValueError(
                "Argument output_transform should not be None if src is None: it picks what is averaged "
                "of the engine's output"
            )
        if epoch_bound is not None:
            warnings.warn(
                "`epoch_bound` is deprecated and will be removed: attach with usage=SingleEpochRunningBatchWise() for "
                "True, RunningBatchWise() for False",
                stacklevel=2,
            )
        self.src, self.alpha, self.epoch_bound = src, alpha, epoch_bound
        super().__init__(output_transform or same, device, skip_unrolling)

    def reset(self) -> None:
        self._value: Any = None
        if self.src is not None:
            self.src.reset()

    def update(self, output: Any) -> None:
        value = output if type(output) is float and self.src is None else self._new_value(output)
        old = self._value
        self._value = value if old is None else old * self.alpha + (1.0 - self.alpha) * value

    def _new_value(self, output: Any) -> Any:
        if self.src is not None:
            value = self.src.compute()
            self.src.reset()
            return value
        if isinstance(output, TensorBase):
            return wrap(self._keep(output.array.copy()))  # the output's memory may be written to before the next one
        if isinstance(output, Number):
            return output
        raise TypeError(
            f"RunningAverage: wanted a number or a tensor, met {type(output).__name__}; pass an output_transform that "
            "gives one"
        )

    def _planned_merge(self, other: Any) -> Any:
        raise TypeError("RunningAverage.merge: the value depends on the order of what it has seen")

    def compute(self) -> Any:
        if self._value is None:
            check_seen(self, 0)
        return self._value

    def attach(self, engine: Engine, name: str, usage: str | MetricUsage = "running_batch_wise") -> None:
        """Attach to an engine, src as well. See `Metric.attach`."""
        super().attach(engine, name, self._usage(usage))

    def _attach_gathering(self, engine: Engine, usage: MetricUsage) -> None:
        if self.src is not None and not self._src_is_updated(engine):
            engine.add_event_handler(Events.ITERATION_COMPLETED, self.src.iteration_completed)
        super()._attach_gathering(engine, usage)

    def _src_is_updated(self, engine: Engine) -> bool:
        return engine.has_event_handler(self.src.iteration_completed, Events.ITERATION_COMPLETED)  # type: ignore[union-attr]

    def detach(self, engine: Engine, usage: str | MetricUsage = "running_batch_wise") -> None:
        """Take the metric, and its src, off the usage's events."""
        super().detach(engine, self._usage(usage))
        if self.src is not None and self._src_is_updated(engine):
            engine.remove_event_handler(self.src.iteration_completed, Events.ITERATION_COMPLETED)

    def is_attached(self, engine: Engine, usage: str | MetricUsage = "running_batch_wise") -> bool:
        """Is the metric computed at the usage's event?"""
        return super().is_attached(engine, self._usage(usage))

    def _usage(self, usage: str | MetricUsage) -> MetricUsage:
        if self.epoch_bound is None:
            return as_usage(usage)
        return SingleEpochRunningBatchWise() if self.epoch_bound else RunningBatchWise()
