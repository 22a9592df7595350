"""`sparkle.cuda`, as `torch.cuda`: what there is of CUDA devices."""

from ..core.cuda import (
    current_device,
    device_count,
    empty_cache,
    get_device_name,
    is_available,
    manual_seed,
    manual_seed_all,
    synchronize,
)
from ..core.tensor.generator import get_cuda_rng_state as get_rng_state
from ..core.tensor.generator import get_cuda_rng_state_all as get_rng_state_all
from ..core.tensor.generator import set_cuda_rng_state as set_rng_state
from ..core.tensor.generator import set_cuda_rng_state_all as set_rng_state_all
from . import amp

__all__ = [
    "amp",
    "current_device",
    "device_count",
    "empty_cache",
    "get_device_name",
    "get_rng_state",
    "get_rng_state_all",
    "is_available",
    "manual_seed",
    "manual_seed_all",
    "set_rng_state",
    "set_rng_state_all",
    "synchronize",
]
