"""Metrics of clusters."""

from __future__ import annotations

import numpy as np

from sparkle.metrics import clustering

from .example import Arrays, N, example


def clusters(random: np.random.Generator) -> Arrays:
    labels = random.integers(0, 3, size=N)
    return random.normal(size=(N, 4)).astype("float32") + labels[:, None], labels


for name in clustering.__all__:
    example(getattr(clustering, name), clusters)
