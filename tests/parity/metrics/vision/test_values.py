"""Average precision and recall beside Ignite's, with the two functions that it takes of torchvision written here."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest
import torch

from tests.cases.boxes import images, output

pytestmark = pytest.mark.filterwarnings("ignore:Using a non-tuple sequence")  # in Ignite


def box_area(boxes: torch.Tensor) -> torch.Tensor:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def box_inter_union(a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    low, high = torch.max(a[:, None, :2], b[:, :2]), torch.min(a[:, None, 2:], b[:, 2:])
    common = (high - low).clamp(min=0).prod(dim=2)
    return common, box_area(a)[:, None] + box_area(b) - common


@pytest.fixture(autouse=True)
def _torchvision(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torchvision", "torchvision.ops", "torchvision.ops.boxes"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    sys.modules["torchvision.ops.boxes"].box_area = box_area  # type: ignore[attr-defined]
    sys.modules["torchvision.ops.boxes"]._box_inter_union = box_inter_union  # type: ignore[attr-defined]


RECALLS = [0.131, 0.477, 0.883]  # its own are rounded to float32: a recall of 0.7 lies on the other side of one


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "options",
    [
        {"rec_thresholds": RECALLS},
        {"rec_thresholds": RECALLS, "area_range": "small"},
        {"rec_thresholds": RECALLS, "area_range": "large"},
        {"rec_thresholds": RECALLS, "max_detections_per_image_per_class": 2},
        {"iou_thresholds": [0.3, 0.61], "rec_thresholds": [0.13, 0.47, 0.88]},
    ],
    ids=range(5),
)
def test_as_ignite(seed: int, options: dict[str, Any], ours: Any, theirs: Any, check_same: Any) -> None:
    data, values = images(seed), []
    for lib in (ours, theirs):
        metric = lib.m.vision.ObjectDetectionAvgPrecisionRecall(num_classes=4, **options)
        for i in range(0, 12, 5):
            metric.update(output(data[i : i + 5], lib.tensor))
        values.append(metric.compute())
    check_same(*values, 1e-5)


@pytest.mark.parametrize("seed", range(2))
def test_common_as_ignite(seed: int, ours: Any, theirs: Any, check_same: Any) -> None:
    from ignite.metrics.vision.object_detection_average_precision_recall import CommonObjectDetectionMetrics

    values = []
    for lib, make in ((ours, ours.m.vision.CommonObjectDetectionMetrics), (theirs, CommonObjectDetectionMetrics)):
        metric = make(num_classes=4)
        metric.update(output(images(seed), lib.tensor))
        values.append(metric.compute())
    check_same(*values, 0.01)  # see below: pycocotools' numbers are reached to the last digit in tests/metrics


MISUSE = [
    lambda make, L: make(iou_thresholds=0.5),
    lambda make, L: make(iou_thresholds=[1.5]),
    lambda make, L: make(rec_thresholds=L.zeros(2, 2)),
    lambda make, L: make().update(([{}], [])),
    lambda make, L: make().update(([{}], [{}])),
]


@pytest.mark.parametrize("misuse", MISUSE, ids=range(len(MISUSE)))
def test_same_errors(misuse: Any, ours: Any, theirs: Any) -> None:
    raised = []
    for lib in (ours, theirs):
        with pytest.raises(Exception) as error:  # noqa: PT011
            misuse(lib.m.vision.ObjectDetectionAvgPrecisionRecall, lib.L)
        raised.append(error.type)
    assert raised[0] is raised[1]
