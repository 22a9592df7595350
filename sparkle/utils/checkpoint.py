"""Less memory for more time, as `torch.utils.checkpoint`."""

from ..core.tensor.differentiation.recompute import CheckpointError, checkpoint, checkpoint_sequential

__all__ = ["CheckpointError", "checkpoint", "checkpoint_sequential"]
