"""`out=`: results written into tensors that exist already.

A function that takes `out` hands over to `into` when it is given, and pays one comparison when it is not.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

from .. import backend, devices, dtypes
from ..mode import mode
from .base import TensorBase, dtype_of
from .resize import resize
from .write import touch, write

# Results of these are cast to out's type where its kind can hold them; those of all others must be of that very type.
_CASTING = frozenset(
    "acos acosh add addcdiv addcmul addr airy_ai all any arccos arccosh arcsin arcsinh arctan arctan2 arctanh "
    "asin asinh atan atan2 atanh bessel_j0 bessel_j1 bessel_y0 bessel_y1 bitwise_and bitwise_left_shift "
    "bitwise_or bitwise_right_shift bitwise_xor cat chebyshev_polynomial_t chebyshev_polynomial_u "
    "chebyshev_polynomial_v chebyshev_polynomial_w column_stack concat concatenate cond copysign cos cosh deg2rad "
    "diff digamma div divide dstack entr eq erf erfc erfcx erfinv exp exp2 expm1 fft fft2 fftn floor_divide fmax "
    "fmin fmod gcd ge ger greater greater_equal gt hermite_polynomial_h hermite_polynomial_he hfft hfft2 hfftn "
    "hstack hypot i0 i0e i1 i1e ifft ifft2 ifftn igamma igammac ihfft ihfft2 ihfftn irfft irfft2 irfftn kron "
    "laguerre_polynomial_l lcm le legendre_polynomial_p lerp less less_equal lgamma log log10 log1p log2 log_ndtr "
    "logaddexp logaddexp2 logical_and logical_not logical_or logical_xor logit logsumexp lt matrix_rank max "
    "maximum mean min minimum modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 mul "
    "multiply mvlgamma nanmean ndtr ndtri ne nextafter not_equal outer pinv polygamma pow rad2deg reciprocal "
    "remainder rfft rfft2 rfftn row_stack rsqrt scaled_modified_bessel_k0 scaled_modified_bessel_k1 "
    "shifted_chebyshev_polynomial_t shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v "
    "shifted_chebyshev_polynomial_w sigmoid sin sinc sinh spherical_bessel_j0 sqrt square stack std sub subtract "
    "tan tanh true_divide var vstack xlog1py xlogy zeta".split()
)


def into(out: Any, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call the function, write what it returns into out, a tensor or a tuple of them, and return that.

    A tensor of another shape is resized, with a warning unless it is empty. All is computed before any of it is
    written, so out may be among the arguments. RuntimeError where out's type or device does not fit, or where a
    gradient would be lost.
    """
    name = function.__name__
    targets = tuple(out) if isinstance(out, (tuple, list)) else (out,)
    for target in targets:
        if not isinstance(target, TensorBase):
            raise TypeError(f"{name}(): argument 'out' must be Tensor, not {type(target).__name__}")
    if mode.grad:
        _check_history((*args, *kwargs.values(), targets), name)
    before, mode.grad = mode.grad, False
    casting, mode.autocast = mode.autocast, None  # it does not reach out=
    try:
        results = function(*args, **kwargs)
        values = results if isinstance(results, tuple) else (results,)
        if len(values) != len(targets):
            raise TypeError(f"{name}(): argument 'out' must hold {len(values)} tensors, met {len(targets)}")
        casts = name in _CASTING and len(values) == 1
        for target, value in zip(targets, values, strict=True):
            _check(target, value, name, casts)
        for target, value in zip(targets, values, strict=True):
            _store(target, value, name)
    finally:
        mode.grad, mode.autocast = before, casting
    return type(results)(*targets) if hasattr(results, "_fields") else targets if len(values) > 1 else targets[0]


def typed_into(out: Any, function: Callable[..., Any], *args: Any, dtype: Any = None, **kwargs: Any) -> Any:
    """`into` for functions that make their result in the type asked for: in out's, which `dtype` must not deny."""
    if isinstance(out, TensorBase):
        own = dtype_of(out)
        if dtype is not None and dtypes.as_dtype(dtype) is not own:
            raise RuntimeError(f"{function.__name__}: dtype {dtype} does not match dtype of out parameter ({own})")
        dtype = own
    return into(out, function, *args, dtype=dtype, **kwargs)


def _check_history(arguments: Any, name: str) -> None:
    for x in arguments:
        if isinstance(x, (tuple, list)):
            _check_history(x, name)
        elif isinstance(x, TensorBase) and x.requires_grad:  # type: ignore[attr-defined]
            raise RuntimeError(
                f"{name}(): functions with out=... arguments don't support automatic differentiation, but one of the "
                "arguments requires grad. Leave out= away, or call inside `with no_grad():`"
            )


def _check(target: TensorBase, value: TensorBase, name: str, casts: bool) -> None:
    """RuntimeError where the value's type or device is not one that the target can take."""
    to, have = dtype_of(target), dtype_of(value)
    if casts and not dtypes.can_cast(have, to):
        raise RuntimeError(f"{name}: result type {have} can't be cast to the desired output type {to}")
    if not casts and have is not to:
        raise RuntimeError(f"{name}: expected out tensor to have dtype {have}, but got {to} instead")
    if backend.device_of(target.array) != backend.device_of(value.array):
        raise RuntimeError(
            f"{name}: expected out tensor to be on {devices.of(value.array)}, but it is on {devices.of(target.array)}"
        )


def _store(target: TensorBase, value: TensorBase, name: str) -> None:
    shape = value.array.shape
    if target.array.shape != shape:
        if target.array.size:
            warnings.warn(
                f"{name}: an output with one or more elements was resized since it had shape "
                f"{list(target.array.shape)}, which does not match the required output shape {list(shape)}. Resize it "
                "to 0 elements first: t.resize_(0)",
                UserWarning,
                stacklevel=_levels_to_user(),
            )
        target.array = resize(target.array, shape)
        touch(target)
    write(target, value, name)


def _levels_to_user() -> int:
    """How many calls up the first one from outside the package is, for warnings."""
    frame, levels = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("sparkle."):
        frame, levels = frame.f_back, levels + 1
    return levels
