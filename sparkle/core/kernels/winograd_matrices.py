"""The matrices of Winograd's small convolutions: `size` results of a kernel of `taps` from size + taps - 1 numbers.

y = out @ ((kernel @ w) * (data @ x)). From Toom and Cook: two polynomials are multiplied by way of their values at
some points, one of which is infinity (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy

Matrix = list[list[float]]


@dataclass(frozen=True)
class Winograd:
    """One of them: its matrices, and those of its gradients, which are their transposes."""

    size: int
    taps: int
    points: tuple[float, ...]

    @property
    def tile(self) -> int:
        """How many numbers it reads."""
        return self.size + self.taps - 1

    @property
    def out(self) -> Matrix:
        """(size, tile): the polynomial's coefficients from its values."""
        return [[p**i for p in self.points] + [float(i == self.size - 1)] for i in range(self.size)]

    @property
    def kernel(self) -> Matrix:
        """(tile, taps): the kernel's values at the points, divided by what the data's would be too large."""
        rows = []
        for j, p in enumerate(self.points):
            weight = math.prod(p - q for i, q in enumerate(self.points) if i != j)
            rows.append([p**k / weight for k in range(self.taps)])
        return [*rows, [float(k == self.taps - 1) for k in range(self.taps)]]

    @property
    def data(self) -> Matrix:
        """(tile, tile): for each point the polynomial that is 0 at the others."""
        rows = []
        for j in range(len(self.points)):
            others = [q for i, q in enumerate(self.points) if i != j]
            rows.append([*_polynomial(others), 0.0])
        return [*rows, _polynomial(list(self.points))]


def _polynomial(roots: list[float]) -> list[float]:
    """The coefficients, the lowest first, of the polynomial with these roots."""
    return [float(c) for c in numpy.round(numpy.poly(roots)[::-1], 12)] if roots else [1.0]


def transposed(matrix: Matrix) -> Matrix:
    """Columns as rows."""
    return [list(row) for row in zip(*matrix, strict=True)]


# Points whose squares are short binary fractions, and far enough apart: with them a result is hardly less exact than a
# plain sum of products (largest error of 256 channels 2e-6 of the largest result; with 0, 1, -1, 2, -2 it is 7e-6).
BY_TAPS = {3: Winograd(4, 3, (0.0, 0.625, -0.625, 1.5, -1.5)), 2: Winograd(4, 2, (0.5, -0.5, 1.25, -1.25))}
