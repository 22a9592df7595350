"""Which events there are, and who listens: the half of an engine that users talk to before a run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

from .dispatch import EventHandlers, Registration, Wrapper, key_of
from .events import EventEnum, Events, EventsList
from .handle import RemovableEventHandle
from .state import State
from .utils.signature import name_of


class HandlerRegistry:
    """Keeps the handlers of each event, and fires the events."""

    state: State
    logger: logging.Logger
    last_event_name: str | EventEnum | None = None

    def __init__(self) -> None:
        self._handlers: dict[str, EventHandlers] = {}
        self._traced = False
        self._running = False
        self._attached = 0  # how often a handler was attached
        self._blamed: BaseException | None = None
        self.register_events(*Events)

    def register_events(self, *event_names: str | EventEnum, event_to_attr: dict | None = None) -> None:
        """Add events of your own, for `fire_event`.

        Their filters read how often this engine has fired them, or the attribute of `state` that `event_to_attr` names,
        which is then yours to count up. Raises TypeError for a name that is neither str nor EventEnum, ValueError for
        an `event_to_attr` that is not a dict.

        >>> from sparkle.engine import Engine
        >>> engine = Engine(lambda engine, batch: engine.fire_event("BACKWARD_COMPLETED"))
        >>> engine.register_events("BACKWARD_COMPLETED")
        >>> handle = engine.add_event_handler("BACKWARD_COMPLETED", lambda: print("backward"))
        >>> state = engine.run([1])
        backward
        """
        if not (event_to_attr is None or isinstance(event_to_attr, dict)):
            raise ValueError(f"Expected event_to_attr to be dictionary. Got {type(event_to_attr)}.")
        for index, event in enumerate(event_names):
            if not isinstance(event, (str, EventEnum)):
                raise TypeError(f"Value at {index} of event_names should be a str or EventEnum, but given {event}")
        attrs = {key_of(event): attr for event, attr in (event_to_attr or {}).items()}
        for event in event_names:
            handlers = self._handlers.setdefault(key_of(event), EventHandlers(event))
            if handlers.name in attrs:
                handlers.count_by(attrs[handlers.name])
                self.state.bind_event(handlers.name, attrs[handlers.name])

    def has_registered_events(self, event: Any) -> bool:
        """Whether this engine knows the event, so that it can be fired and listened to."""
        return key_of(event) in self._handlers

    def add_event_handler(
        self, event_name: Any, handler: Callable, *args: Any, priority: int | None = None, **kwargs: Any
    ) -> RemovableEventHandle:
        """Call `handler` when an event, or any of a list of events, is fired; handlers are called by descending
        `priority`, see `Priority`, and those of equal priority in the order of attaching.

        The handler is called with the engine first if it takes one more argument than `args` and `kwargs` give, and
        without it if it does not; handlers of EXCEPTION_RAISED get the exception next, those of TERMINATE_SINGLE_EPOCH
        may take the number of iterations. A handler attached to an event by a handler of the same event is called in
        the same firing.

        Returns a handle that removes what this call attached. Raises ValueError for an event that is not registered and
        for a handler that cannot be called this way.
        """
        events = event_name if isinstance(event_name, EventsList) else [event_name]
        found = [self._find(event) for event in events]
        if not (priority is None or isinstance(priority, int)):
            raise TypeError(f"Argument priority should be an integer, got {priority!r}")
        self._attached += 1
        registrations = [Registration(event, handler, args, kwargs, priority, self._attached) for event in events]
        for handlers, registration in zip(found, registrations, strict=True):
            handlers.add(registration)
            self._handler_added(handlers, handler)
            self.logger.debug("Added handler for event %s", registration.event)
        return RemovableEventHandle(event_name, registrations, self)  # type: ignore[arg-type]

    def on(
        self, event_name: Any, *args: Any, priority: int | None = None, **kwargs: Any
    ) -> Callable[[Callable], Callable]:
        """`add_event_handler` as a decorator; gives the function back unchanged."""

        def decorator(handler: Callable) -> Callable:
            self.add_event_handler(event_name, handler, *args, priority=priority, **kwargs)
            return handler

        return decorator

    def has_event_handler(self, handler: Callable, event_name: Any | None = None) -> bool:
        """Whether `handler` is attached to this event (filtered or not), or to any event at all."""
        return any(handlers.matching(handler) for handlers in self._listening(event_name))

    def remove_event_handler(self, handler: Callable, event_name: Any) -> None:
        """Remove every registration of `handler` with this event, filtered or not; a handle removes just its own.

        Raises ValueError when nobody listens to the event, or this handler does not.
        """
        listening = self._listening(event_name)
        if not any(handlers.registrations for handlers in listening):
            raise ValueError(f"Input event name '{event_name}' does not exist: no handler is attached to it")
        found = [registration for handlers in listening for registration in handlers.matching(handler)]
        if not found:
            raise ValueError(
                f"Input handler '{handler}' is not found among registered event handlers of '{event_name}'"
            )
        self._discard(found)

    def fire_event(self, event_name: Any) -> None:
        """Call the handlers of an event, now. The core events are fired by `run`; this is for events of your own.

        Raises ValueError for an event that is not registered.
        """
        handlers = self._find(event_name)
        if handlers.counts_itself or handlers.user_attr:
            self._fire(handlers)
        else:
            handlers.fire_each(self)

    def __repr__(self) -> str:
        """The handlers of each event, in the order in which they are called."""
        lines = [f"{type(self).__name__} at {self._count()}"]
        for handlers in self._handlers.values():
            lines += [f"    {handlers.name}"] if handlers.registrations else []
            lines += [f"        {r.priority:4d}  {r.described()}" for r in handlers.registrations]
        return "\n".join(lines)

    # for the loop, the handles and the profilers

    def _fire(self, handlers: EventHandlers) -> None:
        count = handlers.count(self.state)
        if count >= handlers.due:
            handlers.fire(self, count)
        else:
            self.last_event_name = handlers.event

    def _discard(self, registrations: list[Registration]) -> None:
        for handlers in self._handlers.values():
            handlers.discard(registrations)

    def _handler_added(self, handlers: EventHandlers, handler: Callable) -> None:
        """Called when an event has got one more handler."""

    def _find(self, event: Any) -> EventHandlers:
        handlers = self._handlers.get(key_of(event))
        if handlers is None:
            self.logger.error("attempt to add event handler to an invalid event %s", event)
            raise ValueError(
                f"Event {event} is not a valid event for this {type(self).__name__}. "
                f"Registered: {', '.join(self._handlers)}"
            )
        return handlers

    def _listening(self, event_name: Any | None) -> Iterator[EventHandlers] | list[EventHandlers]:
        if event_name is None:
            return list(self._handlers.values())
        events = event_name if isinstance(event_name, EventsList) else [event_name]
        return [self._handlers[key] for event in events if (key := key_of(event)) in self._handlers]

    def _reschedule(self) -> None:
        for handlers in self._handlers.values():
            if handlers.scheduled:
                handlers.reschedule(handlers.present_count(self.state))

    def _restart_clocks(self) -> None:
        for handlers in self._handlers.values():
            handlers.restart_clocks()

    def _forget_calls(self) -> None:
        for handlers in self._handlers.values():
            handlers.forget()

    def _trace(self, enabled: bool) -> None:
        """Log each event that is fired, or stop doing so; costs nothing while off, as a tracer is one more handler."""
        if enabled or self._traced:
            self._traced = enabled
            for handlers in self._handlers.values():
                handlers.trace(_log_event if enabled else None)

    def _wrap(self, wrapper: Wrapper) -> None:
        """Call all handlers through `wrapper`, as a profiler does; those of events registered later if done again."""
        for handlers in self._handlers.values():
            handlers.wrap(wrapper)

    def _blame(self, error: BaseException, event: Any, handler: Callable | None) -> None:
        """Note on an exception which handler raised it, unless a handler further in is noted already."""
        if self._blamed is not error:
            self._blamed = error if self._running else None  # `run` forgets it again: tracebacks hold engines
            error.add_note(f"raised by handler '{name_of(handler)}' of {event}, {self._where()}")

    def _where(self) -> str:
        return f"{self._count()} of {type(self).__name__}"

    def _count(self) -> str:
        return f"iteration {self.state.iteration}, epoch {self.state.epoch}"


def _log_event(engine: HandlerRegistry) -> None:
    state = engine.state
    engine.logger.debug("%s | %s, Firing handlers for event %s", state.epoch, state.iteration, engine.last_event_name)
