"""Transforms of vectors and matrices: to the simplex, to Cholesky factors, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...tensor.functions.linear.decompositions import cholesky
from ...tensor.functions.shaping.joining import cat, stack
from ...tensor.making.ranges import arange
from .. import constraints
from ..parameters import clamp_probs, log_sigmoid, sum_rightmost
from .transform import Transform


class SoftmaxTransform(Transform):
    """y = softmax(x) over the last dimension; many x give one y, so it has no Jacobian"""

    domain = constraints.real_vector
    codomain = constraints.simplex

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SoftmaxTransform)

    __hash__ = object.__hash__

    def _call(self, x: Any) -> Any:
        return x.softmax(-1)

    def _inverse(self, y: Any) -> Any:
        return y.log()


class StickBreakingTransform(Transform):
    """From n real numbers to n + 1 positive ones that sum to 1, each a share of what is left of a stick."""

    domain = constraints.real_vector
    codomain = constraints.simplex
    bijective = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StickBreakingTransform)

    __hash__ = object.__hash__

    def _offset(self, x: Any) -> Any:
        """log of the number of pieces still to come, so that x = 0 gives equal pieces."""
        n = x.shape[-1]
        return (n - arange(n, dtype=x.dtype, device=x.device)).log()

    def _call(self, x: Any) -> Any:
        z = clamp_probs((x - self._offset(x)).sigmoid())
        one = x.new_ones((*x.shape[:-1], 1))
        left = cat([one, (1 - z).cumprod(-1)], -1)
        return cat([z, one], -1) * left

    def _inverse(self, y: Any) -> Any:
        pieces = y[..., :-1]
        left = (1 - pieces.cumsum(-1)).clamp(min=1e-38)
        return pieces.log() - left.log() + self._offset(pieces)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        shifted = x - self._offset(x)
        return (log_sigmoid(shifted) - shifted + y[..., :-1].log()).sum(-1)

    def forward_shape(self, shape: Any) -> Any:
        return (*_at_least_one(shape)[:-1], shape[-1] + 1)

    def inverse_shape(self, shape: Any) -> Any:
        return (*_at_least_one(shape)[:-1], shape[-1] - 1)


def _at_least_one(shape: Any) -> Any:
    if len(shape) < 1:
        raise ValueError("StickBreakingTransform: too few dimensions on input: wanted at least 1, met 0")
    return shape


class LowerCholeskyTransform(Transform):
    """From square matrices to lower triangular ones with a positive diagonal: its exponential."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.lower_cholesky

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LowerCholeskyTransform)

    __hash__ = object.__hash__

    def _call(self, x: Any) -> Any:
        return x.tril(-1) + x.diagonal(dim1=-2, dim2=-1).exp().diag_embed()

    def _inverse(self, y: Any) -> Any:
        return y.tril(-1) + y.diagonal(dim1=-2, dim2=-1).log().diag_embed()


class PositiveDefiniteTransform(Transform):
    """From square matrices to positive-definite ones: L L^T for the L of `LowerCholeskyTransform`."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.positive_definite

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PositiveDefiniteTransform)

    __hash__ = object.__hash__

    def _call(self, x: Any) -> Any:
        factor = LowerCholeskyTransform()(x)
        return factor @ factor.mT

    def _inverse(self, y: Any) -> Any:
        return LowerCholeskyTransform().inv(cholesky(y))


class CatTransform(Transform):
    """One transform for each part of given length along a dimension; lengths are 1 unless given."""

    def __init__(
        self, tseq: Sequence[Transform], dim: int = 0, lengths: Sequence[int] | None = None, cache_size: int = 0
    ) -> None:
        super().__init__(cache_size)
        self.transforms, self.dim = [t.with_cache(cache_size) for t in tseq], dim
        self.lengths = list(lengths or [1] * len(tseq))
        if len(self.lengths) != len(self.transforms):
            raise ValueError(f"{type(self).__name__}: {len(tseq)} transforms need as many lengths, met {self.lengths}")

    def with_cache(self, cache_size: int = 1) -> Transform:
        return type(self)(self.transforms, self.dim, self.lengths, cache_size)

    @property
    def event_dim(self) -> int:
        """The most that any part has."""
        return max(t.event_dim for t in self.transforms)

    @property
    def bijective(self) -> bool:
        """Are all?"""
        return all(t.bijective for t in self.transforms)

    def _parts(self, x: Any) -> Any:
        return x.split(self.lengths, self.dim)

    def _joined(self, parts: list[Any]) -> Any:
        return cat(parts, self.dim)

    @constraints.dependent_property
    def domain(self) -> Any:
        """The parts' domains."""
        return constraints.cat([t.domain for t in self.transforms], self.dim, self.lengths)

    @constraints.dependent_property
    def codomain(self) -> Any:
        """The parts' codomains."""
        return constraints.cat([t.codomain for t in self.transforms], self.dim, self.lengths)

    def _call(self, x: Any) -> Any:
        return self._joined([t(part) for t, part in zip(self.transforms, self._parts(x), strict=True)])

    def _inverse(self, y: Any) -> Any:
        return self._joined([t.inv(part) for t, part in zip(self.transforms, self._parts(y), strict=True)])

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        terms = [
            sum_rightmost(t.log_abs_det_jacobian(*pair), self.event_dim - t.event_dim)
            for t, *pair in zip(self.transforms, self._parts(x), self._parts(y), strict=True)
        ]
        within = (self.dim if self.dim < 0 else self.dim - x.dim()) + self.event_dim >= 0  # is dim part of an event?
        return sum(terms) if within else cat(terms, self.dim - x.dim() * (self.dim >= 0) + self.event_dim)


class StackTransform(CatTransform):
    """One transform for each slice along a dimension."""

    def __init__(self, tseq: Sequence[Transform], dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(tseq, dim, cache_size=cache_size)

    def with_cache(self, cache_size: int = 1) -> Transform:
        return StackTransform(self.transforms, self.dim, cache_size)

    def _parts(self, x: Any) -> Any:
        return x.unbind(self.dim)

    def _joined(self, parts: list[Any]) -> Any:
        return stack(parts, self.dim)

    @constraints.dependent_property
    def domain(self) -> Any:
        """The slices' domains."""
        return constraints.stack([t.domain for t in self.transforms], self.dim)

    @constraints.dependent_property
    def codomain(self) -> Any:
        """The slices' codomains."""
        return constraints.stack([t.codomain for t in self.transforms], self.dim)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        pairs = zip(self.transforms, self._parts(x), self._parts(y), strict=True)
        return self._joined([t.log_abs_det_jacobian(before, after) for t, before, after in pairs])
