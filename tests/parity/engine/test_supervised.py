"""Supervised engines train and evaluate as Ignite's do: the same weights, outputs and metrics after the same data."""

from __future__ import annotations

import inspect
import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

with warnings.catch_warnings():  # torch.jit warns of itself while ignite is imported
    warnings.simplefilter("ignore")
    import ignite.engine
    import ignite.metrics

import sparkle
import sparkle.engine
import sparkle.metrics

OURS = SimpleNamespace(L=sparkle, e=sparkle.engine, m=sparkle.metrics)
THEIRS = SimpleNamespace(L=torch, e=ignite.engine, m=ignite.metrics)


def make_model(lib: Any) -> Any:
    nn = lib.L.nn
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Dropout(0.0), nn.Linear(8, 3))
    random = np.random.default_rng(5)
    with lib.L.no_grad():
        for parameter in model.parameters():
            parameter.copy_(lib.L.from_numpy(random.normal(size=tuple(parameter.shape)).astype("float32")))
    return model


def batches(lib: Any, count: int = 5) -> list[Any]:
    random = np.random.default_rng(6)
    arrays = [(random.normal(size=(6, 4)).astype("float32"), random.integers(0, 3, size=6)) for _ in range(count)]
    return [(lib.L.from_numpy(x), lib.L.from_numpy(y)) for x, y in arrays]


def train(lib: Any, **options: Any) -> tuple[list[Any], list[Any], bool]:
    """The outputs of each iteration, the weights at the end, the mode in which the model is left."""
    model, outputs = make_model(lib), []
    optimizer = lib.L.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    trainer = lib.e.create_supervised_trainer(model, optimizer, lib.L.nn.CrossEntropyLoss(), **options)
    trainer.add_event_handler(lib.e.Events.ITERATION_COMPLETED, lambda engine: outputs.append(engine.state.output))
    model.eval()
    trainer.run(batches(lib), max_epochs=2)
    return outputs, [parameter.detach().numpy() for parameter in model.parameters()], model.training


OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "device": {"device": "cpu", "non_blocking": True},
    "groups of two": {"gradient_accumulation_steps": 2},
    "groups of five": {"gradient_accumulation_steps": 5},
    "prepare": {"prepare_batch": lambda batch, device, non_blocking: (batch[0] * 2, batch[1])},
    "model function": {"model_fn": lambda model, x: (model(x), x), "model_transform": lambda output: output[0]},
    "output": {"output_transform": lambda x, y, y_pred, loss: (y_pred.sum() + loss).item()},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_training(name: str) -> None:
    ours, theirs = train(OURS, **OPTIONS[name]), train(THEIRS, **OPTIONS[name])
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-4)
    for a, b in zip(ours[1], theirs[1], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    assert ours[2] is theirs[2] is True


def test_difference_the_last_group_makes_a_step() -> None:
    """Ten batches in groups of three: ignite makes three steps, and the gradients of the tenth are lost."""
    steps = {}
    for lib in (OURS, THEIRS):
        model = make_model(lib)
        optimizer = lib.L.optim.SGD(model.parameters(), lr=0.0)
        made, step = [], optimizer.step
        optimizer.step = lambda made=made, step=step: made.append(1) or step()
        trainer = lib.e.create_supervised_trainer(
            model, optimizer, lib.L.nn.CrossEntropyLoss(), gradient_accumulation_steps=3
        )
        trainer.run(batches(lib), max_epochs=2)
        steps[lib.L.__name__] = len(made)
    assert steps == {"sparkle": 4, "torch": 3}


def test_difference_frozen_parts_stay_frozen() -> None:
    frozen = {}
    for lib in (OURS, THEIRS):
        model = make_model(lib)
        model[2].eval()
        optimizer = lib.L.optim.SGD(model.parameters(), lr=0.0)
        lib.e.create_supervised_trainer(model, optimizer, lib.L.nn.CrossEntropyLoss()).run(batches(lib))
        frozen[lib.L.__name__] = not model[2].training
    assert frozen == {"sparkle": True, "torch": False}


def test_bfloat16_training() -> None:
    """Mixed precision on the CPU: ignite knows it on GPUs only, so a loop of torch's own stands beside ours."""
    ours = train(OURS, amp_mode="amp")
    model = make_model(THEIRS)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for x, y in batches(THEIRS) * 2:
        optimizer.zero_grad()
        with torch.autocast("cpu"):
            loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    np.testing.assert_allclose(ours[0], losses, rtol=0.02)
    plain = train(OURS)
    assert ours[0] != plain[0]


def tbptt(lib: Any, trainer_of: Any) -> tuple[list[float], list[Any], list[str]]:
    nn, random = lib.L.nn, np.random.default_rng(3)
    model = nn.RNN(2, 3)
    with lib.L.no_grad():
        for parameter in model.parameters():
            parameter.copy_(lib.L.from_numpy(random.normal(size=tuple(parameter.shape)).astype("float32")))
    optimizer = lib.L.optim.SGD(model.parameters(), lr=0.1)
    trainer = trainer_of(model, optimizer, nn.MSELoss(), tbtt_step=3)
    outputs, fired = [], []
    trainer.add_event_handler(lib.e.Events.ITERATION_COMPLETED, lambda engine: outputs.append(engine.state.output))
    for name in ("TIME_ITERATION_STARTED", "TIME_ITERATION_COMPLETED"):
        trainer.add_event_handler(name, lambda engine, name=name: fired.append(name))
    x = lib.L.from_numpy(random.normal(size=(7, 4, 2)).astype("float32"))
    y = lib.L.from_numpy(random.normal(size=(7, 4, 3)).astype("float32"))
    trainer.run([(x, y)] * 3)
    return outputs, [parameter.detach().numpy() for parameter in model.parameters()], fired


def test_truncated_backpropagation_through_time() -> None:
    from ignite.contrib.engines import create_supervised_tbptt_trainer

    ours = tbptt(OURS, sparkle.engine.create_supervised_tbptt_trainer)
    theirs = tbptt(THEIRS, create_supervised_tbptt_trainer)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-4)
    for a, b in zip(ours[1], theirs[1], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    assert ours[2] == theirs[2]


def evaluate(lib: Any, **options: Any) -> tuple[dict[str, float], bool, bool]:
    model = make_model(lib)
    metrics = {"accuracy": lib.m.Accuracy(), "loss": lib.m.Loss(lib.L.nn.CrossEntropyLoss())}
    evaluator = lib.e.create_supervised_evaluator(model, metrics, **options)
    state = evaluator.run(batches(lib))
    return state.metrics, state.output[0].requires_grad, model.training


@pytest.mark.parametrize("name", ["plain", "device", "prepare", "model function"])
def test_evaluation(name: str) -> None:
    ours, theirs = evaluate(OURS, **OPTIONS[name]), evaluate(THEIRS, **OPTIONS[name])
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5)
    assert ours[1:] == theirs[1:] == (False, False)


def test_sparkle_drives_a_model_of_torch() -> None:
    """Its evaluator switches off the gradients of the library that the model is from."""
    evaluator = sparkle.engine.create_supervised_evaluator(make_model(THEIRS))
    assert not evaluator.run(batches(THEIRS)).output[0].requires_grad
    assert torch.is_grad_enabled()


FACTORIES = [f"create_supervised_{kind}" for kind in ("trainer", "evaluator")]
STEPS = [f"supervised_{kind}_step" for kind in ("training", "evaluation")]


@pytest.mark.parametrize("name", FACTORIES + STEPS)
def test_signature(name: str) -> None:
    ours, theirs = (inspect.signature(getattr(lib.e, name)).parameters for lib in (OURS, THEIRS))
    assert [key for key, parameter in ours.items() if parameter.kind is not parameter.KEYWORD_ONLY] == list(theirs)
    simple = {key for key, parameter in theirs.items() if not callable(parameter.default)}
    assert {key: ours[key].default for key in simple} == {key: theirs[key].default for key in simple}


MISUSES: dict[str, Any] = {
    "no steps": {"gradient_accumulation_steps": 0},
    "scaler": {"scaler": True},
    "apex scaler": {"amp_mode": "apex", "scaler": True},
    "apex": {"amp_mode": "apex"},
    "mps": {"device": "mps", "amp_mode": "amp"},
    "xla": {"device": "xla"},
    "xla amp": {"device": "xla", "amp_mode": "amp"},
}


@pytest.mark.parametrize("name", MISUSES)
def test_misuse(name: str) -> None:
    errors = []
    for lib in (OURS, THEIRS):
        with pytest.raises(Exception) as caught:  # noqa: PT011
            lib.e.create_supervised_trainer(None, None, None, **MISUSES[name])
        errors.append(type(caught.value))
    assert errors[0] is errors[1]


BATCHES: dict[str, Any] = {
    "numbers": lambda lib: (1, 2),
    "arrays": lambda lib: (np.zeros(2), np.zeros(2)),
    "three": lambda lib: (lib.L.zeros(2),) * 3,
    "text": lambda lib: 3,
}


@pytest.mark.parametrize("name", BATCHES)
def test_wrong_batch(name: str) -> None:
    errors = []
    for lib in (OURS, THEIRS):
        evaluator = lib.e.create_supervised_evaluator(make_model(lib))
        with pytest.raises(Exception) as caught:  # noqa: PT011
            evaluator.run([BATCHES[name](lib)])
        errors.append(type(caught.value))
    assert errors[0] is errors[1]
