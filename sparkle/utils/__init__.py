"""Images, loggers, and tensors in containers; `sparkle.utils.data` is `sparkle.data`."""

from ..core.tensor.generator import manual_seed
from . import checkpoint, data, dlpack, plots
from .hashes import hash_checkpoint
from .images import make_grid, save_image
from .logs import setup_logger
from .tensors import apply_to_tensor, apply_to_type, convert_tensor, to_onehot

__all__ = [
    "apply_to_tensor",
    "apply_to_type",
    "checkpoint",
    "convert_tensor",
    "data",
    "dlpack",
    "hash_checkpoint",
    "make_grid",
    "manual_seed",
    "plots",
    "save_image",
    "setup_logger",
    "to_onehot",
]
