"""COCO's numbers of detected boxes: beside those of pycocotools, and worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle.engine import Engine
from sparkle.metrics import NotComputableError
from sparkle.metrics.vision import (
    CommonObjectDetectionMetrics,
    ObjectDetectionAvgPrecisionRecall,
    coco_tensor_list_to_dict_list,
)
from sparkle.metrics.vision.matching import overlaps
from tests.cases.boxes import Image, images, output

NAMES = "AP@50..95 AR-100 AP@50 AP@75 AP-S AR-S AP-M AR-M AP-L AR-L AR-1 AR-10".split()
# What pycocotools 2.0.11 gives of these images.
PYCOCOTOOLS: list[tuple[dict[str, Any], list[float]]] = [
    (arguments, [float(x) for x in values.split()])
    for arguments, values in (
        (
            {"seed": 1},
            """0.20550586195497378 0.3489583333333333 0.47318655184846214 0.11128920584366128 0.3101050997956939 0.44875
            0.23205445544554457 0.25 0.13301155115511548 0.3 0.2364583333333333 0.3489583333333333""",
        ),
        (
            {"seed": 2, "whole": True},
            """0.23002548056044392 0.39737179487179486 0.4459120889195146 0.20243233293004123 0.2503674117411741
            0.41636904761904764 0.48528406412069774 0.5520833333333334 0.22751650165016502 0.3125
            0.21333333333333332 0.3827884615384615""",
        ),
        (
            {"seed": 3, "ties": True},
            """0.09552029505450103 0.14858058608058608 0.24009433850695147 0.02479590064269585 0.06294120201493833
            0.11191620879120878 0.1528052805280528 0.15555555555555553 0.2286509900990099 0.2625
            0.09897741147741149 0.1471916971916972""",
        ),
        (
            {"seed": 4, "whole": True, "ties": True, "classes": 2, "count": 30},
            """0.12856586150252033 0.3404648956356736 0.3132485004138798 0.05959311998477424 0.17564923568575774
            0.37187969924812025 0.11116960795356524 0.275 0.15721937159439073 0.34444444444444444
            0.1308349146110057 0.3360531309297913""",
        ),
    )
]


def updated(metric: Any, data: list[Image], batch: int) -> Any:
    for i in range(0, len(data), batch):
        metric.update(output(data[i : i + batch], sparkle.from_numpy))
    return metric


@pytest.mark.parametrize("batch", [1, 5, 100])
@pytest.mark.parametrize(("arguments", "wanted"), PYCOCOTOOLS, ids=range(len(PYCOCOTOOLS)))
def test_as_pycocotools(arguments: dict[str, Any], wanted: list[float], batch: int) -> None:
    value = updated(CommonObjectDetectionMetrics(4), images(**arguments), batch).compute()
    assert list(value) == NAMES
    assert list(value.values()) == pytest.approx(wanted, abs=1e-12)


def one(**options: Any) -> Any:
    return ObjectDetectionAvgPrecisionRecall(num_classes=4, **options)


@pytest.mark.parametrize(("arguments", "wanted"), PYCOCOTOOLS, ids=range(len(PYCOCOTOOLS)))
def test_each_number_alone(arguments: dict[str, Any], wanted: list[float]) -> None:
    data, value = images(**arguments), dict(zip(NAMES, wanted, strict=True))
    for options, ap, ar in (
        ({}, "AP@50..95", "AR-100"),
        ({"iou_thresholds": [0.5]}, "AP@50", None),
        ({"iou_thresholds": sparkle.tensor([0.75])}, "AP@75", None),
        ({"area_range": "small"}, "AP-S", "AR-S"),
        ({"area_range": "medium"}, "AP-M", "AR-M"),
        ({"area_range": "large"}, "AP-L", "AR-L"),
        ({"max_detections_per_image_per_class": 1}, None, "AR-1"),
        ({"max_detections_per_image_per_class": 10}, None, "AR-10"),
    ):
        found = updated(one(**options), data, 5).compute()
        assert type(found) is tuple
        for name, x in zip((ap, ar), found, strict=True):
            assert type(x) is float
            assert name is None or x == pytest.approx(value[name], abs=1e-12)


def test_merged_and_in_an_engine() -> None:
    arguments, wanted = PYCOCOTOOLS[0]
    data = images(**arguments)
    first, second = updated(CommonObjectDetectionMetrics(4), data[:5], 2), CommonObjectDetectionMetrics(4)
    second.load_state_dict(updated(CommonObjectDetectionMetrics(4), data[5:], 3).state_dict())
    first.merge(second)
    assert list(first.compute().values()) == pytest.approx(wanted, abs=1e-12)
    engine = Engine(lambda engine, batch: batch)
    CommonObjectDetectionMetrics(4).attach(engine, "coco")
    metrics = engine.run([output(data[i : i + 4], sparkle.from_numpy) for i in (0, 4, 8)]).metrics
    assert metrics["AP@75"] == metrics["coco"]["AP@75"] == pytest.approx(wanted[3], abs=1e-12)


# ---------------------------------------------------------------- worked out by hand

Box = list[float]


def found(*rows: tuple[Box, float, int]) -> dict[str, Any]:
    boxes, scores, labels = [r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]
    return {
        "bbox": sparkle.tensor(boxes).reshape(-1, 4),
        "scores": sparkle.tensor(scores, dtype=sparkle.float32),
        "labels": sparkle.tensor(labels, dtype=sparkle.int64),
    }


def true(*rows: tuple[Box, int] | tuple[Box, int, bool]) -> dict[str, Any]:
    boxes, labels = [r[0] for r in rows], [r[1] for r in rows]
    crowd = (
        {"iscrowd": sparkle.tensor([bool(r[2:] and r[2:][0]) for r in rows])} if any(len(r) > 2 for r in rows) else {}
    )
    labels_ = sparkle.tensor(labels, dtype=sparkle.int64)
    return {"bbox": sparkle.tensor(boxes).reshape(-1, 4), "labels": labels_, **crowd}


A, NEAR_A, B, FAR = [0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 8.0], [20.0, 20.0, 30.0, 30.0], [50.0, 50.0, 60.0, 60.0]
BY_HAND: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[float, float]]] = {
    "right": (found((A, 0.9, 0)), true((A, 0)), (1.0, 1.0)),
    "overlap of 0.8, at thresholds up to 0.8": (found((NEAR_A, 0.9, 0)), true((A, 0)), (0.7, 0.7)),
    "another class": (found((A, 0.9, 1)), true((A, 0)), (0.0, 0.0)),
    "a miss with a better score": (found((FAR, 0.9, 0), (A, 0.8, 0)), true((A, 0)), (0.5, 1.0)),
    "a miss with a worse score": (found((A, 0.9, 0), (FAR, 0.8, 0)), true((A, 0)), (1.0, 1.0)),
    "found twice": (found((A, 0.9, 0), (A, 0.8, 0)), true((A, 0), (B, 0)), (51 / 101, 0.5)),
    "one of two": (found((A, 0.9, 0)), true((A, 0), (B, 0)), (51 / 101, 0.5)),
    "one of two classes": (found((A, 0.9, 0)), true((A, 0), (B, 1)), (0.5, 0.5)),
    "a miss of a class without boxes": (found((A, 0.9, 0), (B, 0.9, 1)), true((A, 0)), (1.0, 1.0)),
    "nothing detected": (found(), true((A, 0)), (0.0, 0.0)),
    "nothing there": (found((A, 0.9, 0)), true(), (-1.0, -1.0)),
    "nothing at all": (found(), true(), (-1.0, -1.0)),
    "only a crowd": (found((A, 0.9, 0)), true((A, 0, True)), (-1.0, -1.0)),
    "in a crowd, twice": (
        found((A, 0.9, 0), (NEAR_A, 0.8, 0), (B, 0.7, 0)), true(([0.0, 0.0, 15.0, 15.0], 0, True), (B, 0)), (1.0, 1.0),
    ),
    "a box before a crowd": (found((A, 0.9, 0)), true((A, 0, True), (A, 0)), (1.0, 1.0)),
    "a box before the crowd about it": (found((NEAR_A, 0.9, 0)), true((A, 0), (A, 0, True)), (0.7, 0.7)),
    "labels that are none": (found((A, 0.9, 0), (B, 0.95, 7), (B, 0.95, -1)), true((A, 0)), (1.0, 1.0)),
    "boxes without area": (found(([0.0, 0.0, 0.0, 5.0], 0.9, 0)), true(([0.0, 0.0, 0.0, 5.0], 0)), (0.0, 0.0)),
    "nan": (found(([0.0, 0.0, math.nan, 5.0], 0.9, 0), (A, 0.8, 0)), true((A, 0)), (0.5, 1.0)),
}  # fmt: skip


@pytest.mark.parametrize("case", BY_HAND)
def test_by_hand(case: str) -> None:
    y_pred, y, wanted = BY_HAND[case]
    metric = one()
    metric.update(([y_pred], [y]))
    assert metric.compute() == pytest.approx(wanted)


def test_areas_out_of_range_neither_count_nor_hurt() -> None:
    large = [0.0, 0.0, 200.0, 200.0]
    y_pred, y = found((large, 0.9, 0), (A, 0.8, 0), ([300.0, 0.0, 500.0, 200.0], 0.95, 0)), true((large, 0), (A, 0))
    for area, wanted in (("small", (1.0, 1.0)), ("medium", (-1.0, -1.0)), ("large", (0.5, 1.0))):
        metric = one(area_range=area)
        metric.update(([y_pred], [y]))
        assert metric.compute() == pytest.approx(wanted)


def test_fewer_detections() -> None:
    """By image and class."""
    y_pred, y = found((A, 0.9, 0), (B, 0.8, 0), (B, 0.1, 1)), true((A, 0), (B, 0), (B, 1))
    metric = one(max_detections_per_image_per_class=1)
    metric.update(([y_pred, y_pred], [y, y]))
    assert metric.compute()[1] == pytest.approx((0.5 + 1) / 2)


def test_thresholds() -> None:
    y_pred, y = found((FAR, 0.9, 0), (A, 0.8, 0)), true((A, 0), (B, 0))
    metric = one(iou_thresholds=[1.0], rec_thresholds=[0.6, 0.5])
    metric.update(([y_pred], [y]))
    assert metric.compute() == pytest.approx(((0.5 + 0) / 2, 0.5))


def test_the_last_of_equal_overlaps_is_taken() -> None:
    """As pycocotools has it; the first stays for the second detection here."""
    between, second = [10.0, 0.0, 20.0, 10.0], [5.0, 0.0, 15.0, 10.0]
    metric = one(iou_thresholds=[0.3])
    metric.update(([found((second, 0.9, 0), (A, 0.8, 0))], [true((A, 0), (between, 0))]))
    assert metric.compute() == pytest.approx((1.0, 1.0))


def test_overlaps() -> None:
    boxes, crowd = np.array([A, NEAR_A, B, [5.0, 0.0, 15.0, 10.0]]), np.array([False, False, False, True])
    wanted = [[1, 0.8, 0, 0.5], [0.8, 1, 0, 0.5], [0, 0, 1, 0], [1 / 3, 40 / 140, 0, 1]]
    np.testing.assert_allclose(overlaps(boxes, boxes, crowd), wanted)


# ---------------------------------------------------------------- outputs


def test_tensors_become_dicts() -> None:
    y_pred = [sparkle.tensor([[0.0, 0.0, 10.0, 10.0, 0.9, 2.0]]), sparkle.zeros(0, 6)]
    y = [sparkle.tensor([[0.0, 0.0, 10.0, 10.0, 2.0]]), sparkle.tensor([[0.0, 0.0, 9.0, 9.0, 1.0, 1.0]])]
    made = coco_tensor_list_to_dict_list((y_pred, y))
    assert [list(image) for image in made[0]] == [["bbox", "scores", "labels"]] * 2
    assert [list(image) for image in made[1]] == [["bbox", "labels"], ["bbox", "labels", "iscrowd"]]
    assert made[1][1]["iscrowd"].tolist() == [True]
    assert coco_tensor_list_to_dict_list(made) == made
    engine = Engine(lambda engine, batch: batch)
    one(output_transform=coco_tensor_list_to_dict_list).attach(engine, "coco")
    assert engine.run([(y_pred, y)]).metrics == {"coco": (1.0, 1.0)}


def test_nothing_was_seen() -> None:
    for metric in (one(), CommonObjectDetectionMetrics()):
        for _ in range(2):
            with pytest.raises(NotComputableError, match=f"{type(metric).__name__} must have at least one example"):
                metric.compute()
            metric.update(([], []))


RIGHT = found((A, 0.9, 0)), true((A, 0))
WRONG_OUTPUTS: dict[str, tuple[Any, str]] = {
    "samples": (([RIGHT[0]], [RIGHT[1]] * 2), "same number of samples, given 1 and 2"),
    "keys": (([RIGHT[1]], [RIGHT[1]]), r"y_pred sample dictionaries should have 'bbox', 'labels' and 'scores' keys"),
    "keys of y": (([RIGHT[0]], [{"bbox": sparkle.zeros(1, 4)}]), "y sample dictionaries should have"),
    "tensors": (([sparkle.zeros(1, 6)], [RIGHT[1]]), "wanted a dict of tensors for each image, met Tensor"),
    "boxes": (([{**RIGHT[0], "bbox": sparkle.zeros(2, 4)}], [RIGHT[1]]), r"wanted y_pred with bbox \(N, 4\)"),
    "scores": (([{**RIGHT[0], "scores": sparkle.zeros(2)}], [RIGHT[1]]), r"scores \(N,\), met"),
    "label": (([RIGHT[0]], [true((A, 4))]), r"labels of y should lie in 0..3"),
}


@pytest.mark.parametrize("wrong", WRONG_OUTPUTS)
def test_wrong_outputs(wrong: str) -> None:
    made, message = WRONG_OUTPUTS[wrong]
    metric = one()
    with pytest.raises(ValueError, match=f"ObjectDetectionAvgPrecisionRecall: .*{message}"):
        metric.update(made)
    with pytest.raises(NotComputableError):
        metric.compute()


WRONG: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: one(iou_thresholds=0.5), TypeError, "iou_thresholds should be a sequence of floats"),
    (lambda: one(iou_thresholds=[0.5, 1.5]), ValueError, "should be between 0 and 1"),
    (lambda: one(rec_thresholds=sparkle.zeros(2, 2)), ValueError, "rec_thresholds should be a one-dimensional"),
    (lambda: one(rec_thresholds=[]), ValueError, "rec_thresholds should be a one-dimensional"),
    (lambda: one(rec_thresholds=[math.nan]), ValueError, "should be between 0 and 1"),
    (lambda: one(area_range="tiny"), ValueError, "area_range should be one of .* got 'tiny'"),
    (lambda: coco_tensor_list_to_dict_list(([sparkle.zeros(1, 5)], [])), ValueError, r"wanted \(N, 6\), met \(1, 5\)"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=range(len(WRONG)))
def test_misuse(wrong: tuple[Callable[[], Any], type[Exception], str]) -> None:
    with pytest.raises(wrong[1], match=wrong[2]):
        wrong[0]()
