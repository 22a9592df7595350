"""The short-time Fourier transform and its inverse. Spectra are pairs: a last dim of 2, real and imaginary part."""

from __future__ import annotations

from typing import Any

from ....backend import library
from ....ops.nn.padding import Pad
from ....ops.shaping.shape import FoldWindows
from ....ops.spectral import Fft, Irfft, Rfft
from ...base import apply, dtype_of, wrap
from ..pointwise.arithmetic import div, mul
from ..pointwise.unary import check_tensor
from ..shaping.joining import cat, stack
from ..shaping.rearrange import flip
from ..shaping.shape import expanded, transpose, unsqueeze
from ..shaping.splitting import narrow, select, unfold

LEAST_ENVELOPE = 1e-11


def stft(
    input: Any,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Any = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Any:
    """The spectra of frames of n_fft samples, hop_length (n_fft // 4) apart, of real signals (T,) or (B, T).

    window: win_length (n_fft) weights, put in the middle of a frame; ones if left out. center: frame t is around sample
    t * hop_length, for which n_fft // 2 samples are added at both ends by pad_mode ("reflect", "constant", "replicate",
    "circular"); align_to_window, for center=False, has frames end where the window does. normalized: by 1/sqrt(n_fft).
    onesided (True): n_fft // 2 + 1 frequencies instead of n_fft.

    Returns pairs of shape (frequencies, frames, 2) or (B, frequencies, frames, 2), what torch gives with
    return_complex=False; NotImplementedError for return_complex=True. RuntimeError for lengths that do not fit.

    >>> import sparkle
    >>> sparkle.stft(sparkle.ones(40), 8, window=sparkle.hann_window(8)).shape
    sparkle.Size([5, 21, 2])
    """
    check_tensor(input, "stft")
    if return_complex:
        raise NotImplementedError(
            "stft: return_complex=True is not supported: there are no complex dtypes. Leave it out; the result is "
            "pairs, a last dim of 2 with real and imaginary part, as view_as_real gives them"
        )
    if align_to_window and center:
        raise RuntimeError("stft: align_to_window should only be set when center=False")
    hop, size = n_fft // 4 if hop_length is None else hop_length, n_fft if win_length is None else win_length
    x = _signals(input)
    if center:
        x = _padded(x, n_fft // 2, pad_mode)
    if align_to_window:
        x = apply(Pad([(0, 0), ((n_fft - size) // 2,) * 2]), x)
    if not 0 < n_fft <= x.array.shape[1]:
        raise RuntimeError(f"stft: expected 0 < n_fft <= {x.array.shape[1]}, the length of the signal, met {n_fft}")
    _check_lengths("stft", n_fft, hop, size)
    frames = unfold(x, 1, n_fft, hop)
    frames = mul(frames, _weights("stft", window, n_fft, size, x))
    norm = "ortho" if normalized else "backward"
    if onesided is None or onesided:
        spectra = apply(Rfft(2, n_fft, norm), frames)
    else:
        spectra = apply(Fft((2,), norm), stack([frames, wrap(frames.array * 0)], -1))
    spectra = transpose(spectra, 1, 2)
    return select(spectra, 0, 0) if input.array.ndim == 1 else spectra


def istft(
    input: Any,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Any = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Any:
    """The real signals, (T,) or (B, T), whose `stft` comes closest to the given pairs: Griffin and Lim (1984).

    input: pairs of shape (frequencies, frames, 2) or (B, frequencies, frames, 2). The other arguments are those that
    `stft` was called with. length: cuts the signal, or fills it with zeros. RuntimeError where lengths do not fit, or
    where the windows leave a sample without weight; NotImplementedError for return_complex=True.

    >>> import sparkle
    >>> x, w = sparkle.arange(40.0), sparkle.hann_window(8)
    >>> sparkle.allclose(sparkle.istft(sparkle.stft(x, 8, window=w), 8, window=w), x, atol=1e-4)
    True
    """
    check_tensor(input, "istft")
    if return_complex:
        raise NotImplementedError(
            "istft: return_complex=True is not supported: there are no complex dtypes; the signal is real"
        )
    hop, size = n_fft // 4 if hop_length is None else hop_length, n_fft if win_length is None else win_length
    spectra = _spectra(input, n_fft, onesided is None or bool(onesided))
    _check_lengths("istft", n_fft, hop, size)
    frames = apply(Irfft(2, n_fft, "ortho" if normalized else "backward"), spectra)
    weights = _weights("istft", window, n_fft, size, spectra)
    batch, count = frames.array.shape[:2]
    total = n_fft + hop * (count - 1)
    start = n_fft // 2 if center else 0
    stop = total - start if length is None else start + length
    if stop <= start:
        raise RuntimeError(f"istft: a signal of {stop - start} samples was asked for, or is what {count} frames give")
    signal = apply(FoldWindows(1, n_fft, hop, (batch, total)), mul(frames, weights))
    envelope = apply(FoldWindows(1, n_fft, hop, (1, total)), expanded(mul(weights, weights), (1, count, n_fft)))
    part = min(stop, total) - start
    signal, envelope = narrow(signal, 1, start, part), narrow(envelope, 1, start, part)
    least = float(abs(envelope.array).min())
    if not least > LEAST_ENVELOPE:
        raise RuntimeError(f"istft: the windows overlap so that a sample has the weight {least:g}; it cannot be zero")
    signal = div(signal, envelope)
    if stop > total:
        signal = apply(Pad([(0, 0), (0, stop - total)]), signal)
    return select(signal, 0, 0) if input.array.ndim == 3 else signal


def _signals(input: Any) -> Any:
    """The input as (B, T)."""
    if input.array.dtype not in ("float32", "float64") or input.array.ndim not in (1, 2):
        raise RuntimeError(
            f"stft: expected a float32 or float64 tensor of shape (T,) or (B, T), met {dtype_of(input)} of shape "
            f"{tuple(input.array.shape)}"
        )
    return unsqueeze(input, 0) if input.array.ndim == 1 else input


def _spectra(input: Any, n_fft: int, half: bool) -> Any:
    """The pairs as (B, frames, n_fft // 2 + 1, 2): of full spectra the half that says all."""
    shape = input.array.shape
    if input.array.dtype not in ("float32", "float64") or len(shape) not in (3, 4) or shape[-1] != 2:
        raise RuntimeError(
            "istft: expected pairs of shape (frequencies, frames, 2) or (B, frequencies, frames, 2), in float32 or "
            f"float64; met {dtype_of(input)} of shape {tuple(shape)}"
        )
    if 0 in shape:
        raise RuntimeError(f"istft: the input must have at least one frame, met shape {tuple(shape)}")
    wanted = n_fft // 2 + 1 if half else n_fft
    if shape[-3] != wanted:
        raise RuntimeError(f"istft: n_fft = {n_fft} belongs to {wanted} frequencies, the input has {shape[-3]}")
    return transpose(narrow(unsqueeze(input, 0) if len(shape) == 3 else input, 1, 0, n_fft // 2 + 1), 1, 2)


def _check_lengths(where: str, n_fft: int, hop: int, size: int) -> None:
    if hop <= 0:
        raise RuntimeError(f"{where}: expected hop_length > 0, met {hop}")
    if not 0 < size <= n_fft:
        raise RuntimeError(f"{where}: expected 0 < win_length <= n_fft = {n_fft}, met {size}")
    if where == "istft" and hop > size:
        raise RuntimeError(f"istft: expected hop_length <= win_length = {size}, met {hop}")


def _weights(where: str, window: Any, n_fft: int, size: int, like: Any) -> Any:
    """The window, of a given size, or as many ones, in the middle of n_fft weights."""
    if window is None:
        window = wrap(library(like.array).ones(size, like.array.dtype))
    check_tensor(window, where, "window")
    if window.array.shape != (size,):
        raise RuntimeError(
            f"{where}: expected a 1D window of size win_length = {size}, met shape {tuple(window.array.shape)}"
        )
    before = (n_fft - size) // 2
    return window if size == n_fft else apply(Pad([(before, n_fft - size - before)]), window)


def _padded(x: Any, n: int, mode: str) -> Any:
    """(B, T) with n more samples at both ends."""
    length = x.array.shape[1]
    if mode == "constant":
        return apply(Pad([(0, 0), (n, n)]), x)
    if mode == "reflect":
        if n >= length:
            raise RuntimeError(
                f"stft: pad_mode='reflect' adds {n} samples, which must be less than the length {length}"
            )
        ends = flip(narrow(x, 1, 1, n), 1), flip(narrow(x, 1, length - 1 - n, n), 1)
    elif mode == "replicate":
        rows = x.array.shape[0]
        ends = expanded(narrow(x, 1, 0, 1), (rows, n)), expanded(narrow(x, 1, length - 1, 1), (rows, n))
    elif mode == "circular":
        if n > length:
            raise RuntimeError(f"stft: pad_mode='circular' adds {n} samples, more than the length {length}")
        ends = narrow(x, 1, length - n, n), narrow(x, 1, 0, n)
    else:
        raise NotImplementedError(
            f"stft: unknown pad_mode {mode!r}; there are 'reflect', 'constant', 'replicate', 'circular'"
        )
    return cat([ends[0], x, ends[1]], 1)
