"""Dropout layers."""

from __future__ import annotations

from typing import Any

from .. import functional as F
from ..base.module import Module


class _Dropout(Module):
    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0.0 <= p <= 1.0:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p, self.inplace = p, inplace

    def extra_repr(self) -> str:
        """The arguments."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """In training, elements are 0 with probability p and the rest grows by 1/(1 - p) (Srivastava et al., 2014)."""

    def forward(self, input: Any) -> Any:
        """`F.dropout` when training, else the input"""
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_Dropout):
    """As `Dropout`, whole channels of (N, C, L) at a time."""

    def forward(self, input: Any) -> Any:
        """`F.dropout1d` when training, else the input"""
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_Dropout):
    """As `Dropout`, whole channels of (N, C, H, W) at a time."""

    def forward(self, input: Any) -> Any:
        """`F.dropout2d` when training, else the input"""
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_Dropout):
    """As `Dropout`, whole channels of (N, C, D, H, W) at a time."""

    def forward(self, input: Any) -> Any:
        """`F.dropout3d` when training, else the input"""
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_Dropout):
    """Dropout that keeps mean and variance of SELU's outputs (Klambauer et al., 2017)."""

    def forward(self, input: Any) -> Any:
        """`F.alpha_dropout` when training, else the input"""
        return F.alpha_dropout(input, self.p, self.training, self.inplace)


class FeatureAlphaDropout(_Dropout):
    """As `AlphaDropout`, whole channels at a time."""

    def forward(self, input: Any) -> Any:
        """`F.feature_alpha_dropout` when training, else the input"""
        return F.feature_alpha_dropout(input, self.p, self.training, self.inplace)
