"""What the factories do beyond Ignite's, with real models."""

from __future__ import annotations

from typing import Any

import pytest

import sparkle
from sparkle.engine import (
    DeterministicEngine,
    Engine,
    Events,
    create_supervised_evaluator,
    create_supervised_trainer,
    supervised_training_step,
    supervised_training_step_amp,
)
from sparkle.metrics import Accuracy, Loss

mse = sparkle.nn.functional.mse_loss


def line() -> Any:
    """y = w x, with w = 1."""
    model = sparkle.nn.Linear(1, 1, bias=False)
    sparkle.nn.init.ones_(model.weight)
    return model


def batch(x: float, y: float = 0.0) -> Any:
    return sparkle.tensor([[x]]), sparkle.tensor([[y]])


class Unsized:
    """Batches whose number is not known before they end."""

    def __init__(self, batches: list[Any]) -> None:
        self.batches = batches

    def __iter__(self) -> Any:
        return iter(self.batches)


def trained(data: Any, lr: float = 0.1, run: dict[str, int] | None = None, **options: Any) -> tuple[Any, Engine]:
    model = line()
    trainer = create_supervised_trainer(model, sparkle.optim.SGD(model.parameters(), lr=lr), mse, **options)
    trainer.run(data, **(run or {}))
    return model.weight.item(), trainer


# The gradient of (w x)^2 is 2 w x^2; a step with the mean of a group of three, then one of the two that are left.
XS = [1.0, 2.0, 3.0, 4.0, 5.0]


def accumulated() -> float:
    w = 1.0
    for group in (XS[:3], XS[3:]):
        w -= 0.01 * sum(2 * w * x * x for x in group) / len(group)
    return w


@pytest.mark.parametrize("sized", [True, False])
@pytest.mark.parametrize("limit", [{"max_epochs": 1}, {"max_iters": 5}], ids=str)
def test_the_last_group_makes_its_step(sized: bool, limit: dict[str, int]) -> None:
    data = [batch(x) for x in XS]
    weight, _ = trained(data if sized else Unsized(data), lr=0.01, run=limit, gradient_accumulation_steps=3)
    assert weight == pytest.approx(accumulated(), rel=1e-6)


def test_a_group_goes_over_the_end_of_an_epoch() -> None:
    data = [batch(x) for x in XS]
    steps: list[int] = []
    model = line()
    optimizer = sparkle.optim.SGD(model.parameters(), lr=0.01)
    trainer = create_supervised_trainer(model, optimizer, mse, gradient_accumulation_steps=3)
    trainer.add_event_handler(Events.OPTIM_STEP_COMPLETED, lambda: steps.append(trainer.state.iteration))
    trainer.run(data, max_epochs=2)
    assert steps == [3, 6, 9, 10]
    trainer.run(data, max_epochs=3)
    assert steps == [3, 6, 9, 10, 12, 15]


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_accumulated_gradients_are_saved(at: int, tmp_path: Any) -> None:
    data = [batch(x) for x in XS]
    for part in (1, 2):
        model = line()
        optimizer = sparkle.optim.SGD(model.parameters(), lr=0.01)
        trainer = create_supervised_trainer(model, optimizer, mse, gradient_accumulation_steps=3)
        if part == 1:
            trainer.add_event_handler(Events.ITERATION_COMPLETED(once=at), trainer.terminate)
            trainer.run(data, max_epochs=2)
            sparkle.save({"trainer": trainer.state_dict(), "model": model.state_dict()}, tmp_path / "saved.pt")
        else:
            saved = sparkle.load(tmp_path / "saved.pt")
            trainer.load_state_dict(saved["trainer"])
            model.load_state_dict(saved["model"])
            trainer.run(data, max_epochs=2)
    weight, _ = trained(data, lr=0.01, run={"max_epochs": 2}, gradient_accumulation_steps=3)
    assert model.weight.item() == weight


def test_gradients_of_another_optimizer_are_refused() -> None:
    model = line()
    optimizer = sparkle.optim.SGD(model.parameters())
    trainer = create_supervised_trainer(model, optimizer, mse, gradient_accumulation_steps=3)
    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=1), trainer.terminate)
    trainer.run([batch(x) for x in XS])
    saved = trainer.state_dict_objects["gradients"].state_dict()
    other = sparkle.nn.Linear(1, 1)
    gradients = create_supervised_trainer(
        other, sparkle.optim.SGD(other.parameters()), mse, gradient_accumulation_steps=3
    ).state_dict_objects["gradients"]
    with pytest.raises(ValueError, match=r"has 1 gradients .* has 2 parameters"):
        gradients.load_state_dict(saved)
    assert gradients.count == 0


def test_clipping_by_norm_and_by_value() -> None:
    # gradient 2 * 1 * 3 * 3 = 18
    assert trained([batch(3.0)], clip_grad_norm=2.0)[0] == pytest.approx(1 - 0.1 * 2, rel=1e-4)
    assert trained([batch(3.0)], clip_grad_value=0.5)[0] == pytest.approx(1 - 0.1 * 0.5)
    assert trained([batch(3.0)], clip_grad_norm=100.0)[0] == pytest.approx(1 - 0.1 * 18)
    assert trained([batch(3.0)], clip_grad_norm=2.0, clip_grad_value=0.5)[0] == pytest.approx(1 - 0.1 * 0.5)


def test_events_between_backward_and_step() -> None:
    seen: list[Any] = []
    model = line()
    trainer = create_supervised_trainer(
        model, sparkle.optim.SGD(model.parameters(), lr=0.1), mse, gradient_accumulation_steps=2, clip_grad_norm=1.0
    )
    for event in (Events.BACKWARD_COMPLETED, Events.OPTIM_STEP_COMPLETED, Events.ITERATION_COMPLETED):
        trainer.add_event_handler(
            event,
            lambda name: seen.append((name, round(model.weight.grad.item(), 3), round(model.weight.item(), 3))),
            event.name[:4],
        )
    trainer.run([batch(1.0), batch(3.0)])
    assert seen == [("ITER", 1.0, 1.0), ("BACK", 10.0, 1.0), ("OPTI", 1.0, 0.9), ("ITER", 1.0, 0.9)]


def test_filters_of_the_new_events_count_them() -> None:
    seen: list[int] = []
    _, trainer = trained([batch(1.0)])
    trainer.add_event_handler(Events.OPTIM_STEP_COMPLETED(every=2), lambda: seen.append(trainer.state.iteration))
    trainer.run([batch(1.0)] * 5)
    assert seen == [2, 4]


def test_the_schedule_steps_with_the_optimizer() -> None:
    model = line()
    optimizer = sparkle.optim.SGD(model.parameters(), lr=1.0)
    schedule = sparkle.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
    trainer = create_supervised_trainer(model, optimizer, mse, gradient_accumulation_steps=2, lr_scheduler=schedule)
    rates: list[float] = []
    trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda: rates.append(optimizer.param_groups[0]["lr"]))
    trainer.run([batch(0.1)] * 5)
    assert rates == [1.0, 0.5, 0.5, 0.25, 0.125]


def test_metrics_of_the_training_itself() -> None:
    model = sparkle.nn.Linear(2, 2)
    trainer = create_supervised_trainer(
        model,
        sparkle.optim.SGD(model.parameters(), lr=0.0),
        sparkle.nn.functional.cross_entropy,
        metrics={"accuracy": Accuracy(), "loss": Loss(sparkle.nn.functional.cross_entropy)},
    )
    data = [(sparkle.randn(4, 2), sparkle.randint(0, 2, (4,))) for _ in range(3)]
    state = trainer.run(data)
    assert not state.output["y_pred"].requires_grad
    evaluator = create_supervised_evaluator(
        model, {"accuracy": Accuracy(), "loss": Loss(sparkle.nn.functional.cross_entropy)}
    )
    assert state.metrics == pytest.approx(evaluator.run(data).metrics)
    assert isinstance(state.output["loss"], float)


def test_the_mode_is_changed_only_when_it_differs() -> None:
    changes: list[bool] = []

    class Noting(sparkle.nn.Linear):
        def train(self, mode: bool = True) -> Any:
            changes.append(mode)
            return super().train(mode)

    model = Noting(1, 1)
    trainer = create_supervised_trainer(model, sparkle.optim.SGD(model.parameters(), lr=0.1), mse)
    create_supervised_evaluator(model, trainer=trainer, data=[batch(1.0)] * 3)
    trainer.run([batch(1.0)] * 3, max_epochs=2)
    assert changes == [False, True, False]


def test_an_evaluator_knows_its_trainer() -> None:
    _, trainer = trained([batch(1.0)])
    model = line()
    evaluator = create_supervised_evaluator(model, {"loss": Loss(mse)}, trainer=trainer, data=[batch(2.0)] * 2)
    assert evaluator.trainer is trainer
    epochs: list[int] = []
    evaluator.add_event_handler(Events.COMPLETED, lambda engine: epochs.append(engine.trainer.state.epoch))
    trainer.run([batch(1.0)], max_epochs=3)
    assert (epochs, evaluator.state.metrics) == ([2, 3], {"loss": 4.0})
    assert create_supervised_evaluator(model).trainer is None


@pytest.mark.parametrize("scaled", [False, True])
def test_mixed_precision(scaled: bool) -> None:
    pytest.importorskip("ml_dtypes")
    dtypes: list[Any] = []
    model = line()
    trainer = create_supervised_trainer(
        model,
        sparkle.optim.SGD(model.parameters(), lr=0.1),
        lambda y_pred, y: dtypes.append(y_pred.dtype) or mse(y_pred.float(), y),
        amp_mode="amp",
        scaler=scaled,
        clip_grad_norm=2.0,
    )
    trainer.run([batch(3.0)])
    assert dtypes == [sparkle.bfloat16]
    assert model.weight.item() == pytest.approx(0.8, rel=1e-3)
    assert hasattr(trainer.state, "scaler") == scaled
    evaluator = create_supervised_evaluator(model, amp_mode="amp", output_transform=lambda x, y, y_pred: y_pred.dtype)
    assert evaluator.run([batch(1.0)]).output is sparkle.bfloat16


def test_steps_of_ones_own_engine() -> None:
    for make in (supervised_training_step, supervised_training_step_amp):
        model = line()
        optimizer = sparkle.optim.SGD(model.parameters(), lr=0.1)
        Engine(make(model, optimizer, mse, clip_grad_value=0.5)).run([batch(3.0)])
        assert model.weight.item() == pytest.approx(0.95)


def test_deterministic() -> None:
    _, trainer = trained([batch(1.0)], deterministic=True)
    assert isinstance(trainer, DeterministicEngine)


def test_is_last_iteration() -> None:
    last: list[int] = []
    engine = Engine(lambda engine, batch: engine.is_last_iteration and last.append(engine.state.iteration))
    engine.run([1, 2, 3], max_epochs=2)
    engine.state.max_epochs = None
    engine.run([1, 2, 3], max_iters=4)
    engine.state.max_iters = engine.state.epoch_length = None
    engine.run(iter([1, 2]))
    assert last == [6, 4]
