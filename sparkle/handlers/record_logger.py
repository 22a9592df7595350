"""The base of loggers that take numbers by name: one method to write, and everything can be attached to it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from ..engine import Engine
from .base_logger import BaseLogger, BaseOptimizerParamsHandler, BaseOutputHandler, BaseWeightsScalarHandler
from .utils import global_step_from_engine

__all__ = [
    "GradsScalarHandler",
    "OptimizerParamsHandler",
    "OutputHandler",
    "RecordLogger",
    "WeightsScalarHandler",
    "global_step_from_engine",
]


class RecordLogger(BaseLogger):
    """Logs records, which map names as "training/loss" to numbers or text. Derive from it and define `log`.

    Example:
        >>> from sparkle.engine import Engine, Events
        >>> class Notebook(RecordLogger):
        ...     def __init__(self):
        ...         self.lines = []
        ...     def log(self, record, step):
        ...         self.lines.append((step, dict(record)))
        >>> trainer = Engine(lambda engine, batch: batch)
        >>> with Notebook() as notebook:
        ...     handle = notebook.attach_output_handler(
        ...         trainer, Events.ITERATION_COMPLETED, tag="training", output_transform=lambda loss: {"loss": loss}
        ...     )
        ...     state = trainer.run([0.5, 0.25])
        >>> notebook.lines
        [(1, {'training/loss': 0.5}), (2, {'training/loss': 0.25})]
    """

    @abstractmethod
    def log(self, record: Mapping[str, Any], step: int) -> None:
        """Write a record that belongs to this step."""

    def _create_output_handler(self, *args: Any, **kwargs: Any) -> OutputHandler:
        return OutputHandler(*args, **kwargs)

    def _create_opt_params_handler(self, *args: Any, **kwargs: Any) -> OptimizerParamsHandler:
        return OptimizerParamsHandler(*args, **kwargs)


class OutputHandler(BaseOutputHandler):
    """Logs metrics, the output and state attributes; see BaseOutputHandler. RuntimeError with another logger."""

    def __call__(self, engine: Engine, logger: RecordLogger, event_name: Any) -> None:
        """Log the values, text included, at the engine's step; nothing when there are none."""
        check_logger(self, logger, RecordLogger)
        step = self.global_step(engine, event_name)
        record = self._setup_output_metrics_state_attrs(engine, log_text=True, key_tuple=False)
        if record:
            logger.log(record, step=step)


class OptimizerParamsHandler(BaseOptimizerParamsHandler):
    """Logs a setting of each parameter group as "tag/lr/group_0"; RuntimeError with another logger."""

    def __call__(self, engine: Engine, logger: RecordLogger, event_name: Any) -> None:
        """Log the values at the engine's step."""
        check_logger(self, logger, RecordLogger)
        logger.log(dict(self.values()), step=engine.state.get_event_attrib_value(event_name))


class WeightsScalarHandler(BaseWeightsScalarHandler):
    """Logs `reduction(parameter)` as "tag/weights_norm/layer/bias"; RuntimeError with another logger."""

    def __call__(self, engine: Engine, logger: RecordLogger, event_name: Any) -> None:
        """Log the values at the engine's step."""
        check_logger(self, logger, RecordLogger)
        record = {name: self._reduce(weight) for name, weight in self._named(f"weights_{self._reduction_name}")}
        logger.log(record, step=engine.state.get_event_attrib_value(event_name))


class GradsScalarHandler(BaseWeightsScalarHandler):
    """Logs `reduction(parameter.grad)` as "tag/grads_norm/layer/bias"; none where there is no grad.

    RuntimeError with another logger.
    """

    def __call__(self, engine: Engine, logger: RecordLogger, event_name: Any) -> None:
        """Log the values at the engine's step."""
        check_logger(self, logger, RecordLogger)
        named = self._named(f"grads_{self._reduction_name}")
        record = {name: self._reduce(weight.grad) for name, weight in named if weight.grad is not None}
        logger.log(record, step=engine.state.get_event_attrib_value(event_name))


def check_logger(handler: Any, logger: Any, wanted: type, error: type[Exception] = RuntimeError) -> None:
    """Raise `error` when a handler was attached through a logger of another kind."""
    if not isinstance(logger, wanted):
        kind = type(handler).__name__
        raise error(f"{kind} works with a {wanted.__name__} only, met a {type(logger).__name__}")


def missing(logger: str, package: str, extra: str) -> ModuleNotFoundError:
    """The error to raise when the package that a logger passes its values to is not installed."""
    return ModuleNotFoundError(f"{logger} needs {package}: pip install 'sparkle-engine[{extra}]'", name=package)
