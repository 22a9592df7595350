"""The engine: run a function over batches, and tell handlers what happens.

Standard library only; see `sparkle.engine.engine` for the loop and `sparkle.engine.dispatch` for how events find
handlers.
"""

from .deterministic import DeterministicEngine
from .engine import Engine
from .evaluation import create_supervised_evaluator, supervised_evaluation_step, supervised_evaluation_step_amp
from .events import CallableEventWithFilter, EventEnum, Events, EventsList
from .handle import RemovableEventHandle
from .priorities import Priority
from .protocols import ResettableHandler, Serializable
from .state import State
from .supervised import (
    create_supervised_trainer,
    supervised_training_step,
    supervised_training_step_amp,
    supervised_training_step_apex,
    supervised_training_step_tpu,
)
from .tbptt import Tbptt_Events, create_supervised_tbptt_trainer

__all__ = [
    "CallableEventWithFilter",
    "DeterministicEngine",
    "Engine",
    "EventEnum",
    "Events",
    "EventsList",
    "Priority",
    "RemovableEventHandle",
    "ResettableHandler",
    "Serializable",
    "State",
    "Tbptt_Events",
    "create_supervised_evaluator",
    "create_supervised_tbptt_trainer",
    "create_supervised_trainer",
    "supervised_evaluation_step",
    "supervised_evaluation_step_amp",
    "supervised_training_step",
    "supervised_training_step_amp",
    "supervised_training_step_apex",
    "supervised_training_step_tpu",
]
