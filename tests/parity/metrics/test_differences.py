"""Where metrics differ from Ignite's on purpose: one row each, with the reason, and what either gives."""

from __future__ import annotations

import warnings
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


def updated(metric: Any, *tensors: Any) -> Any:
    metric.update(tensors)
    return metric.compute()


def saved(lib: Any, make: Callable[[Any], Any], output: Any) -> Any:
    """How many tensors or numbers a metric's state holds."""
    metric = make(lib.m)
    metric.update(output)
    state = metric.state_dict()
    return len(state.get("__metric_state_per_rank", [state])[0])


def state_of_mutual_information(lib: Any) -> Any:
    return saved(lib, lambda m: m.MutualInformation(), (lib.L.zeros(2, 3), lib.L.zeros(2)))


def state_of_kappa(lib: Any) -> Any:
    output = lib.L.tensor([0, 1]), lib.L.tensor([0, 1])
    return saved(lib, lambda m: m.CohenKappa(), output) > 0


def state_of_mean_average_precision(lib: Any) -> Any:
    return saved(lib, lambda m: m.MeanAveragePrecision(), (lib.L.zeros(2, 3), lib.L.tensor([0, 1]))) > 0


def state_of_frequency(lib: Any) -> Any:
    return saved(lib, lambda m: m.Frequency(), 3) > 0


def group_of_other_keys(lib: Any) -> Any:
    trainer = engine(lib)
    group = lib.m.MetricGroup({"mean": lib.m.Average(lambda output: output["loss"])})
    group.attach(trainer, "group")
    return trainer.run([{"loss": 2.0}]).metrics["mean"]


def group_of_mapping(lib: Any) -> Any:
    trainer = engine(lib)
    lib.m.MetricGroup({"a": lib.m.Accuracy(lambda output: {"y_pred": output[0], "y": output[1]})}).attach(trainer, "g")
    return trainer.run([(lib.L.ones(2), lib.L.ones(2))]).metrics["a"]


def divergence_of_certain_predictions(lib: Any) -> Any:
    certain = lib.L.tensor([[0.0, 200.0]])
    return round(float(updated(lib.m.JSDivergence(), certain, certain)), 6)


def entropy_of_a_masked_class(lib: Any) -> Any:
    return round(float(updated(lib.m.Entropy(), lib.L.tensor([[0.0, 0.0, -float("inf")]]), lib.L.zeros(1))), 4)


def kappa_of_one_label(lib: Any) -> Any:
    return updated(lib.m.CohenKappa(), lib.L.tensor([1, 1]), lib.L.tensor([1, 1]))


def kappa_of_unknown_label(lib: Any) -> Any:
    return updated(lib.m.CohenKappa(num_classes=2), lib.L.tensor([1, 2]), lib.L.tensor([1, 1]))


def independence_of_a_constant(lib: Any) -> Any:
    return updated(lib.m.HSIC(), lib.L.ones(6, 2), lib.L.eye(6))


def independence_far_from_zero(lib: Any) -> Any:
    x = lib.L.arange(6.0).reshape(6, 1)
    near, far = (updated(lib.m.HSIC(sigma_x=2.0), x + offset, x) for offset in (0, 5000))
    return abs(far / near - 1) < 0.01


def discrepancy_of_one_example(lib: Any) -> Any:
    return updated(lib.m.MaximumMeanDiscrepancy(), lib.L.ones(1, 2), lib.L.ones(1, 2))


def frequency_of_nothing(lib: Any) -> Any:
    return lib.m.Frequency().compute()


def mean_average_precision_of_nothing(lib: Any) -> Any:
    return lib.m.MeanAveragePrecision().compute()


def large_scores(lib: Any) -> Any:
    scores = lib.L.tensor([1e17, 1e17], dtype=lib.L.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(updated(lib.m.MeanAveragePrecision(), scores, lib.L.tensor([1, 0])))


def infinite_scores(lib: Any) -> Any:
    return updated(lib.m.ROC_AUC(), lib.L.tensor([0.0, float("inf")]), lib.L.tensor([0, 1]))


def report_of_binary_data(lib: Any) -> Any:
    report = lib.m.ClassificationReport(output_dict=True)
    return list(updated(report, lib.L.tensor([1, 0, 1]), lib.L.tensor([1, 1, 0])))


def similarity_of_long_vectors(lib: Any) -> Any:
    x = lib.L.full((1, 4), 1e30)
    return updated(lib.m.CosineSimilarity(), x, x)


def error_of_nothing(lib: Any) -> Any:
    try:
        lib.m.MultiLabelConfusionMatrix(3).compute()
    except RuntimeError as error:
        return str(error).split(" must ")[0]


def loss_of_an_empty_batch(lib: Any) -> Any:
    loss = lib.m.Loss(lib.L.nn.functional.mse_loss)
    loss.update((lib.L.ones(2), lib.L.zeros(2)))
    return updated(loss, lib.L.ones(0), lib.L.zeros(0))


def precision_of_an_empty_batch(lib: Any) -> Any:
    precision = lib.m.Precision(average="micro")
    precision.update((lib.L.eye(3), lib.L.arange(3)))
    return updated(precision, lib.L.ones(0, 3), lib.L.zeros(0, dtype=lib.L.int64))


class Difference(NamedTuple):
    """A program, why its outcome differs, and both outcomes."""

    program: Callable[[Any], Any]
    reason: str
    ignite: Any
    sparkle: Any


NAN = pytest.approx(float("nan"), nan_ok=True)
ZERO = pytest.approx(0.0, abs=1e-12)

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
    Difference(state_of_mutual_information, "all of the state is saved", 1, 3),
    Difference(state_of_kappa, "all of the state is saved", False, True),
    Difference(state_of_mean_average_precision, "all of the state is saved", False, True),
    Difference(state_of_frequency, "all of the state is saved", False, True),
    Difference(group_of_other_keys, "a group takes mappings of any keys", "ValueError", 2.0),
    Difference(group_of_mapping, "transforms of a group's metrics may give mappings", "AttributeError", 1.0),
    Difference(divergence_of_certain_predictions, "0 log 0 is 0", NAN, 0.0),
    Difference(entropy_of_a_masked_class, "0 log 0 is 0", NAN, 0.6931),
    Difference(kappa_of_one_label, "0 / 0 is nan, as in scikit-learn", 0.0, NAN),
    Difference(kappa_of_unknown_label, "a wrong label is a wrong value", "RuntimeError", "ValueError"),
    Difference(independence_of_a_constant, "a constant is independent of everything", NAN, ZERO),
    Difference(independence_far_from_zero, "distances lose no digits to an offset", False, True),
    Difference(discrepancy_of_one_example, "what has no estimate is an error", NAN, "ValueError"),
    Difference(frequency_of_nothing, "no value is an error", "ZeroDivisionError", "NotComputableError"),
    Difference(mean_average_precision_of_nothing, "no value is an error", "RuntimeError", "NotComputableError"),
    Difference(large_scores, "scores are compared, nothing is added to them", 0.0, 0.5),
    Difference(infinite_scores, "inf is a score like others", "ValueError", 1.0),
    Difference(report_of_binary_data, "binary data has a report too", "TypeError", ["1", "macro avg"]),
    Difference(similarity_of_long_vectors, "lengths are float64", 0.0, pytest.approx(1.0)),
    Difference(error_of_nothing, "the error names the metric", "Confusion matrix", "MultiLabelConfusionMatrix"),
    Difference(loss_of_an_empty_batch, "an empty batch changes nothing", NAN, 1.0),
    Difference(precision_of_an_empty_batch, "an empty batch changes nothing", "RuntimeError", 1.0),
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
