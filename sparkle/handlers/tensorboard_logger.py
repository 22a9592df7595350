"""Logging to TensorBoard's event files, which tensorboardX writes."""

from __future__ import annotations

import atexit
import contextlib
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from ..engine import Engine, Events, RemovableEventHandle
from ._values import to_numpy
from .base_logger import (
    BaseHandler,
    BaseLogger,
    BaseOptimizerParamsHandler,
    BaseOutputHandler,
    BaseWeightsHandler,
    BaseWeightsScalarHandler,
    EventHandles,
)
from .utils import global_step_from_engine

__all__ = [
    "GradsHistHandler",
    "GradsScalarHandler",
    "OptimizerParamsHandler",
    "OutputHandler",
    "TensorboardLogger",
    "WeightsHistHandler",
    "WeightsScalarHandler",
    "global_step_from_engine",
]

# Events after which nobody may come back to write: whatever is queued goes to the disk.
_ENDS = (Events.COMPLETED, Events.TERMINATE, Events.INTERRUPT, Events.EXCEPTION_RAISED)
_DRAIN_SECONDS = 10.0


class TensorboardLogger(BaseLogger):
    """Writes scalars, histograms and images for TensorBoard (`tensorboard --logdir ...`).

    Event files are brought up to date when an attached engine's run ends, also by an exception or Ctrl-C, and when
    the program does. All methods of the writer (`add_image`, `add_text`, ...) can be called on the logger.

    Args:
        args, kwargs: those of tensorboardX.SummaryWriter, first of all `log_dir`.

    Attributes:
        writer: a `sparkle.utils.tensorboard.SummaryWriter`, which is tensorboardX's and takes tensors.

    Example:
        >>> import tempfile
        >>> import sparkle.handlers.tensorboard_logger as tb_logger
        >>> from sparkle.engine import Engine, Events
        >>> trainer = Engine(lambda engine, batch: batch)
        >>> folder = tempfile.TemporaryDirectory()
        >>> with tb_logger.TensorboardLogger(log_dir=folder.name) as logger:
        ...     handle = logger.attach_output_handler(
        ...         trainer, Events.ITERATION_COMPLETED, tag="train", output_transform=lambda loss: {"loss": loss}
        ...     )
        ...     state = trainer.run([0.5, 0.25])
        >>> folder.cleanup()
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.writer = _summary_writer(*args, **kwargs)
        self._at_exit = partial(_close_quietly, self.writer)
        atexit.register(self._at_exit)

    def __getattr__(self, name: str) -> Any:
        if name == "writer":  # asked for before __init__ has made it, as by copy and pickle
            raise AttributeError(f"{type(self).__name__} has no writer yet")
        return getattr(self.writer, name)

    def attach(
        self, engine: Engine, log_handler: Callable, event_name: Any, *args: Any, **kwargs: Any
    ) -> RemovableEventHandle | EventHandles:
        """Call `log_handler(engine, logger, event, *args, **kwargs)` at an event, or at each of several (`A | B`)."""
        handle = super().attach(engine, log_handler, event_name, *args, **kwargs)
        for event in _ENDS:  # each time anew, so that it stays behind all handlers that write
            if engine.has_event_handler(self._run_ended, event):
                engine.remove_event_handler(self._run_ended, event)
            engine.add_event_handler(event, self._run_ended)
        return handle

    def _run_ended(self, engine: Engine, *args: Any) -> None:
        self.flush()

    def flush(self) -> None:
        """Bring the event files up to date: also what waits in the writer's queue, which its own flush leaves."""
        for file_writer in (self.writer.all_writers or {}).values():
            _drain(file_writer.event_writer)
        self.writer.flush()

    def close(self) -> None:
        """Bring the event files up to date and close them; a second call does nothing."""
        self.writer.close()
        atexit.unregister(self._at_exit)

    def _create_output_handler(self, *args: Any, **kwargs: Any) -> OutputHandler:
        return OutputHandler(*args, **kwargs)

    def _create_opt_params_handler(self, *args: Any, **kwargs: Any) -> OptimizerParamsHandler:
        return OptimizerParamsHandler(*args, **kwargs)


class OutputHandler(BaseOutputHandler):
    """Writes metrics, the output and state attributes as scalars named "tag/name"; see BaseOutputHandler.

    Text, and arrays of two and more axes, are left out with a warning. Raises RuntimeError with another logger, and
    TypeError when `global_step_transform` gives no integer.
    """

    def __call__(self, engine: Engine, logger: TensorboardLogger, event_name: Any) -> None:
        """Write the scalars at the engine's step."""
        _check_logger(self, logger)
        step = self.global_step(engine, event_name)
        for name, value in self._setup_output_metrics_state_attrs(engine, key_tuple=False).items():
            logger.writer.add_scalar(name, value, step)


class OptimizerParamsHandler(BaseOptimizerParamsHandler):
    """Writes a setting of each parameter group as a scalar named "tag/lr/group_0"."""

    def __call__(self, engine: Engine, logger: TensorboardLogger, event_name: Any) -> None:
        """Write the scalars at the engine's step."""
        _check_logger(self, logger)
        step = engine.state.get_event_attrib_value(event_name)
        for name, value in self.values():
            logger.writer.add_scalar(name, value, step)


class WeightsScalarHandler(BaseWeightsScalarHandler):
    """Writes `reduction(parameter)` as a scalar named "tag/weights_norm/layer/bias"."""

    def __call__(self, engine: Engine, logger: TensorboardLogger, event_name: Any) -> None:
        """Write the scalars at the engine's step."""
        _check_logger(self, logger)
        step = engine.state.get_event_attrib_value(event_name)
        for name, weight in self._named(f"weights_{self._reduction_name}"):
            logger.writer.add_scalar(name, self._reduce(weight), step)


class GradsScalarHandler(BaseWeightsScalarHandler):
    """Writes `reduction(parameter.grad)` as a scalar named "tag/grads_norm/layer/bias"; none where there is no grad."""

    def __call__(self, engine: Engine, logger: TensorboardLogger, event_name: Any) -> None:
        """Write the scalars at the engine's step."""
        _check_logger(self, logger)
        step = engine.state.get_event_attrib_value(event_name)
        for name, weight in self._named(f"grads_{self._reduction_name}"):
            if weight.grad is not None:
                logger.writer.add_scalar(name, self._reduce(weight.grad), step)


class WeightsHistHandler(BaseWeightsHandler):
    """Writes the histogram of each parameter, named "tag/weights/layer/bias"."""

    def __call__(self, engine: Engine, logger: TensorboardLogger, event_name: Any) -> None:
        """Write the histograms at the engine's step."""
        _check_logger(self, logger)
        step = engine.state.get_event_attrib_value(event_name)
        for name, weight in self._named("weights"):
            _add_histogram(logger, name, weight, step)


class GradsHistHandler(BaseWeightsHandler):
    """Writes the histogram of each parameter's gradient, named "tag/grads/layer/bias"; none where there is no grad."""

    def __call__(self, engine: Engine, logger: TensorboardLogger, event_name: Any) -> None:
        """Write the histograms at the engine's step."""
        _check_logger(self, logger)
        step = engine.state.get_event_attrib_value(event_name)
        for name, weight in self._named("grads"):
            if weight.grad is not None:
                _add_histogram(logger, name, weight.grad, step)


def _summary_writer(*args: Any, **kwargs: Any) -> Any:
    """The one place that leads to tensorboardX: it takes longer to load than all of the package."""
    from ..utils.tensorboard import SummaryWriter

    return SummaryWriter(*args, **kwargs)


def _check_logger(handler: BaseHandler, logger: Any) -> None:
    if not isinstance(logger, TensorboardLogger):
        kind = type(handler).__name__
        raise RuntimeError(f"{kind} works with a TensorboardLogger only, met a {type(logger).__name__}")


def _add_histogram(logger: TensorboardLogger, name: str, tensor: Any, step: int) -> None:
    """A histogram has no place for NaN and infinity, and none can be drawn of nothing."""
    import numpy

    values = numpy.asarray(to_numpy(tensor)).ravel()
    finite = values[numpy.isfinite(values)]
    if len(finite) < len(values):
        warnings.warn(f"{name} has {len(values) - len(finite)} values that are not finite, left out", stacklevel=3)
    if len(finite):
        logger.writer.add_histogram(name, finite, step)


def _drain(event_writer: Any) -> None:
    """Wait until the writer's thread has taken everything out of the queue and written it.

    An event of no content goes in last. Once the queue is empty at most that one is still in the thread's hands.
    """
    queue = event_writer._event_queue
    if queue is None:
        return
    from tensorboardX.proto.event_pb2 import Event

    queue.put(Event(wall_time=time.time()))
    deadline = time.monotonic() + _DRAIN_SECONDS
    while _waiting(queue) and time.monotonic() < deadline:
        time.sleep(0.001)


def _waiting(queue: Any) -> bool:
    try:
        return queue.qsize() > 0
    except NotImplementedError:  # macOS cannot count; what was put a moment ago may not be seen yet
        time.sleep(0.05)
        return not queue.empty()


def _close_quietly(writer: Any) -> None:
    with contextlib.suppress(RuntimeError):  # a program that is ending can no longer start the writer's thread
        writer.close()
