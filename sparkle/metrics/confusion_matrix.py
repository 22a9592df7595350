"""Where Ignite has ConfusionMatrix."""

from .classification.confusion_matrix import ConfusionMatrix
from .classification.from_matrix import DiceCoefficient, IoU, JaccardIndex, cmAccuracy, cmPrecision, cmRecall, mIoU

__all__ = ["ConfusionMatrix", "DiceCoefficient", "IoU", "JaccardIndex", "cmAccuracy", "cmPrecision", "cmRecall", "mIoU"]
