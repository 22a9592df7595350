"""In which order the handlers of one event are called."""

from __future__ import annotations

from enum import IntEnum
from functools import partial
from types import ModuleType
from typing import Any


class Priority(IntEnum):
    """Handlers of one event are called from the highest number to the lowest, equal ones in the order of attachment.

    Handlers of a class with an attribute `handler_priority` have that one, all others `DEFAULT`; any number may be
    given as `add_event_handler(..., priority=5)`. Schedulers have the default, so that their order among a program's
    own functions stays the one in which they were attached.
    """

    METRICS = 20
    DEFAULT = 0
    SCHEDULERS = 0
    LOGGERS = -10
    CHECKPOINTS = -20
    STOPPERS = -30


def owner_of(handler: Any) -> Any:
    """The object whose method a handler is, or the handler itself.

    >>> owner_of([].append), owner_of(len) is len
    ([], True)
    """
    while isinstance(handler, partial):
        handler = handler.func
    owner = getattr(handler, "__self__", None)
    return handler if owner is None or isinstance(owner, ModuleType) else owner


def priority_of(handler: Any) -> int:
    """What the handler, or the object whose method it is, says of itself.

    >>> priority_of(print)
    0
    """
    return int(getattr(owner_of(handler), "handler_priority", Priority.DEFAULT))
