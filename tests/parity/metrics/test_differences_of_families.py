"""Where regression, texts, images, items and groups differ from Ignite's on purpose: the reason, and what either gives.

As in test_differences.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest


def value(metric: Any, *outputs: Any) -> Any:
    for output in outputs:
        metric.update(output)
    return metric.compute()


def floats(lib: Any, *numbers: float) -> Any:
    return lib.L.tensor([float(x) for x in numbers])


def distance_of_nothing(lib: Any) -> Any:
    return [getattr(lib.m.regression, name)().compute() for name in ("CanberraMetric", "WaveHedgesDistance")]


def correlation_with_itself(lib: Any) -> Any:
    y = floats(lib, *(10000 + i / 16 for i in range(8)))
    return round(value(lib.m.regression.PearsonCorrelation(), (y, y)), 6)


def determination_far_from_zero(lib: Any) -> Any:
    y = floats(lib, *(100000 + i / 2 for i in range(16)))
    return round(value(lib.m.regression.R2Score(), (y + 1, y)), 4)


def determination_of_a_constant(lib: Any) -> Any:
    return value(lib.m.regression.R2Score(), (floats(lib, 1, 2), floats(lib, 2, 2)))


def largest_of_nan(lib: Any) -> Any:
    return str(value(lib.m.regression.MaximumAbsoluteError(), (floats(lib, math.nan), floats(lib, 0)), (
        floats(lib, 1), floats(lib, 0))))  # fmt: skip


def median_with_nan(lib: Any) -> Any:
    return str(value(lib.m.regression.MedianAbsoluteError(), (floats(lib, 1, 2, math.nan), floats(lib, 0, 0, 0))))


def zero_of_zero(lib: Any) -> Any:
    return str(value(lib.m.regression.FractionalAbsoluteError(), (floats(lib, 0, 1), floats(lib, 0, 1))))


def bias_of_opposites(lib: Any) -> Any:
    return value(lib.m.regression.FractionalBias(), (floats(lib, -1), floats(lib, 1)))


def hedges_of_zero(lib: Any) -> Any:
    return value(lib.m.regression.WaveHedgesDistance(), (floats(lib, 0), floats(lib, -1)))


def tiny_numbers(lib: Any) -> Any:
    return round(value(lib.m.regression.CanberraMetric(), (floats(lib, 1e-20), floats(lib, 3e-20))), 6)


def lists_taken_whole(lib: Any) -> Any:
    return lib.m.MeanPairwiseDistance(skip_unrolling=True)._skip_unrolling


def references_are_missing(lib: Any) -> Any:
    return float(value(lib.m.nlp.Bleu(1), ([["a"], ["b"]], [[["a"]]])))


def rouge_references_are_missing(lib: Any) -> Any:
    return value(lib.m.nlp.RougeL(), ([["a"], ["b"]], [[["a"]]]))["Rouge-L-F"]


def micro_of_nothing(lib: Any) -> Any:
    return lib.m.nlp.Bleu(average="micro").compute()


def errors_are_saved(lib: Any) -> Any:
    rate, other = lib.m.nlp.CharacterErrorRate(), lib.m.nlp.CharacterErrorRate()
    rate.update(("ab", "aa"))
    other.load_state_dict(rate.state_dict())
    return other.compute()


def class_number_of_none(lib: Any) -> Any:
    return value(lib.m.nlp.Perplexity(), (lib.L.zeros(1, 2), lib.L.tensor([5])))


def extractor_is_a_function(lib: Any) -> Any:
    x = lib.L.tensor([[0.0], [1.0]])
    return value(lib.m.gan.FID(num_features=1, feature_extractor=lambda images: images), (x, x))


def fid_of_one(lib: Any) -> Any:
    x = lib.L.ones(1, 2)
    return value(lib.m.gan.FID(num_features=2, feature_extractor=lib.L.nn.Identity()), (x, x))


def even_window_of_three(lib: Any) -> Any:
    """Of constant images, whose means are themselves: (2 x y + c1) / (x^2 + y^2 + c1)."""
    x, y = lib.L.ones(1, 1, 5, 5), lib.L.ones(1, 1, 5, 5) / 2
    return round(value(lib.m.SSIM(1.0, kernel_size=3, gaussian=False), (x, y)), 4)


def oblong_window_of_volumes(lib: Any) -> Any:
    """Is it that of their slices, which are all alike?"""
    x = floats(lib, 0, 3, 1, 2, 5, 4, 2)[None, None, None] * lib.L.ones(1, 1, 7, 7)
    y = x * x / 5
    flat = value(lib.m.SSIM(5.0, kernel_size=[1, 5]), (x, y))
    x, y = (z[:, :, None] * lib.L.ones(1, 1, 7, 7, 7) for z in (x, y))
    return abs(value(lib.m.SSIM(5.0, kernel_size=[1, 1, 5], ndims=3), (x, y)) - flat) < 1e-4


def more_items_than_there_are(lib: Any) -> Any:
    return value(lib.m.rec_sys.HitRate(top_k=5), (floats(lib, 1, 2)[None], floats(lib, 1, 0)[None]))


def groups_of_nothing(lib: Any) -> Any:
    return lib.m.fairness.SubgroupMetric(lib.m.Accuracy(), [0, 1]).compute()


def difference_with_nan(lib: Any) -> Any:
    metric = lib.m.fairness.SubgroupDifference(lib.m.MeanSquaredError(), [0, 1, 2])
    return str(value(metric, (floats(lib, 0, math.nan, 1), floats(lib, 0, 0, 0), lib.L.tensor([0, 1, 2]))))


def clusters_with_nan(lib: Any) -> Any:
    metric = lib.m.clustering.DaviesBouldinScore(check_compute_fn=False)
    return str(value(metric, (floats(lib, 0, 1, math.nan)[:, None], lib.L.tensor([0, 1, 1]))))


def empty_batches(lib: Any) -> Any:
    metric = lib.m.gan.InceptionScore(num_features=2, feature_extractor=lib.L.nn.Identity())
    return value(metric, lib.L.zeros(0, 2), lib.L.ones(1, 2) / 2)


def tensors_of_boxes(lib: Any) -> Any:
    from importlib import import_module

    name = "metrics.vision.object_detection_average_precision_recall"
    make = import_module(f"{lib.name}.{name}").coco_tensor_list_to_dict_list
    return list(make(([lib.L.zeros(1, 6)], [lib.L.zeros(1, 5)]))[0][0])


class Difference(NamedTuple):
    """A program, why its outcome differs, and both outcomes."""

    program: Callable[[Any], Any]
    reason: str
    ignite: Any
    sparkle: Any


NOTHING = "NotComputableError"
INTENDED = [
    Difference(distance_of_nothing, "no value is an error, in all metrics", [0.0, 0.0], NOTHING),
    Difference(correlation_with_itself, "moments about the mean", pytest.approx(0.0), 1.0),
    Difference(determination_far_from_zero, "moments about the mean", pytest.approx(1, abs=0.1), round(69 / 85, 4)),
    Difference(determination_of_a_constant, "1 without errors, 0 with, as in scikit-learn", "ZeroDivisionError", 0.0),
    Difference(largest_of_nan, "nan among numbers makes the value nan", "1.0", "nan"),
    Difference(median_with_nan, "nan among numbers makes the value nan", "2.0", "nan"),
    Difference(zero_of_zero, "no error in what is zero is no error", "nan", "0.0"),
    Difference(bias_of_opposites, "no small number in denominators", pytest.approx(4e30), math.inf),
    Difference(hedges_of_zero, "no small number in denominators", pytest.approx(1e30), math.inf),
    Difference(tiny_numbers, "no small number in denominators", 2e-05, 0.5),
    Difference(lists_taken_whole, "an argument is honoured", False, True),
    Difference(references_are_missing, "nothing is left out in silence", 1.0, "ValueError"),
    Difference(rouge_references_are_missing, "nothing is left out in silence", 1.0, "ValueError"),
    Difference(micro_of_nothing, "no value is an error, in all metrics", 0, NOTHING),
    Difference(errors_are_saved, "every metric has a state", NOTHING, 0.5),
    Difference(class_number_of_none, "wrong values are ValueErrors", "IndexError", "ValueError"),
    Difference(extractor_is_a_function, "any function will do", "TypeError", pytest.approx(0.0)),
    Difference(fid_of_one, "one example has no covariance", pytest.approx(math.nan, nan_ok=True), NOTHING),
    Difference(even_window_of_three, "even weights add to 1, for every size", 0.6406, 0.8),
    Difference(oblong_window_of_volumes, "sizes belong to dims in their order", False, True),
    Difference(more_items_than_there_are, "all items, as in NDCG", "RuntimeError", [1.0]),
    Difference(groups_of_nothing, "no value is an error, in all metrics", {}, NOTHING),
    Difference(difference_with_nan, "nan among numbers makes the value nan", "1.0", "nan"),
    Difference(clusters_with_nan, "nan among numbers makes the value nan", "ValueError", "nan"),
    Difference(empty_batches, "an empty batch adds nothing, to all metrics", "ValueError", pytest.approx(1.0)),
    Difference(tensors_of_boxes, "the keys that the metric takes", ["bbox", "confidence", "class"],
               ["bbox", "scores", "labels"]),
]  # fmt: skip

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
@pytest.mark.filterwarnings("ignore")
def test_ignite_still_gives_the_other(difference: Difference, theirs: Any) -> None:
    assert outcome(difference.program, theirs) == difference.ignite, "no difference any more"
