"""Batches that grow or shrink."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...engine import Engine, Events
from .base import BaseParamScheduler


class BatchSizeScheduler(BaseParamScheduler):
    """Sets the batch size of a DataLoader's batch sampler, by default at the start of each epoch.

    A loader that is iterated already goes on as it began; the next iteration over it has the new size. The engine's
    `epoch_length` stays what it is: pass it to `run`, or let every epoch have as many batches as the first.

    Args:
        dataloader: a DataLoader with a batch sampler.
        scheduler_fn: event index -> batch size.
        save_history: append each size to `engine.state.param_history["batch_size"]`.

    Raises:
        TypeError: no DataLoader; scheduler_fn is no function.
        ValueError: the loader has no batch sampler; when called: the size is no positive integer.

    Example:
        >>> from sparkle.data import DataLoader
        >>> loader = DataLoader([1, 2, 3, 4], batch_size=1)
        >>> scheduler = BatchSizeScheduler(loader, lambda index: 2**index)
        >>> lengths = [(scheduler(None), len(loader)) for _ in range(3)]
        >>> [length for _, length in lengths]
        [4, 2, 1]
    """

    def __init__(self, dataloader: Any, scheduler_fn: Callable[[int], int], save_history: bool = False) -> None:
        super().__init__(param_name="batch_size", save_history=save_history)
        if not (hasattr(dataloader, "dataset") and hasattr(dataloader, "batch_sampler")):
            raise TypeError(f"Argument dataloader should be a DataLoader, but given {type(dataloader)}")
        if not hasattr(dataloader.batch_sampler, "batch_size"):
            raise ValueError(
                "Argument dataloader should have a BatchSampler, i.e. dataloader.batch_sampler should be one, but is "
                f"{dataloader.batch_sampler!r:.80}"
            )
        if not callable(scheduler_fn):
            raise TypeError(f"Argument scheduler_fn should be callable, but given {type(scheduler_fn)}")
        self.dataloader = dataloader
        self.scheduler_fn = scheduler_fn

    def __call__(self, engine: Engine | None) -> None:
        """Set the next size."""
        value = self.get_param()
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(
                f"Batch size returned by scheduler_fn should be a positive integer, but given {value!r} "
                f"for event index {self.event_index}"
            )
        self.dataloader.batch_sampler.batch_size = value
        self._note(engine, self.param_name, value)
        self.event_index += 1

    def attach(self, engine: Engine, event: Any = Events.EPOCH_STARTED) -> None:
        """Set the next size at each `event` of `engine`."""
        engine.add_event_handler(event, self)

    def get_param(self) -> int:
        """Return the size for `event_index`."""
        return self.scheduler_fn(self.event_index)

    @classmethod
    def simulate_values(cls, num_events: int, **scheduler_kwargs: Any) -> list[list[int]]:
        """Return [event_index, batch size] of the first `num_events` events; only `scheduler_fn` is needed.

        Raises:
            ValueError: scheduler_fn is not given.
        """
        if "scheduler_fn" not in scheduler_kwargs:
            raise ValueError(f"Argument scheduler_kwargs must contain 'scheduler_fn', but has {list(scheduler_kwargs)}")
        return [[index, scheduler_kwargs["scheduler_fn"](index)] for index in range(num_events)]
