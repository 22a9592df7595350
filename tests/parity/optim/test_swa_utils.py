"""Averages of models and their learning rate against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import sparkle

AVERAGES = {
    "mean": lambda L: {},
    "mean-buffers": lambda L: {"use_buffers": True},
    "swa_avg": lambda L: {"avg_fn": L.get_swa_avg_fn()},
    "swa_multi": lambda L: {"multi_avg_fn": L.get_swa_multi_avg_fn()},
    "ema_avg": lambda L: {"avg_fn": L.get_ema_avg_fn(0.9), "use_buffers": True},
    "ema_multi": lambda L: {"multi_avg_fn": L.get_ema_multi_avg_fn(0.9)},
    "ema_multi-buffers": lambda L: {"multi_avg_fn": L.get_ema_multi_avg_fn(), "use_buffers": True},
    "own": lambda L: {"avg_fn": lambda average, new, count: 0.5 * (average + new) / (count + 1)},
}


def network(lib):
    model = lib.nn.Sequential(lib.nn.Linear(3, 4), lib.nn.BatchNorm1d(4), lib.nn.Linear(4, 2, bias=False)).double()
    random = np.random.default_rng(0)
    with lib.no_grad():
        for p in model.parameters():
            p.copy_(lib.tensor(random.standard_normal(tuple(p.shape))))
    return model


def batches(lib, count, kind=lambda x: x):
    random = np.random.default_rng(1)
    return [kind(lib.tensor(random.standard_normal((5, 3)))) for _ in range(count)]


def averaged(lib, make):
    model = network(lib)
    average = lib.optim.swa_utils.AveragedModel(model, **make(lib.optim.swa_utils))
    optimizer = lib.optim.SGD(model.parameters(), lr=1e-3)
    for t, x in enumerate(batches(lib, 8)):
        optimizer.zero_grad()
        (model(x) ** 2).sum().backward()
        optimizer.step()
        average.update_parameters(model)
        if t == 4:
            state = average.state_dict()
            average = lib.optim.swa_utils.AveragedModel(network(lib), **make(lib.optim.swa_utils))
            average.load_state_dict(state)
    return average, average(lib.ones(2, 3, dtype=lib.float64)).detach().numpy()


@pytest.mark.parametrize("name", AVERAGES)
def test_average(name):
    (ours, y), (theirs, z) = (averaged(lib, AVERAGES[name]) for lib in (sparkle, torch))
    rel = 1e-6 if name == "swa_multi" else 1e-9  # where torch divides in float32
    mine, other = ours.state_dict(), theirs.state_dict()
    assert list(mine) == list(other)
    for key in mine:
        np.testing.assert_allclose(mine[key].numpy(), other[key].numpy(), rtol=rel, atol=rel)
        assert str(mine[key].dtype)[8:] == str(other[key].dtype)[6:]
    np.testing.assert_allclose(y, z, rtol=10 * rel)


@pytest.mark.parametrize("kind", [lambda x: x, lambda x: [x, 3], lambda x: (x,)], ids=["tensor", "list", "tuple"])
def test_update_bn(kind):
    results = []
    for lib in (sparkle, torch):
        model = network(lib).eval()
        lib.optim.swa_utils.update_bn(batches(lib, 4, kind), model, device="cpu")
        assert not model.training
        assert model[1].momentum == 0.1
        results.append(model.state_dict())
    for key in results[0]:
        np.testing.assert_allclose(results[0][key].numpy(), results[1][key].numpy(), rtol=1e-9)


RATES = [
    {"swa_lr": 0.05},
    {"swa_lr": [0.05, 0.2], "anneal_epochs": 7, "anneal_strategy": "linear"},
    {"swa_lr": 0.3, "anneal_epochs": 0},
    {"swa_lr": 0.3, "anneal_epochs": 1},
]


def rates(lib, options, reload_at):
    p, q = (lib.ones(2, requires_grad=True) for _ in range(2))
    optimizer = lib.optim.SGD([{"params": [p]}, {"params": [q], "lr": 0.5}], lr=0.1)
    before = lib.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    scheduler = lib.optim.swa_utils.SWALR(optimizer, **options)
    trace = []
    for t in range(60):
        if t == reload_at:
            state = scheduler.state_dict()
            scheduler = lib.optim.swa_utils.SWALR(optimizer, **options)
            scheduler.load_state_dict(state)
        optimizer.step()
        (scheduler if t > 10 else before).step()
        trace += [group["lr"] for group in optimizer.param_groups]
    return trace, {key for key in scheduler.state_dict() if key != "anneal_func"}


@pytest.mark.parametrize("reload_at", [None, 15])
@pytest.mark.parametrize("options", RATES)
def test_rates(options, reload_at):
    (ours, keys), (theirs, others) = (rates(lib, options, reload_at) for lib in (sparkle, torch))
    assert ours == pytest.approx(theirs, rel=1e-12)
    assert keys == others


def model_of_another_kind(lib, S):
    S.AveragedModel(lib.nn.BatchNorm1d(3)).update_parameters(lib.nn.Linear(3, 2))


MISUSE = [
    lambda lib, S: S.AveragedModel(
        lib.nn.Linear(1, 1), avg_fn=S.get_swa_avg_fn(), multi_avg_fn=S.get_swa_multi_avg_fn()
    ),
    model_of_another_kind,
    lambda lib, S: S.get_ema_avg_fn(1.5),
    lambda lib, S: S.get_ema_multi_avg_fn(-0.1),
    lambda lib, S: S.SWALR(sgd(lib), 0.1, anneal_strategy="x"),
    lambda lib, S: S.SWALR(sgd(lib), 0.1, anneal_epochs=-1),
    lambda lib, S: S.SWALR(sgd(lib), 0.1, anneal_epochs=1.5),
    lambda lib, S: S.SWALR(sgd(lib), [0.1, 0.2]),
]


def sgd(lib):
    return lib.optim.SGD([lib.ones(2, requires_grad=True)], lr=0.1)


@pytest.mark.parametrize("call", MISUSE)
def test_misuse(call):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever torch raises is the oracle
        call(torch, torch.optim.swa_utils)
    with pytest.raises(theirs.type):
        call(sparkle, sparkle.optim.swa_utils)
