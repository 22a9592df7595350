"""LBFGS against torch: the losses and parameters of every step, through a save and load, and from torch and back."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

import sparkle

OPTIONS = [
    {},
    {"lr": 0.3, "max_iter": 4},
    {"lr": 0.2, "max_iter": 7, "history_size": 2, "max_eval": 6},  # full steps amplify a last digit to 1e-7
    {"line_search_fn": "strong_wolfe"},
    {"line_search_fn": "strong_wolfe", "max_iter": 3, "history_size": 3},
    {"line_search_fn": "strong_wolfe", "max_iter": 5, "max_eval": 7, "lr": 0.1},
    {"line_search_fn": "strong_wolfe", "max_iter": 1, "lr": 30.0},
    {"line_search_fn": "strong_wolfe", "tolerance_grad": 0.5, "tolerance_change": 0.1},
]
IDS = ["-".join(map(str, options.values())) or "default" for options in OPTIONS]


def rosenbrock(lib, x, y):
    return ((1 - x) ** 2).sum() + 10 * ((y - x**2) ** 2).sum()


def wavy(lib, x, y):
    return (x**2).sum() + (lib.sin(3 * x) * 0.7).sum() + (y**4).sum() + (x.sum() - y.sum()) ** 2


def quadratic(lib, x, y):
    return (lib.arange(1.0, 5.0, dtype=lib.float64).reshape(2, 2) * (x - 1) ** 2).sum() + ((y + x) ** 2).sum()


class Run:
    """One library's parameters: a matrix, another, a 0-d one without gradients, and an empty one."""

    def __init__(self, lib, function, options, dtype="float64"):
        self.lib, self.function, self.options = lib, function, options
        start = [
            np.array([[-1.2, 1.0], [0.5, 2.0]]),
            np.array([[1.0, -0.5], [0.3, 0.7]]),
            np.array(2.0),
            np.zeros((0, 2)),
        ]
        self.params = [lib.tensor(a.astype(dtype)).requires_grad_() for a in start]
        self.make()

    def make(self):
        self.optimizer = self.lib.optim.LBFGS(self.params, **self.options)

    def closure(self):
        self.optimizer.zero_grad()
        loss = self.function(self.lib, *self.params[:2]) + self.params[3].sum()
        loss.backward()
        return loss

    def step(self):
        return self.optimizer.step(self.closure).item()

    def values(self):
        return np.concatenate([p.detach().numpy().reshape(-1) for p in self.params])


@pytest.mark.parametrize("function", [rosenbrock, wavy, quadratic])
@pytest.mark.parametrize("options", OPTIONS, ids=IDS)
def test_trajectory(options, function):
    ours, theirs = (Run(lib, function, options) for lib in (sparkle, torch))
    for t in range(12):
        if t == 5:
            for run in (ours, theirs):
                saved = copy.deepcopy(run.optimizer.state_dict())
                run.make()
                run.optimizer.load_state_dict(saved)
        assert ours.step() == pytest.approx(theirs.step(), rel=1e-9, abs=1e-12)
        np.testing.assert_allclose(ours.values(), theirs.values(), rtol=1e-7, atol=1e-7)
    mine, other = (run.optimizer.state[run.params[0]] for run in (ours, theirs))
    assert (mine["n_iter"], mine["func_evals"]) == (other["n_iter"], other["func_evals"])
    assert set(other) - set(mine) <= {"al"}  # torch's scratch space


@pytest.mark.parametrize("options", OPTIONS[1:5], ids=IDS[1:5])
def test_to_torch_and_back(options):
    """The states of the two libraries are of one form: after some steps they swap them."""
    ours, theirs = (Run(lib, rosenbrock, options) for lib in (sparkle, torch))
    for _ in range(3):
        ours.step()
        theirs.step()
    mine, other = ours.optimizer.state_dict(), theirs.optimizer.state_dict()
    ours.optimizer.load_state_dict(convert(other, torch, lambda t: sparkle.tensor(t.numpy())))
    theirs.optimizer.load_state_dict(convert(mine, sparkle, lambda t: torch.tensor(t.numpy())))
    for _ in range(4):
        assert ours.step() == pytest.approx(theirs.step(), rel=1e-7, abs=1e-10)


def convert(value, lib, make):
    if isinstance(value, lib.Tensor):
        return make(value)
    if isinstance(value, dict):
        return {k: convert(v, lib, make) for k, v in value.items()}
    return [convert(v, lib, make) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
def test_float32_finds_the_minimum(search):
    run = Run(sparkle, rosenbrock, {"line_search_fn": search, "lr": 1 if search else 0.1}, "float32")
    for _ in range(15):
        run.step()
    np.testing.assert_allclose(run.values()[:8], 1.0, atol=2e-3)


def test_stops_at_a_minimum():
    for lib in (sparkle, torch):
        p = lib.zeros(2, requires_grad=True)
        optimizer = lib.optim.LBFGS([p])

        def closure(p=p):
            p.grad = None
            loss = (p * p).sum()
            loss.backward()
            return loss

        assert optimizer.step(closure).item() == 0
        assert optimizer.state[p] == {"func_evals": 1, "n_iter": 0}
