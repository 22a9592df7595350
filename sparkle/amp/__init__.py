"""Automatic mixed precision: `autocast` and `GradScaler`, as in torch.amp."""

from ..core.amp import GradScaler, autocast, custom_bwd, custom_fwd, is_autocast_available
from . import autocast_mode, grad_scaler

__all__ = [
    "GradScaler",
    "autocast",
    "autocast_mode",
    "custom_bwd",
    "custom_fwd",
    "grad_scaler",
    "is_autocast_available",
]
