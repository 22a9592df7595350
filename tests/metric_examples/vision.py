"""Metrics of detected objects."""

from __future__ import annotations

from typing import Any

import numpy as np

import sparkle
from sparkle.metrics import vision

from .example import Arrays, N, example


def boxes(random: np.random.Generator) -> Arrays:
    """For each image four true boxes, and one detection near each."""
    corner, size = 100 * random.random(size=(N, 4, 2)), 1 + 150 * random.random(size=(N, 4, 2))
    true = np.concatenate([corner, corner + size], axis=2)
    found = true + 3 * random.normal(size=true.shape)
    labels = random.integers(0, 3, size=(N, 4))
    guesses = np.where(random.random(size=(N, 4)) < 0.8, labels, 0)
    return found, random.random(size=(N, 4)), guesses, true, labels


def as_dicts(*tensors: sparkle.Tensor) -> Any:
    found, scores, guesses, true, labels = tensors
    rows = range(len(found))
    y_pred = [{"bbox": found[i], "scores": scores[i], "labels": guesses[i]} for i in rows]
    return y_pred, [{"bbox": true[i], "labels": labels[i]} for i in rows]


example(lambda: vision.ObjectDetectionAvgPrecisionRecall(num_classes=3), boxes, output=as_dicts)
example(lambda: vision.CommonObjectDetectionMetrics(num_classes=3), boxes, output=as_dicts)
