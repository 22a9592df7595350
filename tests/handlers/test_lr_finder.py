"""FastaiLRFinder: the rates of each iteration, where it stops, what it suggests, and that all is as before."""

from __future__ import annotations

import math

import pytest

import sparkle
from sparkle.engine import Engine, Events
from sparkle.handlers import FastaiLRFinder, PiecewiseLinear


def sgd(*rates):
    parameters = [{"params": [sparkle.zeros(1, requires_grad=True)], "lr": rate} for rate in rates or (0.01,)]
    return sparkle.optim.SGD(parameters, lr=0.1)


def rates(optimizer):
    return [group["lr"] for group in optimizer.param_groups]


def trainer_of(losses, optimizer=None, seen=None):
    """A trainer with these losses, by iteration; notes the rates that it is given."""

    def step(engine, batch):
        if seen is not None:
            seen.append(rates(optimizer))
        return losses(engine.state.iteration)

    return Engine(step)


def bowl(iteration):
    return 1 + math.cos(iteration / 12) + (0.03 * iteration) ** 3


def find(trainer, optimizer, data=range(100), run=None, **options):
    finder = FastaiLRFinder()
    with finder.attach(trainer, {"optimizer": optimizer}, **{"diverge_th": 1e9, **options}) as trial:
        trial.run(data, **(run or {}))
    return finder


WARNING = pytest.mark.filterwarnings("ignore:Run completed without loss diverging")


@WARNING
@pytest.mark.parametrize("step_mode", ["exp", "linear"])
@pytest.mark.parametrize("number", [1, 2])
def test_each_iteration_has_the_rate_that_is_noted(step_mode, number):
    """In ignite the rate that is noted for an iteration is that of the next one."""
    optimizer, seen = sgd(*[0.01] * number), []
    finder = find(trainer_of(bowl, optimizer, seen), optimizer, step_mode=step_mode)
    noted = finder.get_results()["lr"]
    assert seen == ([[rate] for rate in noted] if number == 1 else noted)
    first, last = seen[0][0], seen[-1][0]
    assert (first, last) == pytest.approx((0.01 * 1000**0.01, 10.0) if step_mode == "exp" else (0.01, 9.9001))


LENGTHS = [
    ({}, {}, 100),
    ({"max_epochs": 3}, {}, 300),
    ({"max_iters": 40}, {}, 40),
    ({"epoch_length": 20}, {}, 20),
    ({}, {"num_iter": 30}, 30),
    ({}, {"num_iter": 100}, 100),
    ({}, {"num_iter": 250}, 250),
    ({"max_iters": 40}, {"num_iter": 70}, 70),
    ({"max_epochs": 2}, {"num_iter": 130}, 130),
]


@WARNING
@pytest.mark.parametrize(("run", "options", "iterations"), LENGTHS)
def test_length(run, options, iterations):
    optimizer = sgd()
    finder = find(trainer_of(bowl), optimizer, run=run, **options)
    assert [len(values) for values in finder.get_results().values()] == [iterations] * 2


@WARNING
def test_data_without_a_length():
    optimizer = sgd()
    finder = find(trainer_of(bowl), optimizer, data=(i for i in range(50)), num_iter=20)
    assert len(finder.get_results()["lr"]) == 20
    with pytest.raises(ValueError, match="num_iter"):
        find(trainer_of(bowl), optimizer, data=(i for i in range(50)))


def test_stops_when_the_loss_diverges():
    optimizer = sgd()
    finder = find(trainer_of(lambda k: 10.0 if k == 20 else 1.0), optimizer, smooth_f=0, diverge_th=5.0)
    assert finder.get_results()["loss"] == [1.0] * 19 + [10.0]


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_nan_is_divergence(bad):
    optimizer = sgd()
    finder = find(trainer_of(lambda k: bad if k == 20 else 2 - k / 20), optimizer)
    assert len(finder.get_results()["loss"]) == 20
    assert math.isfinite(finder.lr_suggestion())


@WARNING
def test_negative_losses_do_not_diverge_at_once():
    """A loss of -1 is above 5 times the best one, -1: ignite stops there."""
    optimizer = sgd()
    finder = find(trainer_of(lambda k: -1.0), optimizer, diverge_th=5.0)
    assert len(finder.get_results()["loss"]) == 100
    finder = find(trainer_of(lambda k: 4.0 if k == 20 else -1.0), optimizer, smooth_f=0, diverge_th=5.0)
    assert len(finder.get_results()["loss"]) == 20


def test_warns_when_nothing_diverged():
    optimizer = sgd()
    with pytest.warns(UserWarning, match="without loss diverging"):
        find(trainer_of(bowl), optimizer)


@WARNING
def test_smoothing():
    optimizer = sgd()
    losses = find(trainer_of(float), optimizer, data=range(3), smooth_f=0.25).get_results()["loss"]
    assert losses == [1.0, 0.25 * 2 + 0.75 * 1, 0.25 * 3 + 0.75 * 1.25]


@WARNING
@pytest.mark.parametrize("number", [1, 2])
def test_suggestion_is_where_the_loss_falls_fastest(number):
    optimizer = sgd(*[0.01] * number)
    drop = [5.0, 5.0, 4.9, 4.5, 2.0, 1.0, 0.9, 1.5, 4.0]
    finder = find(trainer_of(lambda k: drop[k - 1]), optimizer, data=range(9), smooth_f=0)
    noted = finder.get_results()["lr"]
    assert finder.lr_suggestion() == noted[4]
    finder.apply_suggested_lr(optimizer)
    assert rates(optimizer) == (noted[4] if number == 2 else [noted[4]])
    with pytest.raises(RuntimeError, match="3 vs"):
        finder.apply_suggested_lr(sgd(1.0, 1.0, 1.0))


class Failure(Exception):
    pass


def failing(k):
    if k == 5:
        raise Failure
    return 1.0


@WARNING
@pytest.mark.parametrize("losses", [bowl, failing])
def test_all_is_as_before(losses):
    model = sparkle.nn.Linear(2, 1)
    optimizer = sparkle.optim.Adam(model.parameters(), lr=0.01)
    x = sparkle.randn(4, 2)

    def step(engine, batch):
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()
        return losses(engine.state.iteration)

    trainer = Engine(step)
    before = {name: value.clone() for name, value in model.state_dict().items()}, str(optimizer.state_dict())
    finder = FastaiLRFinder()
    try:
        with finder.attach(trainer, {"model": model, "optimizer": optimizer}) as trial:
            trial.run(range(30))
    except Failure:
        assert losses is failing
    assert len(finder.get_results()["lr"]) == (4 if losses is failing else 30)
    assert all((value == before[0][name]).all() for name, value in model.state_dict().items())
    assert str(optimizer.state_dict()) == before[1]
    assert not any(handlers.registrations for handlers in trainer._handlers.values())
    state = trainer.run(range(3), max_epochs=2) if losses is bowl else trainer.state
    assert (state.iteration, state.epoch) == ((6, 2) if losses is bowl else (0, 0))


@WARNING
def test_a_trainer_in_the_middle_of_its_training():
    optimizer = sgd()
    trainer = trainer_of(bowl)
    trainer.run(range(10), max_epochs=2)
    finder = find(trainer, optimizer, data=range(10), run={"max_epochs": 5})
    assert len(finder.get_results()["loss"]) == 30
    state = trainer.run(range(10), max_epochs=3)
    assert (state.iteration, state.epoch) == (30, 3)


@WARNING
def test_twice():
    optimizer = sgd()
    trainer = trainer_of(bowl)
    first, second = (find(trainer, optimizer).get_results() for _ in range(2))
    assert first == second


@WARNING
def test_a_scheduler_of_the_trainer_is_overruled():
    optimizer, seen = sgd(), []
    trainer = trainer_of(bowl, optimizer, seen)
    PiecewiseLinear(optimizer, "lr", [(0, 123.0)]).attach(trainer)
    finder = find(trainer, optimizer)
    assert seen == [[rate] for rate in finder.get_results()["lr"]]


OUTPUTS = [
    (lambda k: sparkle.tensor(bowl(k)), None),
    (lambda k: sparkle.tensor([bowl(k)]), None),
    (lambda k: {"loss": bowl(k)}, lambda output: output["loss"]),
    (lambda k: (0, sparkle.tensor(bowl(k))), lambda output: output[1]),
    (lambda k: 1000 - k, None),
]


@WARNING
@pytest.mark.parametrize(("losses", "transform"), OUTPUTS)
def test_outputs(losses, transform):
    optimizer = sgd()
    options = {} if transform is None else {"output_transform": transform}
    assert len(find(trainer_of(losses), optimizer, **options).get_results()["loss"]) == 100


@pytest.mark.parametrize(("output", "error"), [({"loss": 1}, TypeError), (sparkle.zeros(2), ValueError)])
def test_output_without_a_loss(output, error):
    with pytest.raises(error, match="output_transform"):
        find(trainer_of(lambda k: output), sgd())


@WARNING
def test_rates_that_do_not_grow_by_factors():
    with pytest.raises(ValueError, match="linear"):
        find(trainer_of(bowl), sgd(), start_lr=0.0)
    find(trainer_of(bowl), sgd(), start_lr=0.0, step_mode="linear")


@WARNING
def test_picture():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    finder = find(trainer_of(bowl), sgd(0.01, 0.02))
    figure, ax = plt.subplots()
    assert finder.plot(ax=ax, skip_start=0, skip_end=0) is ax
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "suggested lr for param_groups 0",
        "suggested lr for param_groups 1",
    ]
    assert len(ax.lines) == 2
    with pytest.warns(UserWarning, match="skip_start"):
        finder.plot(ax=ax, skip_start=60)
    with pytest.raises(ValueError, match="nothing to plot"):
        finder.plot(ax=ax, skip_start=60, skip_end=50)
    plt.close(figure)


def test_removed_handlers_are_only_the_finders():
    calls = []
    trainer = trainer_of(lambda k: float(k))
    trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda: calls.append(1))
    find(trainer, sgd(), data=range(5), diverge_th=1.0)
    trainer.run(range(5))
    assert len(calls) == 2 + 5
