"""Where Ignite has ROC_AUC."""

from .classification.curves import ROC_AUC, RocCurve, roc_auc_compute_fn, roc_auc_curve_compute_fn

__all__ = ["ROC_AUC", "RocCurve", "roc_auc_compute_fn", "roc_auc_curve_compute_fn"]
