"""The engine: run a function over batches, and tell handlers what happens.

Standard library only; see `sparkle.engine.engine` for the loop and `sparkle.engine.dispatch` for how events find
handlers.
"""

from .engine import Engine
from .events import CallableEventWithFilter, EventEnum, Events, EventsList
from .handle import RemovableEventHandle
from .priorities import Priority
from .protocols import ResettableHandler, Serializable
from .state import State
from .supervised import (
    create_supervised_evaluator,
    create_supervised_trainer,
    supervised_evaluation_step,
    supervised_training_step,
)

__all__ = [
    "CallableEventWithFilter",
    "Engine",
    "EventEnum",
    "Events",
    "EventsList",
    "Priority",
    "RemovableEventHandle",
    "ResettableHandler",
    "Serializable",
    "State",
    "create_supervised_evaluator",
    "create_supervised_trainer",
    "supervised_evaluation_step",
    "supervised_training_step",
]
