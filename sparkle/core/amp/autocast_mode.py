"""`autocast`, and the decorators of user Functions that take part in it."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from .. import backend, dtypes
from ..tensor.base import TensorBase
from . import settings as switches
from .settings import kind_of, settings


class autocast:
    """Inside, matrix products and convolutions take their operands in a lower precision, and losses in float32.

    device_type: "cpu" or "cuda". dtype: bfloat16 or float16; by default bfloat16 on the CPU, float16 on CUDA. enabled:
    False switches an outer autocast off. cache_enabled: is each weight cast once, and kept until the outermost context
    ends? Used as `with autocast("cpu"):` and as a decorator; run backward outside. What the CPU gains is correctness:
    it computes such operands in float32 and rounds the results.

    Raises ValueError and RuntimeError for what is no device; warns, and stays off, where the device is missing or the
    type is none of the two.

    >>> import sparkle
    >>> with sparkle.autocast("cpu", dtype=sparkle.float16):
    ...     (sparkle.ones(2, 2) @ sparkle.ones(2, 2)).dtype
    sparkle.float16
    """

    def __init__(
        self,
        device_type: str,
        dtype: dtypes.dtype | None = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,
    ) -> None:
        self.device = kind_of(device_type)
        self.fast_dtype = switches.get_autocast_dtype(self.device) if dtype is None else dtype
        self._enabled = bool(enabled) and _possible(self.device, self.fast_dtype)
        self._cache_enabled = switches.is_autocast_cache_enabled() if cache_enabled is None else cache_enabled
        self._stack: list[tuple[Any, ...]] = []
        if self._enabled:
            _ = self.fast_dtype.numpy  # bfloat16 needs a package: better missed here than in the first product

    def __enter__(self) -> autocast:
        s = settings
        self._stack.append((s.enabled[self.device], s.types[self.device], s.cached))
        s.enabled[self.device], s.types[self.device], s.cached = self._enabled, self.fast_dtype, self._cache_enabled
        switches.autocast_increment_nesting()
        s.apply()
        return self

    def __exit__(self, *exc: Any) -> None:
        s = settings
        s.enabled[self.device], s.types[self.device], s.cached = self._stack.pop()
        if not switches.autocast_decrement_nesting():
            switches.clear_autocast_cache()
        s.apply()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return inside


def _possible(kind: str, dtype: Any) -> bool:
    """Is there such a device, and is this a type to lower to? A warning says so where not."""
    if kind == "cuda" and not backend.cuda_device_count():
        warnings.warn("autocast: CUDA is not available. Disabling autocast.", UserWarning, stacklevel=3)
        return False
    if dtype not in (dtypes.bfloat16, dtypes.float16):
        warnings.warn(
            f"In {kind.upper()} autocast, but the target dtype {dtype} is not supported. Disabling autocast. Supported "
            "are sparkle.bfloat16 and sparkle.float16",
            UserWarning,
            stacklevel=3,
        )
        return False
    return True


def custom_fwd(fwd: Any = None, *, device_type: str, cast_inputs: dtypes.dtype | None = None) -> Any:
    """For `forward` of a user's Function: how it runs under autocast.

    Without cast_inputs as everything around it does; with, it gets floating point tensors in that type and runs with
    autocast off. `backward` should be decorated with `custom_bwd`.
    """
    kind = kind_of(device_type)
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        ctx = args[0]
        ctx._dtype, ctx._fwd_used_autocast = settings.types[kind], settings.enabled[kind]
        if cast_inputs is None or not settings.enabled[kind]:
            return fwd(*args, **kwargs)
        ctx._fwd_used_autocast = False
        with autocast(kind, enabled=False):
            return fwd(*_cast(args, kind, cast_inputs), **_cast(kwargs, kind, cast_inputs))

    return decorated


def custom_bwd(bwd: Any = None, *, device_type: str) -> Any:
    """For `backward` of a user's Function: it runs with the autocast that its `forward` ran with."""
    kind = kind_of(device_type)
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def decorated(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        with autocast(kind, enabled=ctx._fwd_used_autocast, dtype=ctx._dtype):
            return bwd(ctx, *args, **kwargs)

    return decorated


def _cast(value: Any, kind: str, dtype: dtypes.dtype) -> Any:
    """The floating point tensors of that device in nested dicts, lists and tuples in another type; not float64."""
    if isinstance(value, TensorBase):
        known: Any = value
        plain = known.dtype.is_floating_point and known.dtype is not dtypes.float64 and known.device.type == kind
        return known.to(dtype) if plain else value
    if isinstance(value, Mapping):
        return {_cast(key, kind, dtype): _cast(item, kind, dtype) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_cast(item, kind, dtype) for item in value)
    return value
