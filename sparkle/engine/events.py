"""The vocabulary: what can happen during a run, when a listener wants to hear of it, and lists of both."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from enum import Enum
from typing import Any

from .filters import EventFilter, make_filter

_SET_BY_ENUM = frozenset({"_value_", "_name_", "__objclass__", "_sort_order_"})


class CallableEventWithFilter:
    """An event, and perhaps the filter that says at which of its counts a handler is called. Frozen and hashable.

    Calling an event makes a filtered one: `Events.ITERATION_COMPLETED(every=100)`. An event *is* its name: events
    compare equal, and hash, by name alone, with each other and with strings. The filter says when, and is a value of
    its own:

    >>> event = Events.EPOCH_COMPLETED(every=3)
    >>> event == Events.EPOCH_COMPLETED == "EPOCH_COMPLETED", event.filter == Events.EPOCH_COMPLETED(every=3).filter
    (True, True)
    """

    filter: EventFilter | None = None
    _name_: str
    _value_: Any

    def __init__(self, value: str, event_filter: EventFilter | None = None, name: str | None = None) -> None:
        if event_filter is not None:
            self.__dict__["filter"] = event_filter
        if not isinstance(self, Enum):
            self.__dict__.update(_value_=value, _name_=name if name is not None else value)

    @property
    def name(self) -> str:
        """The name of the event, which is its identity."""
        return self._name_

    @property
    def value(self) -> Any:
        """The value given to the event where it was defined."""
        return self._value_

    def __call__(
        self,
        event_filter: EventFilter | None = None,
        every: int | None = None,
        once: int | Collection[int] | None = None,
        before: int | None = None,
        after: int | None = None,
        *,
        every_seconds: float | None = None,
    ) -> CallableEventWithFilter:
        """The same event for a handler that is not to be called each time.

        Give one of the four: `event_filter`, a function of (engine, count); `once`, a count or several; `every`,
        `before` and `after` together in any mixture; or `every_seconds`, for the first count at which so many seconds
        have passed since the last call, or since the run started. A count is the iteration for events of the iteration,
        the epoch for STARTED, COMPLETED and events of the epoch, and for any other event (custom ones too) how often
        this engine has fired it.

        `every=n` is due when `count % n == 0`; `before` and `after` are exclusive; with both `every` and a bound, the
        first due count is `after + 1` and the others follow in steps of `every`.

        Raises ValueError for wrong numbers or mixtures and TypeError for an `event_filter` that cannot be called.

        >>> event = Events.EPOCH_STARTED(every=5, after=8, before=25)
        >>> [count for count in range(30) if event.filter(None, count)]
        [9, 14, 19, 24]
        """
        if self.filter is not None:
            raise ValueError(f"{self!r} has a filter already; call Events.{self.name}(...) with all conditions at once")
        event_filter = make_filter(event_filter, every, once, before, after, every_seconds)
        return CallableEventWithFilter(self.value, event_filter, self.name)

    @staticmethod
    def every_event_filter(every: int) -> EventFilter | None:
        """The filter of `every=...`."""
        return make_filter(None, every, None, None, None)

    @staticmethod
    def once_event_filter(once: int | Collection[int]) -> EventFilter | None:
        """The filter of `once=...`."""
        return make_filter(None, None, once, None, None)

    @staticmethod
    def before_and_after_event_filter(before: int | None = None, after: int | None = None) -> EventFilter | None:
        """The filter of `before=..., after=...`."""
        return make_filter(None, None, None, before, 0 if before is None and after is None else after)

    @staticmethod
    def every_before_and_after_event_filter(
        every: int, before: int | None = None, after: int | None = None
    ) -> EventFilter | None:
        """The filter of `every=..., before=..., after=...`."""
        return make_filter(None, every, None, before, after or 0)

    @staticmethod
    def default_event_filter(engine: Any, event: int) -> bool:
        """Let everything through (deprecated: an event without a filter does)."""
        warnings.warn("default_event_filter is deprecated: leave the filter out", DeprecationWarning, stacklevel=2)
        return True

    def __or__(self, other: Any) -> EventsList:
        return EventsList(self) | other

    def __setattr__(self, name: str, value: Any) -> None:
        # Enum writes its own marks on a member, each once, while it makes the member.
        if name not in _SET_BY_ENUM or name in self.__dict__:
            raise AttributeError(f"{self!r} is frozen: cannot set {name!r}; call the event to make a filtered one")
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{self!r} is frozen: cannot delete {name!r}")

    def __eq__(self, other: object) -> bool:
        if isinstance(other, CallableEventWithFilter):
            return self._name_ == other._name_
        return self._name_ == other if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._name_)

    def __repr__(self) -> str:
        return f"Events.{self._name_}" + ("" if self.filter is None else f"(filter={self.filter})")


class EventEnum(CallableEventWithFilter, Enum):
    """Base of a set of events, as `Events` is and as yours may be.

    >>> class BackpropEvents(EventEnum):
    ...     BACKWARD_COMPLETED = "backward_completed"
    >>> BackpropEvents.BACKWARD_COMPLETED(every=2)
    Events.BACKWARD_COMPLETED(filter=Stride(first=0, step=2, stop=None))
    """

    def __new__(cls, value: str) -> EventEnum:
        member = object.__new__(cls)
        member._value_ = value
        return member

    # Enum keeps its own __name__-like properties; equality, hash and repr stay those of an event.
    __eq__ = CallableEventWithFilter.__eq__
    __hash__ = CallableEventWithFilter.__hash__
    __repr__ = CallableEventWithFilter.__repr__

    def __str__(self) -> str:
        return repr(self)


class Events(EventEnum):
    """What an engine tells its handlers, in the order of a run:

        STARTED
            EPOCH_STARTED
                GET_BATCH_STARTED, GET_BATCH_COMPLETED      the next batch is fetched
                DATALOADER_STOP_ITERATION                   ... or there is none: the data is iterated anew
                ITERATION_STARTED, ITERATION_COMPLETED      process_function runs between the two
            EPOCH_COMPLETED
        COMPLETED

    Within `process_function` the engines of `create_supervised_trainer` fire BACKWARD_COMPLETED, when the gradients of
    a step are there, and OPTIM_STEP_COMPLETED; a process function of your own may call `engine.fire_event` with them.
    Without data (`run(data=None)`) the three events of the fetch are not fired. Which events follow a stop:

    | call                                        | TERMINATE_SINGLE_EPOCH | EPOCH_COMPLETED | TERMINATE | COMPLETED |
    |---------------------------------------------|------------------------|-----------------|-----------|-----------|
    | none                                        |                        | yes             |           | yes       |
    | `terminate_epoch()`                         | yes                    | yes             |           | yes       |
    | `terminate_epoch(skip_epoch_completed=True)`| yes                    |                 |           | yes       |
    | `terminate()`                               |                        |                 | yes       | yes       |
    | `terminate(skip_completed=True)`            |                        |                 | yes       |           |

    `interrupt()` fires INTERRUPT and returns from `run`, which continues there when called again. An exception fires
    EXCEPTION_RAISED once and then leaves `run`.
    """

    EPOCH_STARTED = "epoch_started"
    EPOCH_COMPLETED = "epoch_completed"
    STARTED = "started"
    COMPLETED = "completed"
    ITERATION_STARTED = "iteration_started"
    ITERATION_COMPLETED = "iteration_completed"
    EXCEPTION_RAISED = "exception_raised"
    GET_BATCH_STARTED = "get_batch_started"
    GET_BATCH_COMPLETED = "get_batch_completed"
    DATALOADER_STOP_ITERATION = "dataloader_stop_iteration"
    TERMINATE = "terminate"
    TERMINATE_SINGLE_EPOCH = "terminate_single_epoch"
    INTERRUPT = "interrupt"
    BACKWARD_COMPLETED = "backward_completed"
    OPTIM_STEP_COMPLETED = "optim_step_completed"


class EventsList:
    """Several events to attach one handler to: `Events.STARTED | Events.EPOCH_COMPLETED(every=5)`. `|` makes a new
    list.
    """

    def __init__(self, *events: CallableEventWithFilter) -> None:
        for event in events:
            if not isinstance(event, CallableEventWithFilter):
                raise TypeError(f"Argument event should be Events or CallableEventWithFilter, got: {type(event)}")
        self._events = events

    def __getitem__(self, item: int) -> CallableEventWithFilter:
        return self._events[item]

    def __iter__(self) -> Iterator[CallableEventWithFilter]:
        return iter(self._events)

    def __len__(self) -> int:
        return len(self._events)

    def __or__(self, other: Any) -> EventsList:
        return EventsList(*self, *(other if isinstance(other, EventsList) else (other,)))

    def __repr__(self) -> str:
        return " | ".join(map(repr, self._events)) or "EventsList()"
