"""Distributions of transformed variables: log-normal, logistic-normal and user-made ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from ...tensor.size import Size
from ...tensor.switches import no_grad
from .. import constraints
from ..continuous.location_scale import Normal
from ..distribution import Distribution
from ..parameters import sum_rightmost
from .independent import Independent
from .transform import ComposeTransform, Transform
from .transforms import ExpTransform
from .vector_transforms import StickBreakingTransform


class TransformedDistribution(Distribution):
    """The distribution of t(x), x from base_distribution, for a transform t or a list of them, applied in order.

    >>> log_normal = TransformedDistribution(Normal(0.0, 1.0), [ExpTransform()])
    >>> log_normal.cdf(Normal(0.0, 1.0).mean.exp())
    tensor(0.5000)
    """

    arg_constraints: ClassVar[Any] = {}

    def __init__(
        self,
        base_distribution: Distribution,
        transforms: Transform | Sequence[Transform],
        validate_args: bool | None = None,
    ) -> None:
        self.transforms = [transforms] if isinstance(transforms, Transform) else list(transforms)
        if not all(isinstance(t, Transform) for t in self.transforms):
            raise ValueError(f"TransformedDistribution: wanted a Transform or a list of Transforms, met {transforms!r}")
        whole = ComposeTransform(self.transforms)
        shape, self.base_dist = _fitted(base_distribution, whole)
        grown = whole.codomain.event_dim - whole.domain.event_dim
        cut = len(shape) - max(whole.codomain.event_dim, len(base_distribution.event_shape) + grown)
        super().__init__(shape[:cut], shape[cut:], validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        shape = ComposeTransform(self.transforms).inverse_shape((*batch_shape, *self._event_shape))
        base = self.base_dist.expand(shape[: len(shape) - len(self.base_dist.event_shape)])
        new = object.__new__(type(self)) if _instance is None else _instance
        new.__dict__.update(self.__dict__, base_dist=base, _batch_shape=Size(batch_shape))
        return new

    @constraints.dependent_property(is_discrete=False)
    def support(self) -> Any:
        """The last transform's codomain, for all elements of an event."""
        if not self.transforms:
            return self.base_dist.support
        codomain = self.transforms[-1].codomain
        missing = len(self._event_shape) - codomain.event_dim
        return constraints.independent(codomain, missing) if missing > 0 else codomain

    @property
    def has_rsample(self) -> bool:
        """As the base's."""
        return self.base_dist.has_rsample

    def _forward(self, x: Any) -> Any:
        for transform in self.transforms:
            x = transform(x)
        return x

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            return self._forward(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self._forward(self.base_dist.rsample(sample_shape))

    def log_prob(self, value: Any) -> Any:
        y, event_dim, total = self._checked(value), len(self._event_shape), 0.0
        for transform in reversed(self.transforms):
            x = transform.inv(y)
            event_dim += transform.domain.event_dim - transform.codomain.event_dim
            term = transform.log_abs_det_jacobian(x, y)
            total = total - sum_rightmost(term, event_dim - transform.domain.event_dim)
            y = x
        return total + sum_rightmost(self.base_dist.log_prob(y), event_dim - len(self.base_dist.event_shape))

    def _flipped(self, p: Any) -> Any:
        """1 - p where the transforms together fall."""
        sign = ComposeTransform(self.transforms).sign
        return p if isinstance(sign, int) and sign == 1 else sign * (p - 0.5) + 0.5

    def cdf(self, value: Any) -> Any:
        x = self._checked(value)
        for transform in reversed(self.transforms):
            x = transform.inv(x)
        return self._flipped(self.base_dist.cdf(x))

    def icdf(self, value: Any) -> Any:
        return self._forward(self.base_dist.icdf(self._flipped(value)))

    def __repr__(self) -> str:
        if self.arg_constraints:
            return super().__repr__()
        return f"{type(self).__name__}({self.base_dist}, {self.transforms})"


def _fitted(base: Distribution, transform: Transform) -> tuple[Any, Distribution]:
    """The shape of the transformed samples, and the base expanded and with the event dimensions that this needs."""
    shape, event_dim, needed = base.batch_shape + base.event_shape, len(base.event_shape), transform.domain.event_dim
    if len(shape) < needed:
        raise ValueError(
            f"TransformedDistribution: the base needs a shape of at least {needed} dimensions, met {tuple(shape)}"
        )
    forward = Size(transform.forward_shape(shape))
    wanted = Size(transform.inverse_shape(forward))
    if wanted != shape:
        base = base.expand(wanted[: len(wanted) - event_dim])
    return forward, Independent(base, needed - event_dim) if needed > event_dim else base


class LogNormal(TransformedDistribution):
    """exp(x) for a normal variable x of mean loc and standard deviation scale."""

    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.positive
    base_dist: Any

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Normal(loc, scale, validate_args=validate_args), ExpTransform(), validate_args=validate_args)

    @property
    def loc(self) -> Any:
        """The mean of the logarithm."""
        return self.base_dist.loc

    @property
    def scale(self) -> Any:
        """The standard deviation of the logarithm."""
        return self.base_dist.scale

    @property
    def mean(self) -> Any:
        return (self.loc + self.scale.pow(2) / 2).exp()

    @property
    def mode(self) -> Any:
        return (self.loc - self.scale.square()).exp()

    @property
    def variance(self) -> Any:
        square = self.scale.pow(2)
        return square.expm1() * (2 * self.loc + square).exp()

    def entropy(self) -> Any:
        return self.base_dist.entropy() + self.loc


class LogisticNormal(TransformedDistribution):
    """Shares that sum to 1: independent normal variables after `StickBreakingTransform`, so one more than those."""

    arg_constraints: ClassVar[Any] = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.simplex
    base_dist: Any

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(loc, scale, validate_args=validate_args)
        base = base if base.batch_shape else base.expand((1,))
        super().__init__(base, StickBreakingTransform(), validate_args=validate_args)

    @property
    def loc(self) -> Any:
        """The means of the normal variables."""
        return self.base_dist.base_dist.loc

    @property
    def scale(self) -> Any:
        """The standard deviations of the normal variables."""
        return self.base_dist.base_dist.scale
