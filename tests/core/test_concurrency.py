"""One library in several threads and processes at once, and with other numbers of threads."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle import nn
from sparkle.core import settings

TIMEOUT = 120  # seconds, after which a process counts as hung


class Recurrent(nn.Module):
    """A sequence to its last hidden state, to classes."""

    def __init__(self) -> None:
        super().__init__()
        self.cells, self.head = nn.LSTM(32, 64, batch_first=True), nn.Linear(64, 10)

    def forward(self, x: Any) -> Any:
        return self.head(self.cells(x)[0][:, -1])


def convolutional() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 16, 4, stride=2, padding=1), nn.GroupNorm(4, 16), nn.ReLU(), nn.Flatten(), nn.Linear(1024, 10),
    )  # fmt: skip


MODELS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "convolutional": (convolutional, (32, 3, 32, 32)),
    "recurrent": (Recurrent, (32, 40, 32)),
    "dense": (lambda: nn.Sequential(nn.Linear(300, 600), nn.Tanh(), nn.Linear(600, 10)), (256, 300)),
}


def training(name: str, seed: int) -> Callable[[], list[np.ndarray]]:
    """A training of three steps, to be run where and when one likes; gives the weights."""
    sparkle.manual_seed(seed)
    make, shape = MODELS[name]
    model, x, y = make(), sparkle.randn(*shape), sparkle.randint(0, 10, shape[:1])
    optimizer = sparkle.optim.SGD(model.parameters(), lr=0.05)

    def run() -> list[np.ndarray]:
        for _ in range(3):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
        return [p.detach().numpy() for p in model.parameters()]

    return run


def same(met: list[np.ndarray], wanted: list[np.ndarray]) -> None:
    """To the last bit."""
    for a, b in zip(met, wanted, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", MODELS)
def test_once_more_is_the_same(name: str) -> None:
    same(training(name, 0)(), training(name, 0)())


@pytest.mark.parametrize("name", MODELS)
def test_the_number_of_threads_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for threads in (1, 2, 3):
        monkeypatch.setattr(settings._settings, "threads", threads)
        found.append(training(name, 0)())
    same(found[1], found[0])
    same(found[2], found[0])


@pytest.mark.parametrize("name", MODELS)
def test_two_threads_train_two_models_at_once(name: str) -> None:
    wanted = [training(name, seed)() for seed in (1, 2)]
    runs, found = [training(name, seed) for seed in (1, 2)], [[], []]
    threads = [threading.Thread(target=lambda i=i: found[i].extend(runs[i]())) for i in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT)
    for met, expected in zip(found, wanted, strict=True):
        same(met, expected)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("name", MODELS)
def test_a_forked_worker_after_the_parent_has_used_its_threads(name: str) -> None:
    wanted = training(name, 0)()
    run = training(name, 0)
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    worker = context.Process(target=lambda: answers.put(run()), daemon=True)
    worker.start()
    same(answers.get(timeout=TIMEOUT), wanted)
    worker.join(TIMEOUT)
    assert worker.exitcode == 0


def test_a_spawned_worker() -> None:
    x, w = sparkle.randn(8, 3, 64, 64), sparkle.randn(16, 3, 3, 3)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        answer = pool.apply_async(sparkle.conv2d, (x, w)).get(TIMEOUT)
    np.testing.assert_allclose(answer.numpy(), sparkle.conv2d(x, w).numpy(), rtol=1e-4, atol=1e-4)
