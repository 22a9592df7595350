"""Discrete Fourier transforms. Complex numbers are pairs: an array whose last axis holds real and imaginary part.

The transforms are linear, so the gradient of each is another one: the adjoint of an unscaled forward transform is the
unscaled inverse, and the scale 1/n moves from one direction to the other (ADJOINT_NORM).
"""

from __future__ import annotations

from ..autograd.op import Op, run

ADJOINT_NORM = {"backward": "forward", "forward": "backward", "ortho": "ortho"}


def to_complex(xp, pairs):
    """The pairs as complex numbers; a view where the memory allows it."""
    kind = "complex128" if pairs.dtype.itemsize == 8 else "complex64"
    return xp.ascontiguousarray(pairs).view(kind).reshape(pairs.shape[:-1])


def to_pairs(xp, z):
    """Complex numbers as pairs."""
    return xp.ascontiguousarray(z).view(z.real.dtype).reshape(*z.shape, 2)


class Fft(Op):
    """The discrete Fourier transform of pairs over some axes, or the inverse"""

    inverse = False

    def __init__(self, axes, norm):
        self.axes, self.norm = axes, norm

    def forward(self, xp, x):
        transform = xp.fft.ifftn if self.inverse else xp.fft.fftn
        return to_pairs(xp, transform(to_complex(xp, x), axes=self.axes, norm=self.norm))

    def backward(self, xp, g):
        adjoint = Fft if self.inverse else Ifft
        return (run(xp, adjoint(self.axes, ADJOINT_NORM[self.norm]), g),)


class Ifft(Fft):
    """The inverse discrete Fourier transform of pairs over some axes"""

    inverse = True


class Rfft(Op):
    """The half spectrum of real numbers, as pairs; `inner` times what stands for two frequencies

    Only frequency 0 and, where n is even, n / 2 stand for themselves; all others also for their negatives.
    """

    def __init__(self, axis, n, norm, inner=1.0):
        self.axis, self.n, self.norm, self.inner = axis, n, norm, inner

    def forward(self, xp, x):
        z = to_pairs(xp, xp.fft.rfft(x, self.n, self.axis, self.norm))
        if self.inner != 1:
            z[doubled(self.axis, self.n)] *= self.inner
        return z

    def backward(self, xp, g):
        return (run(xp, Irfft(self.axis, self.n, ADJOINT_NORM[self.norm], self.inner / 2), g),)


class Irfft(Op):
    """The n real numbers with a half spectrum given as pairs; `inner` times what stands for two frequencies"""

    def __init__(self, axis, n, norm, inner=1.0):
        self.axis, self.n, self.norm, self.inner = axis, n, norm, inner

    def forward(self, xp, x):
        if self.inner != 1:
            x = x.copy()
            x[doubled(self.axis, self.n)] *= self.inner
        return xp.fft.irfft(to_complex(xp, x), self.n, self.axis, self.norm)

    def backward(self, xp, g):
        return (run(xp, Rfft(self.axis, self.n, ADJOINT_NORM[self.norm], self.inner * 2), g),)


def doubled(axis, n):
    """The part of a half spectrum that stands for two frequencies each."""
    return (*[slice(None)] * axis, slice(1, (n + 1) // 2))


class Conjugate(Op):
    """Pairs with the imaginary part negated"""

    def forward(self, xp, x):
        y = x.copy()
        xp.negative(x[..., 1], out=y[..., 1])
        return y

    def backward(self, xp, g):
        return (run(xp, Conjugate(), g),)


class Angle(Op):
    """The angle of a real number in the complex plane: 0, or pi for negative ones"""

    def forward(self, xp, x):
        return xp.where(x < 0, xp.pi, xp.where(x == x, 0.0, x)).astype(x.dtype)

    def backward(self, xp, g):
        return (xp.zeros_like(g),)
