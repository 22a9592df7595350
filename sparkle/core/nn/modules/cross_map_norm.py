"""Local response normalisation as older networks have it."""

from __future__ import annotations

from typing import Any

from ...tensor.making.filled import zeros
from ..base.module import Module


class CrossMapLRN2d(Module):
    """x / (k + alpha/size · sum of squares over neighbouring channels)^beta of (N, C, H, W).

    The neighbours of a channel are those at most (size - 1) // 2 away, and, as in torch, channel 0 wherever it is.
    `LocalResponseNorm` leaves it out. Unlike torch's, the gradient is that of this formula. Raises ValueError for
    inputs that are not 4D.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input: Any) -> Any:
        """The formula above."""
        if input.dim() != 4:
            raise ValueError(f"CrossMapLRN2d: Expected input to be 4D, got {input.dim()}D instead.")
        near = self._neighbours(input.shape[1], input)
        sums = (near @ input.square().flatten(2)).reshape(input.shape)
        return input * (sums * (self.alpha / self.size) + self.k) ** -self.beta

    def _neighbours(self, channels: int, like: Any) -> Any:
        """A matrix of ones where the column is a neighbour of the row."""
        reach = int((self.size - 1) / 2 + 1)
        near = zeros(channels, channels, device=like.device, dtype=like.dtype)
        for i in range(channels):
            near[i, max(0, i - reach + 1) : i + reach] = 1
            near[i, 0] = 1 if self.size > 0 else 0
        return near

    def extra_repr(self) -> str:
        """The arguments."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
