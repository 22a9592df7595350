"""An engine whose data and random numbers follow from one seed, pass by pass over the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

from . import random_states
from .engine import Engine
from .events import Events
from .feed import length_of
from .steps import TERMINATE_EPOCH


class DeterministicEngine(Engine):
    """An `Engine` that seeds all global random generators anew each time it iterates its data.

    The seed is `state.seed + iteration // length of the data`, where state.seed is drawn when a training starts: call
    `manual_seed` before `run` to fix it. The order of the data is drawn from that seed, so a run that is resumed from a
    state without "resume", such as Ignite's, sees the same batches when the same `manual_seed` went before; the random
    states are then restored from "rng_states", which `load_state_dict` requires and which may be None. With "resume"
    everything is as in any `Engine`: the same to the last bit.

    `run` raises ValueError without data.

    >>> engine = DeterministicEngine(lambda engine, batch: batch)
    >>> sorted(set(engine.state_dict()) - {"resume"})
    ['epoch_length', 'iteration', 'max_epochs', 'rng_states']
    """

    def __init__(self, process_function: Callable[[Engine, Any], Any]) -> None:
        super().__init__(process_function)
        self.state_dict_user_keys.append("rng_states")
        self.state.rng_states = None  # type: ignore[attr-defined]
        self.add_event_handler(Events.STARTED, self._init_run)

    def state_dict(self) -> dict[str, Any]:
        """What `Engine.state_dict` gives, and "rng_states": those of Python, the tensors and NumPy."""
        states = random_states.capture()
        return super().state_dict() | {"rng_states": [states.get(name) for name in ("python", "tensors", "numpy")]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Let the next `run` resume; see `Engine.load_state_dict`."""
        super().load_state_dict(state_dict)
        if "seed" not in (self._pending or {}):
            self.state.seed = None

    def _forget(self) -> None:
        super()._forget()
        self.state.seed = None

    def _init_run(self) -> None:
        if self.state.seed is None:
            self.state.seed = random_states.draw(10**9)
        random_states.use_deterministic_algorithms()

    def _open_data(self, position: int, seen: int, state: Any = None, ended: bool = False) -> None:
        data = self.state.dataloader
        if data is None:
            raise ValueError(
                "Deterministic engine does not support the option of data=None. Please, provide data as iterable"
            )
        length = seen if self._signal & TERMINATE_EPOCH else length_of(data)
        random_states.seed_all((self.state.seed or 0) + self.state.iteration // (length or 1))
        super()._open_data(position, seen, state, ended)
        saved = self.state.rng_states  # type: ignore[attr-defined]
        if saved is not None and position:
            present = zip(("python", "tensors", "numpy"), saved, strict=True)
            random_states.restore({name: value for name, value in present if value is not None})
        self.state.rng_states = None  # type: ignore[attr-defined]


def keep_random_state(func: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: whatever `func` draws, the global random generators go on afterwards as if it had not been called.

    >>> import random
    >>> @keep_random_state
    ... def draw():
    ...     return random.random()
    >>> draw() == draw()
    True
    """

    @wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with random_states.kept():
            return func(*args, **kwargs)

    return wrapper


class ReproducibleBatchSampler:
    """A batch sampler whose pass is drawn whole as it begins, so that the batches before a place cost nothing.

    start_iteration: the place where the next pass begins; later ones begin at the start. Raises TypeError for what is
    no batch sampler: it must be iterable and have `sampler` and `batch_size`.

    >>> class Pairs(list):
    ...     sampler, batch_size = range(6), 2
    >>> sampler = ReproducibleBatchSampler(Pairs([[0, 1], [2, 3], [4, 5]]), start_iteration=2)
    >>> list(sampler), len(list(sampler))
    ([[4, 5]], 3)
    """

    def __init__(self, batch_sampler: Any, start_iteration: int | None = None) -> None:
        wanted = ("sampler", "batch_size", "__iter__", "__len__")
        if not all(hasattr(batch_sampler, name) for name in wanted):
            raise TypeError(f"Argument batch_sampler should be a BatchSampler, got {type(batch_sampler).__name__}")
        self.batch_indices: list[Any] = []
        self.batch_sampler = batch_sampler
        self.start_iteration = start_iteration
        self.sampler = batch_sampler.sampler

    def setup_batch_indices(self) -> None:
        """Draw the pass."""
        self.batch_indices = list(self.batch_sampler)[self.start_iteration or 0 :]
        self.start_iteration = None

    def __iter__(self) -> Iterator[Any]:
        self.setup_batch_indices()
        yield from self.batch_indices

    def __len__(self) -> int:
        return len(self.batch_sampler)


def update_dataloader(dataloader: Any, new_batch_sampler: Any) -> Any:
    """A new loader like this one, with another batch sampler."""
    replaced = {"batch_size", "sampler", "drop_last", "batch_sampler", "dataset_kind"}
    options = {key: value for key, value in vars(dataloader).items() if not key.startswith("_") and key not in replaced}
    return type(dataloader)(**options, batch_sampler=new_batch_sampler)
