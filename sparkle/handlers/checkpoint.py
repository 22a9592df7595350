"""Saving the state of objects as training goes on, keeping the best or the latest few."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..engine import Engine, EventEnum, Priority, RemovableEventHandle, Serializable
from . import _filenames, _files, _objects, _retention
from ._latest import load_latest
from ._values import as_number
from .save_handlers import BaseSaveHandler, DiskSaver, as_save_handler, check_rank, disk_of, takes_metadata

__all__ = ["BaseSaveHandler", "Checkpoint", "CheckpointEvents", "DiskSaver", "ModelCheckpoint"]

_SELF_KEY = "checkpointer"


class CheckpointEvents(EventEnum):
    """SAVED_CHECKPOINT fires on the engine after each checkpoint written."""

    SAVED_CHECKPOINT = "saved_checkpoint"


class Checkpoint(Serializable):
    """Handler that saves objects with a `state_dict`, and keeps the `n_saved` best of the files.

    Best is the highest `score_function(engine)`; without one, the highest global step. The new file is written
    first and older ones are removed only after it is safe; when writing fails, files and bookkeeping stay as they
    were. A NaN score beats nothing, and any number beats it.

    Files are named `{filename_prefix}_{name}_{global_step}_{score_name}={score}.pt`, parts left out when unset.
    `name` is the key of a single object, whose state is then the whole file; else "checkpoint". `global_step` is
    there when `global_step_transform` is given, or else there is no score.

    Args:
        to_save: mapping of name: object; values may be mappings and lists of objects in turn.
        save_handler: a directory, a BaseSaveHandler, or a function (checkpoint, filename[, metadata]).
        filename_prefix: start of the file name.
        score_function: engine -> number, higher is better.
        score_name: name of the score in the file name; given alone, the entry of `engine.state.metrics` to use.
        n_saved: how many files to keep; None keeps all.
        global_step_transform: (engine, event_name) -> int, the step in the file name.
        filename_pattern: replaces the pattern above; same keys, and `{ext}`. A name used before is overwritten.
        include_self: also save this handler, as "checkpointer".
        greater_or_equal: a score equal to the lowest kept one replaces it.
        save_on_rank: 0.

    Raises:
        TypeError: an argument or an object of `to_save` is of the wrong kind.
        ValueError: n_saved < 1; the key "checkpointer" is taken; the score or the step is not a number.
        KeyError: `filename_pattern` has a key that is not among the six.

    Example:
        >>> from sparkle.engine import Engine, Events
        >>> class Counter:
        ...     def state_dict(self):
        ...         return {"n": 1}
        >>> def show(checkpoint, filename):
        ...     print(filename, checkpoint)
        >>> trainer = Engine(lambda engine, batch: None)
        >>> _ = trainer.add_event_handler(Events.EPOCH_COMPLETED, Checkpoint({"counter": Counter()}, show))
        >>> _ = trainer.run([0, 1], max_epochs=2)
        counter_2.pt {'n': 1}
        counter_4.pt {'n': 1}
    """

    handler_priority = Priority.CHECKPOINTS

    SAVED_CHECKPOINT = CheckpointEvents.SAVED_CHECKPOINT
    _state_dict_all_req_keys = ("_saved",)

    Item = _retention.Item

    def __init__(
        self,
        to_save: Mapping[str, Any],
        save_handler: str | Path | Callable | BaseSaveHandler,
        filename_prefix: str = "",
        score_function: Callable[[Engine], int | float] | None = None,
        score_name: str | None = None,
        n_saved: int | None = 1,
        global_step_transform: Callable[[Engine, Any], int] | None = None,
        filename_pattern: str | None = None,
        include_self: bool = False,
        greater_or_equal: bool = False,
        save_on_rank: int = 0,
    ) -> None:
        check_rank(save_on_rank, type(self).__name__)
        if n_saved is not None and (not isinstance(n_saved, int) or n_saved < 1):
            raise ValueError(f"n_saved: met {n_saved!r}, wanted a positive integer, or None to keep all")
        _check_callable("score_function", score_function)
        _check_callable("global_step_transform", global_step_transform)
        if filename_pattern is not None:
            _filenames.check_pattern(filename_pattern)
        if score_function is None and score_name is not None:
            score_function = self.get_default_score_fn(score_name)
        self.include_self = include_self
        self._check_to_save(to_save)
        self.to_save = to_save
        self.save_handler = as_save_handler(save_handler)
        self.filename_prefix = filename_prefix
        self.score_function = score_function
        self.score_name = score_name
        self.n_saved = n_saved
        self.ext = "pt"
        self.global_step_transform = global_step_transform
        self.filename_pattern = filename_pattern
        self.greater_or_equal = greater_or_equal
        self.save_on_rank = save_on_rank
        self._wants_metadata = takes_metadata(self.save_handler)
        self._saved: list[_retention.Item] = []

    def _check_to_save(self, to_save: Any) -> None:
        _objects.check_objects(to_save, "to_save", "state_dict")
        if self.include_self and _SELF_KEY in to_save:
            raise ValueError(f"to_save: key {_SELF_KEY!r} is taken by the handler itself when include_self=True")

    @property
    def last_checkpoint(self) -> str | Path | None:
        """The best file kept, which is the latest one when there is no score; a path when files go to a directory."""
        if not self._saved:
            return None
        filename = self._saved[-1].filename
        disk = disk_of(self.save_handler)
        return filename if disk is None else disk.dirname / filename

    def attach(self, engine: Engine, event_name: Any, *args: Any) -> RemovableEventHandle:
        """Call this handler at an event; unlike add_event_handler, SAVED_CHECKPOINT can be listened to at once."""
        self._register(engine)
        return engine.add_event_handler(event_name, self, *args)

    def reset(self) -> None:
        """Forget the files saved so far, for a new run; they stay where they are."""
        self._saved = []

    def __call__(self, engine: Engine, *args: Any) -> None:
        """Save if what `engine` has reached is among the best; `args` (an event's own arguments) are not used."""
        step = self._global_step(engine)
        priority = self._priority(engine, step)
        if not _retention.is_wanted(self._saved, priority, self.n_saved, self.greater_or_equal):
            return
        score = None if self.score_function is None else priority
        filename = self._filename(self._name(), step, score)
        saved = _retention.with_item(self._saved, self.Item(priority, filename))
        kept = saved if self.n_saved is None else saved[-self.n_saved :]
        self._write(filename, priority, kept)
        self._saved = kept
        self._prune(saved[: len(saved) - len(kept)])
        self._register(engine)
        engine.fire_event(self.SAVED_CHECKPOINT)

    def _global_step(self, engine: Engine) -> int | None:
        if self.global_step_transform is None:
            return None if self.score_function is not None else engine.state.iteration
        step = self.global_step_transform(engine, engine.last_event_name)
        try:
            return operator.index(step)
        except TypeError:
            raise ValueError(f"global_step_transform: gave {step!r}, wanted an integer") from None

    def _priority(self, engine: Engine, step: int | None) -> int | float:
        if self.score_function is None:
            return step  # type: ignore[return-value]
        score = self.score_function(engine)
        number = as_number(score)
        if number is None:
            raise ValueError(f"score_function: gave {type(score).__name__} {score!r:.80}, wanted a number")
        return number

    def _write(self, filename: str, priority: int | float, kept: list[_retention.Item]) -> None:
        metadata = {"basename": self._basename(), "score_name": self.score_name, "priority": priority}
        checkpoint = self._setup_checkpoint(kept)
        if self._wants_metadata:
            self.save_handler(checkpoint, filename, metadata)
        else:
            self.save_handler(checkpoint, filename)

    def _prune(self, items: list[_retention.Item]) -> None:
        remove = getattr(self.save_handler, "remove", None)
        if remove is not None:
            for item in items:
                remove(item.filename)

    def _register(self, engine: Engine) -> None:
        if not engine.has_registered_events(self.SAVED_CHECKPOINT):
            engine.register_events(*CheckpointEvents)

    def _setup_checkpoint(self, kept: list[_retention.Item]) -> Any:
        states = _objects.state_of(self.to_save)
        if self.include_self:
            states[_SELF_KEY] = _retention.state_of(kept)
        elif len(states) == 1:
            (states,) = states.values()
        return states

    def _name(self) -> str:
        return next(iter(self.to_save)) if len(self.to_save) == 1 else "checkpoint"

    def _basename(self) -> str:
        return f"{self.filename_prefix}_{self._name()}" if self.filename_prefix else self._name()

    def _filename(self, name: str, step: int | None, score: int | float | str | None) -> str:
        return _filenames.render(
            self.filename_pattern,
            name,
            filename_prefix=self.filename_prefix,
            score=score,
            score_name=self.score_name,
            global_step=step,
            ext=self.ext,
        )

    @staticmethod
    def setup_filename_pattern(
        with_prefix: bool = True, with_score: bool = True, with_score_name: bool = True, with_global_step: bool = True
    ) -> str:
        """Return the default pattern with the parts asked for; ValueError when files could not be told apart.

        >>> Checkpoint.setup_filename_pattern(with_prefix=False)
        '{name}_{global_step}_{score_name}={score}.{ext}'
        """
        return _filenames.default_pattern(with_prefix, with_score, with_score_name, with_global_step)

    @staticmethod
    def load_objects(to_load: Mapping[str, Any], checkpoint: str | Path | Mapping, **kwargs: Any) -> None:
        """Load the states of a checkpoint, a file or the mapping read from one, into objects.

        A single object also loads from a checkpoint that holds nothing but its state. Everything is checked before
        anything is loaded; when an object refuses its state, those loaded before it get theirs back.

        Args:
            to_load: as `to_save`; may name fewer objects.
            checkpoint: path, or mapping.
            kwargs: options for load_state_dict, as `strict=False`; each object gets those it takes.

        Raises:
            TypeError: an argument is of the wrong kind, or no object takes an option.
            ValueError: the checkpoint has no such entry.
        """
        _objects.check_objects(to_load, "to_load", "load_state_dict")
        if not isinstance(checkpoint, (str, Path, Mapping)):
            raise TypeError(f"checkpoint: met {type(checkpoint).__name__}, wanted a path or a dictionary")
        states = checkpoint if isinstance(checkpoint, Mapping) else _files.read(checkpoint)
        _objects.load_all(_objects.match_checkpoint(to_load, states), kwargs)

    load_latest = staticmethod(load_latest)

    def reload_objects(
        self,
        to_load: Mapping[str, Any],
        load_kwargs: Mapping[str, Any] | None = None,
        *,
        name: str | None = None,
        score: int | float | str | None = None,
        global_step: int | None = None,
    ) -> None:
        """Load the file that this handler saved under the given parts of its name; see load_objects.

        Raises:
            AttributeError: files do not go to a directory.
            ValueError: neither `score` nor `global_step` is given.
        """
        disk = self._disk("reload_objects")
        filename = self._filename(name or self._name(), global_step, score)
        self.load_objects(to_load, disk.dirname / filename, **(load_kwargs or {}))

    def restore_best(self, to_load: Mapping[str, Any] | None = None, **kwargs: Any) -> Path:
        """Load the best file kept into `to_load`, by default the objects that are saved; return its path.

        Raises:
            AttributeError: files do not go to a directory.
            RuntimeError: nothing was saved.
        """
        disk = self._disk("restore_best")
        if not self._saved:
            raise RuntimeError("restore_best: nothing was saved yet")
        path = disk.dirname / self._saved[-1].filename
        self.load_objects(self.to_save if to_load is None else to_load, path, **kwargs)
        return path

    def _disk(self, where: str) -> DiskSaver:
        """The directory that the files are in, with all of them written."""
        disk = disk_of(self.save_handler)
        if disk is None:
            kind = type(self.save_handler).__name__
            raise AttributeError(f"{where}: save_handler is a {kind}, only a DiskSaver's files can be found")
        flush = getattr(self.save_handler, "flush", None)
        if flush is not None:
            flush()
        return disk

    def state_dict(self) -> OrderedDict[str, list[tuple[int | float, str]]]:
        """Return {"_saved": [(priority, filename), ...]}, worst first."""
        return _retention.state_of(self._saved)

    def load_state_dict(self, state_dict: Mapping) -> None:
        """Take over the list of files of another run; TypeError or ValueError when it is not one."""
        super().load_state_dict(state_dict)
        self._saved = _retention.items_of(state_dict)

    @staticmethod
    def get_default_score_fn(metric_name: str, score_sign: float = 1.0) -> Callable[[Engine], float]:
        """Return engine -> score_sign * engine.state.metrics[metric_name]; -1.0 where smaller is better."""
        if score_sign not in (1.0, -1.0):
            raise ValueError(f"score_sign: met {score_sign!r}, wanted 1.0 or -1.0")

        def score(engine: Engine) -> float:
            if metric_name not in engine.state.metrics:
                raise KeyError(f"{metric_name!r} is not among the engine's metrics {list(engine.state.metrics)}")
            return score_sign * engine.state.metrics[metric_name]

        return score


class ModelCheckpoint(Checkpoint):
    """Checkpoint to a directory that gets the objects from where it is attached.

    Called as handler(engine, to_save): `trainer.add_event_handler(event, handler, {"model": model})`.
    Arguments are those of Checkpoint and DiskSaver.

    Raises:
        RuntimeError: when called with nothing to save.
    """

    def __init__(
        self,
        dirname: str | Path,
        filename_prefix: str = "",
        score_function: Callable[[Engine], int | float] | None = None,
        score_name: str | None = None,
        n_saved: int | None = 1,
        atomic: bool = True,
        require_empty: bool = True,
        create_dir: bool = True,
        global_step_transform: Callable[[Engine, Any], int] | None = None,
        filename_pattern: str | None = None,
        include_self: bool = False,
        greater_or_equal: bool = False,
        save_on_rank: int = 0,
        **kwargs: Any,
    ) -> None:
        saver = DiskSaver(dirname, atomic, create_dir, require_empty, save_on_rank, **kwargs)
        super().__init__(
            {},
            saver,
            filename_prefix,
            score_function,
            score_name,
            n_saved,
            global_step_transform,
            filename_pattern,
            include_self,
            greater_or_equal,
            save_on_rank,
        )

    def __call__(self, engine: Engine, to_save: Any, *more: Any) -> None:  # type: ignore[override]
        """Save `to_save`; an event with arguments of its own (EXCEPTION_RAISED) puts them before it."""
        to_save = more[-1] if more else to_save
        self._check_to_save(to_save)
        if not to_save:
            raise RuntimeError("ModelCheckpoint: to_save is empty, there is nothing to save")
        self.to_save = to_save
        super().__call__(engine)


def _check_callable(name: str, value: Any) -> None:
    if value is not None and not callable(value):
        raise TypeError(f"{name}: met {type(value).__name__} {value!r}, wanted a function")
