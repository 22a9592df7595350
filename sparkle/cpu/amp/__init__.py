"""`sparkle.cpu.amp`, as torch.cpu.amp: deprecated spellings of what is in sparkle.amp."""

from ...core.amp.older import CpuAutocast as autocast
from ...core.amp.older import CpuGradScaler as GradScaler

__all__ = ["GradScaler", "autocast"]
