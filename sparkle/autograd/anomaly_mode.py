"""The search for anomalies in backward, as `torch.autograd.anomaly_mode`."""

from ..core.tensor.differentiation.graph import detect_anomaly, set_detect_anomaly

__all__ = ["detect_anomaly", "set_detect_anomaly"]
