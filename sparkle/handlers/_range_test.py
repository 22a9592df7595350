"""One trial run of the learning rate finder: rates that grow, a loss that is smoothed, and when to stop."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..engine import Engine, Events, RemovableEventHandle
from ._groups import set_in_groups
from ._values import as_number, is_array

_HELP = 'pick the loss with output_transform, as in attach(trainer, to_save, output_transform=lambda out: out["loss"])'


@dataclass
class RangeTest:
    """Handlers that set the rates of `groups` before each iteration of a run, and note the loss after it.

    `history` is {"lr": [...], "loss": [...]}, and anew in each run. The other fields are the arguments of
    FastaiLRFinder.attach.
    """

    groups: list[dict[str, Any]]
    output_transform: Callable[[Any], Any]
    num_iter: int | None
    starts: list[float]
    ends: list[float]
    step_mode: str
    smooth_f: float
    diverge_th: float
    history: dict[str, list[Any]] = field(default_factory=dict)
    diverged: bool = False

    def attach(self, trainer: Engine) -> list[RemovableEventHandle]:
        """Attach the handlers; return what removes them."""
        return [
            trainer.add_event_handler(Events.STARTED, self._start),
            trainer.add_event_handler(Events.ITERATION_STARTED, self._set_rates),
            trainer.add_event_handler(Events.ITERATION_COMPLETED, self._note_loss),
            trainer.add_event_handler(Events.COMPLETED, self._warn),
        ]

    def _start(self, trainer: Engine) -> None:
        """Find out how many iterations there will be, and make further epochs if those are too few."""
        state = trainer.state
        self._first = state.iteration
        planned = _planned(state)
        if self.num_iter is not None:
            self._total = self.num_iter
        elif planned is not None:
            self._total = planned - state.iteration
        else:
            raise ValueError(
                "FastaiLRFinder: the data has no length: give num_iter to attach(), or epoch_length to run()"
            )
        last = self._first + self._total
        if state.max_iters is not None:
            state.max_iters = max(state.max_iters, last)
        elif planned is None or planned < last:  # an epoch of unknown length has at least one iteration
            state.max_epochs = math.ceil(last / (state.epoch_length or 1))
        self.history.clear()
        self.history.update(lr=[], loss=[])
        self._best = math.inf
        self.diverged = False

    def _set_rates(self, trainer: Engine) -> None:
        step = trainer.state.iteration - self._first
        rule = _exponential if self.step_mode == "exp" else _linear
        self._rates = [rule(a, b, step, self._total) for a, b in zip(self.starts, self.ends, strict=True)]
        set_in_groups(self.groups, "lr", self._rates)

    def _note_loss(self, trainer: Engine) -> None:
        loss = _number(self.output_transform(trainer.state.output))
        lrs, losses = self.history["lr"], self.history["loss"]
        if losses and self.smooth_f > 0:
            loss = self.smooth_f * loss + (1 - self.smooth_f) * losses[-1]
        lrs.append(self._rates[0] if len(self._rates) == 1 else self._rates)
        losses.append(loss)
        self._best = min(self._best, loss)
        # For losses above zero the limit is diverge_th times the best one; below zero it has to lie above it, too.
        limit = self._best + (self.diverge_th - 1) * abs(self._best)
        if not math.isfinite(loss) or loss > limit:
            self.diverged = True
            trainer.terminate()
        elif len(losses) >= self._total and trainer.state.iteration != _planned(trainer.state):
            trainer.terminate()

    def _warn(self) -> None:
        if not self.diverged:
            warnings.warn(
                "Run completed without loss diverging, increase end_lr, decrease diverge_th or look at "
                "lr_finder.plot()",
                UserWarning,
                stacklevel=2,
            )


def _planned(state: Any) -> int | None:
    """The iteration with which the run ends, if that is known."""
    if state.max_iters is not None:
        return state.max_iters
    return None if state.epoch_length is None else state.epoch_length * state.max_epochs


def _exponential(start: float, end: float, step: int, total: int) -> float:
    return start * (end / start) ** (step / total)


def _linear(start: float, end: float, step: int, total: int) -> float:
    return start + (end - start) * (step - 1) / total


def _number(loss: Any) -> float:
    number = as_number(loss)
    if number is not None:
        return number
    if not is_array(loss):
        raise TypeError(
            f"FastaiLRFinder: the loss is {type(loss).__name__} {loss!r:.80}, wanted a number, or an array or tensor "
            f"of one element; {_HELP}"
        )
    if tuple(loss.shape) != (1,):
        raise ValueError(
            f"FastaiLRFinder: the loss has the shape {tuple(loss.shape)}, wanted one element: () or (1,); {_HELP}"
        )
    return loss.tolist()[0]
