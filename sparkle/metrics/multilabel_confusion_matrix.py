"""Where Ignite has MultiLabelConfusionMatrix."""

from .classification.multilabel_confusion_matrix import MultiLabelConfusionMatrix

__all__ = ["MultiLabelConfusionMatrix"]
