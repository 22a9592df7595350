"""Lines of text about a run: how far it is, how long it will take, what it puts out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from weakref import WeakKeyDictionary

from ..engine import Engine, Events
from ._values import as_number, is_array
from .timing import Timer

__all__ = ["FBResearchLogger"]

_MB = 1024.0 * 1024.0


class FBResearchLogger:
    """Writes lines to a standard logger: epoch, iteration, time left, learning rates, output, times, GPU memory.

    One logger can be attached to several engines. Where the length of an epoch is not known, "?" stands for it.

    Args:
        logger: has a method `info`, as the loggers of `logging` and `sparkle.utils.setup_logger`.
        delimiter: what stands between the parts of a line.
        show_output: write `engine.state.output`, too.

    Example:
        >>> import sys
        >>> from sparkle.engine import Engine
        >>> from sparkle.utils import setup_logger
        >>> trainer = Engine(lambda engine, batch: {"loss": batch})
        >>> logger = setup_logger("trainer", stream=sys.stdout, format="%(message)s")
        >>> FBResearchLogger(logger, show_output=True).attach(trainer, "Train", every=2)
        >>> state = trainer.run([0.5, 0.25])
        Train: start epoch [1/1]
        Epoch [1/1]  [2/2]:  ETA: 0:00:00  loss: 0.2500  Iter time: ... s  Data prep time: ... s
        Train:  Total time: 0:00:00  (... s / it)
    """

    def __init__(self, logger: Any, delimiter: str = "  ", show_output: bool = False) -> None:
        self.logger = logger
        self.delimiter = delimiter
        self.show_output = show_output
        self._settings: WeakKeyDictionary[Engine, _Settings] = WeakKeyDictionary()

    def attach(
        self,
        engine: Engine,
        name: str,
        every: int = 1,
        output_transform: Callable[[Any], Any] | None = None,
        state_attributes: list[str] | None = None,
        optimizer: Any = None,
    ) -> None:
        """Write a line every so many iterations, and at the start and end of epochs and of the run.

        Args:
            engine: what is written about.
            name: how the engine is called in the lines.
            every: iterations from line to line.
            output_transform: engine.state.output -> what to write of it.
            state_attributes: attributes of `engine.state` to write.
            optimizer: its learning rates are written.
        """
        settings = _Settings(output_transform, state_attributes)
        self._settings[engine] = settings
        settings.follow(engine)
        engine.add_event_handler(Events.EPOCH_STARTED, self.log_epoch_started, name)
        engine.add_event_handler(Events.ITERATION_COMPLETED(every=every), self.log_every, optimizer=optimizer)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.log_epoch_completed, name)
        engine.add_event_handler(Events.COMPLETED, self.log_completed, name)

    def log_every(self, engine: Engine, optimizer: Any = None) -> None:
        """Write the line about an iteration."""
        state, settings = engine.state, self._settings[engine]
        seconds = settings.iteration_time.value()
        self._write(
            f"Epoch [{state.epoch}/{_known(state.max_epochs)}]",
            f"[{settings.done}/{_known(state.epoch_length)}]:",
            f"ETA: {_eta(state.epoch_length, settings.done, seconds)}",
            *_learning_rates(optimizer),
            *self._output(state.output, settings.output_transform),
            " ".join(_texts({name: getattr(state, name, None) for name in settings.state_attributes})),
            f"Iter time: {seconds:.4f} s",
            f"Data prep time: {settings.data_time.value():.4f} s",
            _gpu_memory(),
        )

    def log_epoch_started(self, engine: Engine, name: str) -> None:
        """Write that an epoch begins."""
        self._write(f"{name}: start epoch [{engine.state.epoch}/{_known(engine.state.max_epochs)}]")

    def log_epoch_completed(self, engine: Engine, name: str) -> None:
        """Write how long an epoch took."""
        state = engine.state
        seconds = state.times["EPOCH_COMPLETED"] or 0.0
        epoch = f" Epoch [{state.epoch}/{_known(state.max_epochs)}]" if state.max_epochs != 1 else ""
        length = self._settings[engine].done
        each = f"({seconds / length:.4f} s / it)" if length else ""
        self._write(f"{name}:{epoch}", f"Total time: {timedelta(seconds=int(seconds))}", each)

    def log_completed(self, engine: Engine, name: str) -> None:
        """Write how long a run of several epochs took."""
        if engine.state.max_epochs != 1:
            seconds = engine.state.times["COMPLETED"] or 0.0
            self._write(f"{name}: run completed", f"Total time: {timedelta(seconds=int(seconds))}")

    def _output(self, output: Any, transform: Callable[[Any], Any] | None) -> list[str]:
        if not self.show_output or output is None:
            return []
        return list(_texts(output if transform is None else transform(output)))

    def _write(self, *parts: str) -> None:
        self.logger.info(self.delimiter.join(part for part in parts if part))


class _Settings:
    """What is written about one engine, and the clocks of its epoch."""

    def __init__(self, output_transform: Callable[[Any], Any] | None, state_attributes: list[str] | None) -> None:
        self.output_transform = output_transform
        self.state_attributes = state_attributes or []
        self.iteration_time = Timer(average=True)
        self.data_time = Timer(average=True)
        self.done = 0  # iterations of this epoch

    def follow(self, engine: Engine) -> None:
        engine.add_event_handler(Events.EPOCH_STARTED, self._begin)
        engine.add_event_handler(Events.GET_BATCH_STARTED, self.data_time.resume)
        engine.add_event_handler(Events.GET_BATCH_COMPLETED, self._fetched)
        engine.add_event_handler(Events.ITERATION_STARTED, self.iteration_time.resume)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._processed)

    def _begin(self, engine: Engine) -> None:
        """Both clocks at zero and stopped, so that each counts nothing but its own."""
        for timer in (self.iteration_time, self.data_time):
            timer.reset().pause()
        length = engine.state.epoch_length
        self.done = engine.state.iteration - (engine.state.epoch - 1) * length if length else 0
        self.done = max(self.done, 0)

    def _fetched(self) -> None:
        self.data_time.pause()
        self.data_time.step()

    def _processed(self) -> None:
        self.iteration_time.pause()
        self.iteration_time.step()
        self.done += 1


def _known(value: Any) -> Any:
    return "?" if value is None else value


def _eta(length: int | None, done: int, seconds: float) -> Any:
    return "?" if length is None else timedelta(seconds=int(seconds * max(length - done, 0)))


def _learning_rates(optimizer: Any) -> list[str]:
    groups = [] if optimizer is None else optimizer.param_groups
    if len(groups) == 1:
        return [f"lr: {float(groups[0]['lr']):.5f}"]
    return [f"lr [g{index}]: {float(group['lr']):.5f}" for index, group in enumerate(groups)]


def _gpu_memory() -> str:
    """What CuPy's pool holds: it keeps what it got, so that is the most that was needed."""
    cupy = sys.modules.get("cupy")
    return "" if cupy is None else f"GPU Mem: {cupy.get_default_memory_pool().total_bytes() / _MB:.0f} MB"


def _texts(value: Any, name: str = "") -> Iterator[str]:
    """One text for each entry of a mapping, also of mappings in it; else one in all."""
    prefix = f"{name}: " if name else ""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, str(key))
    elif (text := _text(value)) or prefix:
        yield prefix + text


def _text(value: Any) -> str:
    if value is None:
        return ""
    if (number := as_number(value)) is not None:
        return f"{number:.4f}"
    if isinstance(value, (list, tuple)):
        return ", ".join(filter(None, map(_text, value)))
    if is_array(value):
        return _array_text(value)
    return str(value)


def _array_text(array: Any) -> str:
    if array.ndim != 1:
        return f"Shape{list(array.shape)}"
    shown = [f"{number:.4f}" for number in array[:10].tolist()]
    return f"[{', '.join(shown + ['...'] * (len(array) > 10))}]"
