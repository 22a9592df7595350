"""Discrete Fourier transforms of tensors. Complex numbers are pairs: a last dim of 2, real and imaginary part.

`dim` counts the dims of the signal, without the pair dim: in pairs of shape (3, 8, 2) the signals of length 8 are dim 1
or -1. `norm` says where the scale goes: "backward" (or None) 1/n on the inverse, "forward" 1/n on the forward
transform, "ortho" 1/sqrt(n) on both. float32 stays float32; integers and bool become the default type.
"""

from __future__ import annotations

import operator
from typing import Any

from ....mode import mode
from ....ops.nn.padding import Pad
from ....ops.shaping.shape import Clone
from ....ops.spectral import ADJOINT_NORM, Conjugate, Fft, Ifft, Irfft, Rfft
from ...axes import axis_of
from ...base import TensorBase, apply, dtype_of
from ...out import into
from ..pointwise.unary import check_tensor, to_float


def rfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """The half spectrum, n // 2 + 1 pairs, of real signals along dim, cut or filled with zeros to length n.

    >>> import sparkle
    >>> sparkle.fft.rfft(sparkle.tensor([1.0, 2.0, 3.0, 4.0])).tolist()
    [[10.0, 0.0], [-2.0, 2.0], [-2.0, 0.0]]
    """
    if out is not None:
        return into(out, rfft, input, n, dim, norm)
    return _real_to_pairs(_real(input, "rfft"), n, dim, norm, "rfft")


def irfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """The n real numbers along dim with the half spectrum in the pairs; n is 2 (m - 1) for m pairs if left out.

    An odd length has to be given: the spectra of 2 m and 2 m + 1 numbers have the same size.

    >>> import sparkle
    >>> x = sparkle.tensor([1.0, 2.0, 4.0])
    >>> sparkle.allclose(sparkle.fft.irfft(sparkle.fft.rfft(x), n=3), x)
    True
    """
    if out is not None:
        return into(out, irfft, input, n, dim, norm)
    return _pairs_to_real(_pairs(input, "irfft"), n, dim, norm, "irfft")


def hfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """The real spectrum, of length n, of Hermitian signals along dim, of which the pairs are the first half."""
    if out is not None:
        return into(out, hfft, input, n, dim, norm)
    mirrored = apply(Conjugate(), _pairs(input, "hfft"))
    return _pairs_to_real(mirrored, n, dim, _adjoint(norm, "hfft"), "hfft")


def ihfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """The inverse of `hfft`: of a real spectrum the first half, as pairs, of the Hermitian signal."""
    if out is not None:
        return into(out, ihfft, input, n, dim, norm)
    return apply(Conjugate(), _real_to_pairs(_real(input, "ihfft"), n, dim, _adjoint(norm, "ihfft"), "ihfft"))


def fft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """The spectrum, as pairs, of complex signals, given as pairs, along dim; cut or filled with zeros to length n.

    Raises RuntimeError for a tensor whose last dim is not 2: real signals are for `rfft`.

    >>> import sparkle
    >>> sparkle.fft.fft(sparkle.tensor([[1.0, 0.0], [0.0, 1.0]])).tolist()
    [[1.0, 1.0], [1.0, -1.0]]
    """
    if out is not None:
        return into(out, fft, input, n, dim, norm)
    return _complex(Fft, input, n, dim, norm, "fft")


def ifft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Any = None) -> Any:
    """The complex signals along dim with a spectrum: the inverse of `fft`, pairs in and pairs out."""
    if out is not None:
        return into(out, ifft, input, n, dim, norm)
    return _complex(Ifft, input, n, dim, norm, "ifft")


def fftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Any = None) -> Any:
    """`fft` over several dims (all, or the last len(s)), which get the sizes s first; -1 in s leaves a size as it is.

    RuntimeError where a dim is named twice, or s and dim are of different length.
    """
    if out is not None:
        return into(out, fftn, input, s, dim, norm)
    return _complex_n(Fft, input, s, dim, norm, "fftn")


def ifftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Any = None) -> Any:
    """The inverse of `fftn`."""
    if out is not None:
        return into(out, ifftn, input, s, dim, norm)
    return _complex_n(Ifft, input, s, dim, norm, "ifftn")


def rfftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Any = None) -> Any:
    """The spectrum over several dims of real numbers, as pairs; the last of the dims has the half spectrum."""
    if out is not None:
        return into(out, rfftn, input, s, dim, norm)
    return _real_to_pairs_n(input, s, dim, norm, "rfftn")


def irfftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Any = None) -> Any:
    """The real numbers, of sizes s, with a spectrum as `rfftn` makes it."""
    if out is not None:
        return into(out, irfftn, input, s, dim, norm)
    return _pairs_to_real_n(input, s, dim, norm, "irfftn")


def fft2(input: Any, s: Any = None, dim: Any = (-2, -1), norm: str | None = None, *, out: Any = None) -> Any:
    """`fftn` over two dims, the last two if not named."""
    if out is not None:
        return into(out, fft2, input, s, dim, norm)
    return _complex_n(Fft, input, s, dim, norm, "fft2")


def ifft2(input: Any, s: Any = None, dim: Any = (-2, -1), norm: str | None = None, *, out: Any = None) -> Any:
    """`ifftn` over two dims, the last two if not named."""
    if out is not None:
        return into(out, ifft2, input, s, dim, norm)
    return _complex_n(Ifft, input, s, dim, norm, "ifft2")


def rfft2(input: Any, s: Any = None, dim: Any = (-2, -1), norm: str | None = None, *, out: Any = None) -> Any:
    """`rfftn` over two dims, the last two if not named.

    >>> import sparkle
    >>> sparkle.fft.rfft2(sparkle.ones(4, 6)).shape
    sparkle.Size([4, 4, 2])
    """
    if out is not None:
        return into(out, rfft2, input, s, dim, norm)
    return _real_to_pairs_n(input, s, dim, norm, "rfft2")


def irfft2(input: Any, s: Any = None, dim: Any = (-2, -1), norm: str | None = None, *, out: Any = None) -> Any:
    """`irfftn` over two dims, the last two if not named."""
    if out is not None:
        return into(out, irfft2, input, s, dim, norm)
    return _pairs_to_real_n(input, s, dim, norm, "irfft2")


def hfftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Any = None) -> Any:
    """The real spectrum, of sizes s, of signals that are Hermitian over several dims; the last has the first half."""
    if out is not None:
        return into(out, hfftn, input, s, dim, norm)
    mirrored = apply(Conjugate(), _pairs(input, "hfftn"))
    return _pairs_to_real_n(mirrored, s, dim, _adjoint(norm, "hfftn"), "hfftn")


def ihfftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Any = None) -> Any:
    """The inverse of `hfftn`."""
    if out is not None:
        return into(out, ihfftn, input, s, dim, norm)
    return apply(Conjugate(), _real_to_pairs_n(input, s, dim, _adjoint(norm, "ihfftn"), "ihfftn"))


def hfft2(input: Any, s: Any = None, dim: Any = (-2, -1), norm: str | None = None, *, out: Any = None) -> Any:
    """`hfftn` over two dims, the last two if not named."""
    return hfftn(input, s, dim, norm, out=out)


def ihfft2(input: Any, s: Any = None, dim: Any = (-2, -1), norm: str | None = None, *, out: Any = None) -> Any:
    """`ihfftn` over two dims, the last two if not named."""
    return ihfftn(input, s, dim, norm, out=out)


def _complex(op: type[Fft], input: Any, n: Any, dim: Any, norm: Any, where: str) -> Any:
    x, norm = _pairs(input, where), _norm(norm, where)
    axis = _axis(dim, x.array.ndim - 1, where)
    return apply(op((axis,), norm), _resized(x, axis, n, where))


def _real_to_pairs(x: Any, n: Any, dim: Any, norm: Any, where: str) -> Any:
    norm = _norm(norm, where)
    axis = _axis(dim, x.array.ndim, where)
    x = _resized(x, axis, n, where)
    return apply(Rfft(axis, x.array.shape[axis], norm), x)


def _pairs_to_real(x: Any, n: Any, dim: Any, norm: Any, where: str) -> Any:
    norm = _norm(norm, where)
    axis = _axis(dim, x.array.ndim - 1, where)
    n = _points(2 * (x.array.shape[axis] - 1) if n is None else n, where)
    return apply(Irfft(axis, n, norm), _resized(x, axis, n // 2 + 1, where))


def _complex_n(op: type[Fft], input: Any, s: Any, dim: Any, norm: Any, where: str) -> Any:
    x, norm = _pairs(input, where), _norm(norm, where)
    axes, sizes = _plan(x.array.shape[:-1], s, dim, where)
    for axis, n in zip(axes, sizes, strict=True):
        x = _resized(x, axis, n, where)
    return apply(op(axes, norm) if axes else Clone(), x)


def _real_to_pairs_n(input: Any, s: Any, dim: Any, norm: Any, where: str) -> Any:
    x, norm = _real(input, where), _norm(norm, where)
    axes, sizes = _plan(x.array.shape, s, dim, where, at_least=1)
    for axis, n in zip(axes, sizes, strict=True):
        x = _resized(x, axis, n, where)
    y = apply(Rfft(axes[-1], sizes[-1], norm), x)
    return apply(Fft(axes[:-1], norm), y) if len(axes) > 1 else y


def _pairs_to_real_n(input: Any, s: Any, dim: Any, norm: Any, where: str) -> Any:
    x, norm = _pairs(input, where), _norm(norm, where)
    axes, sizes = _plan(x.array.shape[:-1], s, dim, where, at_least=1, halved=True)
    for axis, n in zip(axes[:-1], sizes[:-1], strict=True):
        x = _resized(x, axis, n, where)
    x = _resized(x, axes[-1], sizes[-1] // 2 + 1, where)
    if len(axes) > 1:
        x = apply(Ifft(axes[:-1], norm), x)
    return apply(Irfft(axes[-1], sizes[-1], norm), x)


def _plan(
    shape: tuple[int, ...], s: Any, dim: Any, where: str, at_least: int = 0, halved: bool = False
) -> tuple[tuple[int, ...], list[int]]:
    """The axes and the number of points along each; halved: the last has half a spectrum of what is wanted."""
    ndim = len(shape)
    sizes = None if s is None else list(s) if isinstance(s, (tuple, list)) else [s]
    if dim is not None:
        dims = list(dim) if isinstance(dim, (tuple, list)) else [dim]
        if sizes is not None and len(sizes) != len(dims):
            raise RuntimeError(f"{where}: when given, dim and s must have the same length, met {dims} and {sizes}")
    else:
        count = ndim if sizes is None else len(sizes)
        if count > ndim:
            raise RuntimeError(f"{where}: got s with {count} values but the signal only has {ndim} dimensions")
        dims = list(range(ndim - count, ndim))
    axes = tuple([_axis(d, ndim, where) for d in dims])
    if len(set(axes)) < len(axes):
        raise RuntimeError(f"{where}: the dims must be unique, met {dims}")
    if len(axes) < at_least:
        raise RuntimeError(f"{where}: must transform at least one axis")
    own = [shape[a] for a in axes]
    if halved:
        own[-1] = 2 * (own[-1] - 1)
    wanted = own if sizes is None else [m if n == -1 else n for n, m in zip(sizes, own, strict=True)]
    return axes, [_points(n, where) for n in wanted]


def _resized(x: Any, axis: int, n: Any, where: str) -> Any:
    """x cut, or with zeros behind, to n points along the axis; as it is for None."""
    now = x.array.shape[axis]
    n = _points(now if n is None else n, where)
    if n == now:
        return x
    widths = [(0, 0)] * x.array.ndim
    widths[axis] = (0, n - now)
    return apply(Pad(widths), x)


def _points(n: Any, where: str) -> int:
    try:
        n = operator.index(n)
    except TypeError:
        raise TypeError(f"{where}(): the number of points must be an int, not {type(n).__name__}") from None
    if n < 1:
        raise RuntimeError(f"{where}: invalid number of data points ({n}) specified; at least one is needed")
    return n


def _axis(dim: Any, ndim: int, where: str) -> int:
    if not ndim:
        raise IndexError(f"{where}: dimension specified as {dim} but the signal has no dimensions")
    return axis_of(dim, ndim, where)


def _norm(norm: Any, where: str) -> str:
    if norm is None:
        return "backward"
    if norm not in ADJOINT_NORM:
        raise RuntimeError(f'{where}: invalid normalization mode: {norm!r}; known are "backward", "forward", "ortho"')
    return str(norm)


def _adjoint(norm: Any, where: str) -> str:
    return ADJOINT_NORM[_norm(norm, where)]


def _real(input: Any, where: str) -> Any:
    check_tensor(input, where)
    if mode.autocast is not None:
        input = mode.autocast.wide(input)
    if dtype_of(input).is_half:
        raise RuntimeError(f"{where}: unsupported dtype {dtype_of(input)}; use float32 or float64")
    return to_float(input)


def _pairs(input: Any, where: str) -> Any:
    """The input, checked to be pairs."""
    if isinstance(input, TensorBase) and (not input.array.ndim or input.array.shape[-1] != 2):
        raise RuntimeError(
            f"{where}: wanted pairs, a tensor whose last dim of size 2 holds real and imaginary part; met shape "
            f"{tuple(input.array.shape)}. Real signals are for rfft, rfft2, rfftn, ihfft; "
            "stack([x, zeros_like(x)], -1) makes pairs of them"
        )
    return _real(input, where)
