"""Fourier transforms: torch's complex numbers are seen as pairs."""

from functools import partial

from .spectral import transform
from .table import FLOATS, X, op

PARTS = {"dtypes": FLOATS, "layouts": ("contiguous", "strided", "expanded")}
SHAPES = {"rfft": (4, 6), "ihfft": (4, 6), "irfft": (4, 3, 2), "hfft": (4, 3, 2), "fft": (4, 3, 2), "ifft": (4, 3, 2)}


def oracle(L, x, name):
    """torch's transform of x, pairs in and out."""
    return transform(L, name, x)


for name, shape in SHAPES.items():
    for suffix in ("", "2", "n"):
        op(f"fft.{name}{suffix}", X(*shape), oracle=partial(oracle, name=name + suffix), **PARTS)
