"""Stopping a run that no longer improves."""

from __future__ import annotations

import copy
import logging
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Literal

from ..engine import Engine, Events, Priority, ResettableHandler, Serializable
from . import _objects
from ._values import as_number


class EarlyStopping(Serializable, ResettableHandler):
    """Handler that terminates `trainer` after `patience` calls in a row without improvement.

    An improvement is a score better than the best so far by more than a margin: `threshold` itself ("abs"), or
    `threshold * |best|` ("rel", so that it asks for more also where scores are negative). A NaN score is no
    improvement and is never the best.

    Args:
        patience: calls without improvement to wait, at least 1.
        score_function: engine -> number.
        trainer: the engine to terminate.
        threshold: the least gain that counts, 0 or more.
        cumulative: measure gains from the last improvement, so that small gains add up; otherwise from the best
            score seen.
        threshold_mode: "abs" or "rel".
        mode: "max" when higher is better, "min" when lower is.
        min_evals: the first so many calls count as no loss of patience; what is best among them is remembered.
        restore_best: name -> object with a state: when the trainer's run is over, stopped or not, they get back the
            state that they had at the best score.
        min_delta, min_delta_mode, cumulative_delta: older names of threshold, threshold_mode, cumulative.

    Raises:
        TypeError: score_function is no function, trainer no Engine, an object of restore_best has no state.
        ValueError: patience < 1, threshold < 0, min_evals < 0, an unknown mode, an argument given under both of its
            names; when called: the score is not a number.

    Example:
        >>> from sparkle.engine import Engine, Events, ResettableHandler, Serializable
        >>> trainer = Engine(lambda engine, batch: batch)
        >>> stopper = EarlyStopping(2, lambda engine: engine.state.output, trainer)
        >>> _ = trainer.add_event_handler(Events.ITERATION_COMPLETED, stopper)
        >>> trainer.run([1.0, 3.0, 2.0, 3.0, 5.0]).iteration
        4
    """

    handler_priority = Priority.STOPPERS

    _state_dict_all_req_keys = ("counter", "best_score", "threshold_mode")

    def __init__(
        self,
        patience: int,
        score_function: Callable[[Engine], int | float],
        trainer: Engine,
        threshold: float = 0.0,
        cumulative: bool = False,
        threshold_mode: Literal["abs", "rel"] = "abs",
        mode: Literal["max", "min"] = "max",
        min_delta: float | None = None,
        min_delta_mode: Literal["abs", "rel"] | None = None,
        cumulative_delta: bool | None = None,
        *,
        min_evals: int = 0,
        restore_best: Mapping[str, Any] | None = None,
    ) -> None:
        self.threshold: float = _either("threshold", threshold, 0.0, "min_delta", min_delta)
        self.threshold_mode: str = _either("threshold_mode", threshold_mode, "abs", "min_delta_mode", min_delta_mode)
        self.cumulative: bool = _either("cumulative", cumulative, False, "cumulative_delta", cumulative_delta)
        self.patience = patience
        self.score_function = score_function
        self.trainer = trainer
        self.mode = mode
        self.min_evals = min_evals
        self.restore_best = restore_best
        self.best_score: int | float | None
        self._kept_score: int | float | None
        self._kept_states: Any
        self.reset()
        self.logger = logging.getLogger(f"{__name__}.{type(self).__name__}")
        self._check()
        if restore_best is not None:
            # Before what a program does at the end: it is to see the best state.
            trainer.add_event_handler(Events.COMPLETED, self.restore, priority=Priority.METRICS - 1)

    def _check(self) -> None:
        if not callable(self.score_function):
            raise TypeError(f"EarlyStopping: score_function is {self.score_function!r}, wanted a function")
        if not isinstance(self.patience, int):
            raise TypeError(f"EarlyStopping: patience is {self.patience!r}, wanted an integer")
        if self.patience < 1:
            raise ValueError(f"EarlyStopping: patience is {self.patience}, wanted at least 1")
        if not isinstance(self.min_evals, int) or self.min_evals < 0:
            raise ValueError(f"EarlyStopping: min_evals is {self.min_evals!r}, wanted an integer, 0 or more")
        if not self.threshold >= 0:
            raise ValueError(f"EarlyStopping: threshold is {self.threshold}, wanted 0 or more")
        if not isinstance(self.trainer, Engine):
            raise TypeError(f"EarlyStopping: trainer is a {type(self.trainer).__name__}, wanted an Engine")
        _check_choice("threshold_mode", self.threshold_mode, ("abs", "rel"))
        _check_choice("mode", self.mode, ("max", "min"))
        if self.restore_best is not None:
            _objects.check_objects(self.restore_best, "restore_best", "state_dict", "load_state_dict")

    @property
    def min_delta(self) -> float:
        """Older name of `threshold`."""
        return self.threshold

    @property
    def min_delta_mode(self) -> str:
        """Older name of `threshold_mode`."""
        return self.threshold_mode

    @property
    def cumulative_delta(self) -> bool:
        """Older name of `cumulative`."""
        return self.cumulative

    def __call__(self, engine: Engine) -> None:
        """Score `engine`; count or reset; terminate the trainer when patience is at its end."""
        score = self._score(engine)
        self.evaluations += 1
        self._remember(score)
        if self._improves(score) or self.evaluations <= self.min_evals:
            return
        self.counter += 1
        self.logger.debug("%d of %d without improvement", self.counter, self.patience)
        if self.counter >= self.patience:
            self.logger.info("no improvement on %s in %d calls: stopping", self.best_score, self.counter)
            self.trainer.terminate()

    def _improves(self, score: int | float) -> bool:
        if self._beats(score, self._target()):
            self.best_score, self.counter = score, 0
            return True
        if not self.cumulative and self._beats(score, self.best_score):
            self.best_score = score
        return False

    def _remember(self, score: int | float) -> None:
        """Keep the state of the objects to be restored; what counts is the score alone, whatever the threshold."""
        if self.restore_best is not None and self._beats(score, self._kept_score):
            self._kept_score = score
            self._kept_states = copy.deepcopy(_objects.state_of(self.restore_best))

    def restore(self) -> None:
        """Give the objects of `restore_best` the state that they had at the best score so far."""
        if self.restore_best is not None and self._kept_states is not None:
            _objects.load_all(_objects.match_checkpoint(self.restore_best, self._kept_states), {})
            self.logger.info("restored the states of score %s", self._kept_score)

    def _score(self, engine: Engine) -> int | float:
        score = self.score_function(engine)
        number = as_number(score)
        if number is None:
            raise ValueError(f"score_function: gave {type(score).__name__} {score!r:.80}, wanted a number")
        return number

    def _beats(self, score: int | float, other: int | float | None) -> bool:
        """NaN beats nothing; with nothing to beat, any other score does."""
        if other is None:
            return not math.isnan(score)
        return score > other if self.mode == "max" else score < other

    def _target(self) -> int | float | None:
        """What an improvement has to beat: the best score, moved by the margin towards better."""
        best = self.best_score
        if best is None or math.isinf(best):
            return best
        sign = 1 if self.mode == "max" else -1
        if self.threshold_mode == "abs":
            return best + sign * self.threshold
        return best * (1 + sign * math.copysign(self.threshold, best))

    def reset(self) -> None:
        """Start anew: no best score, nothing counted."""
        self.counter = 0
        self.evaluations = 0
        self.best_score = self._kept_score = self._kept_states = None

    def attach(
        self,
        engine: Engine,
        event: Any = Events.COMPLETED,
        reset_engine: Engine | None = None,
        reset_event: Any = Events.STARTED,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Call this handler on `event` of `engine`, and `reset` on `reset_event` of `reset_engine` if given."""
        engine.add_event_handler(event, self, *args, **kwargs)
        if reset_engine is not None:
            reset_engine.add_event_handler(reset_event, self.reset)

    def state_dict(self) -> OrderedDict[str, Any]:
        """Return counter, best_score and threshold_mode; with min_evals and restore_best what they need as well."""
        state: OrderedDict[str, Any] = OrderedDict(
            counter=self.counter, best_score=self.best_score, threshold_mode=self.threshold_mode
        )
        if self.min_evals:
            state["evaluations"] = self.evaluations
        if self.restore_best is not None:
            state["kept_score"], state["kept_states"] = self._kept_score, self._kept_states
        return state

    def load_state_dict(self, state_dict: Mapping) -> None:
        """Take over the state of another run; TypeError or ValueError when it is not one."""
        super().load_state_dict(state_dict)
        _check_choice("threshold_mode", state_dict["threshold_mode"], ("abs", "rel"))
        self.counter = state_dict["counter"]
        self.best_score = state_dict["best_score"]
        self.threshold_mode = state_dict["threshold_mode"]
        self.evaluations = state_dict.get("evaluations", self.counter)
        self._kept_score = state_dict.get("kept_score")
        self._kept_states = state_dict.get("kept_states")


def _either(name: str, value: Any, default: Any, old_name: str, old_value: Any) -> Any:
    """The value given under the name or the older name of one argument."""
    if old_value is None:
        return value
    if value != default:
        raise ValueError(f"EarlyStopping: {name}={value!r} and {old_name}={old_value!r} are the same argument")
    return old_value


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"EarlyStopping: {name} is {value!r}, wanted one of {choices}")
