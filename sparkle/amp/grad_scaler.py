"""`sparkle.amp.grad_scaler`, as torch.amp.grad_scaler."""

from ..core.amp import GradScaler

__all__ = ["GradScaler"]
