"""What `add_event_handler` gives back."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .dispatch import Registration
    from .engine import Engine


class RemovableEventHandle:
    """Removes what one call of `add_event_handler` attached, and nothing else; keeps neither engine nor handler alive.

    As a context manager it removes at the end of the block.

    >>> from sparkle.engine import Engine, Events
    >>> engine = Engine(lambda engine, batch: print("batch", batch))
    >>> with engine.add_event_handler(Events.COMPLETED, lambda: print("completed")):
    ...     state = engine.run([1])
    batch 1
    completed
    >>> state = engine.run([2])
    batch 2
    """

    def __init__(self, event_name: Any, registrations: list[Registration], engine: Engine) -> None:
        self.event_name = event_name
        self.engine = weakref.ref(engine)
        self._registrations = [weakref.ref(r) for r in registrations]

    def handler(self) -> Callable | None:
        """The handler; None when it was removed and nobody else holds it."""
        alive = [r for ref in self._registrations if (r := ref()) is not None]
        return alive[0].handler if alive else None

    def remove(self) -> None:
        """Remove the handler; does nothing when that was done before."""
        engine = self.engine()
        alive = [r for ref in self._registrations if (r := ref()) is not None]
        if engine is not None and alive:
            engine._discard(alive)

    def __enter__(self) -> RemovableEventHandle:
        return self

    def __exit__(self, *args: Any) -> None:
        self.remove()
