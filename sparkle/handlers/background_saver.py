"""Writing checkpoints while the training goes on."""

from __future__ import annotations

import atexit
import copy
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ..engine import Engine, Events, Priority
from .save_handlers import BaseSaveHandler, as_save_handler, takes_metadata

_ENDS = (Events.COMPLETED, Events.TERMINATE, Events.INTERRUPT, Events.EXCEPTION_RAISED)


class BackgroundSaver(BaseSaveHandler):
    """Passes checkpoints to another save handler in a thread of its own, in order, and loses none.

    The states are copied before the call returns, so the training may go on at once. Older files are removed only
    after the new one has been written. A program that ends waits for all that is under way; only a kill loses what was
    not written yet, and leaves the file before it whole.

    An error of the writer is raised by the next save, `flush` or `close`, and at the end of a run by `attach`; removals
    are left out from the failure until then. An error that nobody waits for is printed when the program ends.

    Args:
        saver: a directory, a BaseSaveHandler, or a function (checkpoint, filename[, metadata]).
        max_waiting: how many checkpoints may be under way, each a copy in memory, before saving waits too.

    Raises:
        ValueError: max_waiting < 1, or the directory is refused (see DiskSaver).
        TypeError: `saver` is of the wrong kind.

    Example:
        >>> import tempfile
        >>> from sparkle.engine import Engine, Events
        >>> from sparkle.handlers import Checkpoint
        >>> trainer = Engine(lambda engine, batch: None)
        >>> with tempfile.TemporaryDirectory() as folder, BackgroundSaver(folder) as saver:
        ...     saver.attach(trainer)
        ...     keeper = Checkpoint({"trainer": trainer}, saver)
        ...     handle = trainer.add_event_handler(Events.EPOCH_COMPLETED, keeper)
        ...     state = trainer.run([0, 1], max_epochs=2)
        ...     keeper.last_checkpoint.name
        'trainer_4.pt'
    """

    handler_priority = Priority.CHECKPOINTS - 5  # waits for what they have passed on

    def __init__(self, saver: str | Path | Callable | BaseSaveHandler, max_waiting: int = 2) -> None:
        if max_waiting < 1:
            raise ValueError(f"BackgroundSaver: max_waiting is {max_waiting}, wanted at least 1")
        self.saver = as_save_handler(saver)
        self.max_waiting = max_waiting
        self._wants_metadata = takes_metadata(self.saver)
        self._failed = threading.Event()
        self._pending: deque[tuple[Future, bool]] = deque()  # and whether it is a write
        self._errors: list[BaseException] = []
        # Its thread ends with the program, after all that was submitted.
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="checkpoints")
        atexit.register(self.flush)

    def __call__(self, checkpoint: Mapping, filename: str, metadata: Mapping | None = None) -> None:
        """Copy `checkpoint` and see to it that it is written; raises what went wrong with earlier ones."""
        while self._writes_left() >= self.max_waiting:
            self._collect_oldest()
        self._raise_errors(done_only=True)
        extra = (metadata,) if self._wants_metadata else ()
        self._submit(True, self._write, copy.deepcopy(checkpoint), filename, *extra)

    def remove(self, filename: str) -> None:
        """Remove the checkpoint stored as `filename`, after all that was asked for before."""
        self._submit(False, self._remove, filename)

    def flush(self) -> None:
        """Wait until everything is written; raises what went wrong."""
        self._raise_errors()

    def close(self) -> None:
        """Flush, and end the thread; a second call does nothing."""
        atexit.unregister(self.flush)
        try:
            self.flush()
        finally:
            self._executor.shutdown()

    def attach(self, engine: Engine) -> None:
        """Flush whenever a run of `engine` ends, so that `run` raises what went wrong."""
        for event in _ENDS:
            engine.add_event_handler(event, self._run_ended)

    def __enter__(self) -> BackgroundSaver:
        return self

    def __exit__(self, *args: Any) -> None:
        self.close()

    def _run_ended(self, engine: Engine, *args: Any) -> None:
        self.flush()

    def _submit(self, is_write: bool, function: Callable, *args: Any) -> None:
        try:
            self._pending.append((self._executor.submit(function, *args), is_write))
        except RuntimeError:  # closed, or the program is ending: no thread takes work any more
            function(*args)

    def _write(self, *args: Any) -> None:
        try:
            self.saver(*args)
        except BaseException:
            self._failed.set()
            raise

    def _remove(self, filename: str) -> None:
        remove = getattr(self.saver, "remove", None)
        if remove is not None and not self._failed.is_set():
            remove(filename)

    def _writes_left(self) -> int:
        return sum(is_write and not future.done() for future, is_write in self._pending)

    def _collect_oldest(self) -> None:
        error = self._pending[0][0].exception()  # waits; an interruption here forgets nothing
        self._pending.popleft()
        if error is not None:
            self._errors.append(error)

    def _raise_errors(self, done_only: bool = False) -> None:
        while self._pending and (self._pending[0][0].done() or not done_only):
            self._collect_oldest()
        errors, self._errors = self._errors, []
        if errors:
            self._failed.clear()
            for other in errors[1:]:
                errors[0].add_note(f"and another checkpoint was not written: {other!r}")
            raise errors[0]
