"""Where metrics differ from Ignite's on purpose: one row each, with the reason, and what either gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest


def engine(lib: Any) -> Any:
    return lib.e.Engine(lambda engine, batch: batch)


def running_average_is_attached(lib: Any) -> Any:
    trainer, average = engine(lib), lib.m.RunningAverage(output_transform=lambda output: output)
    average.attach(trainer, "a")
    return average.is_attached(trainer)


def running_average_of_nothing(lib: Any) -> Any:
    return lib.m.RunningAverage(output_transform=lambda output: output).compute()


def typo(lib: Any) -> Any:
    return hasattr(lib.m.Accuracy(), "atach")


def small_numbers_beside_a_large_one(lib: Any) -> Any:
    loss = lib.m.Loss(lambda y_pred, y: y_pred.mean())
    for value in [2.0**24] + [1.0] * 8:
        loss.update((lib.L.tensor([value]), lib.L.zeros(1)))
    return loss.compute() * 9 - 2**24


def large_errors(lib: Any) -> Any:
    error = lib.m.MeanSquaredError()
    error.update((lib.L.tensor([1e30]), lib.L.zeros(1)))
    return error.compute()


def bytes_below_bytes(lib: Any) -> Any:
    error = lib.m.MeanAbsoluteError()
    error.update((lib.L.tensor([1], dtype=lib.L.uint8), lib.L.tensor([3], dtype=lib.L.uint8)))
    return error.compute()


def matrix_after_an_average(lib: Any) -> Any:
    matrix = lib.m.ConfusionMatrix(2, average="samples")
    matrix.update((lib.L.eye(2), lib.L.tensor([0, 1])))
    matrix.compute()
    return str(matrix.confusion_matrix.dtype).split(".")[-1]


def value_changes_after_it_was_read(lib: Any) -> Any:
    matrix = lib.m.ConfusionMatrix(2)
    matrix.update((lib.L.eye(2), lib.L.tensor([0, 1])))
    value = matrix.compute()
    matrix.update((lib.L.eye(2), lib.L.tensor([0, 1])))
    return int(value.sum())


def parts_updated(lib: Any) -> Any:
    average = lib.m.Average()
    (average * 2 + average * 3).update(1.0)
    return average.num_examples


def running_average_among_the_parts(lib: Any) -> Any:
    trainer = engine(lib)
    (1 - lib.m.RunningAverage(lib.m.Average())).attach(trainer, "a", usage="running_batch_wise")
    return trainer.run([0.25, 0.25]).metrics["a"]


def negative_label(lib: Any) -> Any:
    precision = lib.m.Precision()
    precision.update((lib.L.zeros(2, 3), lib.L.tensor([0, -1])))


def keyword_arguments_of_a_loss(lib: Any) -> Any:
    trainer = engine(lib)
    lib.m.Loss(lambda y_pred, y: (y_pred - y).mean()).attach(trainer, "loss")
    return trainer.run([{"y_pred": lib.L.ones(2), "y": lib.L.zeros(2)}]).metrics["loss"]


def state_is_checked_first(lib: Any) -> Any:
    average = lib.m.RunningAverage(lib.m.Average())
    average._value = 1.0
    state = average.state_dict()
    inner = state["__metric_state_per_rank"][0] if "__metric_state_per_rank" in state else state
    inner["_value"], inner["src"] = 2.0, {}
    try:
        average.load_state_dict(state)
    except ValueError:
        return average._value


class Difference(NamedTuple):
    """A program, why its outcome differs, and both outcomes."""

    program: Callable[[Any], Any]
    reason: str
    ignite: Any
    sparkle: Any


INTENDED = [
    Difference(running_average_is_attached, "attach and is_attached have one default usage", False, True),
    Difference(running_average_of_nothing, "no value is an error, in all metrics", None, "NotComputableError"),
    Difference(typo, "a typo is an AttributeError", True, False),
    Difference(small_numbers_beside_a_large_one, "sums are float64", 0.0, 8.0),
    Difference(large_errors, "sums are float64", float("inf"), pytest.approx(1e60)),
    Difference(bytes_below_bytes, "differences are float64", 254.0, 2.0),
    Difference(matrix_after_an_average, "computing changes no state", "float32", "int64"),
    Difference(value_changes_after_it_was_read, "a value is not the state", 4, 2),
    Difference(parts_updated, "each part is updated once", 2, 1),
    Difference(running_average_among_the_parts, "the source of a part is attached too", "NotComputableError", 0.75),
    Difference(negative_label, "labels are checked at both ends", "RuntimeError", "ValueError"),
    Difference(keyword_arguments_of_a_loss, "criterion_kwargs may be left out", "ValueError", 1.0),
    Difference(state_is_checked_first, "what is refused changes nothing", 2.0, 1.0),
]

each = pytest.mark.parametrize("difference", INTENDED, ids=lambda difference: difference.program.__name__)


def outcome(program: Callable[[Any], Any], lib: Any) -> Any:
    try:
        return program(lib)
    except Exception as error:
        return type(error).__name__


@each
def test_sparkle_gives_what_is_intended(difference: Difference, ours: Any) -> None:
    assert outcome(difference.program, ours) == difference.sparkle, difference.reason


@each
def test_ignite_still_gives_the_other(difference: Difference, theirs: Any) -> None:
    assert outcome(difference.program, theirs) == difference.ignite, "no difference any more: move it to test_traces"
