"""Spectra, and what torch has for complex tensors, as methods."""

from __future__ import annotations

from typing import Any

from ..functions.shaping.shape import t
from ..functions.spectral import pairs, short_time


class SpectralMethods:
    """Spectra and pairs."""

    array: Any

    stft = short_time.stft
    istft = short_time.istft
    angle = pairs.angle
    conj = pairs.conj
    conj_physical = pairs.conj_physical
    conj_physical_ = pairs.conj_physical
    resolve_conj = pairs.resolve_conj
    resolve_neg = pairs.resolve_neg
    is_conj = pairs.is_conj
    is_neg = pairs.is_neg
    adjoint = pairs.adjoint
    real = property(pairs.real)
    imag = property(pairs.imag)

    @property
    def mH(self) -> Any:
        """A view of a matrix, or of a stack of them, with the last two dims exchanged."""
        return pairs.adjoint(self)

    @property
    def H(self) -> Any:
        """A view of a matrix with its dims exchanged."""
        if self.array.ndim not in (0, 2):
            raise RuntimeError(f"H: only supported on matrices (2-D tensors), got a {self.array.ndim}-D tensor")
        return t(self)
