"""COCO's average precision and recall of detected boxes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy

from ...core.backend import library, to_numpy
from ...core.tensor.base import TensorBase
from ..exceptions import check_seen
from ..metric import Metric, same
from .matching import AREAS, Boxes, match, precision_recall

__all__ = ["CommonObjectDetectionMetrics", "ObjectDetectionAvgPrecisionRecall", "coco_tensor_list_to_dict_list"]


def coco_tensor_list_to_dict_list(output: tuple[Any, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(y_pred, y), lists of tensors, as the lists of dicts that these metrics take; dicts are left as they are.

    A tensor of y_pred is (N, 6): x1, y1, x2, y2, score, label; one of y (N, 5) or (N, 6): x1, y1, x2, y2, label and
    perhaps whether it is a crowd. Raises ValueError for other shapes.

    >>> import sparkle
    >>> y_pred, y = coco_tensor_list_to_dict_list(
    ...     ([sparkle.tensor([[0, 0, 5, 5, 0.9, 1]])], [sparkle.tensor([[0, 0, 5, 5, 1]])])
    ... )
    >>> y_pred[0]["scores"], y[0]["labels"]
    (tensor([0.9000]), tensor([1]))
    """
    y_pred, y = output
    return [_as_dict(x, (6,), _of_prediction) for x in y_pred], [_as_dict(x, (5, 6), _of_truth) for x in y]


def _as_dict(image: Any, widths: tuple[int, ...], convert: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    if not isinstance(image, TensorBase):
        return image
    if image.array.ndim != 2 or image.array.shape[1] not in widths:
        raise ValueError(f"coco_tensor_list_to_dict_list: wanted (N, {widths[-1]}), met {image.array.shape}")
    return convert(image)


def _of_prediction(image: Any) -> dict[str, Any]:
    return {"bbox": image[:, :4], "scores": image[:, 4], "labels": image[:, 5].long()}


def _of_truth(image: Any) -> dict[str, Any]:
    crowd = {"iscrowd": image[:, 5].bool()} if image.shape[1] == 6 else {}
    return {"bbox": image[:, :4], "labels": image[:, 4].long(), **crowd}


class DetectionMetric(Metric):
    """Base of metrics of detected boxes. All boxes are kept; `compute` matches them, on the CPU in float64.

    The output is (y_pred, y), two lists of as many images, each a dict of tensors: "bbox" (N, 4) as x1, y1, x2, y2,
    "labels" (N,) of 0..num_classes-1, in y_pred "scores" (N,), in y perhaps "iscrowd" (N,). Detections of other labels
    are left out. Raises ValueError for other keys, shapes and labels.
    """

    _state_dict_all_req_keys = ("_found", "_true")

    def __init__(
        self, num_classes: int, output_transform: Callable[[Any], Any], device: Any, skip_unrolling: bool
    ) -> None:
        self._num_classes = num_classes
        super().__init__(output_transform, device, skip_unrolling)

    def reset(self) -> None:
        # One array for each update, whose rows are: image, x1, y1, x2, y2, label, score or crowd.
        self._found: list[Any] = []
        self._true: list[Any] = []
        self._doubts = None

    def update(self, output: Any) -> None:
        y_pred, y = output
        name = type(self).__name__
        if len(y_pred) != len(y):
            raise ValueError(
                f"{name}: y_pred and y should have the same number of samples, given {len(y_pred)} and {len(y)}."
            )
        if not len(y):
            return
        for image in (*y_pred, *y):
            self._check_mapping(image)
        found = self._rows(y_pred, "y_pred", "scores")
        true = self._rows([{"iscrowd": None, **image} for image in y], "y", "iscrowd")
        labels = true[:, 5]
        self._demand(
            ((labels >= 0) & (labels < self._num_classes)).all(),
            f"labels of y should lie in 0..{self._num_classes - 1}",
        )
        self._found.append(self._keep(found))
        self._true.append(self._keep(true))

    def _check_mapping(self, image: Any) -> None:
        if not isinstance(image, Mapping):
            raise ValueError(
                f"{type(self).__name__}: wanted a dict of tensors for each image, met {type(image).__name__}; "
                "output_transform=coco_tensor_list_to_dict_list makes them of tensors"
            )

    def _rows(self, images: Sequence[Any], name: str, value: str) -> Any:
        """The boxes of all images of a batch."""
        rows = [self._of_image(i, image, name, value) for i, image in enumerate(images)]
        return library(rows[0]).concatenate(rows)

    def _of_image(self, number: int, image: Mapping[str, Any], name: str, value: str) -> Any:
        missing = [key for key in ("bbox", "labels", value) if key not in image]
        if missing:
            raise ValueError(
                f"{type(self).__name__}: {name} sample dictionaries should have 'bbox', 'labels' and '{value}' keys, "
                f"given keys: {list(image)}"
            )
        boxes, labels = image["bbox"].array, image["labels"].array
        n, xp = len(labels), library(boxes)
        values = xp.zeros(n) if image[value] is None else image[value].array
        if boxes.size != 4 * n or boxes.shape[-1:] not in ((4,), (0,)) or labels.ndim != 1 or values.shape != (n,):
            raise ValueError(
                f"{type(self).__name__}: wanted {name} with bbox (N, 4), labels (N,) and {value} (N,), met "
                f"{boxes.shape}, {labels.shape} and {values.shape}"
            )
        columns = [xp.full(n, float(number)), *boxes.reshape(n, 4).T, labels, values]
        return xp.stack([column.astype("float64") for column in columns], axis=1)

    def _boxes(self) -> tuple[Boxes, Boxes]:
        """All detections of known labels, and all boxes that were to be found."""
        check_seen(self, len(self._found))
        batches = [to_numpy(batch) for batch in (*self._found, *self._true)]
        images = 1 + max(batch[:, 0].max(initial=0) for batch in batches)
        found, true = _joined(self._found, images), _joined(self._true, images)
        return found.at((found.label >= 0) & (found.label < self._num_classes)), true


def _joined(batches: list[Any], images: float) -> Boxes:
    """The boxes of all batches, their images numbered on: each batch has less than so many."""
    rows = [to_numpy(batch) for batch in batches]
    numbers = [numpy.full(len(batch), i) for i, batch in enumerate(rows)]
    table, batch = numpy.concatenate(rows), numpy.concatenate(numbers)
    return Boxes(batch * images + table[:, 0], table[:, 1:5], table[:, 5], table[:, 6])


IOU_THRESHOLDS = numpy.linspace(0.5, 0.95, 10)
REC_THRESHOLDS = numpy.linspace(0.0, 1.0, 101)


class ObjectDetectionAvgPrecisionRecall(DetectionMetric):
    """(average precision, average recall) of detected boxes as COCO has them: means over classes and IoU thresholds.

    A detection is right if it overlaps with a box of its label, intersection over union >= the threshold; each box is
    found once, by the best score. The average precision is over recall thresholds, of the largest precision at or
    beyond each (Lin et al. 2014). Crowds, and boxes whose area is out of range, neither count nor hurt. (-1, -1) where
    there was no box to find.

    iou_thresholds, rec_thresholds: 0.5, 0.55, ..., 0.95 and 0, 0.01, ..., 1 unless given. area_range: "all", "small"
    (up to 32^2), "medium" or "large" (from 96^2). max_detections_per_image_per_class: the best by score. Raises
    ValueError and TypeError for other arguments. See `DetectionMetric` for outputs.

    >>> import sparkle
    >>> metric = ObjectDetectionAvgPrecisionRecall(num_classes=2)
    >>> box, label = sparkle.tensor([[0.0, 0.0, 10.0, 10.0]]), sparkle.tensor([1])
    >>> metric.update(([{"bbox": box, "labels": label, "scores": sparkle.ones(1)}], [{"bbox": box, "labels": label}]))
    >>> metric.compute()
    (1.0, 1.0)
    """

    def __init__(
        self,
        iou_thresholds: Sequence[float] | Any | None = None,
        rec_thresholds: Sequence[float] | Any | None = None,
        num_classes: int = 80,
        max_detections_per_image_per_class: int = 100,
        area_range: str = "all",
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = False,
    ) -> None:
        if area_range not in AREAS:
            raise ValueError(f"Argument area_range should be one of {list(AREAS)}, got {area_range!r}")
        self._area_range, self._most = area_range, max_detections_per_image_per_class
        self._iou_thresholds = _thresholds(iou_thresholds, IOU_THRESHOLDS, "iou_thresholds")
        self._rec_thresholds = _thresholds(rec_thresholds, REC_THRESHOLDS, "rec_thresholds")
        super().__init__(num_classes, output_transform, device, skip_unrolling)

    def compute(self) -> tuple[float, float]:
        found, true = self._boxes()
        # A threshold of 1 is one that boxes can reach, whatever the rounding.
        thresholds = numpy.minimum(self._iou_thresholds, 1 - 1e-10)
        matches = match(found, true, thresholds, self._area_range, self._num_classes, self._most)
        precision, recall = precision_recall(matches, numpy.array(self._rec_thresholds), self._most)
        return _mean(precision), _mean(recall)


class CommonObjectDetectionMetrics(DetectionMetric):
    """The twelve numbers of COCO, as a dict: see `ObjectDetectionAvgPrecisionRecall` for what they mean.

    AP@50..95 and AR-100 over all IoU thresholds, AP@50 and AP@75 at one; AP and AR of small (S), medium (M) and large
    (L) boxes; AR-1 and AR-10 with 1 and 10 detections per image and class. See `DetectionMetric` for outputs.

    >>> import sparkle
    >>> metric = CommonObjectDetectionMetrics(num_classes=2)
    >>> box, label = sparkle.tensor([[0.0, 0.0, 10.0, 10.0]]), sparkle.tensor([1])
    >>> metric.update(([{"bbox": box, "labels": label, "scores": sparkle.ones(1)}], [{"bbox": box, "labels": label}]))
    >>> metric.compute()["AP@75"], metric.compute()["AP-L"]
    (1.0, -1.0)
    """

    def __init__(
        self,
        num_classes: int = 80,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
        skip_unrolling: bool = True,
    ) -> None:
        super().__init__(num_classes, output_transform, device, skip_unrolling)

    def compute(self) -> dict[str, float]:
        found, true = self._boxes()
        by_area = {
            area: match(found, true, IOU_THRESHOLDS, area, self._num_classes, most=100)
            for area in ("all", "small", "medium", "large")
        }
        precision, recall = precision_recall(by_area["all"], REC_THRESHOLDS, 100)
        values = {
            "AP@50..95": _mean(precision),
            "AR-100": _mean(recall),
            "AP@50": _mean(precision[:, 0]),
            "AP@75": _mean(precision[:, 5]),
        }
        for area in ("small", "medium", "large"):
            precision, recall = precision_recall(by_area[area], REC_THRESHOLDS, 100)
            letter = area[0].upper()
            values |= {f"AP-{letter}": _mean(precision), f"AR-{letter}": _mean(recall)}
        for most in (1, 10):
            values[f"AR-{most}"] = _mean(precision_recall(by_area["all"], REC_THRESHOLDS, most)[1])
        return values


def _mean(values: Any) -> float:
    """Over the classes that had boxes to find; -1 where there were none."""
    known = values[values > -1]
    return float(known.mean()) if known.size else -1.0


def _thresholds(values: Any, default: Any, name: str) -> tuple[float, ...]:
    if values is None:
        return tuple(default.tolist())
    if isinstance(values, TensorBase):
        values = values.array.tolist()
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise TypeError(f"{name} should be a sequence of floats or a tensor, given {type(values).__name__}.")
    array = numpy.asarray(values, dtype="float64")
    if array.ndim != 1 or not array.size:
        raise ValueError(
            f"{name} should be a one-dimensional tensor or a sequence of floats, given one of shape {array.shape}"
        )
    if not (array.min() >= 0 and array.max() <= 1):
        raise ValueError(f"{name} values should be between 0 and 1, given {values}")
    return tuple(numpy.sort(array).tolist())
