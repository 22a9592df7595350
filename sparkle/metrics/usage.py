"""When a metric is reset, updated and computed."""

from __future__ import annotations

from typing import Any

from ..engine import Events


class MetricUsage:
    """The events of a metric: it is reset at `STARTED`, updated at `ITERATION_COMPLETED`, computed at `COMPLETED`."""

    usage_name = "custom"

    def __init__(self, started: Any, completed: Any, iteration_completed: Any) -> None:
        self.STARTED, self.COMPLETED, self.ITERATION_COMPLETED = started, completed, iteration_completed

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class EpochWise(MetricUsage):
    """Reset when an epoch starts, updated after each iteration, computed when the epoch ends. The default."""

    usage_name = "epoch_wise"

    def __init__(self) -> None:
        super().__init__(Events.EPOCH_STARTED, Events.EPOCH_COMPLETED, Events.ITERATION_COMPLETED)


class RunningEpochWise(EpochWise):
    """Reset when the run starts, updated and computed when an epoch ends."""

    usage_name = "running_epoch_wise"

    def __init__(self) -> None:
        super(EpochWise, self).__init__(Events.STARTED, Events.EPOCH_COMPLETED, Events.EPOCH_COMPLETED)


class BatchWise(MetricUsage):
    """The value of one batch: reset, updated and computed in each iteration."""

    usage_name = "batch_wise"

    def __init__(self) -> None:
        super().__init__(Events.ITERATION_STARTED, Events.ITERATION_COMPLETED, Events.ITERATION_COMPLETED)


class RunningBatchWise(BatchWise):
    """Reset when the run starts, updated and computed in each iteration."""

    usage_name = "running_batch_wise"

    def __init__(self) -> None:
        super(BatchWise, self).__init__(Events.STARTED, Events.ITERATION_COMPLETED, Events.ITERATION_COMPLETED)


class SingleEpochRunningBatchWise(BatchWise):
    """Reset when an epoch starts, updated and computed in each iteration."""

    usage_name = "single_epoch_running_batch_wise"

    def __init__(self) -> None:
        super(BatchWise, self).__init__(Events.EPOCH_STARTED, Events.ITERATION_COMPLETED, Events.ITERATION_COMPLETED)


class BatchFiltered(EpochWise):
    """Like `EpochWise`, updated only after the iterations that a filter lets through: `BatchFiltered(every=10)`.

    The arguments are those of an event, see `sparkle.engine.CallableEventWithFilter`.
    """

    usage_name = "batch_filtered"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        iteration_completed = Events.ITERATION_COMPLETED(*args, **kwargs)
        super(EpochWise, self).__init__(Events.EPOCH_STARTED, Events.EPOCH_COMPLETED, iteration_completed)


USAGES = (EpochWise, RunningEpochWise, BatchWise, RunningBatchWise, SingleEpochRunningBatchWise)
NAMED = {usage.usage_name: usage for usage in USAGES}


def as_usage(usage: str | MetricUsage) -> MetricUsage:
    """A usage from its name or itself; ValueError for unknown names, TypeError for other things."""
    if isinstance(usage, MetricUsage):
        return usage
    if not isinstance(usage, str):
        raise TypeError(
            f"Unhandled usage type {type(usage).__name__}: wanted a MetricUsage or one of {', '.join(NAMED)}"
        )
    if usage not in NAMED:
        raise ValueError(f"Argument usage should be one of {', '.join(NAMED)}, got {usage!r}")
    return NAMED[usage]()
