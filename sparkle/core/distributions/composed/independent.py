"""Dimensions of the batch read as dimensions of the event."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import constraints
from ..distribution import Distribution
from ..parameters import sum_rightmost


class Independent(Distribution):
    """base_distribution with its last reinterpreted_batch_ndims dimensions of the batch as part of one event.

    `log_prob` sums over them. ValueError where the batch has fewer.

    >>> from ..continuous.location_scale import Normal
    >>> zeros = Normal(0.0, 1.0).expand((2, 3))
    >>> Independent(zeros, 1).log_prob(zeros.sample()).shape
    sparkle.Size([2])
    """

    arg_constraints: ClassVar[Any] = {}

    def __init__(
        self, base_distribution: Distribution, reinterpreted_batch_ndims: int, validate_args: bool | None = None
    ) -> None:
        batch, event = base_distribution.batch_shape, base_distribution.event_shape
        cut = len(batch) - reinterpreted_batch_ndims
        if cut < 0:
            raise ValueError(
                "Independent: expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), met "
                f"{reinterpreted_batch_ndims} > {len(batch)}"
            )
        self.base_dist, self.reinterpreted_batch_ndims = base_distribution, reinterpreted_batch_ndims
        super().__init__(batch[:cut], batch[cut:] + event, validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        inner = self._event_shape[: self.reinterpreted_batch_ndims]
        return type(self)(
            self.base_dist.expand((*batch_shape, *inner)), self.reinterpreted_batch_ndims, self._validate_args
        )

    @property
    def has_rsample(self) -> bool:
        """As the base's."""
        return self.base_dist.has_rsample

    @property
    def has_enumerate_support(self) -> bool:
        """Only without reinterpreted dimensions."""
        return not self.reinterpreted_batch_ndims and self.base_dist.has_enumerate_support

    @constraints.dependent_property
    def support(self) -> Any:
        """The base's, for all elements of an event."""
        n = self.reinterpreted_batch_ndims
        return constraints.independent(self.base_dist.support, n) if n else self.base_dist.support

    @property
    def mean(self) -> Any:
        return self.base_dist.mean

    @property
    def mode(self) -> Any:
        return self.base_dist.mode

    @property
    def variance(self) -> Any:
        return self.base_dist.variance

    def sample(self, sample_shape: Any = ()) -> Any:
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: Any) -> Any:
        return sum_rightmost(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def entropy(self) -> Any:
        return sum_rightmost(self.base_dist.entropy(), self.reinterpreted_batch_ndims)

    def enumerate_support(self, expand: bool = True) -> Any:
        if self.reinterpreted_batch_ndims:
            raise NotImplementedError("Independent: enumeration over a product of supports is not implemented")
        return self.base_dist.enumerate_support(expand)

    def __repr__(self) -> str:
        return f"Independent({self.base_dist}, {self.reinterpreted_batch_ndims})"
