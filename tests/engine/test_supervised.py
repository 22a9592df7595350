"""The factories of supervised engines, with objects that have just the methods that are called."""

from __future__ import annotations

import inspect
import sys
from collections import OrderedDict, namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

from sparkle.engine import (
    Engine,
    Events,
    create_supervised_evaluator,
    create_supervised_tbptt_trainer,
    create_supervised_trainer,
    supervised_evaluation_step,
    supervised_training_step,
    supervised_training_step_apex,
    supervised_training_step_tpu,
)

CALLS: list[Any] = []


@pytest.fixture
def calls() -> Iterator[list[Any]]:
    CALLS.clear()
    yield CALLS
    CALLS.clear()


class Number:
    """A number that can be moved and differentiated, and says so."""

    def __init__(self, value: float, device: Any = "cpu") -> None:
        self.value, self.device = value, device

    def to(self, device: Any, non_blocking: bool) -> Number:
        CALLS.append(("to", self.value, device, non_blocking))
        return Number(self.value, device)

    def __truediv__(self, n: int) -> Number:
        return Number(self.value / n)

    def backward(self) -> None:
        CALLS.append(("backward", self.value))

    def item(self) -> float:
        return self.value


class Model:
    """y = 2 x"""

    def train(self) -> None:
        CALLS.append("train")

    def eval(self) -> None:
        CALLS.append("eval")

    def __call__(self, x: Number) -> Number:
        CALLS.append(("forward", x.device))
        return Number(2 * x.value)


class Optimizer:
    """Says what it is asked to do."""

    param_groups: tuple = ()

    def zero_grad(self) -> None:
        CALLS.append("zero_grad")

    def step(self) -> None:
        CALLS.append("step")


def difference(y_pred: Number, y: Number) -> Number:
    return Number(y_pred.value - y.value)


BATCH = (Number(3.0), Number(1.0))


def trainer(**options: Any) -> Engine:
    return create_supervised_trainer(Model(), Optimizer(), difference, **options)


def evaluator(**options: Any) -> Engine:
    return create_supervised_evaluator(Model(), **options)


# ---------------------------------------------------------------- training


def test_one_step(calls: list[Any]) -> None:
    assert trainer().run([BATCH]).output == 5.0
    assert calls == ["zero_grad", "train", ("forward", "cpu"), ("backward", 5.0), "step"]


def test_batches_are_moved_and_the_model_is_not(calls: list[Any]) -> None:
    trainer(device="cuda:1", non_blocking=True).run([BATCH])
    assert calls[2:5] == [("to", 3.0, "cuda:1", True), ("to", 1.0, "cuda:1", True), ("forward", "cuda:1")]


def test_accumulation(calls: list[Any]) -> None:
    """Five batches in groups of two: the last one makes its step alone."""
    engine = trainer(gradient_accumulation_steps=2)
    losses: list[float] = []
    engine.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: losses.append(engine.state.output))
    engine.run([BATCH] * 5)
    kept = [call for call in calls if call in ("zero_grad", "step") or call[0] == "backward"]
    half = ("backward", 2.5)
    assert kept == ["zero_grad", half, half, "step", "zero_grad", half, half, "step", "zero_grad", half, "step"]
    assert losses == [5.0] * 5  # the loss of the batch, not its share


def test_functions_of_the_user(calls: list[Any]) -> None:
    def prepare(batch: dict[str, Number], device: Any, non_blocking: bool) -> tuple[Number, Number]:
        calls.append(("prepare", device, non_blocking))
        return batch["x"], batch["y"]

    engine = trainer(
        device="cpu",
        prepare_batch=prepare,
        model_fn=lambda model, x: (model(x), "hidden"),
        model_transform=lambda output: output[0],
        output_transform=lambda x, y, y_pred, loss: (x.value, y.value, y_pred.value, loss.value),
    )
    assert engine.run([{"x": BATCH[0], "y": BATCH[1]}]).output == (3.0, 1.0, 6.0, 5.0)
    assert ("prepare", "cpu", False) in calls


def test_the_step_alone(calls: list[Any]) -> None:
    engine = Engine(supervised_training_step(Model(), Optimizer(), difference, gradient_accumulation_steps=3))
    engine.run([BATCH] * 3)
    assert calls.count("step") == 1


# ---------------------------------------------------------------- evaluation


class Recorder:
    """A metric, by what is called."""

    def attach(self, engine: Engine, name: str) -> None:
        engine.add_event_handler(Events.COMPLETED, lambda: engine.state.metrics.update({name: engine.state.output}))


def test_evaluation(calls: list[Any]) -> None:
    state = evaluator(metrics={"a": Recorder(), "b": Recorder()}, device="cpu").run([BATCH])
    y_pred, y = state.output
    assert (y_pred.value, y.value) == (6.0, 1.0)
    assert state.metrics == {"a": state.output, "b": state.output}
    assert calls == ["eval", ("to", 3.0, "cpu", False), ("to", 1.0, "cpu", False), ("forward", "cpu")]


def test_evaluation_by_functions_of_the_user() -> None:
    engine = evaluator(
        prepare_batch=lambda batch, device, non_blocking: (batch, device),
        model_fn=lambda model, x: [model(x)],
        model_transform=lambda output: output[0],
        output_transform=lambda x, y, y_pred: (x.value, y, y_pred.value),
    )
    assert engine.run([Number(1.0)]).output == (1.0, None, 2.0)


@pytest.fixture
def library(calls: list[Any]) -> Iterator[type]:
    """A module's class of a library that has a switch for gradients."""

    @contextmanager
    def no_grad() -> Iterator[None]:
        calls.append("no_grad")
        try:
            yield
        finally:
            calls.append("grad")

    package = ModuleType("some_library")
    package.no_grad = no_grad  # type: ignore[attr-defined]
    sys.modules["some_library"] = package
    yield type("Module", (Model,), {"__module__": "some_library.nn.module"})
    del sys.modules["some_library"]


def test_no_gradients_of_the_library_of_the_model(library: type, calls: list[Any]) -> None:
    model = type("Net", (library,), {"__module__": __name__})()
    output = Engine(supervised_evaluation_step(model, output_transform=lambda *args: calls.append("out"))).run([BATCH])
    assert output.output is None
    assert calls == ["eval", "no_grad", ("forward", "cpu"), "out", "grad"]


def test_gradients_again_after_an_error(library: type, calls: list[Any]) -> None:
    with pytest.raises(AttributeError):
        create_supervised_evaluator(library()).run([BATCH, ("a", "b")])
    assert calls.count("no_grad") == calls.count("grad") == 2


def test_no_gradients_for_a_model_of_no_library() -> None:
    """The tensors that such a model works on are most likely those of the package that the engine comes with."""
    import sparkle

    seen = []
    evaluator(model_fn=lambda model, x: seen.append(sparkle.is_grad_enabled())).run([BATCH])
    assert seen == [False]
    assert sparkle.is_grad_enabled()


# ---------------------------------------------------------------- batches

Pair = namedtuple("Pair", ["a", "b"])

NESTED: list[tuple[Any, Any]] = [
    (Number(1.0), 1.0),
    ([Number(1.0), Number(2.0)], [1.0, 2.0]),
    ((Number(1.0), "text", b"bytes"), (1.0, "text", b"bytes")),
    ({"a": Number(1.0), "b": [Number(2.0)]}, {"a": 1.0, "b": [2.0]}),
    (OrderedDict(a=Number(1.0)), OrderedDict(a=1.0)),
    (Pair(Number(1.0), (Number(2.0),)), Pair(1.0, (2.0,))),
    ("text", "text"),
]


def values(x: Any) -> Any:
    if isinstance(x, Number):
        return x.value
    if isinstance(x, dict):
        return type(x)((key, values(item)) for key, item in x.items())
    if isinstance(x, (list, tuple)):
        items = [values(item) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    return x


@pytest.mark.parametrize(("x", "wanted"), NESTED, ids=[type(x).__name__ for x, _ in NESTED])
@pytest.mark.parametrize("device", [None, "cuda"])
def test_nested_batch(x: Any, wanted: Any, device: Any, calls: list[Any]) -> None:
    engine = evaluator(device=device, model_fn=lambda model, x: x, output_transform=lambda x, y, y_pred: x)
    found = values(engine.run([(x, x)]).output)
    assert found == wanted
    assert type(found) is type(wanted)
    assert any(call[0] == "to" for call in calls) == (device is not None and wanted != "text")


# ---------------------------------------------------------------- misuse

MISUSES: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "no steps": (lambda: trainer(gradient_accumulation_steps=0), ValueError, "strictly positive, got 0"),
    "norm": (lambda: trainer(clip_grad_norm=0), ValueError, "clip_grad_norm must be strictly positive, got 0"),
    "value": (lambda: trainer(clip_grad_value=-1.0), ValueError, "clip_grad_value must be strictly positive"),
    "data alone": (lambda: evaluator(data=[BATCH]), ValueError, "but trainer is None"),
    "apex step": (supervised_training_step_apex, ModuleNotFoundError, "NVIDIA apex"),
    "tpu step": (supervised_training_step_tpu, ModuleNotFoundError, "PyTorch XLA"),
    "tbptt": (lambda: create_supervised_tbptt_trainer(None, None, None, 0), ValueError, "strictly positive, got 0"),
    "apex": (lambda: trainer(amp_mode="apex"), ModuleNotFoundError, "amp_mode='apex' needs NVIDIA apex"),
    "unknown mode": (lambda: trainer(amp_mode="half"), ValueError, "None, 'amp' or 'apex', got 'half'"),
    "scaler": (lambda: trainer(scaler=True), ValueError, "scaler argument is True, but amp_mode is None"),
    "apex scaler": (lambda: trainer(amp_mode="apex", scaler=True), ValueError, "amp_mode is apex"),
    "mps": (lambda: trainer(device="mps", amp_mode="amp"), ValueError, "amp_mode cannot be used with mps"),
    "xla": (lambda: trainer(device="xla:0"), RuntimeError, "device='xla:0' needs PyTorch XLA"),
    "xla evaluation": (lambda: evaluator(device="xla"), RuntimeError, "create_supervised_evaluator: device='xla'"),
    "numbers": (lambda: trainer().run([(1, 2)]), TypeError, "met a int in the batch.*prepare_batch"),
    "nested number": (lambda: evaluator().run([([1], "a")]), TypeError, "met a int in the batch"),
    "three": (lambda: trainer().run([(*BATCH, BATCH[0])]), ValueError, "too many values"),
}


@pytest.mark.parametrize("name", MISUSES)
def test_misuse(name: str) -> None:
    call, error, message = MISUSES[name]
    with pytest.raises(error, match=f"(?s){message}") as caught:
        call()
    assert type(caught.value) is error


def test_signatures() -> None:
    """The arguments, in this order, are what programs rely on."""
    common = "device non_blocking prepare_batch model_transform output_transform"
    wanted = {
        create_supervised_trainer: f"model optimizer loss_fn {common} deterministic amp_mode scaler "
        "gradient_accumulation_steps model_fn",
        supervised_training_step: f"model optimizer loss_fn {common} gradient_accumulation_steps model_fn",
        create_supervised_evaluator: f"model metrics {common} amp_mode model_fn",
        supervised_evaluation_step: f"model {common} model_fn",
    }
    for factory, names in wanted.items():
        parameters = inspect.signature(factory).parameters.values()
        assert [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY] == names.split()
