"""Metrics of generated images."""

from __future__ import annotations

import numpy as np

import sparkle
from sparkle.metrics import gan

from .example import Arrays, N, example


def two_batches(random: np.random.Generator) -> Arrays:
    return random.normal(size=(N, 4)).astype("float32"), random.normal(size=(N, 4)).astype("float32") * 2 + 1


def scores(random: np.random.Generator) -> Arrays:
    return (3 * random.normal(size=(N, 4)),)


def squares(features: sparkle.Tensor) -> sparkle.Tensor:
    return features * features


example(lambda: gan.FID(num_features=4), two_batches)
example(lambda: gan.FID(num_features=4, feature_extractor=squares), two_batches, "of features")
example(
    lambda: gan.InceptionScore(num_features=4, feature_extractor=lambda x: x.softmax(1)), scores, output=lambda x: x
)
