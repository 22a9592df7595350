"""The engine, as its users see it: run, stop, resume, save. The loop itself is in `loop`, the handlers are in
`registry`.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable, Iterable, Mapping
from time import perf_counter
from typing import Any

from .feed import length_of
from .filters import NEVER
from .limits import settle_limits
from .loop import Loop
from .protocols import Serializable
from .serialization import dict_to_state, state_to_dict, with_iteration
from .state import State
from .steps import (
    INTERRUPT,
    PAUSE,
    PAUSE_EPOCH,
    PAUSE_ITERATION,
    RELOAD,
    SKIP_COMPLETED,
    SKIP_EPOCH_COMPLETED,
    TERMINATE,
    TERMINATE_EPOCH,
    Step,
)
from .utils.signature import check_signature, name_of


class Engine(Loop, Serializable):
    """Runs `process_function(engine, batch)` over the batches of some data, and fires `Events` as it goes.

    >>> from sparkle.engine import Events
    >>> trainer = Engine(lambda engine, batch: batch * 2)
    >>> @trainer.on(Events.ITERATION_COMPLETED(every=2))
    ... def report(engine):
    ...     print(engine.state.epoch, engine.state.iteration, engine.state.output)
    >>> state = trainer.run([10, 20, 30], max_epochs=2)
    1 2 40
    2 4 20
    2 6 60

    **Exceptions are never lost.** Whatever is raised in a run, KeyboardInterrupt included, fires EXCEPTION_RAISED once,
    all handlers of it are called, and then the exception leaves `run` with a note that names event, handler and
    iteration. A handler cannot swallow it, but may raise another one `from` it. Then `run` works again, as after
    `terminate`.

    **Stops.** `interrupt` makes `run` return, and the next `run` go on with the next statement. `terminate` ends the
    run; when epochs are left, the next `run` resumes: STARTED and EPOCH_STARTED are fired again, and the epoch goes on
    with the first batch that was not processed. A training whose last epoch was begun is done: `run` starts anew.

    **Resuming from a file**: `load_state_dict`, then `run`. Data that can be iterated again is reopened at its position
    by passing over the batches of the epoch that were processed; the order of shuffled data is the loader's to restore.

    `state` is the `State` of the run, `logger` a standard logger, `last_event_name` the event fired last.
    Raises ValueError for a `process_function` that is missing or does not take (engine, batch).
    """

    _state_dict_all_req_keys = ("epoch_length", "iteration")
    _state_dict_one_of_opt_keys = (("max_epochs", "max_iters"),)

    interrupt_resume_enabled = True

    def __init__(self, process_function: Callable[[Engine, Any], Any]) -> None:
        if process_function is None:
            raise ValueError("Engine must be given a processing function in order to run.")
        check_signature(process_function, "process_function", "engine", "batch")
        self.logger = logging.getLogger(f"{__name__}.{type(self).__name__}")
        self.state = State()
        super().__init__(process_function)
        self._state_dict_user_keys: list[str] = []
        self._trainer: weakref.ref[Engine] | None = None
        self._data_set = False  # whether set_data has opened the data for the next run

    def run(
        self,
        data: Iterable | None = None,
        max_epochs: int | None = None,
        max_iters: int | None = None,
        epoch_length: int | None = None,
    ) -> State:
        """Process `data` for `max_epochs` epochs (1 unless given) or for `max_iters` iterations; returns the state.

        `epoch_length` is the length of the data unless given, and found out in the first epoch when the data has none.
        Without data it is required, and the process function gets None. When the training is not done, `run` resumes:
        the limits may grow, `epoch_length` may not change. When it is done it starts anew; to force that, set
        `engine.state.max_epochs = None` (or `max_iters`).

        Raises TypeError for data that is not iterable, ValueError for limits that do not fit, RuntimeError when the
        engine is running already. Warns once when the data ends before the run does.
        """
        self._drive(data, max_epochs, max_iters, epoch_length)
        return self.state

    def step(
        self,
        data: Iterable | None = None,
        max_epochs: int | None = None,
        max_iters: int | None = None,
        epoch_length: int | None = None,
        *,
        unit: str = "iteration",
    ) -> bool:
        """Run one iteration, or one epoch (`unit="epoch"`), of what `run` would do; True while there is more to do.

        The events are those of `run`, at the same places and once each, and none of stopping: the first step also fires
        STARTED and EPOCH_STARTED, the last one of an epoch EPOCH_COMPLETED, the last one of all COMPLETED. Between two
        steps the run is open as after `interrupt`: the data stays open, `run` may do the rest, the limits given again
        may only grow, and data that is not given is that of the last step. When False was returned the next step
        starts anew. Raises what `run` raises, and ValueError for another unit.

        >>> engine = Engine(lambda engine, batch: print("batch", batch))
        >>> while engine.step(["a", "b", "c"]):
        ...     print("done", engine.state.iteration)
        batch a
        done 1
        batch b
        done 2
        batch c
        """
        units = {"iteration": PAUSE_ITERATION, "epoch": PAUSE_EPOCH}
        if unit not in units:
            raise ValueError(f"step: unit should be 'iteration' or 'epoch', got {unit!r}")
        return self._drive(data, max_epochs, max_iters, epoch_length, units[unit])

    def _drive(
        self,
        data: Iterable | None,
        max_epochs: int | None,
        max_iters: int | None,
        epoch_length: int | None,
        pause: int = 0,
    ) -> bool:
        if self._running:
            raise RuntimeError(
                f"{type(self).__name__} is running (iteration {self.state.iteration}): run() was called again from "
                "within. Use another engine, or call run() after this one has returned."
            )
        data_set, self._data_set = self._data_set and data is None, False
        interrupted = self._step is not Step.START
        if data is None and (data_set or interrupted):
            data = self.state.dataloader
        goes_on = interrupted or (self._pending is not None and "epoch" in self._pending)
        anew = settle_limits(self.state, data, max_epochs, max_iters, epoch_length, goes_on=goes_on)
        self._running = True
        try:
            self._go_to_start(data, anew, data_set)
            return self._run(pause)
        except BaseException as error:
            where = self._whereabouts()
            self._signal &= ~PAUSE
            self._raised = True
            self._leave()
            raise self._announce(error, where) or error  # noqa: B904 (a handler may have chained it)
        finally:
            self._running = False
            self._blamed = None

    # where a run begins, and how it fails

    def _go_to_start(self, data: Iterable | None, anew: bool, data_set: bool) -> None:
        """Go to where the run begins: at the first batch, in the middle of an epoch, or where it was interrupted."""
        state, interrupted = self.state, self._step is not Step.START
        goal = f"max_epochs={state.max_epochs}" if state.max_iters is None else f"max_iters={state.max_iters}"
        if anew:
            self.logger.info("Engine run starting with %s.", goal)
            self._forget()
        else:
            self.logger.info(
                "Engine run resuming from iteration %s, epoch %s until %s.", state.iteration, state.epoch, goal
            )
            data = state.dataloader if data is None else data
            if interrupted:
                self._continue(data)
            else:
                self._resume(data)
        if not data_set and (anew or not self._feed.holds(data)):
            self._feed.iterator = None  # the first epoch opens the data, so that handlers before it may still set other
        state.dataloader = data

    def _forget(self) -> None:
        """A new training: nothing was seen, nothing was counted."""
        self._step, self._seen, self._busy = Step.START, 0, False
        self._position = self._pending = self._data_state = None
        self._owes_completion = self._data_ended_before = False
        self.state.event_counts.clear()
        self._forget_calls()

    def _continue(self, data: Iterable | None) -> None:
        """After an interruption: go on with the open iterator, or with other data at the same position."""
        feed = self._feed
        away = perf_counter() - self._paused
        self._run_started += away
        self._epoch_started += away
        if feed.iterator is not None and data is not self.state.dataloader:
            position = feed.epoch_start + self._seen + (self._step is Step.DELIVER)
            feed.open(data, position % (length_of(data) or NEVER), self._seen)

    def _resume(self, data: Iterable | None) -> None:
        """After any other end: go back to the last iteration that was finished, and open its epoch again."""
        state, feed = self.state, self._feed
        if self._left_at != state.iteration:  # the state was loaded, or set by hand
            if self._pending is None or self._left_at is not None:
                self._position = self._pending = self._data_state = None  # the iteration is all that is known
                self._seen = 0
            self._forget_calls()
            return
        if self._busy:
            state.iteration -= 1
            self._seen -= 1
        self._busy = False
        if self._cut:
            state.epoch = self._left_epoch
        else:
            self._seen = 0
        if self._unopened:
            return
        length = length_of(data)
        alike = data is feed.data or (length is not None and length == length_of(feed.data))
        self._position = (self._seen + (feed.epoch_start if alike else 0)) % (length or NEVER)
        if data is not feed.data:
            self._data_state = None

    def _announce(self, error: BaseException, where: str) -> BaseException | None:
        """Fire EXCEPTION_RAISED and let every handler run; what a handler has raised from the error, to replace it."""
        if self._blamed is not error:
            error.add_note(where)
        self.logger.error(f"Engine run is terminating due to exception: {error}")  # a kept record keeps no traceback
        translated: BaseException | None = None
        for registration in self._handlers["EXCEPTION_RAISED"].admitted(self):
            try:
                registration.invoke(self, error)
            except BaseException as other:
                deliberate = other.__cause__ is error or not isinstance(other, Exception)
                if deliberate and translated is None:
                    translated = other
                elif other is not error:
                    error.add_note(
                        f"handler '{name_of(registration.handler)}' of EXCEPTION_RAISED failed too: {other!r}"
                    )
                    self.logger.error("A handler of EXCEPTION_RAISED failed", exc_info=other)
        return translated

    # what handlers and process functions call

    def interrupt(self) -> None:
        """Let `run` return after the present event; the next `run` goes on from there, with the open data."""
        if not self.interrupt_resume_enabled:
            raise RuntimeError(
                "Engine 'interrupt/resume' feature is disabled. "
                "Please, set Engine.interrupt_resume_enabled=True to enable it"
            )
        self.logger.info("interrupt signaled. Engine will interrupt the run after current iteration is finished.")
        self._signal |= INTERRUPT

    def terminate(self, skip_completed: bool = False) -> None:
        """End the run after the present event, with TERMINATE and, unless it is to be skipped, COMPLETED.

        Only True skips: added as a handler, `terminate` is given the engine as its argument.
        """
        self.logger.info("Terminate signaled. Engine will stop after current iteration is finished.")
        self._signal |= TERMINATE | (SKIP_COMPLETED if skip_completed is True else 0)

    def terminate_epoch(self, skip_epoch_completed: bool = False) -> None:
        """End the epoch after the present event, with TERMINATE_SINGLE_EPOCH and, unless skipped, EPOCH_COMPLETED."""
        self.logger.info(
            "Terminate current epoch is signaled. The epoch will stop after current iteration is finished."
        )
        self._signal |= TERMINATE_EPOCH | (SKIP_EPOCH_COMPLETED if skip_epoch_completed is True else 0)

    @property
    def should_terminate(self) -> bool | str:
        """False, True, or "skip_completed"; what the latest run was told, until the next one starts."""
        return "skip_completed" if self._signal & SKIP_COMPLETED else bool(self._signal & TERMINATE)

    @property
    def should_terminate_single_epoch(self) -> bool | str:
        """False, True, or "skip_epoch_completed"."""
        return "skip_epoch_completed" if self._signal & SKIP_EPOCH_COMPLETED else bool(self._signal & TERMINATE_EPOCH)

    @property
    def should_interrupt(self) -> bool:
        """Whether the run is to be interrupted."""
        return bool(self._signal & INTERRUPT)

    def set_data(self, data: Iterable) -> None:
        """Read the next batch, and all further ones, from `data`; the epoch's length stays as it is."""
        between = self._step in (Step.START, Step.EPOCH, Step.OPEN)
        self._feed.open(data, 0, self._seen if between else self.state.iteration - self._epoch_base)
        self.state.dataloader = data
        self._data_set = not self._running
        self._signal |= RELOAD

    @property
    def is_last_iteration(self) -> bool:
        """Whether the iteration under way is the last one of the training; False where its length is not known yet."""
        state = self.state
        if state.max_iters is not None:
            return state.iteration >= state.max_iters
        if state.max_epochs is None or state.epoch < state.max_epochs:
            return False
        return state.iteration - self._epoch_base == state.epoch_length

    @property
    def trainer(self) -> Engine | None:
        """For an evaluator: the engine whose model it evaluates; None where none was set, or it is gone."""
        return None if self._trainer is None else self._trainer()

    @trainer.setter
    def trainer(self, trainer: Engine | None) -> None:
        self._trainer = None if trainer is None else weakref.ref(trainer)

    # saving and loading

    @property
    def state_dict_user_keys(self) -> list[str]:
        """Names of attributes of `state` that `state_dict` is to hold as well; append yours."""
        return self._state_dict_user_keys

    def state_dict(self) -> dict[str, Any]:
        """epoch_length, iteration, max_epochs or max_iters, the `state_dict_user_keys`, and "resume".

        The last holds what it takes to go on bit for bit: the place in the epoch, the position or state of the data,
        the states of random generators, of attached metrics and of `state_dict_objects`. `iteration` counts what was
        finished: an iteration that is under way, or was broken off, comes again. With `exact_resume = False` there is
        no "resume".

        >>> engine = Engine(lambda engine, batch: None)
        >>> saved = engine.run([1, 2, 3], max_iters=2) and engine.state_dict()
        >>> resume = saved.pop("resume")
        >>> saved
        {'epoch_length': 3, 'iteration': 2, 'max_iters': 2}
        >>> resume["epoch"], resume["seen"], resume["data"], "python" in resume["random"]
        (0, 2, {'position': 2}, True)
        """
        result = state_to_dict(self.state, self._state_dict_user_keys)
        result["iteration"] -= self._place()[2]
        if self.exact_resume:
            result["resume"] = self._resumption()
        counts = self._saved_counts()
        if counts:
            result["event_counts"] = counts
        return result

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Let the next `run` resume from what `state_dict` gave; `epoch` may stand for `iteration`.

        Both count what is done: `{"epoch": 3, "epoch_length": 10, "max_epochs": 5}` goes on with the fourth epoch.
        Raises TypeError for what is not a mapping and ValueError for missing, doubled or impossible values; then
        nothing changes.
        """
        if isinstance(state_dict, Mapping):
            state_dict = with_iteration(state_dict)
        super().load_state_dict(state_dict)
        dict_to_state(self.state, state_dict, self._state_dict_user_keys)
        self._left_at = self._position = self._data_state = self._pending = None
        self._seen, self._owes_completion, self._unopened = 0, False, False
        if "resume" in state_dict and self.exact_resume:
            self._expect(state_dict["resume"])
        if not self._running:
            self._step, self._signal = Step.START, 0
        if not self._data_set:
            self._feed.iterator = None
