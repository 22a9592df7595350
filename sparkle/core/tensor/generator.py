"""Generators of random numbers as users see them, and the seeds of all devices."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from .. import backend, devices, random
from .base import TensorBase, wrap


class Generator:
    """A stream of random numbers of its own, for the `generator=` argument.

    The same seed gives the same numbers on every machine. Until it is seeded it starts from one fixed seed.

    >>> g = Generator().manual_seed(3)
    >>> g.initial_seed()
    3
    """

    def __init__(self, device: Any = "cpu") -> None:
        place = devices.as_device(device)
        self.stream = random.Stream(place.type, place.index)

    @property
    def device(self) -> devices.device:
        """Where its numbers are made."""
        return devices.device(self.stream.kind, self.stream.index)

    def manual_seed(self, seed: int) -> Generator:
        """Start anew from the seed; returns the generator. Negative seeds count from 2**64."""
        self.stream.reseed(random.checked_seed(seed))
        return self

    def seed(self) -> int:
        """Start anew from a seed that nobody can foresee, and return it."""
        self.stream.reseed(random.fresh_seed())
        return self.stream.seed

    def initial_seed(self) -> int:
        """The seed it was last started from."""
        return self.stream.seed

    def get_state(self) -> Any:
        """All that the next numbers depend on, as a tensor of bytes."""
        return wrap(self.stream.state())

    def set_state(self, new_state: Any) -> None:
        """Continue from a state; TypeError for anything but a tensor of bytes, RuntimeError for one of another kind."""
        if not isinstance(new_state, TensorBase) or new_state.array.dtype != "uint8":
            raise TypeError("set_state: the state must be a ByteTensor, as get_state gives it")
        self.stream.restore(backend.to_numpy(new_state.array))

    def state_dict(self) -> dict[str, Any]:
        """Its state as a dict, so that a generator may stand among the objects of a checkpoint.

        >>> first, second = Generator().manual_seed(1), Generator()
        >>> second.load_state_dict(first.state_dict())
        >>> second.initial_seed()
        1
        """
        return {"state": self.get_state()}

    def load_state_dict(self, state_dict: Any) -> None:
        """Continue from what `state_dict` gave."""
        self.set_state(state_dict["state"])

    def clone_state(self) -> Generator:
        """Another generator that will give the same numbers."""
        twin = Generator(self.device)
        twin.stream.restore(self.stream.state())
        return twin

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.device, self.stream.state())


def _restored(device: Any, state: Any) -> Generator:
    generator = Generator(device)
    generator.stream.restore(state)
    return generator


def _around(stream: random.Stream) -> Generator:
    """A generator that draws from an existing stream."""
    generator = Generator.__new__(Generator)
    generator.stream = stream
    return generator


default_generator = _around(random.stream_on("cpu"))


def manual_seed(seed: int) -> Generator:
    """Start the random numbers of all devices anew from the seed; returns the CPU's generator.

    ValueError for seeds of more than 64 bits.
    """
    random.seed_all(random.checked_seed(seed))
    return default_generator


def seed() -> int:
    """Start the random numbers of all devices anew from a seed that nobody can foresee, and return it."""
    value = random.fresh_seed()
    random.seed_all(value)
    return value


def initial_seed() -> int:
    """The seed that the CPU's random numbers were last started from."""
    return default_generator.initial_seed()


def get_rng_state() -> Any:
    """The state of the CPU's random numbers, as a tensor of bytes."""
    return default_generator.get_state()


def set_rng_state(new_state: Any) -> None:
    """Continue the CPU's random numbers from a state that `get_rng_state` gave."""
    default_generator.set_state(new_state)


def get_cuda_rng_state(device: Any = "cuda") -> Any:
    """The state of a CUDA device's random numbers, as a tensor of bytes on the CPU."""
    return _of_cuda(device).get_state()


def set_cuda_rng_state(new_state: Any, device: Any = "cuda") -> None:
    """Continue a CUDA device's random numbers from a state that `get_rng_state` gave."""
    _of_cuda(device).set_state(new_state)


def get_cuda_rng_state_all() -> list[Any]:
    """The states of all CUDA devices' random numbers; an empty list where there is none."""
    return [get_cuda_rng_state(index) for index in range(backend.cuda_device_count())]


def set_cuda_rng_state_all(new_states: list[Any]) -> None:
    """Continue the random numbers of CUDA devices from what `get_rng_state_all` gave."""
    for index, state in enumerate(new_states):
        set_cuda_rng_state(state, index)


def _of_cuda(device: Any) -> Generator:
    index = device if isinstance(device, int) else devices.as_device(device).index
    return _around(random.stream_on("cuda", index))


@contextlib.contextmanager
def fork_rng(devices: Any = None, enabled: bool = True, device_type: str = "cuda") -> Iterator[None]:
    """Afterwards the random numbers go on as if none had been drawn or seeded inside: on the CPU and, unless `devices`
    names some of them by index, on all CUDA devices.

    ValueError for a device_type other than "cuda" and "cpu".

    >>> with fork_rng():
    ...     _ = manual_seed(0)
    """
    if device_type not in ("cuda", "cpu"):
        raise ValueError(f"fork_rng: device_type must be 'cuda' or 'cpu', met {device_type!r}")
    if not enabled:
        yield
        return
    before = random.snapshot(None if devices is None else [("cpu", None), *(("cuda", int(i)) for i in devices)])
    try:
        yield
    finally:
        random.reinstate(before)


def stream_for(generator: Any, kind: str, index: int | None, where: str) -> random.Stream:
    """The stream to draw from: the generator's, or the device's own for None.

    TypeError for what is no generator, RuntimeError for one of another device.
    """
    if generator is None:
        return random.stream_on(kind, index)
    if not isinstance(generator, Generator):
        raise TypeError(f"{where}(): argument 'generator' must be a Generator, not {type(generator).__name__}")
    if generator.stream.kind != kind:
        raise RuntimeError(
            f"{where}: expected a '{kind}' device type for generator but found '{generator.stream.kind}'"
        )
    return generator.stream
