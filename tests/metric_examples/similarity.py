"""Metrics that compare distributions and vectors."""

from __future__ import annotations

import numpy as np

import sparkle.metrics as m

from .example import Arrays, N, example


def vectors(random: np.random.Generator) -> Arrays:
    return random.normal(size=(N, 5)).astype("float32"), random.normal(size=(N, 5)).astype("float32")


def images(random: np.random.Generator) -> Arrays:
    return random.normal(size=(N, 3, 2, 2)), random.normal(size=(N, 3, 2, 2)) + 1


for data in (vectors, images):
    for kind in (m.Entropy, m.MutualInformation, m.KLDivergence, m.JSDivergence, m.CosineSimilarity):
        example(lambda k=kind: k(), data, data.__name__)
    for kind in (m.HSIC, m.MaximumMeanDiscrepancy):
        example(lambda k=kind: k(), data, data.__name__, by_batch=True)
