"""`sparkle.amp.autocast_mode`, as torch.amp.autocast_mode."""

from ..core.amp import autocast, custom_bwd, custom_fwd, is_autocast_available

__all__ = ["autocast", "custom_bwd", "custom_fwd", "is_autocast_available"]
