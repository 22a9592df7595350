"""The short-time Fourier transform, its inverse, and what torch has for complex tensors."""

import math
import warnings

import numpy as np

from .case import case, raises

W = np.hanning(10)[1:-1]  # eight weights, none of them zero


def stft(L, x, *args, **options):
    if L.__name__ == "sparkle":
        assert L.equal(x.stft(*args, **options), L.stft(x, *args, **options))
        return L.stft(x, *args, **options)
    with warnings.catch_warnings():  # without a window torch warns
        warnings.simplefilter("ignore")
        return L.view_as_real(L.stft(x, *args, return_complex=True, **options))


def istft(L, x, *args, **options):
    if L.__name__ == "sparkle":
        assert L.equal(x.istft(*args, **options), L.istft(x, *args, **options))
        return L.istft(x, *args, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return L.istft(L.view_as_complex(x.contiguous()), *args, **options)


def both(name, function, shape, *args, **options):
    label = "_".join([name, *map(str, args), *[f"{k}={v}" for k, v in options.items()]])
    case(label, lambda L, x, w: function(L, x, *args, window=w.to(x.dtype), **options), shape, W)


for options in [
    {},
    {"center": False},
    {"normalized": True},
    {"onesided": False},
    {"onesided": True, "hop_length": 3},
    {"hop_length": 1},
    *[{"pad_mode": m} for m in ("constant", "replicate", "circular", "reflect")],
]:
    both("stft", stft, (12,), 8, **options)
    both("stft", stft, (2, 13), 8, **options)
for options in [{}, {"win_length": 8, "hop_length": 2}, {"center": False}, {"center": False, "align_to_window": True}]:
    both("stft", stft, (2, 14), 10 if "align_to_window" in options else 11, **{"win_length": 8, **options})
both("stft", stft, (14,), 8, 2, 8)
case("stft_no_window", lambda L, x: [stft(L, x, 6), stft(L, x, 7, win_length=4)], (9,))
case("stft_window_gradient", lambda L, w: stft(L, L.arange(12).to(w.dtype), 8, window=w), (8,))
case("stft_double_window", lambda L, x, w: stft(L, x, 8, window=w), (12,), W)

for options in [
    {},
    {"center": False},
    {"normalized": True},
    {"hop_length": 3},
    *[{"length": n} for n in (3, 8, 20)],
    {"length": 5, "center": False},
]:
    both("istft", istft, (5, 4, 2), 8, **options)
    both("istft", istft, (2, 5, 4, 2), 8, **options)
both("istft", istft, (8, 4, 2), 8, onesided=False)
both("istft", istft, (6, 5, 2), 10, win_length=8, hop_length=2)
both("istft", istft, (6, 4, 2), 11, win_length=8, hop_length=2, normalized=True)
case("istft_no_window", lambda L, x: istft(L, x, 6), (4, 5, 2))
case(
    "istft_window_gradient", lambda L, w: istft(L, L.arange(40).reshape(5, 4, 2).to(w.dtype), 8, window=w), (8,), low=1
)
case("istft_of_stft", lambda L, x, w: istft(L, stft(L, x, 8, window=w.to(x.dtype)), 8, window=w.to(x.dtype)), (15,), W)

for name, args, options in [
    ("n_fft", (20, 0), {}),
    ("hop", (20, 8, 0), {}),
    ("win_long", (20, 8), {"win_length": 9}),
    ("win_none", (20, 8), {"win_length": 0}),
    ("mode", (20, 8), {"pad_mode": "mirror"}),
    ("align", (20, 8), {"align_to_window": True}),
    ("short", (3, 8), {}),
    ("short_circular", (3, 8), {"pad_mode": "circular"}),
    ("short_alone", (3, 8), {"center": False}),
]:
    raises(f"stft_{name}", lambda L, a=args, o=options: stft(L, L.ones(a[0]), *a[1:], **o))
raises("stft_int", lambda L: L.stft(L.arange(20), 8, return_complex=L.__name__ == "torch"))
raises("stft_3d", lambda L: stft(L, L.ones(2, 2, 20), 8))
raises("stft_window_size", lambda L: stft(L, L.ones(20), 8, window=L.ones(6)))
for name, shape, args, options in [
    ("n_fft", (5, 4, 2), (10,), {}),
    ("hop", (5, 4, 2), (8, 9), {}),
    ("hop_none", (5, 4, 2), (8, 0), {}),
    ("win_long", (5, 4, 2), (8,), {"win_length": 9}),
    ("sided", (5, 4, 2), (8,), {"onesided": False}),
    ("frames", (5, 0, 2), (8,), {}),
    ("dims", (1, 1, 5, 4, 2), (8,), {}),
    ("length", (5, 4, 2), (8,), {"length": 0}),
]:
    raises(f"istft_{name}", lambda L, s=shape, a=args, o=options: istft(L, L.ones(*s), *a, **o))
raises("istft_window_size", lambda L: istft(L, L.ones(5, 4, 2), 8, window=L.ones(6)))
raises("istft_weightless", lambda L: istft(L, L.ones(5, 4, 2), 8, window=L.hann_window(8), center=False))
raises("istft_real", lambda L: L.istft(L.ones(5, 4), 8))

EDGES = np.array([2.0, -2.0, 0.0, -0.0, math.inf, -math.inf, math.nan])
case("angle", lambda L, x: [L.angle(x), x.angle()], (2, 3), dtypes=("float32", "float64", "int64", "uint8", "bool"))
case("angle_edges", lambda L, x: L.angle(x), EDGES)
case("real", lambda L, x: [L.real(x * 2), x.real, L.conj(x), x.conj(), L.conj_physical(x), x.conj_physical()], (3,))
case("resolve", lambda L, x: [L.resolve_conj(x), x.resolve_conj(), L.resolve_neg(x), x.resolve_neg()], (3,))
case(
    "is_conj",
    lambda L, x: [L.is_conj(x), x.is_conj(), L.is_neg(x), x.is_neg(), L.real(x) is x, x.conj() is x],
    (3,),
    grad=False,
)
case("conj_in_place", lambda L, x: (x * 1).conj_physical_(), (3,))
case("adjoint", lambda L, x: [L.adjoint(x), x.adjoint(), x.mH], (2, 3, 4))
case("H", lambda L, x: x.H, (3, 4))
raises("adjoint_vector", lambda L: L.adjoint(L.ones(3)))
raises("H_vector", lambda L: L.ones(3).H)
raises("H_3d", lambda L: L.ones(3, 3, 3).H)
raises("imag", lambda L: L.imag(L.ones(3)))
raises("imag_property", lambda L: L.ones(3).imag)
raises("view_as_real", lambda L: L.view_as_real(L.ones(3)))
