"""Training in one call, for those who want no events; put together of the parts that everybody can use."""

from __future__ import annotations

import copy
import inspect
import math
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ..engine import Engine, Events, create_supervised_evaluator, create_supervised_trainer
from ..handlers._values import as_number, flatten
from ..handlers.base_logger import BaseLogger
from ..handlers.checkpoint import Checkpoint
from ..handlers.console_logger import write_above_bars
from ..handlers.early_stopping import EarlyStopping
from ..handlers.save_handlers import DiskSaver
from ..handlers.tensorboard_logger import TensorboardLogger
from ..handlers.tqdm_logger import ProgressBar
from ..handlers.utils import global_step_from_engine
from ..metrics.loss import Loss
from ..metrics.metric import Metric
from .history import History

# Options that the evaluator shares with the trainer.
_SHARED = ("device", "non_blocking", "prepare_batch", "model_transform", "amp_mode", "model_fn")


def fit(
    model: Any,
    optimizer: Any,
    loss_fn: Callable[[Any, Any], Any],
    train: Iterable[Any],
    validation: Iterable[Any] | None = None,
    *,
    epochs: int = 1,
    metrics: Mapping[str, Metric] | None = None,
    scheduler: Any = None,
    monitor: str | None = None,
    mode: str | None = None,
    patience: int | None = None,
    restore_best: bool = False,
    checkpoint_dir: str | Path | None = None,
    logdir: str | Path | None = None,
    loggers: Iterable[BaseLogger] = (),
    log_every_iters: int = 10,
    progress: bool = True,
    setup: Callable[[Engine, Engine], Any] | None = None,
    **options: Any,
) -> History:
    """Train a model, and evaluate it after each epoch; return what every epoch came to.

    With `checkpoint_dir` a call continues where an earlier one, however it ended, has left off: everything is in
    "last.pt" after each epoch. The weights of the best epoch are in "best.pt".

    Args:
        model, optimizer, loss_fn: `loss_fn(model(x), y)` is made small.
        train, validation: batches (x, y), as of a DataLoader.
        epochs: how many there are to be in all.
        metrics: name -> metric of (y_pred, y); taken of training and validation data.
        scheduler: one with `step()`, called after each epoch, with the value watched if it wants one; or a handler,
            called before each iteration.
        monitor: the value to watch: "val_loss", without validation data "loss", or any other name in the history.
        mode: "min" or "max": where the best value lies; by default "min" for losses and errors, else "max".
        patience: stop after so many epochs without a better value.
        restore_best: give the model the weights of its best epoch at the end.
        checkpoint_dir: where "last.pt" and "best.pt" go.
        logdir: where an event file for TensorBoard goes.
        loggers: other loggers; all are given "training/..." and "validation/..." at the trainer's iteration.
        log_every_iters: iterations from one logged loss to the next.
        progress: show a bar, and a line for each epoch.
        setup: called with trainer and evaluator before the training begins, to attach handlers of one's own.
        options: those of create_supervised_trainer, as device, prepare_batch, gradient_accumulation_steps.

    Raises:
        ValueError: epochs < 1, a metric called "loss", a value to watch that is not there, another mode.
        TypeError: metrics is no mapping of metrics, or create_supervised_trainer does not know an option.
        NotComputableError: an epoch had no data.

    Example:
        >>> import sparkle
        >>> _ = sparkle.manual_seed(0)
        >>> x = sparkle.linspace(-1.0, 1.0, 8).reshape(8, 1)
        >>> model = sparkle.nn.Linear(1, 1)
        >>> optimizer = sparkle.optim.SGD(model.parameters(), lr=0.5)
        >>> history = fit(model, optimizer, sparkle.nn.MSELoss(), [(x, 2 * x)], epochs=30, progress=False)
        >>> history["loss"][-1] < 1e-3
        True
    """
    if not isinstance(epochs, int) or epochs < 1:
        raise ValueError(f"fit: epochs is {epochs!r}, wanted a positive integer")
    training = _Training(model, optimizer, loss_fn, _checked(metrics), scheduler, validation, options)
    training.watch(monitor, mode, patience, restore_best)
    with ExitStack() as stack:
        if logdir is not None:
            loggers = [*loggers, stack.enter_context(TensorboardLogger(log_dir=str(logdir)))]
        for logger in loggers:
            training.log_to(logger, log_every_iters)
        if progress:
            training.show(epochs)
        if checkpoint_dir is not None:
            training.keep_in(Path(checkpoint_dir))
        if setup is not None:
            setup(training.trainer, training.evaluator)
        training.run(train, epochs)
    return training.history


class _Output(tuple):
    """(y_pred, y), as metrics take it, with the loss beside it."""

    loss: Any


class _Training:
    """The engines of one call, and what happens when an epoch is over."""

    def __init__(
        self,
        model: Any,
        optimizer: Any,
        loss_fn: Callable[[Any, Any], Any],
        metrics: Mapping[str, Metric],
        scheduler: Any,
        validation: Iterable[Any] | None,
        options: Mapping[str, Any],
    ) -> None:
        self.model, self.optimizer, self.scheduler, self.validation = model, optimizer, scheduler, validation
        self.keepers: list[Checkpoint] = []
        self.trainer = create_supervised_trainer(model, optimizer, loss_fn, output_transform=_output, **options)
        shared = {name: options[name] for name in _SHARED if name in options}
        self.evaluator = create_supervised_evaluator(
            model, {"loss": Loss(loss_fn, batch_size=_examples), **metrics}, **shared
        )
        for name, metric in {"loss": _training_loss(), **copy.deepcopy(dict(metrics))}.items():
            metric.attach(self.trainer, name)
        if callable(scheduler) and not hasattr(scheduler, "step"):
            self.trainer.add_event_handler(Events.ITERATION_STARTED, scheduler)
        self.trainer.add_event_handler(Events.EPOCH_COMPLETED, self._epoch_completed)

    # what may be added

    def watch(self, monitor: str | None, mode: str | None, patience: int | None, restore_best: bool) -> None:
        """Keep a history, and stop when it no longer gets better."""
        monitor = monitor or ("loss" if self.validation is None else "val_loss")
        mode = mode or ("min" if monitor.endswith(("loss", "error")) else "max")
        if mode not in ("min", "max"):
            raise ValueError(f"fit: mode is {mode!r}, wanted 'min' or 'max'")
        self.history = History(monitor, mode)
        self.stops = patience is not None
        self.stopper = EarlyStopping(
            sys.maxsize if patience is None else patience,
            lambda engine: self._score(),
            self.trainer,
            mode=mode,  # type: ignore[arg-type]
            restore_best={"model": self.model} if restore_best else None,
        )

    def log_to(self, logger: BaseLogger, every: int) -> None:
        """Log the loss and the learning rate now and then, and the metrics of each epoch."""
        step = global_step_from_engine(self.trainer, Events.ITERATION_COMPLETED)
        often = Events.ITERATION_COMPLETED(every=every)
        logger.attach_opt_params_handler(self.trainer, often, self.optimizer, tag="training")
        logger.attach_output_handler(
            self.trainer, often, tag="training", output_transform=lambda output: {"batch_loss": output.loss}
        )
        for tag, engine in (("training", self.trainer), ("validation", self.evaluator)):
            logger.attach_output_handler(
                engine, Events.EPOCH_COMPLETED, tag=tag, metric_names="all", global_step_transform=step
            )

    def show(self, epochs: int) -> None:
        """A bar while an epoch goes on, and a line when it is over."""
        bar = ProgressBar(persist=False)
        bar.attach(self.trainer, output_transform=lambda output: {"loss": output.loss})
        self.trainer.add_event_handler(Events.EPOCH_COMPLETED, self._write_line, epochs)

    def keep_in(self, folder: Path) -> None:
        """Save what the training needs to go on, and the best weights; go on from what is there."""
        everything = {
            "trainer": self.trainer,
            "model": self.model,
            "optimizer": self.optimizer,
            "history": self.history,
            "stopper": self.stopper,
        }
        if hasattr(self.scheduler, "state_dict"):
            everything["scheduler"] = self.scheduler
        saver = DiskSaver(folder, require_empty=False)
        best = Checkpoint(
            {"model": self.model}, saver, score_function=self._higher_is_better, filename_pattern="best.pt"
        )
        last = Checkpoint({**everything, "best": best}, saver, filename_pattern="last.pt")
        Checkpoint.load_latest(folder, {**everything, "best": best}, pattern="last.pt")
        self.keepers = [best, last]

    # the training

    def run(self, train: Iterable[Any], epochs: int) -> None:
        """Train until there are so many epochs, unless that was done, or stopped, before."""
        stopped = self.stops and self.stopper.counter >= self.stopper.patience
        if self.history.epochs and (stopped or self.history.epochs[-1] >= epochs):
            self.stopper.restore()
        else:
            self.trainer.run(train, max_epochs=epochs)

    def _epoch_completed(self, engine: Engine) -> None:
        """All that follows an epoch, in the one order in which a file holds what it should."""
        values = dict(engine.state.metrics)
        if self.validation is not None:
            metrics = self.evaluator.run(self.validation).metrics
            values |= {f"val_{name}": value for name, value in metrics.items()}
        values["lr"] = float(self.optimizer.param_groups[0]["lr"])
        self.history.append(engine.state.epoch, _plain(values))
        self._score()
        _step(self.scheduler, self._score)
        self.stopper(engine)
        for keeper in self.keepers:
            keeper(engine)

    def _score(self) -> int | float:
        name = self.history.monitor
        if name not in self.history.history:
            raise ValueError(f"fit: monitor is {name!r}, but an epoch gave {list(self.history.history)}")
        value = self.history[name][-1]
        if as_number(value) is None:
            raise ValueError(f"fit: monitor is {name!r}, which is {value!r}, wanted a number")
        return value

    def _higher_is_better(self, engine: Engine) -> int | float:
        return -self._score() if self.history.mode == "min" else self._score()

    def _write_line(self, epochs: int) -> None:
        state = self.trainer.state
        values = [
            f"{name} {column[-1]:.4g}" for name, column in self.history.history.items() if _is_shown(name, column)
        ]
        write_above_bars("  ".join([f"epoch {state.epoch}/{epochs}", *values]), sys.stdout)


def _checked(metrics: Any) -> Mapping[str, Metric]:
    metrics = {} if metrics is None else metrics
    if not isinstance(metrics, Mapping) or not all(isinstance(metric, Metric) for metric in metrics.values()):
        raise TypeError(f"fit: metrics is {metrics!r:.80}, wanted a dictionary of name: metric")
    if "loss" in metrics:
        raise ValueError("fit: a metric is called 'loss', which is the name of what loss_fn gives")
    return metrics


def _output(x: Any, y: Any, y_pred: Any, loss: Any) -> _Output:
    output = _Output((y_pred, y))
    output.loss = loss.detach()
    return output


def _training_loss() -> Metric:
    """The mean of the losses that the trainer has computed, without computing them again."""
    return Loss(lambda y_pred, y, loss: loss, lambda output: (*output, {"loss": output.loss}), _examples)


def _examples(y: Any) -> int:
    """How many examples a batch has: the length of the targets, or of the first among several."""
    if isinstance(y, Mapping):
        return _examples(next(iter(y.values())))
    return _examples(y[0]) if isinstance(y, (tuple, list)) else len(y)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers by name: parts of vectors and mappings have names of their own; what is no number becomes lists."""
    found = {}
    for name, value in values.items():
        for key, number in flatten((name,), value, text=True):
            found["/".join(key)] = number if number is not None else _listed(value)
    return found


def _listed(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _step(scheduler: Any, score: Callable[[], Any]) -> None:
    """Let a scheduler go on; one that asks for a value, as ReduceLROnPlateau, is given the one watched."""
    if not hasattr(scheduler, "step"):
        return
    first = next(iter(inspect.signature(scheduler.step).parameters.values()), None)
    asks = first is not None and first.default is inspect.Parameter.empty
    scheduler.step(score()) if asks else scheduler.step()


def _is_shown(name: str, column: list[Any]) -> bool:
    return name != "lr" and isinstance(column[-1], (int, float)) and not math.isnan(column[-1])
