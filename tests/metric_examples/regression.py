"""Metrics of predicted numbers."""

from __future__ import annotations

import numpy as np

import sparkle.metrics as m
from sparkle.metrics import regression

from .example import Arrays, N, example


def numbers(random: np.random.Generator) -> Arrays:
    y = random.normal(size=N).astype("float32") + 3
    return y + random.normal(size=N).astype("float32"), y


def vectors(random: np.random.Generator) -> Arrays:
    return random.normal(size=(N, 5)), random.normal(size=(N, 5))


for name in regression.__all__:
    example(getattr(regression, name), numbers)
example(lambda: m.MeanPairwiseDistance(), vectors)
