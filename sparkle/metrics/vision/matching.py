"""Which detected boxes are right: intersections over unions, and the matching of COCO."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy

from ..quiet import quiet

Array = numpy.ndarray

# Areas in pixels, as COCO has them.
AREAS = {
    "all": (0.0, numpy.inf),
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, numpy.inf),
}


class Boxes(NamedTuple):
    """Of all images: image (N,), bbox (N, 4) as x1, y1, x2, y2, label (N,), value (N,): score, or is it a crowd?"""

    image: Array
    bbox: Array
    label: Array
    value: Array

    def at(self, index: Array) -> Boxes:
        return Boxes(*(x[index] for x in self))


class Matches(NamedTuple):
    """What became of the detections (N,) at each threshold (T,), and how many boxes (C,) were to be found.

    rank: the place by score in its image and class. hit (T, N): found a box. counts (T, N): hit or miss; one that found
    a box that is left out, or that is left out itself, is neither.
    """

    label: Array
    score: Array
    rank: Array
    hit: Array
    counts: Array
    wanted: Array


def areas_of(boxes: Array) -> Array:
    """(N, 4) to (N,)."""
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def overlaps(found: Array, true: Array, crowd: Array) -> Array:
    """Intersection over union of boxes (N, 4) with boxes (M, 4); with a crowd over the area of the other alone."""
    sides = numpy.minimum(found[:, None, 2:], true[:, 2:]) - numpy.maximum(found[:, None, :2], true[:, :2])
    common = numpy.maximum(sides, 0.0).prod(axis=-1)
    union = areas_of(found)[:, None] + numpy.where(crowd, 0.0, areas_of(true) - common)
    with quiet():
        return numpy.nan_to_num(common / union, posinf=0.0)


def match(found: Boxes, true: Boxes, thresholds: Array, area: str, classes: int, most: int) -> Matches:
    """COCO's matching, in each image and class; the `most` best detections of each take part."""
    crowd = true.value > 0
    left_out = crowd | _out_of_range(true.bbox, area)
    wanted = numpy.bincount(true.label[~left_out].astype("int64"), minlength=classes)
    order = numpy.lexsort((-found.value, found.label, found.image))
    found = found.at(order)
    rank = _ranks(found)
    found, rank = found.at(rank < most), rank[rank < most]
    in_range = ~_out_of_range(found.bbox, area)
    hit = numpy.zeros((len(thresholds), len(rank)), bool)
    counts = numpy.repeat(in_range[None], len(thresholds), axis=0)
    for mine, theirs in _groups(found, true):
        matched, ignored = _match_group(
            overlaps(found.bbox[mine], true.bbox[theirs], crowd[theirs]), left_out[theirs], crowd[theirs], thresholds
        )
        hit[:, mine] = matched & ~ignored
        counts[:, mine] = hit[:, mine] | (counts[:, mine] & ~matched)
    return Matches(found.label, found.value, rank, hit, counts, wanted)


def _out_of_range(boxes: Array, area: str) -> Array:
    low, high = AREAS[area]
    return (areas_of(boxes) < low) | (areas_of(boxes) > high)


def _ranks(boxes: Boxes) -> Array:
    """The place of each among those of its image and class, which come one after the other."""
    places = numpy.arange(len(boxes.image))
    starts = numpy.ones(len(places), bool)
    starts[1:] = (numpy.diff(boxes.image) != 0) | (numpy.diff(boxes.label) != 0)
    return places - numpy.maximum.accumulate(numpy.where(starts, places, 0))


def _groups(found: Boxes, true: Boxes) -> Iterator[tuple[Array, Array]]:
    """For each image and class with boxes of both kinds, the places of those."""
    keys = numpy.stack([numpy.r_[found.image, true.image], numpy.r_[found.label, true.label]], axis=1)
    group = numpy.unique(keys, axis=0, return_inverse=True)[1].reshape(-1)
    order = numpy.argsort(group, kind="stable")
    for places in numpy.split(order, numpy.flatnonzero(numpy.diff(group[order])) + 1):
        mine, theirs = places[places < len(found.image)], places[places >= len(found.image)] - len(found.image)
        if len(mine) and len(theirs):
            yield mine, theirs


def _match_group(iou: Array, left_out: Array, crowd: Array, thresholds: Array) -> tuple[Array, Array]:
    """For detections in the order of their scores (N, M): did it find a box (T, N), and is that one left out?

    Each takes the free box with which it overlaps most, the last of equal ones, and one that is left out only where
    there is no other. Crowds stay free.
    """
    matched = numpy.zeros((len(thresholds), len(iou)), bool)
    ignored = numpy.zeros_like(matched)
    free = numpy.ones((len(thresholds), len(left_out)), bool)
    rows, last = numpy.arange(len(thresholds)), len(left_out) - 1
    preference = numpy.where(left_out, 0.0, 2.0)
    for i, overlap in enumerate(iou):
        value = numpy.where(free & (overlap >= thresholds[:, None]), overlap + preference, -1.0)
        best = last - value[:, ::-1].argmax(axis=1)
        matched[:, i] = value[rows, best] >= 0
        ignored[:, i] = matched[:, i] & left_out[best]
        free[rows, best] &= ~matched[:, i] | crowd[best]
    return matched, ignored


def precision_recall(matches: Matches, recalls: Array, most: int) -> Array:
    """Average precision and largest recall (2, C, T) of the `most` best of each image and class; -1 without boxes.

    The precision at a recall is the largest at it or beyond; the average is over all recalls.
    """
    values = -numpy.ones((2, len(matches.wanted), len(matches.hit)))
    for label in numpy.flatnonzero(matches.wanted):
        mine = numpy.flatnonzero((matches.label == label) & (matches.rank < most))
        mine = mine[numpy.argsort(-matches.score[mine], kind="stable")]
        hits, counts = (x[:, mine].cumsum(axis=1) for x in (matches.hit, matches.counts))
        recall = hits / matches.wanted[label]
        precision = hits / numpy.maximum(counts, 1)
        envelope = numpy.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        for t in range(len(hits)):
            places = numpy.searchsorted(recall[t], recalls)
            values[0, label, t] = numpy.append(envelope[t], 0.0)[places].mean()
            values[1, label, t] = recall[t].max(initial=0.0)
    return values
