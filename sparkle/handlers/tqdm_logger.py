"""Progress bars, which tqdm draws."""

from __future__ import annotations

from collections.abc import Callable
from time import time
from typing import Any, NoReturn

from ..engine import Engine, Events, Priority
from ._plain_bar import PlainBar, can_draw
from .base_logger import BaseLogger, BaseOutputHandler

_BAR_FORMAT = "{desc}[{n_fmt}/{total_fmt}] {percentage:3.0f}%|{bar}{postfix} [{elapsed}<{remaining}]"
# The events that bars can follow, in the order in which they come, and what each of them counts.
_ORDER = ("STARTED", "EPOCH_STARTED", "ITERATION_STARTED", "ITERATION_COMPLETED", "EPOCH_COMPLETED", "COMPLETED")
_COUNTED = ("run", "epoch", "iteration", "iteration", "epoch", "run")
_ENDS = (Events.COMPLETED, Events.TERMINATE, Events.INTERRUPT, Events.EXCEPTION_RAISED)


class ProgressBar(BaseLogger):
    """Shows how far a run is, with metrics and outputs beside the bar.

    The bar is drawn at most once per `mininterval` (tqdm's, 0.1 s), and values are read only when it is drawn. It is
    closed when the epoch or the run is over, also when an exception or Ctrl-C ends it, and then shows how far the
    run really came. Where the number of iterations is not known the bar only counts.

    Args:
        persist: leave the finished bar on the screen.
        bar_format: tqdm's; None for tqdm's own.
        tqdm_kwargs: other arguments of tqdm, as `desc`, `ncols`, `file`, `mininterval`, `total`.

    Example:
        >>> import sys
        >>> from sparkle.engine import Engine
        >>> trainer = Engine(lambda engine, batch: batch)
        >>> bar = ProgressBar(persist=True, file=sys.stderr, disable=True)
        >>> bar.attach(trainer, output_transform=lambda loss: {"loss": loss})
        >>> trainer.run([0.5, 0.25], max_epochs=2).iteration
        4
    """

    def __init__(
        self,
        persist: bool = False,
        bar_format: str | None = _BAR_FORMAT,
        *,
        plain: bool | None = None,
        **tqdm_kwargs: Any,
    ) -> None:
        self._tqdm = _tqdm()
        self.plain = plain
        self.persist = persist
        self.bar_format = bar_format
        self.tqdm_kwargs = tqdm_kwargs
        self._tracks: list[_Track] = []

    @property
    def pbar(self) -> Any:
        """The tqdm object that is open now, the latest if there are several; None between bars."""
        return next((track.bar for track in reversed(self._tracks) if track.bar is not None), None)

    def log_message(self, message: str) -> None:
        """Print a line above the bars; only by this way, or tqdm.write, do bars stay whole."""
        self._tqdm.write(message)

    def attach(  # type: ignore[override]
        self,
        engine: Engine,
        metric_names: str | list[str] | None = None,
        output_transform: Callable[[Any], Any] | None = None,
        event_name: Any = Events.ITERATION_COMPLETED,
        closing_event_name: Any = Events.EPOCH_COMPLETED,
        state_attributes: list[str] | None = None,
    ) -> None:
        """Show a bar that moves at one event and is closed at a later one.

        Args:
            engine: one bar each for all engines attached to.
            metric_names: entries of `engine.state.metrics` to show; "all" for those there are.
            output_transform: engine.state.output -> number, dictionary or list of numbers to show.
            event_name: what is counted; may be filtered.
            closing_event_name: EPOCH_COMPLETED for a bar an epoch, COMPLETED for a bar a run.
            state_attributes: attributes of `engine.state` to show.

        Raises:
            ValueError: an event that bars cannot follow, a filtered closing event, or one that does not come after
                `event_name`.
            TypeError: metric_names, output_transform or state_attributes are of the wrong kind.
        """
        name, closing = _position(event_name), _position(closing_event_name)
        if getattr(closing_event_name, "filter", None) is not None:
            raise ValueError(f"ProgressBar: closing event {closing_event_name!r} is filtered, wanted a plain one")
        if not name < closing:
            raise ValueError(f"ProgressBar: {event_name} must come before closing event {closing_event_name}")
        values = None
        if metric_names is not None or output_transform is not None or state_attributes is not None:
            values = _OutputHandler("", metric_names, output_transform, state_attributes=state_attributes)
        track = _Track(self, _COUNTED[name], _ORDER[closing] != "COMPLETED", values)
        track.follow(engine, event_name, closing_event_name)
        self._tracks.append(track)

    def attach_opt_params_handler(self, engine: Engine, event_name: Any, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise NotImplementedError: `state_attributes` or an output_transform can show a learning rate."""
        raise NotImplementedError(
            "ProgressBar has no handler for optimizers: show the learning rate through output_transform or "
            "state_attributes, or log it with TensorboardLogger.attach_opt_params_handler"
        )

    def close(self) -> None:
        """Close all bars that are open."""
        for track in self._tracks:
            track.close()

    def _create_output_handler(self, *args: Any, **kwargs: Any) -> _OutputHandler:
        return _OutputHandler(*args, **kwargs)

    def _create_opt_params_handler(self, *args: Any, **kwargs: Any) -> Callable:
        return self.attach_opt_params_handler(*args, **kwargs)

    def _open(self, desc: str, total: int | None, initial: int) -> Any:
        ours = {"total": total, "initial": initial, "leave": self.persist, "bar_format": self.bar_format, "miniters": 1}
        arguments = {**ours, **self.tqdm_kwargs, "desc": f"{desc}: "}
        plain = self.plain
        if plain is None:
            plain = not can_draw(self._tqdm, arguments.get("file"))
        return PlainBar(self._tqdm, **arguments) if plain else self._tqdm(**arguments)


class _OutputHandler(BaseOutputHandler):
    """Collects what stands beside the bar."""

    def __call__(self, engine: Engine, logger: Any, event_name: Any) -> None:
        logger.set_postfix(self.shown(engine), refresh=False)

    def shown(self, engine: Engine) -> dict[str, Any]:
        """Return {"name_0": value, ...}."""
        items = self._setup_output_metrics_state_attrs(engine, log_text=True).items()
        return {"_".join(key[1:]): value for key, value in items}


class _Track:
    """The bars of one engine, one after the other."""

    handler_priority = Priority.LOGGERS

    def __init__(self, owner: ProgressBar, counted: str, per_epoch: bool, values: _OutputHandler | None) -> None:
        self.bar: Any = None
        self._owner = owner
        self._counted = counted
        self._per_epoch = per_epoch
        self._values = values
        self._first = 0  # iterations that were done when the epoch began
        self._epoch = -1
        self._n = 0

    def follow(self, engine: Engine, event: Any, closing_event: Any) -> None:
        engine.add_event_handler(Events.EPOCH_STARTED if self._per_epoch else Events.STARTED, self._begin)
        engine.add_event_handler(event, self._advance)
        engine.add_event_handler(closing_event, self._finish)
        for end in _ENDS:
            engine.add_event_handler(end, self.close)

    def _begin(self, engine: Engine) -> None:
        self.close()
        self._epoch = engine.state.epoch
        self._first = _iterations_before(engine.state, engine.state.iteration) if self._per_epoch else 0
        self._open(engine.state, self._count(engine.state))

    def _go_on(self, engine: Engine) -> None:
        """Open a bar in the middle: the handler was attached there, or the run was interrupted there."""
        if self._per_epoch and self._epoch != engine.state.epoch:
            self._epoch = engine.state.epoch
            self._first = _iterations_before(engine.state, engine.state.iteration - 1)
        self._open(engine.state, self._count(engine.state) - 1)

    def _open(self, state: Any, initial: int) -> None:
        self._n = 0
        self.bar = self._owner._open(self._description(state), self._total(state), max(initial, 0))

    def _advance(self, engine: Engine) -> None:
        if self.bar is None:
            self._go_on(engine)
        self._n = self._count(engine.state)
        bar = self.bar
        if not bar.disable and time() - bar.last_print_t >= bar.mininterval:
            self._show_values(engine)
            bar.update(self._n - bar.n)

    def _finish(self, engine: Engine) -> None:
        if self.bar is None:
            return
        if self._n and not self.bar.disable:
            self._show_values(engine)
            self._n = self._count(engine.state)
            self.bar.total = self.bar.total or self._total(engine.state)
        self.close()

    def close(self, *args: Any) -> None:
        """Show how far it came, and close; takes and drops what the event gives."""
        bar, self.bar = self.bar, None
        if bar is None:
            return
        if not bar.disable:
            bar.n = self._n or bar.n
            bar.refresh()
        below = getattr(bar, "pos", 0)  # rows below the cursor
        bar.close()
        if below and not self._owner.persist and not bar.gui:
            bar.fp.write("\r")  # tqdm leaves the cursor where the text ended that it has wiped out

    def _show_values(self, engine: Engine) -> None:
        if self._values is not None:
            self.bar.set_postfix(self._values.shown(engine), refresh=False)

    def _count(self, state: Any) -> int:
        if self._counted == "iteration":
            return state.iteration - self._first
        return state.epoch if self._counted == "epoch" else 1

    def _total(self, state: Any) -> int | None:
        if self._counted == "run":
            return 1
        if self._counted == "epoch":
            return state.max_epochs
        if self._per_epoch:
            return state.epoch_length
        if state.max_iters is not None:
            return state.max_iters
        return None if state.epoch_length is None or state.max_epochs is None else state.epoch_length * state.max_epochs

    def _description(self, state: Any) -> str:
        one_bar = not self._per_epoch or state.max_epochs == 1
        name = "Iteration" if self._counted == "iteration" and one_bar else "Epoch"
        name = self._owner.tqdm_kwargs.get("desc") or name
        return name if one_bar or state.max_epochs is None else f"{name} [{state.epoch}/{state.max_epochs}]"


def _iterations_before(state: Any, done: int) -> int:
    """Of all iterations done, those before this epoch; part of it may be done already when a run is resumed."""
    length = state.epoch_length
    resumed_inside = length is not None and done // length == state.epoch - 1
    return (state.epoch - 1) * length if resumed_inside else done


def _position(event: Any) -> int:
    """Where an event stands in _ORDER; ValueError for one that bars cannot follow."""
    name = getattr(event, "name", event)
    if name not in _ORDER:
        raise ValueError(f"ProgressBar: event {event} cannot be followed, wanted one of {', '.join(_ORDER)}")
    return _ORDER.index(name)


def _tqdm() -> Any:
    """The one place that imports tqdm; a widget in notebooks."""
    from tqdm.auto import tqdm

    return tqdm
