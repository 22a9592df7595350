"""`sparkle.cuda.amp`, as torch.cuda.amp: deprecated spellings of what is in sparkle.amp."""

from ...core.amp.older import CudaAutocast as autocast
from ...core.amp.older import CudaGradScaler as GradScaler
from ...core.amp.older import cuda_custom_bwd as custom_bwd
from ...core.amp.older import cuda_custom_fwd as custom_fwd

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd"]
