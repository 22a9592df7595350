"""LR finder, moving averages, stores and profilers: the same program in both libraries."""

from __future__ import annotations

import math
import warnings

import ignite.handlers.ema_handler
import ignite.handlers.time_profilers
import matplotlib
import pytest
import torch

import sparkle.handlers.ema_handler
import sparkle.handlers.time_profilers

matplotlib.use("Agg")


def falling_then_rising(iteration):
    return 2 + math.cos(iteration / 12) + (0.03 * iteration) ** 3


def find(lib, losses=falling_then_rising, groups=1, kind=float, epochs=1, length=100, transform=None, **options):
    """A run of the finder on a trainer that gives these losses whatever the rates."""
    parameters = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": 0.001 * (i + 1)} for i in range(groups)]
    model, optimizer = torch.nn.Linear(1, 1), torch.optim.SGD(parameters, lr=0.1)
    trainer = lib.engine.Engine(lambda engine, batch: kind(losses(engine.state.iteration)))
    finder = lib.handlers.FastaiLRFinder()
    if transform is not None:
        options["output_transform"] = transform
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with finder.attach(trainer, {"model": model, "optimizer": optimizer}, **options) as trial:
            trial.run([0] * length, max_epochs=epochs)
    restored = [group["lr"] for group in optimizer.param_groups]
    results = finder.get_results()
    suggestion = finder.lr_suggestion()
    finder.apply_suggested_lr(optimizer)
    return results, suggestion, restored, [group["lr"] for group in optimizer.param_groups]


FINDS = {
    "plain": {},
    "epochs": {"epochs": 3, "length": 40},
    "iterations": {"num_iter": 100},
    "fewer iterations": {"num_iter": 60},
    "more iterations": {"num_iter": 150, "diverge_th": 100.0},
    "linear": {"step_mode": "linear", "end_lr": 1.0},
    "from another rate": {"start_lr": 1e-5},
    "two groups": {"groups": 2},
    "two groups, two ends": {"groups": 2, "start_lr": [1e-4, 1e-3], "end_lr": [1.0, 5.0]},
    "two groups, linear": {"groups": 2, "step_mode": "linear"},
    "not smoothed": {"smooth_f": 0.0},
    "very smooth": {"smooth_f": 0.5},
    "early": {"diverge_th": 1.2},
    "tensor": {"kind": lambda loss: torch.tensor(loss, dtype=torch.float64)},
    "vector": {"kind": lambda loss: torch.tensor([loss], dtype=torch.float64)},
    "dictionary": {"kind": lambda loss: {"loss": loss}, "transform": lambda output: output["loss"]},
}


@pytest.mark.parametrize("options", FINDS.values(), ids=FINDS)
def test_finder(options, both):
    theirs, ours = both(lambda lib: find(lib, **options))
    asked = options.get("num_iter") or options.get("epochs", 1) * options.get("length", 100)
    for name in ("lr", "loss"):  # ignite may run one iteration more than asked for
        expected = torch.tensor(theirs[0][name][:asked], dtype=torch.float64)
        torch.testing.assert_close(torch.tensor(ours[0][name], dtype=torch.float64), expected, rtol=1e-12, atol=0)
    for mine, other in zip(ours[1:], theirs[1:], strict=True):
        torch.testing.assert_close(torch.tensor(mine), torch.tensor(other), rtol=1e-5, atol=0)


def test_finder_picture(both):
    def draw(lib):
        finder = lib.handlers.FastaiLRFinder()
        trainer = lib.engine.Engine(lambda engine, batch: falling_then_rising(engine.state.iteration))
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1e-3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with finder.attach(trainer, {"optimizer": optimizer}) as trial:
                trial.run(range(100))
            ax = finder.plot(skip_start=3, skip_end=2)
        picture = ax.get_xscale(), ax.get_xlabel(), ax.get_ylabel(), ax.get_xlim()
        points = [ax.lines[0].get_xydata().tolist(), ax.collections[0].get_offsets().tolist()]
        matplotlib.pyplot.close(ax.figure)
        return picture, points

    (theirs, their_points), (ours, our_points) = both(draw)
    assert ours[:3] == theirs[:3]
    torch.testing.assert_close(torch.tensor(ours[3]), torch.tensor(theirs[3]))
    torch.testing.assert_close(torch.tensor(our_points[0]), torch.tensor(their_points[0]))
    torch.testing.assert_close(torch.tensor(our_points[1]), torch.tensor(their_points[1]))


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.fc = torch.nn.Linear(3, 3)
        self.norm = torch.nn.BatchNorm1d(3)
        self.register_buffer("flags", torch.tensor([True, False, True]))

    def forward(self, x):
        return self.norm(self.fc(x))


UP = {"momentum_warmup": 0.01, "warmup_iters": 7}


@pytest.mark.parametrize("buffers", ["copy", "update", "ema_train"])
@pytest.mark.parametrize(
    "warm_up", [{}, {"momentum_warmup": 0.5, "warmup_iters": 20}, {"momentum_warmup": 0.01, "warmup_iters": 7}]
)
@pytest.mark.parametrize("event", ["ITERATION_COMPLETED", "EPOCH_COMPLETED"])
def test_moving_average(buffers, warm_up, event, both):
    def train(lib):
        model = Net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
        ema = lib.handlers.EMAHandler(model, momentum=0.1, handle_buffers=buffers, **warm_up)

        def step(engine, batch):
            optimizer.zero_grad()
            ((model(batch) - 1) ** 2).mean().backward()
            optimizer.step()

        trainer = lib.engine.Engine(step)
        ema.attach(trainer, event=getattr(lib.engine.Events, event))
        generator = torch.Generator().manual_seed(1)
        momenta = []
        trainer.add_event_handler(
            lib.engine.Events.ITERATION_COMPLETED, lambda engine: momenta.append(engine.state.ema_momentum)
        )
        trainer.run([torch.randn(8, 3, generator=generator) for _ in range(12)], max_epochs=5)
        return momenta, ema.ema_model.training, {k: v.clone() for k, v in ema.ema_model.state_dict().items()}

    theirs, ours = both(train)
    assert ours[:2] == theirs[:2]
    torch.testing.assert_close(ours[2], theirs[2], rtol=0, atol=0)


@pytest.mark.parametrize("momenta", [(0.9, 10, 0.1), (0.1, 10, 0.9), (0.5, 1, 0.1), (0.5, 2, 0.5)])
def test_warm_up(momenta):
    theirs, ours = (
        [library.EMAWarmUp(*momenta)(index) for index in range(1, 70)]
        for library in (ignite.handlers.ema_handler, sparkle.handlers.ema_handler)
    )
    assert ours == theirs


def test_store(both):
    def collect(lib):
        evaluator = lib.engine.Engine(lambda engine, batch: (batch, -batch))
        store = lib.handlers.EpochOutputStore(output_transform=lambda output: output[1])
        store.attach(evaluator, "outputs")
        seen = []
        evaluator.add_event_handler(lib.engine.Events.EPOCH_COMPLETED, lambda e: seen.append(e.state.outputs))
        evaluator.run(range(5), max_epochs=3)
        return seen, store.data

    theirs, ours = both(collect)
    assert ours == theirs


def profiled(lib, name):
    trainer = lib.engine.Engine(lambda engine, batch: sum(range(2000)))
    profiler = getattr(lib.handlers, name)()
    profiler.attach(trainer)

    def busy(engine):
        sum(range(2000))

    for event in ("STARTED", "EPOCH_STARTED", "ITERATION_STARTED", "ITERATION_COMPLETED", "EPOCH_COMPLETED"):
        trainer.add_event_handler(getattr(lib.engine.Events, event), busy)
    for event in ("COMPLETED", "GET_BATCH_STARTED", "GET_BATCH_COMPLETED"):
        trainer.add_event_handler(getattr(lib.engine.Events, event), busy)
    trainer.run(range(5), max_epochs=3)
    return profiler


def test_basic_profiler(both):
    def results(lib):
        found = profiled(lib, "BasicTimeProfiler").get_results()
        stats = found["event_handlers_stats"]
        shape = {key: list(value) for key, value in stats.items() if key != "total_time"}
        names = {key: len(value) for key, value in found["event_handlers_names"].items()}
        return list(found), list(found["processing_stats"]), list(found["dataflow_stats"]), shape, names

    theirs, ours = both(results)
    assert ours == theirs


def test_handlers_profiler(both):
    def results(lib):
        rows = profiled(lib, "HandlersTimeProfiler").get_results()
        kinds = [(row[0].rsplit(".", 1)[-1], row[1], [type(value) for value in row[2:5]]) for row in rows]
        # ignite's own detaching handler is among them
        return sorted((k for k in kinds if not k[0].startswith("_")), key=str)

    theirs, ours = both(results)
    assert ours == theirs
