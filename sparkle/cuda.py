"""`sparkle.cuda`, as `torch.cuda`: what there is of CUDA devices."""

from .core.cuda import current_device, device_count, empty_cache, get_device_name, is_available, synchronize

__all__ = ["current_device", "device_count", "empty_cache", "get_device_name", "is_available", "synchronize"]
