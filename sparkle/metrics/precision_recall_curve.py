"""Where Ignite has PrecisionRecallCurve."""

from .classification.curves import PrecisionRecallCurve, precision_recall_curve_compute_fn

__all__ = ["PrecisionRecallCurve", "precision_recall_curve_compute_fn"]
