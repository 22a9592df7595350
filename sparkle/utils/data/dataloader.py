"""`sparkle.utils.data.dataloader`, as `torch.utils.data.dataloader`."""

from ...core.data.collate import default_collate
from ...core.data.loader import DataLoader

__all__ = ["DataLoader", "default_collate"]
