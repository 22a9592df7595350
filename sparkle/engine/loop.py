"""The loop over epochs and batches. Read `_run`, `_run_epochs` and `_run_iterations`, in this order: there is no other
loop.

A run that was interrupted enters the same loop again, at the `Step` where it stopped.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from time import perf_counter
from typing import Any

from . import random_states
from .dispatch import EventHandlers
from .events import Events
from .feed import length_of
from .filters import NEVER
from .limits import is_done
from .progress import Progress
from .steps import (
    INTERRUPT,
    PAUSE,
    PAUSE_EPOCH,
    PAUSE_ITERATION,
    RELOAD,
    SKIP_COMPLETED,
    SKIP_EPOCH_COMPLETED,
    STOP,
    TERMINATE,
    TERMINATE_EPOCH,
    Step,
)
from .utils.clock import as_text
from .utils.signature import name_of

_NOBODY = EventHandlers("NOBODY")  # what hears of an event that was fired before an interruption
_ITERATION_STARTED, _ITERATION_COMPLETED = Events.ITERATION_STARTED, Events.ITERATION_COMPLETED


class Loop(Progress):
    """The running part of an engine: from STARTED to COMPLETED, event by event."""

    def __init__(self, process_function: Callable[[Any, Any], Any]) -> None:
        super().__init__()
        self._process_function = process_function
        self._renewed_at: int | None = None  # the iteration at which the data was last iterated anew in this epoch
        self._run_started = self._epoch_started = self._paused = 0.0
        self._stepped_from = 0  # the iteration finished before `step` was called

    def _run(self, pause: int = 0) -> bool:
        """One run from STARTED to COMPLETED, or the rest of one that was interrupted; True when there is more to do.

        pause: the bit of `step`, to return after one iteration or epoch.
        """
        state, on = self.state, self._handlers
        self._trace(self.logger.isEnabledFor(logging.DEBUG))
        self._reschedule()
        if self._step is Step.START:
            self._signal = 0
            self._step = Step.EPOCH
            self._busy = self._raised = False
            self._finished = state.iteration
            self._run_started = perf_counter()
            self._restart_clocks()
            state.times.update(EPOCH_COMPLETED=0.0, COMPLETED=0.0)
            self._fire(on["STARTED"])
            self._refuse_terminate_epoch()
            if self._pending is not None and not self._pending.get("opened", True):
                self._restore()
        self._signal |= pause
        self._stepped_from = self._finished
        if self._run_epochs():
            self._paused = perf_counter()
            self._signal &= ~PAUSE
            return True
        if self._interrupted():
            self._fire(on["INTERRUPT"])
            self._signal &= ~INTERRUPT
            self._paused = perf_counter()
            self._signal &= ~PAUSE
            return True
        self._leave()
        if self._signal & TERMINATE:
            self._fire(on["TERMINATE"])
        self._complete("COMPLETED", self._run_started, skip=self._signal & SKIP_COMPLETED)
        self.logger.info("Engine run finished. Time taken: %s", as_text(state.times["COMPLETED"] or 0.0))
        return False

    def _run_epochs(self) -> bool:
        """Epoch after epoch, until all are done, the data has run out or a signal says stop; True to pause here."""
        state, on = self.state, self._handlers
        while not self._signal & (TERMINATE | INTERRUPT):
            if self._step is Step.EPOCH:
                if is_done(state) and not self._owes_completion:
                    self._take_up_finished()
                    return False
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
                return False
            if self._pauses_within_epoch(starved):
                return True
            if self._signal & TERMINATE_EPOCH:
                on["TERMINATE_SINGLE_EPOCH"].fire_each(self, self._seen)
                self._open_data(0, self._seen)
            self._close_epoch(starved)
            if starved:
                return False
            if self._pauses_after_epoch():
                return True
        return False

    def _run_iterations(self) -> bool:
        """Iteration after iteration, until the epoch is full or a signal says stop; True when the data has run out.

        Each line here is paid for at each iteration of every training: what is rare is done elsewhere.
        """
        state, process = self.state, self._process_function
        completed = self._handlers["ITERATION_COMPLETED"]
        seen = self._seen
        if self._step is Step.PROCESS:  # the loop begins the interrupted iteration anew, with nobody to hear of it
            seen -= 1
            state.iteration -= 1
        self._finished = state.iteration
        self._epoch_base = state.iteration - seen
        try:
            while seen != state.epoch_length and not self._signal & TERMINATE_EPOCH:
                if state.iteration == state.max_iters:
                    self._signal |= TERMINATE
                    return False
                batches, started = self._next_batches(seen)
                for batch in batches:
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
                    self._finished = iteration
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
                if self._signal & STOP or (self._signal & PAUSE_ITERATION and self._has_stepped()):
                    return False
            return False
        finally:
            self._seen, self._busy = seen, self._finished < state.iteration

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
            self._open_data(0, seen)
            self._step = Step.DRAW
        state.batch = None
        if state.dataloader is not None and self._listens_to_fetching():
            return self._announced(), started
        self._step = Step.FETCH
        if self.snapshots:
            return self._without_data(), started
        return self._feed.iterator, started  # type: ignore[return-value]

    def _announced(self) -> Iterator[Any]:
        """The batches, with the events of fetching them; ends with the data (`Step.ENDED`) and at any signal."""
        state = self.state
        started, completed = self._handlers["GET_BATCH_STARTED"], self._handlers["GET_BATCH_COMPLETED"]
        fetch, draw, deliver = Step.FETCH, Step.DRAW, Step.DELIVER  # local names: members of enums are slow to find
        while True:
            if self._step is fetch:
                if self.snapshots:
                    self._take_snapshot()
                self._step = draw
                state.batch = None
                if state.iteration >= started.due:
                    started.fire(self, state.iteration)
                    if self._signal & ~PAUSE:
                        return
            if self._step is draw:
                try:
                    state.batch = next(self._feed.iterator)  # type: ignore[arg-type]
                except StopIteration:
                    self._step = Step.ENDED
                    return
                state.output = None
                self._step = deliver
                if state.iteration >= completed.due:
                    completed.fire(self, state.iteration)
                    if self._signal & ~PAUSE:
                        return
            self._step = fetch
            yield state.batch

    def _without_data(self) -> Iterator[None]:
        while True:
            self._take_snapshot()
            yield None

    def _data_ended(self, seen: int) -> bool:
        """No further batch: learn the epoch's length, or prepare to iterate the data anew; False if that is in vain."""
        state = self.state
        if state.epoch_length is None:
            if seen:
                state.epoch_length = seen
                self._feed.epoch_start = -seen
                self._feed.ended = True
            return seen > 0
        if self._renewed_at == state.iteration:
            return False
        self._renewed_at = state.iteration
        self._step = Step.RENEW
        if state.dataloader is not None:
            self._fire(self._handlers["DATALOADER_STOP_ITERATION"])
        return True

    # the edges of runs and epochs

    def _open_epoch(self) -> None:
        """The first epoch of a run opens the data; the others read on."""
        state, feed = self.state, self._feed
        if self._position is None:
            self._seen = state.iteration % state.epoch_length if state.epoch_length else 0
            self._position = state.iteration % (length_of(state.dataloader) or state.epoch_length or NEVER)
            feed.epoch_start = -self._seen
        if feed.iterator is None:
            self._open_data(self._position, self._seen, self._data_state, self._data_ended_before)
        self._data_state, self._data_ended_before = None, False
        self._owes_completion = False
        self._renewed_at = None
        self._step = Step.FETCH
        self._restore()

    def _take_up_finished(self) -> None:
        """A state was loaded of a run that is done: take all of it up, so that it may be saved or gone on from."""
        if self._pending is None or "epoch" not in self._pending:
            return
        if not self._seen:
            self._restore()
            return
        self.state.epoch += 1
        self._open_epoch()
        self._finished = self.state.iteration
        self._epoch_base = self._finished - self._seen

    def _open_data(self, position: int, seen: int, state: Any = None, ended: bool = False) -> None:
        """Iterate the data anew; going to a position leaves the random generators as they are."""
        with random_states.kept() if position else nullcontext():
            self._feed.open(self.state.dataloader, position, seen, state, ended)

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
        taken = as_text(state.times["EPOCH_COMPLETED"] or 0.0)
        self.logger.info("Epoch[%s] Complete. Time taken: %s", state.epoch, taken)

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
        self._remember()
        if self._busy or self._step is Step.DELIVER:
            self._feed.put_back(self.state.batch)
        self._feed.close()
        self._cut = self._step is not Step.EPOCH or self._seen > 0
        self._left_at = self.state.iteration
        self._step = Step.START

    def _has_stepped(self) -> bool:
        """Whether `step` has had its iteration, and that was not the last one of all."""
        return self._finished not in (self._stepped_from, self.state.max_iters)

    def _pauses_within_epoch(self, starved: bool) -> bool:
        """Whether `step` has had its iteration, and the epoch has more of them."""
        if not self._signal & PAUSE_ITERATION or self._signal & TERMINATE_EPOCH or starved:
            return False
        return self._has_stepped() and self._seen != self.state.epoch_length

    def _pauses_after_epoch(self) -> bool:
        """Whether `step` has had its iteration or epoch, and the run has more of them."""
        if not self._signal & PAUSE or self._signal & TERMINATE or is_done(self.state):
            return False
        return bool(self._signal & PAUSE_EPOCH) or self._has_stepped()

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
        return self.snapshots or on["GET_BATCH_STARTED"].due != NEVER or on["GET_BATCH_COMPLETED"].due != NEVER

    def _handler_added(self, handlers: EventHandlers, handler: Callable) -> None:
        self._saver_attached(handlers.name, handler)
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
            f"(epoch {state.epoch} of {state.max_epochs or 'unknown'} ended after "
            f"{state.iteration - self._epoch_base} of {state.epoch_length or 'unknown'} iterations)",
            RuntimeWarning,
            stacklevel=7,  # the caller of `run`
        )

    def _whereabouts(self) -> str:
        """Where an exception came from that no handler raised."""
        if self._busy:
            return f"raised by process_function '{name_of(self._process_function)}', {self._where()}"
        if self._step in (Step.FETCH, Step.DRAW, Step.RENEW):
            kind = type(self.state.dataloader).__name__
            return f"raised while fetching a batch from data of type '{kind}' after {self._where()}"
        return f"raised after {self.last_event_name}, {self._where()}"
