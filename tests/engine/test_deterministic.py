# ruff: noqa: NPY002
from __future__ import annotations

import random
from typing import Any

import numpy
import pytest

import sparkle
from sparkle.engine import DeterministicEngine, Events
from sparkle.engine.deterministic import ReproducibleBatchSampler, keep_random_state, update_dataloader
from sparkle.utils.data import BatchSampler, DataLoader, RandomSampler


class Shuffled:
    """Iterable again and again, in an order from Python's generator, with no state of its own."""

    def __iter__(self) -> Any:
        order = list(range(6))
        random.shuffle(order)
        return iter(order)

    def __len__(self) -> int:
        return 6


DATA = {"loader": lambda: DataLoader(range(6), batch_size=1, shuffle=True), "plain": Shuffled}


def number(batch: Any) -> int:
    return batch if isinstance(batch, int) else batch.item()


def collecting() -> tuple[DeterministicEngine, list[Any]]:
    seen: list[Any] = []

    def process(engine: Any, batch: Any) -> None:
        drawn = (random.random(), sparkle.rand(1).item(), float(numpy.random.rand()))
        seen.append((number(batch), drawn))

    return DeterministicEngine(process), seen


@pytest.mark.parametrize("data", DATA)
def test_the_same_seed_gives_the_same_run(data: str) -> None:
    runs = []
    for seed in (7, 7, 8):
        sparkle.manual_seed(seed)
        engine, seen = collecting()
        engine.run(DATA[data](), max_epochs=2)
        runs.append(seen)
    assert runs[0] == runs[1] != runs[2]
    assert [b for b, _ in runs[0][:6]] != [b for b, _ in runs[0][6:]]


@pytest.mark.parametrize("at", [2, 6, 8])
@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("data", DATA)
def test_resumed_equals_unbroken(data: str, exact: bool, at: int) -> None:
    sparkle.manual_seed(7)
    engine, whole = collecting()
    engine.run(DATA[data](), max_epochs=3)
    sparkle.manual_seed(7)
    engine, seen = collecting()
    saved: dict[str, Any] = {}

    @engine.on(Events.ITERATION_COMPLETED(once=at))
    def save() -> None:
        saved.update(engine.state_dict())
        engine.terminate()

    engine.run(DATA[data](), max_epochs=3)
    if not exact:
        del saved["resume"]
    sparkle.manual_seed(99 if exact else 7)
    engine, rest = collecting()
    engine.load_state_dict(saved)
    engine.run(DATA[data]())
    assert seen + rest == whole


def test_terminated_and_run_again_loses_nothing() -> None:
    sparkle.manual_seed(7)
    engine, whole = collecting()
    engine.run(DATA["loader"](), max_epochs=3)
    sparkle.manual_seed(7)
    engine, seen = collecting()
    engine.add_event_handler(Events.ITERATION_COMPLETED(once=[2, 8]), engine.terminate)
    data = DATA["loader"]()
    while len(seen) < len(whole):
        engine.run(data, max_epochs=3)
    assert [batch for batch, _ in seen] == [batch for batch, _ in whole]


def test_state_dict_has_the_random_states() -> None:
    engine, _ = collecting()
    assert len(engine.state_dict()["rng_states"]) == 3
    with pytest.raises(ValueError, match="'rng_states' is absent"):
        engine.load_state_dict({"iteration": 3, "epoch_length": 6, "max_epochs": 2})
    engine.load_state_dict({"iteration": 3, "epoch_length": 6, "max_epochs": 2, "rng_states": None})


def test_data_is_needed() -> None:
    engine, _ = collecting()
    with pytest.raises(ValueError, match="Deterministic engine does not support the option of data=None"):
        engine.run(max_epochs=1, epoch_length=2)


def test_keep_random_state() -> None:
    @keep_random_state
    def draw(n: int) -> Any:
        return random.random(), sparkle.rand(n).tolist(), numpy.random.rand()

    assert draw(2) == draw(2)


def test_reproducible_batch_sampler() -> None:
    loader = DataLoader(range(6), batch_sampler=BatchSampler(RandomSampler(range(6)), 2, False))
    new = update_dataloader(loader, ReproducibleBatchSampler(loader.batch_sampler))
    sparkle.manual_seed(1)
    whole = [batch.tolist() for batch in new]
    new.batch_sampler.start_iteration = 2
    sparkle.manual_seed(1)
    assert [batch.tolist() for batch in new] == whole[2:]
    assert len(new) == 3
    with pytest.raises(TypeError, match="should be a BatchSampler, got list"):
        ReproducibleBatchSampler([[1]])
