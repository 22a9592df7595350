"""Metrics of predicted numbers at the edges: nothing, nan, zero, one example, constants; misuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle.metrics import MeanPairwiseDistance, MetricGroup, NotComputableError, regression
from sparkle.metrics.regression import (
    MAPE,
    SMAPE,
    CanberraMetric,
    ExplainedVariance,
    FractionalBias,
    GeometricMeanRelativeAbsoluteError,
    KendallRankCorrelation,
    ManhattanDistance,
    MaximumAbsoluteError,
    MeanAbsoluteRelativeError,
    MeanError,
    MeanNormalizedBias,
    MedianAbsoluteError,
    MedianAbsolutePercentageError,
    PearsonCorrelation,
    QuantileLoss,
    R2Score,
    SpearmanRankCorrelation,
    WaveHedgesDistance,
)

random = np.random.default_rng(12)
METRICS = [getattr(regression, name) for name in regression.__all__]


@pytest.mark.parametrize("make", [*METRICS, MeanPairwiseDistance], ids=lambda make: make.__name__)
def test_nothing_was_seen(make: Any) -> None:
    """Batches of no examples are nothing."""
    metric = make()
    for _ in range(2):
        with pytest.raises(NotComputableError, match=rf"{make.__name__} must have at least one example"):
            metric.compute()
        shape = (0, 3) if make is MeanPairwiseDistance else (0,)
        metric.update((sparkle.zeros(*shape), sparkle.zeros(*shape)))


@pytest.mark.parametrize("make", METRICS, ids=lambda make: make.__name__)
def test_nan_makes_the_value_nan(make: Any) -> None:
    """Whichever came first, the nan or the numbers."""
    nan, one = sparkle.tensor([2.0, float("nan")]), sparkle.tensor([1.0, 3.0])
    for batches in ([(nan, one), (one, one + 1)], [(one, one + 1), (nan, one)], [(one, one + 1), (one, nan)]):
        metric = make()
        for output in batches:
            metric.update(output)
        assert np.isnan(metric.compute())


ONE_EXAMPLE = {
    "KendallRankCorrelation": np.nan,
    "SpearmanRankCorrelation": np.nan,
    "R2Score": np.nan,
    "ExplainedVariance": np.nan,
    "PearsonCorrelation": 0.0,
    "GeometricMeanRelativeAbsoluteError": np.inf,
    "MedianRelativeAbsoluteError": np.inf,
}


@pytest.mark.parametrize("make", METRICS, ids=lambda make: make.__name__)
def test_one_example(make: Any) -> None:
    metric = make()
    metric.update((sparkle.tensor([1.0]), sparkle.tensor([2.0])))
    value = metric.compute()
    assert type(value) is float
    if make.__name__ in ONE_EXAMPLE:
        np.testing.assert_equal(value, ONE_EXAMPLE[make.__name__])
    else:
        assert np.isfinite(value)


@pytest.mark.parametrize("constant", [0.1, 1e6 + 0.1, -7.0])
def test_constant_targets(constant: float) -> None:
    """Exactly constant, in many batches too: rounding makes no spread of its own."""
    y = sparkle.full((7,), constant)
    for make, right, wrong in ((R2Score, 1.0, 0.0), (ExplainedVariance, 1.0, 0.0), (PearsonCorrelation, 0.0, 0.0)):
        for y_pred, value in ((y, right), (sparkle.arange(7.0), wrong)):
            metric = make()
            for _ in range(3):
                metric.update((y_pred, y))
            assert metric.compute() == value
    for make in (SpearmanRankCorrelation, KendallRankCorrelation):
        metric = make()
        metric.update((sparkle.arange(7.0), y))
        assert np.isnan(metric.compute())


@pytest.mark.parametrize("eps", [1e-8, 1e-3, 0.0])
def test_smallest_spread_of_a_correlation(eps: float) -> None:
    y = np.array([1.0, 3.0, 2.0, 5.0]) * 1e-4
    metric = PearsonCorrelation(eps=eps)
    for part in np.split(y, 2):
        metric.update((sparkle.from_numpy(part), sparkle.from_numpy(2 * part)))
    spread = 2 * np.var(y)
    assert metric.compute() == pytest.approx(spread / max(spread, eps))


def test_a_constant_offset_hurts_nothing() -> None:
    """Of float32 numbers around 1e6 with a spread of 1, which a sum of squares in float32 knows nothing of."""
    y = (1e6 + random.normal(size=1000)).astype("float32")
    shifted = (y.astype(float) - 1e6).astype("float32")  # exact: the differences have few digits
    for make in (PearsonCorrelation, ExplainedVariance, R2Score):
        far, near = make(), make()
        for i in range(0, 1000, 10):
            noise = random.normal(size=10).astype("float32").round(1) / 8
            for metric, part in ((far, y[i : i + 10]), (near, shifted[i : i + 10])):
                metric.update((sparkle.tensor(part.astype(float) + noise), sparkle.tensor(part.astype(float))))
        assert far.compute() == pytest.approx(near.compute(), abs=1e-9)
        assert 0.9 < far.compute() < 1


@pytest.mark.parametrize("make", [MeanAbsoluteRelativeError, MAPE, MeanNormalizedBias])
def test_zero_targets(make: Any) -> None:
    metric = make()
    metric.update((sparkle.full((3,), 2.0), sparkle.ones(3)))
    value = metric.compute()
    with pytest.raises(NotComputableError, match=f"{make.__name__}: The ground truth has 0"):
        metric.update((sparkle.ones(3), sparkle.tensor([0.0, 1.0, 0.0])))
    assert metric.compute() == value


@pytest.mark.cuda
@pytest.mark.parametrize("make", [MeanAbsoluteRelativeError, MAPE, MeanNormalizedBias])
def test_zero_targets_on_a_gpu(make: Any) -> None:
    metric = make()
    metric.update((sparkle.ones(3).cuda(), sparkle.tensor([0.0, 1.0, 0.0]).cuda()))
    with pytest.raises(NotComputableError, match=f"{make.__name__}: The ground truth has 0"):
        metric.compute()


@pytest.mark.parametrize(
    "make",
    [CanberraMetric, SMAPE, FractionalBias, WaveHedgesDistance, MedianAbsolutePercentageError],
)
def test_zero_of_zero_is_no_error(make: Any) -> None:
    metric = make()
    metric.update((sparkle.zeros(3), sparkle.zeros(3)))
    assert metric.compute() == 0.0


def test_infinite_numbers() -> None:
    infinite = sparkle.tensor([float("inf"), 1.0, 2.0]), sparkle.tensor([2.0, 1.0, 3.0])
    for make in (ManhattanDistance, MaximumAbsoluteError, MAPE):
        metric = make()
        metric.update(infinite)
        assert metric.compute() == np.inf
    for make, value in ((MedianAbsoluteError, 1.0), (SpearmanRankCorrelation, 0.5), (KendallRankCorrelation, 1 / 3)):
        metric = make()
        metric.update(infinite)
        assert metric.compute() == pytest.approx(value)  # -0.5 and so on would be nan's
    for make in (R2Score, PearsonCorrelation):
        metric = make()
        metric.update(infinite)
        assert np.isnan(metric.compute())


@pytest.mark.parametrize("levels", [1, 2, 3, 100, 10**6])
@pytest.mark.parametrize("n", [2, 3, 17, 1000])
def test_inversions(n: int, levels: int) -> None:
    """Counted bit by bit, they are what every pair says."""
    from sparkle.metrics.regression.ranks import inversions

    x = random.integers(0, levels, n)
    assert inversions(x) == int(np.triu(x[:, None] > x[None, :], 1).sum())


def test_quantiles_are_least() -> None:
    y = sparkle.from_numpy(random.exponential(size=999))
    losses = []
    for guess in np.quantile(y.numpy(), [0.7, 0.8, 0.9]):
        metric = QuantileLoss(0.8)
        metric.update((sparkle.full((999,), guess, dtype=sparkle.float64), y))
        losses.append(metric.compute())
    assert losses[1] == min(losses)


def test_kept_examples_are_copies() -> None:
    y_pred, y = sparkle.tensor([1.0, 2.0, 3.0]), sparkle.tensor([1.0, 2.0, 4.0])
    metrics = [KendallRankCorrelation(), MedianAbsoluteError(), GeometricMeanRelativeAbsoluteError()]
    for metric in metrics:
        metric.update((y_pred, y))
    values = [metric.compute() for metric in metrics]
    y_pred.zero_()
    assert [metric.compute() for metric in metrics] == values


def test_in_a_group_and_in_formulas() -> None:
    """One group updates all; each has the value that it has alone."""
    group = MetricGroup({make.__name__: make() for make in METRICS})
    twice = 2 * R2Score() - 1
    outputs = [
        tuple(sparkle.from_numpy(part) for part in parts)
        for parts in zip(*(np.split(np.exp(x), [9]) for x in random.normal(size=(2, 23))), strict=True)
    ]
    for output in outputs:
        group.update(output)
        twice.update(output)
    values = group.compute()
    assert twice.compute() == 2 * values["R2Score"] - 1
    for make in METRICS:
        metric = make()
        for output in outputs:
            metric.update(output)
        assert metric.compute() == values[make.__name__]


def test_bfloat16() -> None:
    pytest.importorskip("ml_dtypes")
    metric = MeanError()
    metric.update((sparkle.ones(3).bfloat16(), sparkle.full((3,), 3.0).bfloat16()))
    assert metric.compute() == 2.0


WRONG = {
    "three dims": ((sparkle.zeros(2, 1, 1), sparkle.zeros(2, 1, 1)), ValueError, r"y_pred should have shape \(N,\)"),
    "rows": ((sparkle.zeros(2, 3), sparkle.zeros(2, 3)), ValueError, r"given \(2, 3\)"),
    "y": ((sparkle.zeros(2), sparkle.zeros(2, 2)), ValueError, r"Input y should have shape"),
    "other shapes": ((sparkle.zeros(2), sparkle.zeros(3)), ValueError, r"\(2,\) and \(3,\)"),
    "column and row": ((sparkle.zeros(2), sparkle.zeros(2, 1)), ValueError, "should be the same"),
    "integers": ((sparkle.zeros(2), sparkle.tensor([1, 2])), TypeError, "y dtype should be floating point"),
    "integers predicted": ((sparkle.tensor([1, 2]), sparkle.zeros(2)), TypeError, "y_pred dtype"),
    "no tensors": (([1.0], [2.0]), TypeError, "two tensors"),
}
CHECKED = [make for make in METRICS if not make.__name__.startswith("Median")]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("make", CHECKED, ids=lambda make: make.__name__)
def test_wrong_outputs(make: Any, wrong: str) -> None:
    output, error, message = WRONG[wrong]
    with pytest.raises(error, match=f"{make.__name__}: .*{message}"):
        make().update(output)


@pytest.mark.parametrize(
    ("make", "shapes"),
    [
        (MedianAbsoluteError, ((2, 2, 2), (2, 2, 2))),
        (MedianAbsoluteError, ((2,), (3,))),
        (MeanPairwiseDistance, ((3,), (3,))),
        (MeanPairwiseDistance, ((2, 3), (3, 2))),
    ],
)
def test_wrong_shapes(make: Any, shapes: Any) -> None:
    with pytest.raises(ValueError, match=f"{make.__name__}: "):
        make().update(tuple(sparkle.zeros(*shape) for shape in shapes))


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match="variant accepts 'b' or 'c', got 'a'"):
        KendallRankCorrelation("a")
    with pytest.raises(ValueError, match=r"quantile should lie in \[0, 1\], got 1.5"):
        QuantileLoss(1.5)


def test_pairs_are_taken_whole_on_demand() -> None:
    """skip_unrolling is honoured: an output of two lists reaches update as it is."""
    assert MeanPairwiseDistance(skip_unrolling=True)._skip_unrolling
    assert R2Score(skip_unrolling=True)._skip_unrolling
