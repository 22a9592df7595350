"""EpochOutputStore: one list for each epoch."""

from __future__ import annotations

from sparkle.engine import Engine, Events
from sparkle.handlers import EpochOutputStore


def test_one_list_for_each_epoch():
    engine = Engine(lambda engine, batch: (engine.state.epoch, batch))
    lists = []
    store = EpochOutputStore(output_transform=lambda output: output[0] * 10 + output[1])
    store.attach(engine, "outputs")
    engine.add_event_handler(Events.EPOCH_COMPLETED, lambda engine: lists.append(engine.state.outputs))
    engine.run([1, 2, 3], max_epochs=2)
    assert lists == [[11, 12, 13], [21, 22, 23]]
    assert store.data is engine.state.outputs


def test_without_a_name():
    engine = Engine(lambda engine, batch: batch)
    store = EpochOutputStore()
    store.attach(engine)
    engine.run([1, 2])
    assert store.data == [1, 2]
    store.reset()
    assert store.data == []


def test_two_names():
    """ignite remembers one name for each store, so that the second engine's list gets the first one's name."""
    store = EpochOutputStore()
    one, other = (Engine(lambda engine, batch: batch) for _ in range(2))
    store.attach(one, "first")
    store.attach(other, "second")
    one.run([1])
    assert one.state.first == [1]
    assert not hasattr(one.state, "second")
