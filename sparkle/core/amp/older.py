"""The spellings under `cuda.amp` and `cpu.amp`, which name the device and warn that they are deprecated."""

from __future__ import annotations

import functools
import warnings
from typing import Any

from .. import dtypes
from . import autocast_mode, grad_scaler


def _deprecated(old: str, new: str) -> None:
    warnings.warn(
        f"`sparkle.{old}(args...)` is deprecated. Please use `sparkle.{new}` instead.", FutureWarning, stacklevel=3
    )


class CpuAutocast(autocast_mode.autocast):
    """`sparkle.autocast("cpu", ...)`."""

    def __init__(self, enabled: bool = True, dtype: Any = dtypes.bfloat16, cache_enabled: bool = True) -> None:
        _deprecated("cpu.amp.autocast", "amp.autocast('cpu', args...)")
        super().__init__("cpu", dtype, enabled, cache_enabled)


class CudaAutocast(autocast_mode.autocast):
    """`sparkle.autocast("cuda", ...)`."""

    def __init__(self, enabled: bool = True, dtype: Any = dtypes.float16, cache_enabled: bool = True) -> None:
        _deprecated("cuda.amp.autocast", "amp.autocast('cuda', args...)")
        super().__init__("cuda", dtype, enabled, cache_enabled)


class CpuGradScaler(grad_scaler.GradScaler):
    """`sparkle.amp.GradScaler("cpu", ...)`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _deprecated("cpu.amp.GradScaler", "amp.GradScaler('cpu', args...)")
        super().__init__("cpu", *args, **kwargs)


class CudaGradScaler(grad_scaler.GradScaler):
    """`sparkle.amp.GradScaler("cuda", ...)`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _deprecated("cuda.amp.GradScaler", "amp.GradScaler('cuda', args...)")
        super().__init__("cuda", *args, **kwargs)


@functools.wraps(autocast_mode.custom_fwd)
def cuda_custom_fwd(fwd: Any = None, *, cast_inputs: Any = None) -> Any:
    _deprecated("cuda.amp.custom_fwd", "amp.custom_fwd(args..., device_type='cuda')")
    return autocast_mode.custom_fwd(fwd, device_type="cuda", cast_inputs=cast_inputs)


@functools.wraps(autocast_mode.custom_bwd)
def cuda_custom_bwd(bwd: Any = None) -> Any:
    _deprecated("cuda.amp.custom_bwd", "amp.custom_bwd(args..., device_type='cuda')")
    return autocast_mode.custom_bwd(bwd, device_type="cuda")
