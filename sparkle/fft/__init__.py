"""Discrete Fourier transforms, under torch.fft's names, with complex numbers as pairs.

There are no complex dtypes. A complex tensor of shape (3, 8) is a real one of shape (3, 8, 2) whose last dim holds real
and imaginary part, exactly what `torch.view_as_real` gives. `dim` counts without that last dim: -1 is the last dim of
the signal. Real numbers in, pairs out: rfft and ihfft, with those of 2 and n dims. Pairs in, real numbers out:
irfft and hfft. Pairs in and out: fft, fft2, fftn and their inverses. All are differentiable any number of times.

>>> import sparkle
>>> x = sparkle.tensor([0.0, 1.0, 0.0, -1.0])
>>> y = sparkle.fft.rfft(x)
>>> (y * y).sum(-1).sqrt().tolist()
[0.0, 2.0, 0.0]
"""

from ..core.tensor.functions.spectral.fourier import (
    fft,
    fft2,
    fftn,
    hfft,
    hfft2,
    hfftn,
    ifft,
    ifft2,
    ifftn,
    ihfft,
    ihfft2,
    ihfftn,
    irfft,
    irfft2,
    irfftn,
    rfft,
    rfft2,
    rfftn,
)
from ..core.tensor.functions.spectral.frequencies import fftfreq, fftshift, ifftshift, rfftfreq

__all__ = [
    "fft",
    "fft2",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "hfft2",
    "hfftn",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "ihfft2",
    "ihfftn",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftfreq",
    "rfftn",
]
