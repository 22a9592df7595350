"""Every optimizer finds a minimum, and a run that was saved and loaded goes on bit for bit."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import sparkle

OPTIMIZERS = {
    "SGD": {"lr": 0.1},
    "SGD-momentum": {"lr": 0.05, "momentum": 0.9},
    "Adagrad": {"lr": 0.5},
    "RMSprop": {"lr": 0.02},
    "Adam": {"lr": 0.1},
    "AdamW": {"lr": 0.1, "weight_decay": 0.0},
    "NAdam": {"lr": 0.1},
    "RAdam": {"lr": 0.1},
    "Adamax": {"lr": 0.1},
    "Adadelta": {"lr": 20.0},
    "Rprop": {"lr": 0.1},
    "ASGD": {"lr": 0.1},
    "Adafactor": {"lr": 0.05},
}


def make(name, params):
    return getattr(sparkle.optim, name.split("-")[0])(params, **OPTIMIZERS[name])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_finds_the_minimum(name):
    p = sparkle.tensor([3.0, -2.0], requires_grad=True)
    goal = sparkle.tensor([1.0, 0.5])
    optimizer = make(name, [p])
    for _ in range(300):
        optimizer.zero_grad()
        ((p - goal) ** 2).sum().backward()
        optimizer.step()
    np.testing.assert_allclose(p.detach().numpy(), goal.numpy(), atol=0.05)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_resumes_bit_for_bit(name):
    def run(stop):
        sparkle.manual_seed(1)
        model = sparkle.nn.Sequential(sparkle.nn.Linear(4, 5), sparkle.nn.Tanh(), sparkle.nn.Linear(5, 1))
        optimizer = make(name, model.parameters())
        x = sparkle.from_numpy(np.random.default_rng(0).standard_normal((8, 4)).astype("float32"))
        for t in range(12):
            if t == stop:
                states = copy.deepcopy((model.state_dict(), optimizer.state_dict()))
                model = copy.deepcopy(model)
                optimizer = make(name, model.parameters())
                model.load_state_dict(states[0])
                optimizer.load_state_dict(states[1])
            optimizer.zero_grad()
            model(x).pow(2).mean().backward()
            optimizer.step()
        return [p.detach().numpy() for p in model.parameters()]

    for a, b in zip(run(None), run(6), strict=True):
        np.testing.assert_array_equal(a, b)
