"""What a run knows of itself, shared by the process function and all handlers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Number
from types import MappingProxyType
from typing import Any

EVENT_TO_ATTR: Mapping[str, str] = MappingProxyType(
    {
        "GET_BATCH_STARTED": "iteration",
        "GET_BATCH_COMPLETED": "iteration",
        "ITERATION_STARTED": "iteration",
        "ITERATION_COMPLETED": "iteration",
        "EPOCH_STARTED": "epoch",
        "EPOCH_COMPLETED": "epoch",
        "STARTED": "epoch",
        "COMPLETED": "epoch",
    }
)
"""Which counter the filter of an event reads. Other events are counted as they are fired (`State.event_counts`)."""

_FIELDS = (
    "iteration",
    "epoch",
    "epoch_length",
    "max_epochs",
    "max_iters",
    "output",
    "batch",
    "metrics",
    "dataloader",
    "seed",
    "times",
)


class State:
    """The state of an engine. Any attribute may be added, and is kept from run to run.

    iteration, epoch: iterations and epochs begun since the training started; the first is 1.
    epoch_length: iterations in an epoch; None as long as that is not known.
    max_epochs, max_iters: where the run ends; one of them is None.
    batch, output: what the process function is given and what it returned.
    metrics: values by name; not cleared between runs.
    dataloader: the data given to `run` or `set_data`.
    seed: for handlers that seed random generators.
    times: seconds spent, `times["EPOCH_COMPLETED"]` in the latest epoch and `times["COMPLETED"]` in the run.
    event_counts: how often each event without a counter of its own was fired, by event name.

    >>> state = State(best_loss=0.5)
    >>> state.iteration, state.best_loss
    (0, 0.5)
    """

    # The engine reads and writes these at each iteration; slots are the fastest place. All else goes to __dict__.
    __slots__ = (*_FIELDS, "__dict__", "__weakref__", "_event_attrs", "event_counts")

    event_to_attr = EVENT_TO_ATTR

    iteration: int
    epoch: int
    epoch_length: int | None
    max_epochs: int | None
    max_iters: int | None
    output: Any
    batch: Any
    metrics: dict[str, Any]
    dataloader: Iterable | None
    seed: int | None
    times: dict[str, float | None]
    event_counts: dict[str, int]

    def __init__(self, **kwargs: Any) -> None:
        self.iteration = 0
        self.epoch = 0
        self.epoch_length = None
        self.max_epochs = None
        self.max_iters = None
        self.output = None
        self.batch = None
        self.metrics = {}
        self.dataloader = None
        self.seed = None
        self.times = {"EPOCH_COMPLETED": None, "COMPLETED": None}
        self.event_counts = {}
        self._event_attrs: dict[str, str] = {}
        for name, value in kwargs.items():
            setattr(self, name, value)

    def get_event_attrib_value(self, event_name: Any) -> int:
        """The count that a filter of this event reads: iteration, epoch, a user's attribute or how often it was fired.

        Raises RuntimeError for something that is neither an event nor the name of one.
        """
        name = event_name if isinstance(event_name, str) else getattr(event_name, "name", None)
        if not isinstance(name, str):
            raise RuntimeError(f"Unknown event name '{event_name}'")
        attr = self._event_attrs.get(name) or EVENT_TO_ATTR.get(name)
        return self.event_counts.get(name, 0) if attr is None else getattr(self, attr)

    def bind_event(self, name: str, attr: str) -> None:
        """Let filters of the event called `name` read the attribute `attr`, which starts at 0 if it does not exist."""
        self._event_attrs[name] = attr
        if not hasattr(self, attr):
            setattr(self, attr, 0)

    def __repr__(self) -> str:
        values = {name: getattr(self, name) for name in _FIELDS} | self.__dict__
        lines = (f"\t{name}: {v if isinstance(v, (Number, str)) else type(v)}\n" for name, v in values.items())
        return "State:\n" + "".join(lines)
