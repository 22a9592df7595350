"""FID and the inception score beside NumPy's formulas, and what they ask of a feature extractor."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle import nn
from sparkle.metrics import NotComputableError
from sparkle.metrics.gan import FID, InceptionScore
from sparkle.metrics.gan.fid import fid_score
from tests.cases.metric import SITUATIONS, MetricRow, check

random = np.random.default_rng(2)


def batch(n: int, d: int, offset: float = 0.0) -> np.ndarray:
    return random.normal(size=(n, d)) @ random.normal(size=(d, d)) + offset


def fid(a: np.ndarray, b: np.ndarray) -> float:
    """The trace of the root from the eigenvalues of the product, which is not symmetric."""
    s1, s2 = np.atleast_2d(np.cov(a.T)), np.atleast_2d(np.cov(b.T))
    roots = np.sqrt(np.linalg.eigvals(s1 @ s2).astype(complex)).real.sum()
    return float(np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(s1 + s2) - 2 * roots)


def inception(p: np.ndarray) -> float:
    mean = p.mean(axis=0)
    return float(np.exp(np.mean([sum(x * np.log(x / m) for x, m in zip(row, mean, strict=True) if x) for row in p])))


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x)
    return e / e.sum(axis=1, keepdims=True)


PAIR = batch(30, 5), batch(30, 5, 1.0)
PROBABILITIES = softmax(2 * random.normal(size=(30, 6)))
ROWS = [
    MetricRow("fid", lambda: FID(5), PAIR, fid(*PAIR)),
    MetricRow("fid of singles", lambda: FID(1), tuple(x[:, :1] for x in PAIR), fid(*(x[:, :1] for x in PAIR))),
    # Less the distance of the means, 1e6 a feature: the covariances are those of near features.
    MetricRow("fid far", lambda: FID(5), tuple(x + 1e6 for x in PAIR), fid(*PAIR), rel=1e-8),
    MetricRow("fid floats", lambda: FID(5), tuple(x.astype("float32") for x in PAIR), fid(*PAIR), rel=1e-5),
    MetricRow("fid few", lambda: FID(5), tuple(x[:3] for x in PAIR), fid(*(x[:3] for x in PAIR)), rel=1e-5),
    MetricRow("fid squares", lambda: FID(5, lambda x: x * x), PAIR, fid(*(x * x for x in PAIR))),
    MetricRow("inception", lambda: InceptionScore(6), (PROBABILITIES,), inception(PROBABILITIES)),
    MetricRow("inception sure", lambda: InceptionScore(4), (np.eye(4)[np.arange(16) % 4],), 4.0),
    MetricRow("inception of one class", lambda: InceptionScore(4), (np.eye(4)[np.zeros(16, int)],), 1.0),
    MetricRow(
        "inception softmax", lambda: InceptionScore(5, lambda x: x.softmax(1)), PAIR[:1], inception(softmax(PAIR[0]))
    ),
]


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_value(row: MetricRow, situation: str) -> None:
    check(SITUATIONS[situation](row), row.value, row.rel, 1e-9)


def test_equal_images_have_no_distance() -> None:
    metric = FID(5)
    metric.update((sparkle.tensor(PAIR[0]), sparkle.tensor(PAIR[0])))
    assert abs(metric.compute()) < 1e-12 * np.trace(np.cov(PAIR[0].T))


def test_extractor_is_a_module() -> None:
    """It is used as it is, without recording gradients, and moved where the metric is."""
    network = nn.Linear(7, 5)
    for device in (None, "cpu"):
        metric = FID(5, network, device=device)
        images = sparkle.rand(2, 30, 7, requires_grad=True)
        metric.update((images[0], images[1]))
        wanted = FID(5)
        wanted.update((network(images[0]).detach(), network(images[1]).detach()))
        assert metric.compute() == pytest.approx(wanted.compute(), rel=1e-6)
    assert sparkle.is_grad_enabled()
    assert FID(5, nn.Sequential())._feature_extractor is not None
    metric = FID(5, nn.Sequential())  # empty, and false
    assert isinstance(metric._feature_extractor, nn.Sequential)


def test_gradients_are_recorded_again_where_the_extractor_fails() -> None:
    with pytest.raises(ZeroDivisionError):
        InceptionScore(5, lambda x: 1 / 0).update(sparkle.zeros(2, 5))
    assert sparkle.is_grad_enabled()


def test_not_finite_features() -> None:
    for wrong in (float("nan"), float("inf")):
        features = sparkle.tensor([[1.0], [wrong]])
        metric = FID(1)
        metric.update((sparkle.ones(2, 1), features))
        with pytest.warns(UserWarning, match="out of bounds"):
            assert np.isnan(metric.compute())
    metric = InceptionScore(1)
    metric.update(sparkle.tensor([[1.0], [float("nan")]]))
    assert np.isnan(metric.compute())


def test_nothing_was_seen() -> None:
    for make in (FID, InceptionScore):
        with pytest.raises(NotComputableError, match=f"{make.__name__} must have at least one example"):
            make(3).compute()
    metric = FID(3)
    metric.update((sparkle.ones(1, 3), sparkle.ones(1, 3)))
    with pytest.raises(NotComputableError, match="FID must have at least two examples"):
        metric.compute()


@pytest.mark.parametrize("make", [FID, InceptionScore])
def test_wrong_arguments(make: Any) -> None:
    for arguments, error, message in (
        ((), ValueError, "num_features must be provided"),
        ((None, nn.Identity()), ValueError, "num_features must be provided"),
        ((0,), ValueError, "must be greater to zero, got: 0"),
        ((3, "inception"), TypeError, "must be a module or a function, got str"),
    ):
        with pytest.raises(error, match=f"{make.__name__}: .*{message}"):
            make(*arguments)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (sparkle.zeros(2, 3, 1), "must be a tensor of dim 2, got: 3"),
        (sparkle.zeros(2, 4), "should be 3, got: 4"),
    ],
)
def test_wrong_features(features: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"FID: .*{message}"):
        FID(3).update((features, features))
    with pytest.raises(ValueError, match=f"InceptionScore: .*{message}"):
        InceptionScore(3).update(features)


def test_wrong_outputs() -> None:
    with pytest.raises(ValueError, match="should be equal"):
        FID(3).update((sparkle.zeros(2, 3), sparkle.zeros(3, 3)))
    for metric, output in ((FID(3), ([1.0], [2.0])), (InceptionScore(3), [1.0])):
        with pytest.raises(TypeError, match="wanted a tensor, met"):
            metric.update(output)


def test_fid_score_of_tensors() -> None:
    a, b = PAIR
    arguments = a.mean(0), b.mean(0), np.cov(a.T), np.cov(b.T)
    assert fid_score(*arguments) == pytest.approx(fid(a, b))
    assert fid_score(*(sparkle.from_numpy(x) for x in arguments)) == pytest.approx(fid(a, b))
