"""The exponentially weighted mean that progress bars show."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ..core.tensor.base import TensorBase
from ..engine import Engine
from .metric import Metric, same
from .usage import MetricUsage, RunningBatchWise, SingleEpochRunningBatchWise, as_usage


class RunningAverage(Metric):
    """value = alpha * value + (1 - alpha) * new, beginning with the first new value.

    src: a metric whose value of each batch is averaged; or without it output_transform, from the engine's output to a
    number or tensor. alpha: how much of the old value stays, in (0, 1]. Attached by default as `RunningBatchWise`.
    Raises TypeError and ValueError for other arguments.

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
        if src is not None and not isinstance(src, Metric):
            raise TypeError(f"Argument src should be a Metric or None, got {type(src).__name__}")
        if not 0.0 < alpha <= 1.0:
            raise ValueError(f"Argument alpha should be a float between 0.0 and 1.0, got {alpha}")
        if src is not None and (output_transform is not None or device is not None):
            raise ValueError("Arguments output_transform and device should be None if src is a Metric; they are the metric's")
        if src is None and output_transform is None:
            raise ValueError("Argument output_transform should not be None if src is None: it picks what is averaged")
        if epoch_bound is not None:
            warnings.warn(
                "epoch_bound is deprecated: attach with usage=SingleEpochRunningBatchWise() for True, RunningBatchWise() for "
                "False",
                DeprecationWarning,
                stacklevel=2,
            )
        self.src, self.alpha, self.epoch_bound = src, alpha, epoch_bound
        super().__init__(output_transform or same, device or "cpu", skip_unrolling)

    def reset(self) -> None:
        self._value: Any = None
        if self.src is not None:
            self.src.reset()

    def update(self, output: Any) -> None:
        if self.src is not None:
            value = self.src.compute()
            self.src.reset()
        else:
            value = output.detach().clone().to(self._device) if isinstance(output, TensorBase) else output  # type: ignore[attr-defined]
        self._value = value if self._value is None else self._value * self.alpha + (1.0 - self.alpha) * value

    def compute(self) -> Any:
        return self._value

    def attach(self, engine: Engine, name: str, usage: str | MetricUsage | None = None) -> None:
        """Attach to an engine; a src metric is updated with every batch, and reset after its value was taken."""
        usage = self._usage(usage)
        if self.src is not None and not engine.has_event_handler(self.src.iteration_completed, usage.ITERATION_COMPLETED):
            engine.add_event_handler(_batch_event(usage), self.src.iteration_completed)
        super().attach(engine, name, usage)

    def detach(self, engine: Engine, usage: str | MetricUsage | None = None) -> None:
        """Take the metric, and its src, off the usage's events."""
        usage = self._usage(usage)
        super().detach(engine, usage)
        if self.src is not None and engine.has_event_handler(self.src.iteration_completed, _batch_event(usage)):
            engine.remove_event_handler(self.src.iteration_completed, _batch_event(usage))

    def is_attached(self, engine: Engine, usage: str | MetricUsage | None = None) -> bool:
        """Is the metric computed at the usage's event?"""
        return super().is_attached(engine, self._usage(usage))

    def _usage(self, usage: str | MetricUsage | None) -> MetricUsage:
        if usage is not None:
            return as_usage(usage)
        return SingleEpochRunningBatchWise() if self.epoch_bound else RunningBatchWise()


def _batch_event(usage: MetricUsage) -> Any:
    """Where a src is updated: with every batch, also where the average itself is taken once an epoch."""
    from ..engine import Events

    return Events.ITERATION_COMPLETED if usage.usage_name == "running_epoch_wise" else usage.ITERATION_COMPLETED
