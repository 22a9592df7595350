"""The common transforms of each element of a random variable."""

from __future__ import annotations

import math
from typing import Any

from ...ops.nn.activation import Softplus
from ...tensor.base import TensorBase, apply
from ...tensor.functions.shaping.shape import broadcast_shapes
from .. import constraints
from ..distribution import Distribution
from ..parameters import broadcast_all, clamp_probs, log_sigmoid, sum_rightmost
from .transform import Transform


def softplus(x: Any) -> Any:
    """log(1 + exp(x))"""
    return apply(Softplus(1.0, 20.0), x)


def _same(a: Any, b: Any) -> bool:
    """Are two parameters, numbers or tensors, equal?"""
    equal: Any = a == b
    return bool(equal.all()) if isinstance(equal, TensorBase) else bool(equal)  # type: ignore[attr-defined]


class Elementwise(Transform):
    """A transform of each element without parameters; two of one class are equal."""

    domain: Any = constraints.real
    codomain: Any = constraints.real
    bijective: Any = True
    sign: Any = 1

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    __hash__ = object.__hash__


class ExpTransform(Elementwise):
    """y = exp(x)"""

    codomain = constraints.positive

    def _call(self, x: Any) -> Any:
        return x.exp()

    def _inverse(self, y: Any) -> Any:
        return y.log()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return x


class SigmoidTransform(Elementwise):
    """y = 1 / (1 + exp(-x)), kept off 0 and 1"""

    codomain = constraints.unit_interval

    def _call(self, x: Any) -> Any:
        return clamp_probs(x.sigmoid())

    def _inverse(self, y: Any) -> Any:
        y = clamp_probs(y)
        return y.log() - (-y).log1p()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return log_sigmoid(x) + log_sigmoid(-x)


class SoftplusTransform(Elementwise):
    """y = log(1 + exp(x))"""

    codomain = constraints.positive

    def _call(self, x: Any) -> Any:
        return softplus(x)

    def _inverse(self, y: Any) -> Any:
        return (-(-y).expm1()).log() + y

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return log_sigmoid(x)


class TanhTransform(Elementwise):
    """y = tanh(x). The inverse loses digits near -1 and 1: use cache_size=1 for log_prob of what was sampled."""

    codomain = constraints.interval(-1.0, 1.0)

    def _call(self, x: Any) -> Any:
        return x.tanh()

    def _inverse(self, y: Any) -> Any:
        return y.atanh()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return 2 * (math.log(2) - x - softplus(-2 * x))


class AbsTransform(Elementwise):
    """y = |x|; the inverse takes the positive one"""

    codomain = constraints.positive
    bijective = False

    @property
    def sign(self) -> Any:
        raise NotImplementedError("AbsTransform has no sign")

    def _call(self, x: Any) -> Any:
        return x.abs()

    def _inverse(self, y: Any) -> Any:
        return y


class PowerTransform(Transform):
    """y = x ** exponent for positive x; exponent is a tensor or a number"""

    domain = constraints.positive
    codomain = constraints.positive
    bijective = True

    def __init__(self, exponent: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        (self.exponent,) = broadcast_all(exponent)

    @property
    def sign(self) -> Any:
        return self.exponent.sign()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PowerTransform) and _same(self.exponent, other.exponent)

    __hash__ = object.__hash__

    def _call(self, x: Any) -> Any:
        return x.pow(self.exponent)

    def _inverse(self, y: Any) -> Any:
        return y.pow(1 / self.exponent)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return (self.exponent * y / x).abs().log()


class AffineTransform(Transform):
    """y = loc + scale * x; loc and scale are tensors or numbers, event_dim how many dimensions are one event."""

    bijective = True

    def __init__(self, loc: Any, scale: Any, event_dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.loc, self.scale, self._event_dim = loc, scale, event_dim

    @constraints.dependent_property(is_discrete=False)
    def domain(self) -> Any:
        """Real numbers, or tensors of event_dim dimensions."""
        return constraints.independent(constraints.real, self._event_dim) if self._event_dim else constraints.real

    @constraints.dependent_property(is_discrete=False)
    def codomain(self) -> Any:
        """As the domain."""
        return self.domain

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AffineTransform) and _same(self.loc, other.loc) and _same(self.scale, other.scale)

    __hash__ = object.__hash__

    @property
    def sign(self) -> Any:
        return self.scale.sign() if isinstance(self.scale, TensorBase) else (self.scale > 0) - (self.scale < 0)  # type: ignore[attr-defined]

    def _call(self, x: Any) -> Any:
        return self.loc + self.scale * x

    def _inverse(self, y: Any) -> Any:
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        scale = broadcast_all(x, self.scale)[1]
        return sum_rightmost(scale.abs().log(), self._event_dim)

    def _shape(self, shape: Any) -> Any:
        return broadcast_shapes(shape, getattr(self.loc, "shape", ()), getattr(self.scale, "shape", ()))

    forward_shape = inverse_shape = _shape


class CumulativeDistributionTransform(Transform):
    """y = distribution.cdf(x), from the distribution's support to 0..1"""

    bijective = True
    codomain = constraints.unit_interval
    sign: Any = 1

    def __init__(self, distribution: Distribution, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.distribution = distribution

    @property
    def domain(self) -> Any:  # type: ignore[override]
        """The distribution's support."""
        return self.distribution.support

    def _call(self, x: Any) -> Any:
        return self.distribution.cdf(x)

    def _inverse(self, y: Any) -> Any:
        return self.distribution.icdf(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return self.distribution.log_prob(x)
