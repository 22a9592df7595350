"""The engine: a loop over epochs and batches that says what it does, to whoever listens.

Read `_run`, `_run_epochs` and `_run_iterations`, in this order: they are the loop, and there is no other. A run that was
interrupted enters the same loop again at the `Step` where it stopped.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum, auto
from time import perf_counter
from typing import Any, NoReturn

from .dispatch import NEVER, EventHandlers
from .events import EventEnum, Events
from .feed import Feed, length_of
from .limits import is_done, settle_limits
from .protocols import Serializable
from .registry import HandlerRegistry
from .serialization import dict_to_state, state_to_dict, with_iteration
from .state import State
from .utils.clock import as_text
from .utils.signature import check_signature, name_of

# The bits of the one word that the loop looks at to learn whether it has to do anything but go on.
TERMINATE, TERMINATE_EPOCH, INTERRUPT = 1, 2, 4
RELOAD = 8  # where the batches come from has changed: other data, or somebody now listens to the fetching of batches
SKIP_COMPLETED, SKIP_EPOCH_COMPLETED = 16, 32
STOP = TERMINATE | TERMINATE_EPOCH | INTERRUPT


class Step(Enum):
    """What a run does next. All that it takes to go on after an interruption."""

    START = auto()  # fire STARTED
    EPOCH = auto()  # begin an epoch, if there is one more
    OPEN = auto()  # EPOCH_STARTED was fired: open the data
    FETCH = auto()  # fire GET_BATCH_STARTED
    DRAW = auto()  # read the next batch
    ENDED = auto()  # the data has ended
    RENEW = auto()  # DATALOADER_STOP_ITERATION was fired: iterate the data anew
    DELIVER = auto()  # the batch is there, GET_BATCH_COMPLETED was fired: begin the iteration
    PROCESS = auto()  # ITERATION_STARTED was fired: call the process function


_NOBODY = EventHandlers("NOBODY")  # what hears of an event that was fired before an interruption
_ITERATION_STARTED, _ITERATION_COMPLETED = Events.ITERATION_STARTED, Events.ITERATION_COMPLETED


class Engine(HandlerRegistry, Serializable):
    """Runs `process_function(engine, batch)` over the batches of some data, and fires `Events` as it goes.

    >>> trainer = Engine(lambda engine, batch: batch * 2)
    >>> @trainer.on(Events.ITERATION_COMPLETED(every=2))
    ... def report(engine):
    ...     print(engine.state.epoch, engine.state.iteration, engine.state.output)
    >>> state = trainer.run([10, 20, 30], max_epochs=2)
    1 2 40
    2 4 20
    2 6 60

    **Exceptions are never lost.** Whatever is raised in a run, KeyboardInterrupt included, fires EXCEPTION_RAISED once, all
    handlers of it are called, and then the exception leaves `run` with a note that names event, handler and iteration. A
    handler cannot swallow it, but may raise another one `from` it. Then `run` works again, as after `terminate`.

    **Stops.** `interrupt` makes `run` return, and the next `run` go on with the next statement. `terminate` ends the run;
    when epochs are left, the next `run` resumes: STARTED and EPOCH_STARTED are fired again, and the epoch goes on with the
    first batch that was not processed. A training whose last epoch was begun is done: `run` starts anew.

    **Resuming from a file**: `load_state_dict`, then `run`. Data that can be iterated again is reopened at its position by
    passing over the batches of the epoch that were processed; the order of shuffled data is the loader's to restore.

    `state` is the `State` of the run, `logger` a standard logger, `last_event_name` the event fired last.
    Raises ValueError for a `process_function` that is missing or does not take (engine, batch).
    """

    _state_dict_all_req_keys = ("epoch_length", "iteration")
    _state_dict_one_of_opt_keys = (("max_epochs", "max_iters"),)

    interrupt_resume_enabled = True

    def __init__(self, process_function: Callable[[Engine, Any], Any]) -> None:
        self.logger = logging.getLogger(f"{__name__}.{type(self).__name__}")
        self.state = State()
        super().__init__()
        if process_function is None:
            raise ValueError("Engine must be given a processing function in order to run.")
        check_signature(process_function, "process_function", "engine", "batch")
        self._process_function = process_function
        self.last_event_name: str | EventEnum | None = None
        self._state_dict_user_keys: list[str] = []
        self._signal = 0
        self._running = False
        self._blamed: BaseException | None = None
        self._feed = Feed()
        self._data_set = False  # whether set_data has opened the data for the next run
        # Where the run is: the next step, the iterations begun in this epoch, whether the last of them is not finished.
        self._step = Step.START
        self._seen = 0
        self._busy = False
        # Where the latest run ended: within an epoch? at which iteration (None: the state was loaded from a dict)?
        self._cut = False
        self._left_at: int | None = None
        # Where the data is to be opened; None: to be found out from the iteration.
        self._position: int | None = None
        self._epoch_base = 0  # the iteration before the first one of this epoch
        self._renewed_at: int | None = None  # the iteration at which the data was last iterated anew in this epoch
        self._run_started = self._epoch_started = self._paused = 0.0

    # ------------------------------------------------------------------------------------------------ the loop

    def run(
        self,
        data: Iterable | None = None,
        max_epochs: int | None = None,
        max_iters: int | None = None,
        epoch_length: int | None = None,
    ) -> State:
        """Process `data` for `max_epochs` epochs (1 unless given) or for `max_iters` iterations; returns the state.

        `epoch_length` is the length of the data unless given, and found out in the first epoch when the data has none.
        Without data it is required, and the process function gets None. When the training is not done, `run` resumes: the
        limits may grow, `epoch_length` may not change. When it is done it starts anew; to force that, set
        `engine.state.max_epochs = None` (or `max_iters`).

        Raises TypeError for data that is not iterable, ValueError for limits that do not fit, RuntimeError when the engine
        is running already. Warns once when the data ends before the run does.
        """
        if self._running:
            raise RuntimeError(
                f"{type(self).__name__} is running (iteration {self.state.iteration}): run() was called again from within. "
                "Use another engine, or call run() after this one has returned."
            )
        data_set, self._data_set = self._data_set and data is None, False
        if data_set:
            data = self.state.dataloader
        interrupted = self._step is not Step.START
        anew = settle_limits(self.state, data, max_epochs, max_iters, epoch_length, interrupted=interrupted)
        self._running = True
        try:
            self._go_to_start(data, anew, data_set)
            self._run()
        except BaseException as error:
            where = self._whereabouts()
            self._leave()
            self._raise(error, where)
        finally:
            self._running = False
            self._blamed = None
        return self.state

    def _run(self) -> None:
        """One run from STARTED to COMPLETED, or the rest of one that was interrupted."""
        state, on = self.state, self._handlers
        self._trace(self.logger.isEnabledFor(logging.DEBUG))
        self._reschedule()
        if self._step is Step.START:
            self._signal = 0
            self._step = Step.EPOCH
            self._busy = False
            self._run_started = perf_counter()
            state.times.update(EPOCH_COMPLETED=0.0, COMPLETED=0.0)
            self._fire(on["STARTED"])
            self._refuse_terminate_epoch()
        self._run_epochs()
        if self._interrupted():
            self._fire(on["INTERRUPT"])
            self._signal &= ~INTERRUPT
            return
        self._leave()
        if self._signal & TERMINATE:
            self._fire(on["TERMINATE"])
        self._complete("COMPLETED", self._run_started, skip=self._signal & SKIP_COMPLETED)
        self.logger.info("Engine run finished. Time taken: %s", as_text(state.times["COMPLETED"]))

    def _run_epochs(self) -> None:
        """Epoch after epoch, until all are done, the data has run out or a signal says stop."""
        state, on = self.state, self._handlers
        while not self._signal & (TERMINATE | INTERRUPT):
            if self._step is Step.EPOCH:
                if is_done(state):
                    return
                state.epoch += 1
                self._step = Step.OPEN
                self._epoch_started = perf_counter()
                self._reschedule()
                self._fire(on["EPOCH_STARTED"])
                self._refuse_terminate_epoch()
                continue  # so that the signal is looked at
            if self._step is Step.OPEN:
                self._open_epoch()
            starved = self._run_iterations()
            if self._signal & TERMINATE or self._interrupted():
                return
            if self._signal & TERMINATE_EPOCH:
                on["TERMINATE_SINGLE_EPOCH"].fire_each(self, self._seen)
                self._feed.open(state.dataloader, 0, self._seen)
            self._close_epoch(starved)
            if starved:
                return

    def _run_iterations(self) -> bool:
        """Iteration after iteration, until the epoch is full or a signal says stop; True when the data has run out.

        Each line here is paid for at each iteration of every training: what is rare is done elsewhere.
        """
        state, process = self.state, self._process_function
        completed = self._handlers["ITERATION_COMPLETED"]
        seen, busy = self._seen, False
        if self._step is Step.PROCESS:  # the loop begins the interrupted iteration anew, with nobody to hear of it
            seen -= 1
            state.iteration -= 1
        self._epoch_base = state.iteration - seen
        try:
            while seen != state.epoch_length:
                if state.iteration == state.max_iters:
                    self._signal |= TERMINATE
                    return False
                batches, started = self._next_batches(seen)
                for batch in batches:
                    busy = True
                    seen += 1
                    state.iteration = iteration = state.iteration + 1
                    state.batch = batch
                    state.output = None  # the last output may hold much memory; it is gone before the next is made
                    self.last_event_name = _ITERATION_STARTED
                    if iteration >= started.due:
                        started.fire(self, iteration)
                        if self._signal & STOP:
                            self._step = Step.PROCESS
                            return False
                        batch = state.batch  # a handler may have replaced it
                    state.output = process(self, batch)
                    busy = False
                    self.last_event_name = _ITERATION_COMPLETED
                    if iteration >= completed.due:
                        completed.fire(self, iteration)
                    if self._signal or seen == state.epoch_length or iteration == state.max_iters:
                        break
                    state.batch = batch = None  # ... and so is the last batch, before the next is read
                else:
                    if batches is self._feed.iterator:
                        self._step = Step.ENDED
                    if self._step is Step.ENDED and not self._data_ended(seen):
                        return True
                if self._signal & STOP:
                    return False
            return False
        finally:
            self._seen, self._busy = seen, busy

    def _next_batches(self, seen: int) -> tuple[Iterable, Any]:
        """What the loop reads next, and the handlers of ITERATION_STARTED.

        That is the iterator over the data itself, as long as nobody listens to the fetching of batches.
        """
        state, started = self.state, self._handlers["ITERATION_STARTED"]
        self._signal &= ~RELOAD
        if self._step is Step.PROCESS:
            self._step = Step.FETCH
            return (state.batch,), _NOBODY
        if self._step is Step.DELIVER:
            return self._announced(), started
        if self._step is Step.RENEW:
            self._feed.open(state.dataloader, 0, seen)
            self._step = Step.DRAW
        state.batch = None
        if state.dataloader is not None and self._listens_to_fetching():
            return self._announced(), started
        self._step = Step.FETCH
        return self._feed.iterator, started  # type: ignore[return-value]

    def _announced(self) -> Iterator[Any]:
        """The batches, with the events of fetching them. Ends at the end of the data (`Step.ENDED`) and at any signal."""
        state, on = self.state, self._handlers
        while True:
            if self._step is Step.FETCH:
                self._step = Step.DRAW
                state.batch = None
                self._fire(on["GET_BATCH_STARTED"])
                if self._signal:
                    return
            if self._step is Step.DRAW:
                try:
                    state.batch = next(self._feed.iterator)  # type: ignore[arg-type]
                except StopIteration:
                    self._step = Step.ENDED
                    return
                state.output = None
                self._step = Step.DELIVER
                self._fire(on["GET_BATCH_COMPLETED"])
                if self._signal:
                    return
            self._step = Step.FETCH
            yield state.batch

    def _data_ended(self, seen: int) -> bool:
        """The data has no further batch: the epoch's length is learned, or the data iterated anew; False if that is vain."""
        state = self.state
        if state.epoch_length is None:
            if seen:
                state.epoch_length = seen
                self._feed.epoch_start = -seen
            return seen > 0
        if self._renewed_at == state.iteration:
            return False
        self._renewed_at = state.iteration
        self._step = Step.RENEW
        if state.dataloader is not None:
            self._fire(self._handlers["DATALOADER_STOP_ITERATION"])
        return True

    # ------------------------------------------------------------------------------- the edges of runs and epochs

    def _go_to_start(self, data: Iterable | None, anew: bool, data_set: bool) -> None:
        """Go to where the run begins: at the first batch, in the middle of an epoch, or where it was interrupted."""
        state, interrupted = self.state, self._step is not Step.START
        goal = f"max_epochs={state.max_epochs}" if state.max_iters is None else f"max_iters={state.max_iters}"
        if anew:
            self.logger.info("Engine run starting with %s.", goal)
            self._forget()
        else:
            self.logger.info("Engine run resuming from iteration %s, epoch %s until %s.", state.iteration, state.epoch, goal)
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
        self._position = None
        self.state.event_counts.clear()
        for handlers in self._handlers.values():
            handlers.forget()

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
        if self._left_at != state.iteration:  # the state was loaded, or set by hand: the iteration is all that is known
            self._position = None
            return
        if self._busy:
            state.iteration -= 1
            self._seen -= 1
        self._busy = False
        self._position = (feed.epoch_start + self._seen if data is feed.data else self._seen) % (length_of(data) or NEVER)
        if self._cut and self._seen != state.epoch_length:
            state.epoch -= 1
        else:
            self._seen = 0

    def _open_epoch(self) -> None:
        """The first epoch of a run opens the data; the others read on."""
        state, feed = self.state, self._feed
        if self._position is None:
            self._seen = state.iteration % state.epoch_length if state.epoch_length else 0
            self._position = state.iteration % (length_of(state.dataloader) or state.epoch_length or NEVER)
            feed.epoch_start = -self._seen
        if feed.iterator is None:
            feed.open(state.dataloader, self._position, self._seen)
        self._renewed_at = None
        self._step = Step.FETCH

    def _close_epoch(self, starved: bool) -> None:
        """Fire EPOCH_COMPLETED, unless the epoch is to end without it, or had no batch at all."""
        state, seen = self.state, self._seen
        self._feed.epoch_start += seen
        self._seen = 0
        self._step = Step.EPOCH
        if starved:
            self._warn_of_starvation()
            if not seen:
                state.epoch -= 1
                return
        self._complete("EPOCH_COMPLETED", self._epoch_started, skip=self._signal & SKIP_EPOCH_COMPLETED)
        self._signal &= ~(TERMINATE_EPOCH | SKIP_EPOCH_COMPLETED)  # one set by EPOCH_COMPLETED itself comes too late
        self.logger.info("Epoch[%s] Complete. Time taken: %s", state.epoch, as_text(state.times["EPOCH_COMPLETED"] or 0.0))

    def _complete(self, name: str, since: float, skip: int) -> None:
        """Fire a completion event; the time is there for its handlers, and afterwards includes them."""
        times = self.state.times
        times[name] = perf_counter() - since
        if not skip:
            self._fire(self._handlers[name])
            times[name] = perf_counter() - since

    def _leave(self) -> None:
        """The run ends or is broken off: remember where, and let the data go."""
        if self._step is Step.START:
            return
        if self._busy or self._step is Step.DELIVER:
            self._feed.put_back(self.state.batch)
        self._feed.close()
        self._cut = self._step is not Step.EPOCH
        self._left_at = self.state.iteration
        self._step = Step.START

    def _interrupted(self) -> bool:
        return self._signal & (INTERRUPT | TERMINATE | TERMINATE_EPOCH) == INTERRUPT

    def _refuse_terminate_epoch(self) -> None:
        if self._signal & (TERMINATE | TERMINATE_EPOCH) == TERMINATE_EPOCH:
            raise RuntimeError(
                "The method terminate_epoch() should not be called on Event.STARTED or Event.EPOCH_STARTED: "
                f"{self.last_event_name} has no epoch to end, {self._where()}"
            )

    def _listens_to_fetching(self) -> bool:
        on = self._handlers
        return on["GET_BATCH_STARTED"].due != NEVER or on["GET_BATCH_COMPLETED"].due != NEVER

    def _handler_added(self, handlers: EventHandlers) -> None:
        if handlers.name in ("GET_BATCH_STARTED", "GET_BATCH_COMPLETED"):
            self._signal |= RELOAD

    def _warn_of_starvation(self) -> None:
        state = self.state
        total = state.max_iters
        if total is None and state.epoch_length is not None and state.max_epochs is not None:
            total = state.epoch_length * state.max_epochs
        warnings.warn(
            "Data iterator can not provide data anymore but required total number of iterations to run is not reached. "
            f"Current iteration: {state.iteration} vs Total iterations to run : {total or 'unknown'} "
            f"(epoch {state.epoch} of {state.max_epochs or 'unknown'} ended after {state.iteration - self._epoch_base} of "
            f"{state.epoch_length or 'unknown'} iterations)",
            RuntimeWarning,
            stacklevel=5,
        )

    def _whereabouts(self) -> str:
        """Where an exception came from that no handler raised."""
        if self._busy:
            return f"raised by process_function '{name_of(self._process_function)}', {self._where()}"
        if self._step in (Step.FETCH, Step.DRAW, Step.RENEW):
            kind = type(self.state.dataloader).__name__
            return f"raised while fetching a batch from data of type '{kind}' after {self._where()}"
        return f"raised after {self.last_event_name}, {self._where()}"

    def _raise(self, error: BaseException, where: str) -> NoReturn:
        """Fire EXCEPTION_RAISED, let every handler run, and raise; see the docstring of the class."""
        if self._blamed is not error:
            error.add_note(where)
        self.logger.error("Engine run is terminating due to exception: %s", error)
        translated: BaseException | None = None
        for registration in self._handlers["EXCEPTION_RAISED"].admitted(self):
            try:
                registration.invoke(self, error)
            except BaseException as other:
                deliberate = other.__cause__ is error or not isinstance(other, Exception)
                if deliberate and translated is None:
                    translated = other
                elif other is not error:
                    error.add_note(f"handler '{name_of(registration.handler)}' of EXCEPTION_RAISED failed too: {other!r}")
                    self.logger.error("A handler of EXCEPTION_RAISED failed", exc_info=other)
        raise translated or error

    # ----------------------------------------------------------------------------------------- what handlers call

    def interrupt(self) -> None:
        """Let `run` return after the present event; the next `run` goes on from there, with the open data."""
        if not self.interrupt_resume_enabled:
            raise RuntimeError(
                "Engine 'interrupt/resume' feature is disabled. Please, set Engine.interrupt_resume_enabled=True to enable it"
            )
        self.logger.info("interrupt signaled. Engine will interrupt the run after current iteration is finished.")
        self._signal |= INTERRUPT

    def terminate(self, skip_completed: bool = False) -> None:
        """End the run after the present event, with TERMINATE and, unless it is to be skipped, COMPLETED."""
        self.logger.info("Terminate signaled. Engine will stop after current iteration is finished.")
        self._signal |= TERMINATE | (SKIP_COMPLETED if skip_completed else 0)

    def terminate_epoch(self, skip_epoch_completed: bool = False) -> None:
        """End the epoch after the present event, with TERMINATE_SINGLE_EPOCH and, unless skipped, EPOCH_COMPLETED."""
        self.logger.info("Terminate current epoch is signaled. The epoch will stop after current iteration is finished.")
        self._signal |= TERMINATE_EPOCH | (SKIP_EPOCH_COMPLETED if skip_epoch_completed else 0)

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

    # ------------------------------------------------------------------------------------------ saving and loading

    @property
    def state_dict_user_keys(self) -> list[str]:
        """Names of attributes of `state` that `state_dict` is to hold as well; append yours."""
        return self._state_dict_user_keys

    def state_dict(self) -> dict[str, Any]:
        """epoch_length, iteration, max_epochs or max_iters, and the `state_dict_user_keys`.

        >>> engine = Engine(lambda engine, batch: None)
        >>> engine.run([1, 2, 3], max_epochs=2).iteration, engine.state_dict()
        (6, {'epoch_length': 3, 'iteration': 6, 'max_epochs': 2})
        """
        return state_to_dict(self.state, self._state_dict_user_keys)

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Let the next `run` resume from what `state_dict` gave; `epoch` may stand for `iteration`.

        Both count what is done: `{"epoch": 3, "epoch_length": 10, "max_epochs": 5}` goes on with the fourth epoch. Raises
        TypeError for what is not a mapping and ValueError for missing, doubled or impossible values; then nothing changes.
        """
        if isinstance(state_dict, Mapping):
            state_dict = with_iteration(state_dict)
        super().load_state_dict(state_dict)
        dict_to_state(self.state, state_dict, self._state_dict_user_keys)
        self._left_at = self._position = None
        if not self._running:
            self._step, self._signal = Step.START, 0
        if not self._data_set:
            self._feed.iterator = None
