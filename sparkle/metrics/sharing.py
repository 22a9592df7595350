"""What several metrics compute from the same outputs, computed once.

While an engine (or a group) updates its metrics, those that are given the same two tensors, unchanged between, share
one `Batch`. A metric that is updated by hand shares with nobody: its outputs may be the same memory, filled anew.
"""

from __future__ import annotations

import threading
import weakref
from typing import Any

import numpy

from ..core.backend import library
from ..core.tensor.base import TensorBase
from .arrays import count, rows_by_class

CELLS = 4096  # a confusion matrix up to this size is a cheaper way to the counts of classes than counting three times


class Sharing(threading.local):
    """scope: which iteration the outputs are of, None outside of engines and groups. batch: the last outputs."""

    scope: Any = None
    batch: Batch | None = None


sharing = Sharing()


class Batch:
    """The arrays of (y_pred, y), and what was computed from them so far."""

    def __init__(self, y_pred: TensorBase, y: TensorBase, scope: Any = None) -> None:
        self.y_pred, self.y, self.scope = y_pred.array, y.array, scope
        self.kinds: dict[bool, tuple[str, int]] = {}  # what ClassificationMetric found, by is_multilabel
        self._labels: Any = None
        self._in_range: Any = None
        self._matrices: dict[int, Any] = {}
        self._counts: dict[Any, tuple[Any, Any, Any]] = {}
        if scope is not None:
            self._versions = y_pred.version, y_pred.version.count, y.version, y.version.count
            # Shared numbers live as long as both tensors do: outputs are not kept beyond their iteration.
            self._tensors = weakref.ref(y_pred, _drop), weakref.ref(y, _drop)

    def is_of(self, y_pred: TensorBase, y: TensorBase, scope: Any) -> bool:
        """Is it of these tensors, in the same iteration, with nothing written to them since?"""
        a, b = self._tensors
        if scope != self.scope or a() is not y_pred or b() is not y:
            return False
        versions = self._versions
        u, v = y_pred.version, y.version
        return u is versions[0] and u.count == versions[1] and v is versions[2] and v.count == versions[3]

    @property
    def labels(self) -> Any:
        """The classes with the highest scores, (N, ...)."""
        if self._labels is None:
            self._labels = self.y_pred.argmax(axis=1)
        return self._labels

    def labels_in_range(self, classes: int) -> Any:
        """Is every label of y one of 0..classes-1? A bool; on a GPU an array without dims."""
        if self._in_range is None:
            if classes * classes <= CELLS:
                known = self._cells(classes)[-1] == 0
            else:
                known = ((self.y >= 0) & (self.y < classes)).all()
            self._in_range = bool(known) if library(known) is numpy else known
        return self._in_range

    def matrix(self, classes: int) -> Any:
        """How often each class (row) was taken for each (column), flat; labels that are no class are left out."""
        return self._cells(classes)[:-1]

    def _cells(self, classes: int) -> Any:
        """The same, and how many labels are no class."""
        found = self._matrices.get(classes)
        if found is None:
            found = self._matrices[classes] = count_pairs(self.labels.reshape(-1), self.y.reshape(-1), classes)
        return found

    def counts_of_classes(self, classes: int) -> tuple[Any, Any, Any]:
        """For each class, how often it is predicted and true, predicted, true; every label must be a class."""
        found = self._counts.get(classes)
        if found is None:
            found = self._counts[classes] = self._count_classes(classes)
        return found

    def _count_classes(self, classes: int) -> tuple[Any, Any, Any]:
        if classes * classes <= CELLS:
            matrix = self.matrix(classes).reshape(classes, classes)
            return matrix.diagonal(), matrix.sum(axis=0), matrix.sum(axis=1)
        return count_labels(self.labels.reshape(-1), self.y.reshape(-1), classes)

    def counts_of_marks(self, axis: int | None) -> tuple[Any, Any, Any]:
        """The same for zeros and ones: of binary data (None), by class (0) or by example (1)."""
        found = self._counts.get(("marks", axis))
        if found is None:
            predicted, true = (x.reshape(-1) if axis is None else rows_by_class(x) for x in (self.y_pred, self.y))
            predicted, true = predicted == 1, true == 1
            found = (predicted & true).sum(axis=axis), predicted.sum(axis=axis), true.sum(axis=axis)
            self._counts["marks", axis] = found
        return found


def batch_of(y_pred: TensorBase, y: TensorBase) -> Batch:
    """The batch of two tensors: one that another metric has begun already, or a new one."""
    scope = sharing.scope
    if scope is None:
        return Batch(y_pred, y)
    batch = sharing.batch
    if batch is None or not batch.is_of(y_pred, y, scope):
        batch = sharing.batch = Batch(y_pred, y, scope)
    return batch


def _drop(_: Any) -> None:
    sharing.batch = None


def count_pairs(predicted: Any, true: Any, classes: int) -> Any:
    """How often each class (row) was taken for each (column), flat, and in the last cell how many are no class."""
    xp, size = library(true), classes * classes
    true = true.astype(xp.int64, copy=False)
    cells = true * classes
    cells += predicted
    # One cell more for labels that are no class: to leave them out by a mask would read their number back.
    # Negative ones are huge as unsigned numbers.
    return count(xp.where(true.view(xp.uint64) < classes, cells, size), size + 1)


def count_labels(predicted: Any, true: Any, classes: int) -> tuple[Any, Any, Any]:
    """For each class, how often it is predicted and true, predicted, true. Labels that are no class are left out."""
    xp = library(true)
    true = xp.where((true < 0) | (true >= classes), classes, true).astype(xp.int64)
    hits = xp.where(predicted == true, true, classes)
    return tuple(count(labels, classes + 1)[:classes] for labels in (hits, predicted, true))  # type: ignore[return-value]
