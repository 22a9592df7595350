"""Where a run is, and all that it takes to go on from there, in this process or in another one.

`Progress` reads both from the loop's own fields. What a state holds is the end of the latest iteration that was
finished: an iteration that is under way, or was broken off, is not counted, and its batch comes again.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from numbers import Number
from typing import Any

from . import random_states
from .feed import Feed, is_stateful
from .limits import is_done
from .priorities import owner_of
from .registry import HandlerRegistry
from .steps import RELOAD, SKIP_EPOCH_COMPLETED, TERMINATE_EPOCH, Step
from .utils.signature import accepts

# Events of stops: they belong to a process, not to the training. An unbroken run has not fired them.
_STOPS = frozenset({"EXCEPTION_RAISED", "INTERRUPT", "TERMINATE"})
# Events at which an iteration is under way, or may be; and all events of a user's own.
_WITHIN_ITERATIONS = frozenset({"EXCEPTION_RAISED", "INTERRUPT", "GET_BATCH_COMPLETED", "ITERATION_STARTED"})
_BETWEEN_ITERATIONS = frozenset(
    {
        "STARTED",
        "EPOCH_STARTED",
        "GET_BATCH_STARTED",
        "ITERATION_COMPLETED",
        "EPOCH_COMPLETED",
        "COMPLETED",
        "TERMINATE",
        "TERMINATE_SINGLE_EPOCH",
        "DATALOADER_STOP_ITERATION",
    }
)


class Progress(HandlerRegistry):
    """The fields that say where a run is, and the reading and writing of them for a resumption."""

    snapshots: bool
    """Whether the states of random generators and data are kept at the start of each iteration (about 0.1 ms), so that
    a `state_dict` taken within an iteration is exact to the last bit. It turns itself on when a handler that saves this
    engine (one with the engine among its `to_save`) is attached to an event within iterations, and when `state_dict` is
    called within one.
    """

    exact_resume = True
    """Whether `state_dict` has the key "resume". Without it, it is Ignite's."""

    def __init__(self) -> None:
        self.snapshots = False
        self.state_dict_objects: dict[str, Any] = {}
        self._signal = 0
        self._feed = Feed()
        # Where the run is: the next step, the iterations begun in this epoch, whether the last of them is not finished.
        self._step = Step.START
        self._seen = 0
        self._busy = False
        self._finished = 0  # the iteration of the latest process function that returned
        self._epoch_base = 0  # the iteration before the first one of this epoch
        # Where the latest run ended: within an epoch? at which iteration (None: the state was loaded from a dict)?
        self._cut = False
        self._raised = False  # ... by an exception
        self._unopened = False  # ... before it had opened its data
        self._left_at: int | None = None
        self._left_epoch = 0  # the epochs completed by then
        # Where the data is to be opened (None: to be found out from the iteration), what it is to load before that, and
        # whether it has ended.
        self._position: int | None = None
        self._data_state: Any = None
        self._data_ended_before = False
        self._owes_completion = False  # whether all of an epoch is done but its EPOCH_COMPLETED
        self._pending: dict[str, Any] | None = None  # what is to be restored in the first epoch of the run
        self._snapshot: dict[str, Any] = {}
        super().__init__()

    # reading

    def _place(self) -> tuple[int, int, bool]:
        """The epochs completed, the iterations finished in the open epoch, and whether one more is begun."""
        state = self.state
        if self._step is Step.START:
            return (self._left_epoch, self._seen - self._busy, self._busy) if self._cut else (state.epoch, 0, False)
        if self._step in (Step.EPOCH, Step.OPEN):
            return state.epoch - (self._step is Step.OPEN), self._seen, False
        begun = state.iteration > self._finished
        return state.epoch - 1, state.iteration - begun - self._epoch_base, begun

    def _resumption(self) -> dict[str, Any]:
        """All that another process needs to go on from here, beyond the limits and the number of iterations."""
        if self._pending is not None and "random" in self._pending:
            return dict(self._pending)  # loaded, and not yet taken up
        epoch, seen, begun = self._place()
        held = begun or self._step is Step.DELIVER
        result: dict[str, Any] = {}
        if self._left_at is not None or self._step is not Step.START:
            opened = self._cut if self._step is Step.START else self._step is not Step.EPOCH
            within = self._step not in (Step.START, Step.EPOCH, Step.OPEN)
            result = {
                "epoch": epoch,
                "seen": seen,
                "opened": opened,
                "owes_completion": bool(seen) and (self._raised if self._step is Step.START else True),
                "ends_epoch": self._signal & (TERMINATE_EPOCH | SKIP_EPOCH_COMPLETED) if within else 0,
            }
            data = self._data_resumption(seen, held)
            if data is not None:
                result["data"] = data
        result["random"] = self._snapshot_value("random", held) or random_states.capture()
        if isinstance(self.state.output, Number):
            result["output"] = self.state.output
        result["metrics"] = {k: v for k, v in self.state.metrics.items() if isinstance(v, Number)}
        result["handlers"] = {name: owner.state_dict() for name, owner in self._stateful_handlers()}
        result["objects"] = {name: value.state_dict() for name, value in self.state_dict_objects.items()}
        if self.state.seed is not None:
            result["seed"] = self.state.seed
        return result | (self._pending or {})

    def _data_resumption(self, seen: int, held: bool) -> dict[str, Any] | None:
        """The position in the data and, where the data has a state of its own, that."""
        feed = self._feed
        running = self._step is not Step.START
        if self._unopened if not running else feed.iterator is None and self._step in (Step.EPOCH, Step.OPEN):
            if self._position is None:
                return None
            state, position, ended = self._data_state, self._position, self._data_ended_before
        elif feed.data is None:
            return None
        else:
            position, ended = feed.epoch_start + seen, feed.ended or self._step is Step.RENEW
            before = self._snapshot_value("data", held)
            if before is not None:
                return before
            state = self._data_state if self._cut and not running else self._state_of_data(held)
        result: dict[str, Any] = {"position": position}
        if ended:
            result["ended"] = True
        if state is not None:
            result["state"] = state
        return result

    def _state_of_data(self, held: bool) -> Any:
        """The state of the data, before the last batch that it gave if that one is held."""
        data: Any = self._feed.data
        if not is_stateful(data):
            return None
        if not held:
            return data.state_dict()
        if accepts(data.state_dict, behind=1):
            with suppress(RuntimeError):
                return data.state_dict(behind=1)
        before = self._snapshot_value("data", held)
        if before is not None:
            return before.get("state")
        warnings.warn(
            f"state_dict was taken within an iteration, and data of type '{type(data).__name__}' cannot say where it "
            "was before the batch of it: a run resumed from here will miss that batch. Set engine.snapshots = True "
            "before the run",
            RuntimeWarning,
            stacklevel=6,
        )
        return data.state_dict()

    def _saved_counts(self) -> dict[str, int]:
        held = self._place()[2] or self._step is Step.DELIVER
        counts = self._snapshot_value("event_counts", held)
        counts = self.state.event_counts if counts is None else counts
        return {name: count for name, count in counts.items() if name not in _STOPS}

    def _stateful_handlers(self) -> Iterator[tuple[str, Any]]:
        """Objects among the handlers that a new epoch may reset, in the order of attachment: metrics above all."""
        counts: dict[str, int] = {}
        attached = sorted((r for h in self._handlers.values() for r in h.registrations), key=lambda r: r.number)
        owners = {id(o): o for r in attached if (o := owner_of(r.handler)) is not None}
        for owner in owners.values():
            if all(callable(getattr(owner, name, None)) for name in ("reset", "state_dict", "load_state_dict")):
                name = type(owner).__name__
                counts[name] = number = counts.get(name, 0) + 1
                yield (name if number == 1 else f"{name} {number}"), owner

    # snapshots of the start of an iteration

    def _take_snapshot(self) -> None:
        self._snapshot = {
            "iteration": self.state.iteration,
            "random": random_states.capture(),
            "event_counts": dict(self.state.event_counts),
            "data": self._data_resumption(self.state.iteration - self._epoch_base, held=False),
        }

    def _snapshot_value(self, key: str, held: bool) -> Any:
        """A value as it was before the batch that is held was read; None where it was not noted."""
        if not held:
            return None
        if self._snapshot.get("iteration") == self.state.iteration - self._place()[2]:
            return self._snapshot[key]
        self.snapshots = True  # from the next iteration on
        self._signal |= RELOAD
        return None

    def _saver_attached(self, event: str, handler: Any) -> None:
        """Take snapshots when this handler may save the engine amidst an iteration."""
        within = event in _WITHIN_ITERATIONS or event not in _BETWEEN_ITERATIONS
        to_save = getattr(owner_of(handler), "to_save", None)
        if within and isinstance(to_save, Mapping) and any(value is self for value in to_save.values()):
            self.snapshots = True

    # writing

    def _remember(self) -> None:
        """The run is left: note where, where the data is, and what the events of the next run are about to reset."""
        self._left_epoch = self._place()[0]
        between = self._step in (Step.EPOCH, Step.OPEN)
        self._unopened = between and self._feed.iterator is None and self._position is not None
        if self._unopened:  # all of it is still to be done
            return
        self._data_state, self._data_ended_before = None, False
        if self._step is Step.EPOCH:
            self._pending = None
            return
        if self._feed.iterator is not None:
            self._data_state = self._state_of_data(self._busy or self._step is Step.DELIVER)
        if not is_done(self.state) and self._pending is None:
            self._pending = {"handlers": {name: owner.state_dict() for name, owner in self._stateful_handlers()}}

    def _expect(self, resumption: Mapping[str, Any]) -> None:
        """Let the next run, or this one that has just started, go on from what `_resumption` gave."""
        self._pending = dict(resumption)
        if "epoch" not in resumption:
            return
        self.state.epoch, self._seen = resumption["epoch"], resumption["seen"]
        self._owes_completion = resumption.get("owes_completion", False)
        data = resumption.get("data", {})
        self._position = data.get("position", 0)
        self._data_state, self._data_ended_before = data.get("state"), data.get("ended", False)
        if "seed" in resumption:
            self.state.seed = resumption["seed"]

    def _restore(self) -> None:
        """Write what is pending: all events that may reset it have been fired, all data that draws has been opened."""
        pending, self._pending = self._pending, None
        if pending is None:
            return
        saved = pending.get("handlers", {})
        for name, owner in self._stateful_handlers():
            if name in saved:
                owner.load_state_dict(saved[name])
        for name, value in self.state_dict_objects.items():
            if name in pending.get("objects", {}):
                value.load_state_dict(pending["objects"][name])
        for name, value in pending.get("metrics", {}).items():
            self.state.metrics.setdefault(name, value)
        if "output" in pending:
            self.state.output = pending["output"]
        self._signal |= pending.get("ends_epoch", 0)
        if "random" in pending:
            random_states.restore(pending["random"])
