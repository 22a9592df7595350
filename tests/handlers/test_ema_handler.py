"""EMAHandler: the average, its momentum, buffers, changing places, states."""

from __future__ import annotations

import warnings

import pytest

import sparkle
from sparkle.engine import Engine, Events
from sparkle.handlers import EMAHandler


class Net(sparkle.nn.Module):
    """One weight, and a buffer of each kind; `set` writes a number into all of them."""

    def __init__(self):
        super().__init__()
        self.weight = sparkle.nn.Parameter(sparkle.zeros(2))
        self.register_buffer("mean", sparkle.zeros(2))
        self.register_buffer("count", sparkle.tensor(0))
        self.register_buffer("flag", sparkle.tensor([False]))

    def set(self, number):
        with sparkle.no_grad():
            self.weight.fill_(number)
        self.mean.fill_(number)
        self.count.fill_(int(number))
        self.flag.fill_(number > 0)

    def numbers(self):
        return self.weight[0].item(), self.mean[0].item(), self.count.item(), self.flag.item()


def training(numbers, ema=None, model=None, **attach):
    model = model or Net()
    ema = ema or EMAHandler(model, momentum=0.5)
    trainer = Engine(lambda engine, batch: model.set(batch))
    ema.attach(trainer, **attach)
    trainer.run(numbers)
    return model, ema, trainer


def test_average():
    model, ema, trainer = training([8.0, 8.0])
    assert model.numbers() == (8.0, 8.0, 8, True)
    assert ema.ema_model.numbers() == (6.0, 8.0, 8, True)
    assert trainer.state.ema_momentum == 0.5
    assert not any(p.requires_grad for p in ema.ema_model.parameters())
    assert all(p.requires_grad for p in model.parameters())


BUFFERS = [("copy", (8.0, 8, True), False), ("update", (6.0, 8, True), False), ("ema_train", (0.0, 0, False), True)]


@pytest.mark.parametrize(("handle_buffers", "expected", "mode"), BUFFERS)
def test_buffers(handle_buffers, expected, mode):
    model = Net()
    ema = EMAHandler(model, momentum=0.5, handle_buffers=handle_buffers)
    training([8.0, 8.0], ema, model)
    assert ema.ema_model.numbers()[1:] == expected
    assert ema.ema_model.training is mode
    assert model.training


def test_buffers_are_copies():
    """In ignite, buffers that are copied are the model's own from then on."""
    model, ema, _ = training([8.0])
    model.set(3.0)
    assert ema.ema_model.numbers()[1:] == (8.0, 8, True)


@pytest.mark.parametrize("name", ["ema_momentum", "my_momentum"])
def test_warm_up(name):
    """In ignite only the name ema_momentum is warmed up."""
    model, seen = Net(), []
    ema = EMAHandler(model, momentum=0.1, momentum_warmup=0.5, warmup_iters=5)
    trainer = Engine(lambda engine, batch: None)
    ema.attach(trainer, name)
    trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: seen.append(getattr(engine.state, name)))
    trainer.run(range(8))
    assert seen == pytest.approx([0.5, 0.4, 0.3, 0.2, 0.1, 0.1, 0.1, 0.1])


def test_two_averages_of_one_model():
    model = Net()
    slow, fast = EMAHandler(model, momentum=0.25), EMAHandler(model, momentum=0.5)
    trainer = Engine(lambda engine, batch: model.set(batch))
    slow.attach(trainer, "slow")
    fast.attach(trainer, "fast", event=Events.ITERATION_COMPLETED(every=2))
    trainer.run([8.0, 8.0])
    assert (slow.ema_model.numbers()[0], fast.ema_model.numbers()[0]) == (3.5, 4.0)


def test_attribute_that_is_there():
    model = Net()
    trainer = Engine(lambda engine, batch: model.set(batch))
    trainer.state.ema_momentum = 1.0
    with pytest.warns(UserWarning, match="warn_if_exists"):
        EMAHandler(model).attach(trainer)
    ema = EMAHandler(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ema.attach(trainer, warn_if_exists=False)
    trainer.run([8.0])
    assert ema.ema_model.numbers()[0] == 8.0


def test_changing_places():
    model, ema, _ = training([8.0, 8.0])
    with ema.swapped() as swapped:
        assert swapped is model
        assert model.numbers() == (6.0, 8.0, 8, True)
        assert ema.ema_model.numbers()[0] == 8.0
    assert (model.numbers()[0], ema.ema_model.numbers()[0]) == (8.0, 6.0)
    with pytest.raises(KeyError), ema.swapped():
        raise KeyError
    assert (model.numbers()[0], ema.ema_model.numbers()[0]) == (8.0, 6.0)


def test_going_on():
    """Stopped after 4 of 9 iterations and resumed in new objects: the same as without the stop."""
    options = {"momentum": 0.1, "momentum_warmup": 0.5, "warmup_iters": 7}
    numbers = [float(i % 4) for i in range(9)]
    model = Net()
    whole = training(numbers, EMAHandler(model, **options), model)[1].ema_model.numbers()
    for load_first in (True, False):
        model = Net()
        state = training(numbers[:4], EMAHandler(model, **options), model)[1].state_dict()
        state = {**state, "ema_model": {name: value.clone() for name, value in state["ema_model"].items()}}
        model = Net()
        ema, trainer = EMAHandler(model, **options), Engine(lambda engine, batch, m=model: m.set(batch))
        if load_first:
            ema.load_state_dict(state)
            ema.attach(trainer)
        else:
            ema.attach(trainer)
            ema.load_state_dict(state)
        trainer.run(numbers[4:])
        assert ema.ema_model.numbers() == whole


def test_bad_states():
    ema = EMAHandler(Net())
    with pytest.raises(TypeError):
        ema.load_state_dict(3)
    with pytest.raises(ValueError, match="momentum_scheduler"):
        ema.load_state_dict({"ema_model": {}})


ARGUMENTS = [
    {"momentum": 0},
    {"momentum": 1.0},
    {"handle_buffers": "keep"},
    {"momentum_warmup": 0.5},
    {"warmup_iters": 5},
    {"momentum_warmup": 0.5, "warmup_iters": 0},
]


@pytest.mark.parametrize("options", ARGUMENTS, ids=str)
def test_arguments(options):
    with pytest.raises(ValueError, match="|".join(options)):
        EMAHandler(Net(), **options)


def test_no_model():
    with pytest.raises(ValueError, match="int"):
        EMAHandler(3)
