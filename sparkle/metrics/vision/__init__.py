"""Metrics of detected objects."""

from .object_detection_average_precision_recall import (
    CommonObjectDetectionMetrics,
    ObjectDetectionAvgPrecisionRecall,
    coco_tensor_list_to_dict_list,
)

__all__ = ["CommonObjectDetectionMetrics", "ObjectDetectionAvgPrecisionRecall", "coco_tensor_list_to_dict_list"]
