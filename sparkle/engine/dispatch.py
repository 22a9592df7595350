"""From an event to the calls it makes.

What a handler wants (the engine? extra arguments? a filter?) is found out when it is attached. From then on each event
keeps

    plain   the calls to make whenever the event is fired: a tuple of (function, does it take the engine?)
    due     the first count at which anything is to be called: ALWAYS with plain calls, NEVER without any handler,
            and between the two when all handlers wait for their `every=`, `once=`, `before=` or `after=`

so that the loop asks `if count >= handlers.due` and is done with every event that nobody waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .events import EventEnum
from .filters import NEVER, Clock, EventFilter, EverySeconds, Once, Stride
from .priorities import owner_of, priority_of
from .state import EVENT_TO_ATTR, State
from .utils.signature import accepts, check_signature, name_of

ALWAYS = -1

Call = tuple[Callable, bool]
Wrapper = Callable[["Registration", Callable], Callable]

# What is passed to the handlers of an event besides the engine and their own arguments, as the signature check sees it.
_EVENT_ARGS: dict[str, tuple[Any, ...]] = {"EXCEPTION_RAISED": (Exception(),), "TERMINATE_SINGLE_EPOCH": (0,)}


class Registration:
    """One handler, attached once to one event."""

    __slots__ = (
        "__weakref__",
        "args",
        "call",
        "due",
        "event",
        "filter",
        "handler",
        "kwargs",
        "last",
        "number",
        "priority",
        "takes_engine",
        "takes_event",
    )

    def __init__(
        self,
        event: Any,
        handler: Callable,
        args: tuple,
        kwargs: dict[str, Any],
        priority: int | None = None,
        number: int = 0,
    ) -> None:
        self.event = event
        self.priority = priority_of(handler) if priority is None else priority
        self.number = number  # in the order of attachment to any event of the engine
        self.handler = handler
        self.args = args
        self.kwargs = kwargs
        self.filter: EventFilter | None = getattr(event, "filter", None)
        if isinstance(self.filter, EverySeconds):
            self.filter = self.filter.clock()
        self.takes_engine, self.takes_event = _binding(key_of(event), handler, args, kwargs)
        self.call: Call = (handler, self.takes_engine)  # replaced when attached, see EventHandlers.add
        self.due = ALWAYS  # for a scheduled filter: the next count at which to call
        self.last = ALWAYS  # ... and the latest count at which it was called

    @property
    def scheduled(self) -> bool:
        """Whether the filter can tell its next due count, so that it need not be asked each time."""
        return isinstance(self.filter, (Stride, Once))

    def invoke(self, engine: Any, *event_args: Any) -> None:
        """Call the handler, whatever its filter says."""
        engine_args = (engine,) if self.takes_engine else ()
        self.handler(*engine_args, *(event_args if self.takes_event else ()), *self.args, **self.kwargs)

    def described(self) -> str:
        """The handler's name and filter, for people."""
        owner = owner_of(self.handler)
        name = name_of(self.handler)
        if owner is not self.handler or not hasattr(owner, "__qualname__"):
            method = getattr(self.handler, "__name__", None)
            name = type(owner).__name__ + (f".{method}" if method else "")
        if self.event is None or getattr(self.event, "filter", None) is None:
            return name
        return f"{name}  {self.event.filter}"

    def reschedule(self, count: int) -> None:
        """Find the next count due, from `count` on and after the latest call: a call consumes its count."""
        self.due = self.filter.next_due(max(count - 1, self.last))  # type: ignore[union-attr]


def _binding(name: str, handler: Callable, args: tuple, kwargs: dict[str, Any]) -> tuple[bool, bool]:
    """Whether `handler` takes the engine, and whether it takes what the event passes. The engine is offered first."""
    event_args = _EVENT_ARGS.get(name, ())
    forms = [(True, True), (False, True)]
    if name == "TERMINATE_SINGLE_EPOCH" and not accepts(handler, *args, **{"iter_counter": 0, **kwargs}):
        forms = [(True, True), (True, False), (False, False)]  # a handler may ignore the number of iterations
    for takes_engine, takes_event in forms:
        offered = (("engine",) if takes_engine else ()) + (event_args if takes_event else ())
        if accepts(handler, *offered, *args, **kwargs):
            return takes_engine, takes_event
    check_signature(handler, "handler", *event_args, *args, **kwargs)
    raise AssertionError("unreachable: the last form was refused before")


class EventHandlers:
    """The handlers of one event of one engine."""

    __slots__ = (
        "attr",
        "due",
        "event",
        "filtered_due",
        "name",
        "plain",
        "registrations",
        "scheduled",
        "tracer",
        "user_attr",
        "wrappers",
    )

    def __init__(self, event: str | EventEnum) -> None:
        self.event = event
        self.name = key_of(event)
        self.attr = EVENT_TO_ATTR.get(self.name)  # the state attribute that counts; None: counted here
        self.user_attr = False  # whether that attribute is a user's, who may set it to anything at any time
        self.registrations: tuple[Registration, ...] = ()
        self.scheduled: tuple[Registration, ...] = ()  # those whose filter tells its next due count
        self.plain: tuple[Call, ...] = ()
        self.tracer: Callable | None = None
        self.wrappers: tuple[Wrapper, ...] = ()
        self.due = self.filtered_due = NEVER

    def add(self, registration: Registration) -> None:
        """Attach one handler, after those that are there with its priority or a higher one."""
        registration.call = self._compile(registration)
        if self._is_scheduled(registration):
            registration.reschedule(0)
        self._set(tuple(sorted((*self.registrations, registration), key=lambda r: -r.priority)))

    def discard(self, registrations: list[Registration]) -> None:
        """Detach these handlers, where they are attached."""
        self._set(tuple(r for r in self.registrations if r not in registrations))

    def matching(self, handler: Callable) -> list[Registration]:
        """Every registration of this handler."""
        return [r for r in self.registrations if r.handler == handler]

    def trace(self, tracer: Callable | None) -> None:
        """Call `tracer(engine, event)` whenever the event is fired, before the handlers; None ends it."""
        if tracer is not self.tracer:
            self.tracer = tracer
            self._plan()

    def wrap(self, wrapper: Wrapper) -> None:
        """Call what `wrapper(registration, function)` gives instead of each handler, now and later; once is enough."""
        if wrapper not in self.wrappers:
            self.wrappers += (wrapper,)
            for registration in self.registrations:
                registration.call = self._compile(registration)
            self._plan()

    def reschedule(self, count: int) -> None:
        """Recompute what is due from this count on; needed when the counter was set from outside."""
        for registration in self.scheduled:
            registration.reschedule(count)
        if self.scheduled:
            self._plan()

    def restart_clocks(self) -> None:
        """A run starts: seconds are counted from now on."""
        for registration in self.registrations:
            if isinstance(registration.filter, Clock):
                registration.filter.restart()

    def forget(self) -> None:
        """Start over, when the counters were set back: nothing was called yet."""
        for registration in self.scheduled:
            registration.last = ALWAYS
        self.reschedule(0)

    @property
    def counts_itself(self) -> bool:
        """Whether filters read how often the event was fired, and not an attribute of the state."""
        return self.attr is None

    def count_by(self, attr: str) -> None:
        """Let filters read this attribute of the state, which is the user's to count up."""
        self.attr, self.user_attr = attr, True
        for registration in self.registrations:
            registration.call = self._compile(registration)
        self._set(self.registrations)

    def present_count(self, state: State) -> int:
        """The count that the next firing has at least."""
        return state.event_counts.get(self.name, 0) + 1 if self.attr is None else getattr(state, self.attr)

    def count(self, state: State) -> int:
        """The count that filters read, taken anew; an event without a counter of its own is counted by this call."""
        if self.attr is not None:
            return getattr(state, self.attr)
        counts = state.event_counts
        counts[self.name] = count = counts.get(self.name, 0) + 1
        return count

    def fire(self, engine: Any, count: int) -> None:
        """Make the calls that are due at this count. The caller has seen that `count >= self.due`."""
        engine.last_event_name = self.event
        known = self.registrations
        call: Callable | None = None
        try:
            for call, takes_engine in self.plain if count < self.filtered_due else self._take_due(count):
                if takes_engine:
                    call(engine)
                else:
                    call()
        except BaseException as error:
            engine._blame(error, self.event, self._handler_of(call))
            raise
        if self.registrations is not known:
            self._fire_added(engine, count, known)

    def fire_each(self, engine: Any, *event_args: Any) -> None:
        """Call each handler whose filter lets the present count through; for events that are rare or pass arguments."""
        for registration in self.admitted(engine):
            self.invoke(registration, engine, *event_args)

    def admitted(self, engine: Any) -> Iterator[Registration]:
        """Fire the event and leave the calls to the caller: what is yielded is to be invoked."""
        engine.last_event_name = self.event
        if self.tracer is not None:
            self.tracer(engine)
        count = self.count(engine.state)
        for registration in self.live():
            if registration.filter is None or registration.filter(engine, count):
                yield registration

    def invoke(self, registration: Registration, engine: Any, *event_args: Any) -> None:
        """Call one handler; an exception is marked with its name."""
        try:
            self._wrapped(registration, registration.invoke)(engine, *event_args)
        except BaseException as error:
            engine._blame(error, self.event, registration.handler)
            raise

    def live(self) -> Iterator[Registration]:
        """The registrations there are now, then those that are added while this runs."""
        known: tuple[Registration, ...] = ()
        while self.registrations is not known:
            added = [r for r in self.registrations if r not in known]
            known = self.registrations
            yield from added

    # how the plan is made

    def _is_scheduled(self, registration: Registration) -> bool:
        return registration.scheduled and not self.user_attr

    def _set(self, registrations: tuple[Registration, ...]) -> None:
        self.registrations = registrations
        self.scheduled = tuple(r for r in registrations if self._is_scheduled(r))
        self._plan()

    def _plan(self) -> None:
        tracing: tuple[Call, ...] = () if self.tracer is None else ((self.tracer, True),)
        self.plain = tracing + tuple(r.call for r in self.registrations if r not in self.scheduled)
        self.filtered_due = min((r.due for r in self.scheduled), default=NEVER)
        self.due = ALWAYS if self.plain else self.filtered_due

    def _compile(self, registration: Registration) -> Call:
        function, takes_engine = _bound(registration)
        call = self._wrapped(registration, function), takes_engine
        if registration.filter is None or self._is_scheduled(registration):
            return call
        return _Guarded(call, registration.filter, self.name), True

    def _wrapped(self, registration: Registration, function: Callable) -> Callable:
        for wrapper in self.wrappers:
            function = wrapper(registration, function)
        return function

    def _take_due(self, count: int) -> tuple[Call, ...]:
        """The calls of this count, in their order; what was due is scheduled anew."""
        calls: list[Call] = [] if self.tracer is None else [(self.tracer, True)]
        for registration in self.registrations:
            if registration not in self.scheduled:
                calls.append(registration.call)
            elif registration.due <= count:
                if registration.filter(None, count):  # type: ignore[misc]
                    calls.append(registration.call)
                    registration.last = count
                registration.due = registration.filter.next_due(count)  # type: ignore[union-attr]
        self._plan()
        return tuple(calls)

    def _fire_added(self, engine: Any, count: int, known: tuple[Registration, ...]) -> None:
        """Handlers that were attached to this event by its own handlers are called in the same firing."""
        for registration in self.live():
            if registration in known:
                continue
            if registration.filter is None or registration.filter(engine, count):
                registration.last = count
                self.invoke(registration, engine)
            if self._is_scheduled(registration):
                registration.due = registration.filter.next_due(count)  # type: ignore[union-attr]
        self._plan()

    def _handler_of(self, call: Callable | None) -> Callable | None:
        return next((r.handler for r in self.registrations if r.call[0] is call), call)


def _bound(registration: Registration) -> Call:
    """The handler with its extra arguments. The engine is never bound: an engine and its handlers form no reference
    cycle.
    """
    handler, args, kwargs = registration.handler, registration.args, registration.kwargs
    if not args and not kwargs:
        return handler, registration.takes_engine
    if registration.takes_engine:
        return _WithArguments(handler, args, kwargs), True
    return partial(handler, *args, **kwargs), False


class _WithArguments:
    """handler(engine, *args, **kwargs); an object and not a closure, so that a copied engine calls copied handlers."""

    __slots__ = ("args", "handler", "kwargs")

    def __init__(self, handler: Callable, args: tuple, kwargs: dict[str, Any]) -> None:
        self.handler, self.args, self.kwargs = handler, args, kwargs

    def __call__(self, engine: Any) -> None:
        self.handler(engine, *self.args, **self.kwargs)


class _Guarded:
    """A call that asks a filter first, each time: the filter is the user's, or the counter is."""

    __slots__ = ("call", "filter", "name")

    def __init__(self, call: Call, event_filter: EventFilter, name: str) -> None:
        self.call, self.filter, self.name = call, event_filter, name

    def __call__(self, engine: Any) -> None:
        if self.filter(engine, engine.state.get_event_attrib_value(self.name)):
            function, takes_engine = self.call
            function(engine) if takes_engine else function()


def key_of(event: Any) -> str:
    """The name under which handlers of an event are kept."""
    return event if isinstance(event, str) else getattr(event, "_name_", None) or repr(event)
