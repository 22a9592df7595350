"""Automatic differentiation: `sparkle.autograd`, as `torch.autograd`."""

from . import function
from ..core.tensor.function import Function
from ..core.tensor.gradcheck import GradcheckError, gradcheck, gradgradcheck
from ..core.tensor.gradients import backward, grad
from ..core.tensor.legacy import Variable
from ..core.tensor.switches import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled

__all__ = [
    "Function",
    "GradcheckError",
    "Variable",
    "backward",
    "enable_grad",
    "function",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "is_grad_enabled",
    "no_grad",
    "set_grad_enabled",
]
