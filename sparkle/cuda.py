"""`sparkle.cuda`, as `torch.cuda`: what there is of CUDA devices."""

from .core.cuda import (
    current_device,
    device_count,
    empty_cache,
    get_device_name,
    is_available,
    manual_seed,
    manual_seed_all,
    synchronize,
)

__all__ = [
    "current_device",
    "device_count",
    "empty_cache",
    "get_device_name",
    "is_available",
    "manual_seed",
    "manual_seed_all",
    "synchronize",
]
