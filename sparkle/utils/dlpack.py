"""`sparkle.utils.dlpack`, as `torch.utils.dlpack`."""

from ..core.tensor.interchange import from_dlpack, to_dlpack

__all__ = ["from_dlpack", "to_dlpack"]
