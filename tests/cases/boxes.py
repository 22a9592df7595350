"""Detected and true boxes of made-up images, from a generator of our own: stored values were computed of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Image(NamedTuple):
    """Detections, then what was to be detected."""

    bbox: np.ndarray
    scores: np.ndarray
    labels: np.ndarray
    true_bbox: np.ndarray
    true_labels: np.ndarray
    crowd: np.ndarray


class Stream:
    """Uniform numbers in [0, 1) that no library changes (a linear congruential generator, Lewis et al. 1969)."""

    def __init__(self, seed: int) -> None:
        self.state = 1 + seed * 7919

    def __call__(self, *shape: int) -> np.ndarray:
        values = []
        for _ in range(int(np.prod(shape))):
            self.state = self.state * 16807 % 2147483647
            values.append(self.state / 2147483647)
        return np.array(values).reshape(shape)

    def below(self, n: int, *shape: int) -> np.ndarray:
        return (self(*shape) * n).astype("int64")


def image(random: Stream, classes: int, whole: bool, ties: bool) -> Image:
    """Detections lie near true boxes, most with their labels; some boxes are crowds."""
    true, found = int(random.below(9)), int(random.below(16))
    corner, size = random(true, 2) * 100, random(true, 2) ** 3 * 250 + 1
    boxes = np.concatenate([corner, corner + size], axis=1)
    labels = random.below(classes, true)
    if true:
        source = random.below(true, found)
        near = boxes[source] + (random(found, 4) - 0.5) * 0.4 * size[source][:, [0, 1, 0, 1]]
        guesses = np.where(random(found) < 0.8, labels[source], random.below(classes, found))
    else:
        near = np.concatenate([random(found, 2) * 100, 100 + random(found, 2) * 100], axis=1)
        guesses = random.below(classes, found)
    near[:, 2:] = np.maximum(near[:, 2:], near[:, :2] + 0.5)
    if whole:
        boxes, near = boxes.round(), near.round()
    scores = random(found).round(1) if ties else random(found)
    return Image(near, scores, guesses, boxes, labels, random(true) < 0.15)


def images(seed: int, count: int = 12, classes: int = 4, whole: bool = False, ties: bool = False) -> list[Image]:
    random = Stream(seed)
    return [image(random, classes, whole, ties) for _ in range(count)]


def output(images: list[Image], tensor: Callable[[np.ndarray], Any], dtype: str = "float64") -> Any:
    """(y_pred, y) as the metrics take it."""
    y_pred = [
        {"bbox": tensor(x.bbox.astype(dtype)), "scores": tensor(x.scores.astype(dtype)), "labels": tensor(x.labels)}
        for x in images
    ]
    y = [
        {"bbox": tensor(x.true_bbox.astype(dtype)), "labels": tensor(x.true_labels), "iscrowd": tensor(x.crowd)}
        for x in images
    ]
    return y_pred, y
