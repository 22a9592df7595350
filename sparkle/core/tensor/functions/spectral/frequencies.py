"""The frequencies of a spectrum's elements, and spectra with frequency zero in the middle."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Unpack

import numpy

from ....dtypes import FLOATS
from ...axes import axis_of
from ...making.filled import Where, make, numpy_type
from ...out import typed_into
from ...size import length_of
from ..pointwise.unary import check_tensor
from ..shaping.rearrange import roll


def fftfreq(n: int, d: float = 1.0, *, dtype: Any = None, out: Any = None, **where: Unpack[Where]) -> Any:
    """The frequencies of the n elements of a spectrum, in cycles per unit of the sample spacing d; negative ones last.

    >>> import sparkle
    >>> sparkle.fft.fftfreq(4)
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    if out is not None:
        return typed_into(out, fftfreq, n, d, dtype=dtype, **where)

    def cycles(xp: ModuleType, count: int) -> Any:
        k = xp.arange(count, dtype="float64")
        return xp.where(k < (count + 1) // 2, k, k - count)

    return _frequencies(cycles, n, d, dtype, where, "fftfreq")


def rfftfreq(n: int, d: float = 1.0, *, dtype: Any = None, out: Any = None, **where: Unpack[Where]) -> Any:
    """The frequencies of the n // 2 + 1 elements of the half spectrum of n real numbers, a distance d apart.

    >>> import sparkle
    >>> sparkle.fft.rfftfreq(4)
    tensor([0.0000, 0.2500, 0.5000])
    """
    if out is not None:
        return typed_into(out, rfftfreq, n, d, dtype=dtype, **where)
    return _frequencies(lambda xp, n: xp.arange(n // 2 + 1, dtype="float64"), n, d, dtype, where, "rfftfreq")


def _frequencies(cycles: Any, n: Any, d: Any, dtype: Any, where: Any, name: str) -> Any:
    kind, count = numpy_type(dtype), length_of(n, name)
    if kind.kind not in FLOATS:
        raise RuntimeError(f"{name}: requires a floating point dtype, met {kind}")

    def maker(xp: ModuleType) -> Any:
        with numpy.errstate(all="ignore"):  # a length or a distance of zero gives inf and nan, as other divisions do
            return (cycles(xp, count) / xp.asarray(count * float(d))).astype(kind)

    return make(maker, **where)


def fftshift(input: Any, dim: Any = None, *, pairs: bool = False) -> Any:
    """The elements rolled by half the size along dim, one or several (all if left out): frequency zero in the middle.

    pairs: is the last dim that of pairs? Then it stays as it is and dim counts the dims before it.

    >>> import sparkle
    >>> sparkle.fft.fftshift(sparkle.arange(5)).tolist()
    [3, 4, 0, 1, 2]
    """
    return _shifted(input, dim, pairs, 0, "fftshift")


def ifftshift(input: Any, dim: Any = None, *, pairs: bool = False) -> Any:
    """The inverse of `fftshift`, from which it differs for odd sizes."""
    return _shifted(input, dim, pairs, 1, "ifftshift")


def _shifted(input: Any, dim: Any, pairs: bool, inverse: int, where: str) -> Any:
    check_tensor(input, where)
    shape = input.array.shape
    if pairs and shape[-1:] != (2,):
        raise RuntimeError(f"{where}: pairs=True wants a last dim of 2, met shape {tuple(shape)}")
    ndim = len(shape) - bool(pairs)
    if not ndim:
        raise RuntimeError(f"{where}: the tensor has no dims to shift along")
    dims = range(ndim) if dim is None else dim if isinstance(dim, (tuple, list)) else [dim]
    axes = [axis_of(d, ndim, where) for d in dims]
    return roll(input, [(shape[a] + inverse) // 2 for a in axes], axes)
