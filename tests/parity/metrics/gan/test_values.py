"""FID and the inception score beside Ignite's, which takes SciPy's square root."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.linalg

from sparkle.metrics.gan.fid import fid_score

random = np.random.default_rng(2)


@pytest.mark.parametrize(("n", "d"), [(50, 4), (50, 20), (12, 20), (3, 1)])
def test_fid(n: int, d: int, ours: Any, theirs: Any, check_same: Any) -> None:
    train, test = (random.normal(size=(n, d)) @ random.normal(size=(d, d)) + k for k in (0.0, 1.0))
    values = []
    for lib in (ours, theirs):
        metric = lib.m.gan.FID(num_features=d, feature_extractor=lib.L.nn.Identity())
        for parts in zip(np.array_split(train, 3), np.array_split(test, 3), strict=True):
            metric.update(tuple(lib.tensor(part.copy()) for part in parts))
        values.append(metric.compute())
    check_same(*values, 1e-5)


@pytest.mark.parametrize("d", [1, 5, 60])
def test_root_as_scipy(d: int) -> None:
    a, b = (random.normal(size=(d, 2 * d)) for _ in range(2))
    s1, s2, mean = a @ a.T, b @ b.T, random.normal(size=d)
    wanted = np.trace(s1 + s2 - 2 * scipy.linalg.sqrtm(s1 @ s2).real) + mean @ mean
    assert fid_score(mean, 0 * mean, s1, s2) == pytest.approx(wanted, rel=1e-7)


@pytest.mark.parametrize("scale", [0.0, 1.0, 30.0])
def test_inception_score(scale: float, ours: Any, theirs: Any, check_same: Any) -> None:
    scores = (scale * random.normal(size=(40, 7))).astype("float32")
    values = []
    for lib in (ours, theirs):
        metric = lib.m.gan.InceptionScore(num_features=7, feature_extractor=lib.L.nn.Softmax(dim=1))
        for part in np.array_split(scores, 3):
            metric.update(lib.tensor(part))
        values.append(metric.compute())
    check_same(*values, 1e-5)


MISUSE = [
    lambda m, L: m.gan.FID(num_features=0, feature_extractor=L.nn.Identity()),
    lambda m, L: m.gan.FID(num_features=None, feature_extractor=L.nn.Identity()),
    lambda m, L: m.gan.FID(num_features=2).update((L.zeros(2, 3), L.zeros(2, 3))),
    lambda m, L: m.gan.FID(num_features=2).update((L.zeros(2, 2), L.zeros(3, 2))),
    lambda m, L: m.gan.InceptionScore(num_features=2).update(L.zeros(2)),
    lambda m, L: m.gan.InceptionScore(num_features=2).compute(),
]


@pytest.mark.parametrize("misuse", MISUSE, ids=range(len(MISUSE)))
def test_same_errors(misuse: Any, ours: Any, theirs: Any) -> None:
    raised = []
    for lib in (ours, theirs):
        with pytest.raises(Exception) as error:  # noqa: PT011
            misuse(lib.m, lib.L)
        raised.append(error.type.__name__)
    assert raised[0] == raised[1]
