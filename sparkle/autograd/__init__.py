"""Automatic differentiation: `sparkle.autograd`, as `torch.autograd`."""

from ..core.tensor.differentiation.function import Function
from ..core.tensor.differentiation.gradcheck import GradcheckError, gradcheck, gradgradcheck
from ..core.tensor.differentiation.gradients import backward, grad
from ..core.tensor.differentiation.graph import detect_anomaly, set_detect_anomaly
from ..core.tensor.making.legacy import Variable
from ..core.tensor.switches import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from . import anomaly_mode, function, functional, graph

__all__ = [
    "Function",
    "GradcheckError",
    "Variable",
    "anomaly_mode",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "function",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "is_grad_enabled",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]
