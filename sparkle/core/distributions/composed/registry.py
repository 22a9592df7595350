"""From real numbers into a constraint: `biject_to` one to one, `transform_to` in any way that suits optimisation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import constraints
from .transform import ComposeTransform, IndependentTransform, Transform, identity_transform
from .transforms import AffineTransform, ExpTransform, SigmoidTransform
from .vector_transforms import (
    LowerCholeskyTransform,
    PositiveDefiniteTransform,
    SoftmaxTransform,
    StickBreakingTransform,
)

Factory = Callable[[Any], Transform]


class ConstraintRegistry:
    """Which transform leads into a constraint, by the constraint itself or by its class."""

    def __init__(self) -> None:
        self._factories: dict[Any, Factory] = {}

    def register(self, constraint: Any, factory: Factory | None = None) -> Any:
        """Use factory(constraint) for a constraint or a class of them; without factory a decorator."""
        if factory is None:
            return lambda given: self.register(constraint, given)
        is_class = isinstance(constraint, type) and issubclass(constraint, constraints.Constraint)
        if not (is_class or isinstance(constraint, constraints.Constraint)):
            raise TypeError(f"register: expected a Constraint or a subclass of it, met {constraint!r}")
        self._factories[constraint] = factory
        return factory

    def __call__(self, constraint: Any) -> Transform:
        """The transform into the constraint. NotImplementedError where none is registered.

        >>> transform_to(constraints.positive)
        ExpTransform()
        """
        factory = self._factories.get(constraint) or self._factories.get(type(constraint))
        if factory is None:
            raise NotImplementedError(f"cannot transform {type(constraint).__name__} constraints")
        return factory(constraint)


biject_to, transform_to = ConstraintRegistry(), ConstraintRegistry()


def _interval(constraint: Any) -> Transform:
    low, high = constraint.lower_bound, constraint.upper_bound
    numbers = isinstance(low, (int, float)) and isinstance(high, (int, float))
    if numbers and (low, high) == (0, 1):
        return SigmoidTransform()
    return ComposeTransform([SigmoidTransform(), AffineTransform(low, high - low)])


def _above(constraint: Any) -> Transform:
    return ComposeTransform([ExpTransform(), AffineTransform(constraint.lower_bound, 1)])


def _below(constraint: Any) -> Transform:
    return ComposeTransform([ExpTransform(), AffineTransform(constraint.upper_bound, -1)])


def _inside(registry: ConstraintRegistry) -> Factory:
    """Into all elements of an event, as into one."""
    return lambda c: IndependentTransform(registry(c.base_constraint), c.reinterpreted_batch_ndims)


BOTH: dict[Any, Factory] = {
    constraints.real: lambda constraint: identity_transform,
    constraints.positive: lambda constraint: ExpTransform(),
    constraints.nonnegative: lambda constraint: ExpTransform(),
    constraints.GreaterThan: _above,
    constraints.GreaterThanEq: _above,
    constraints.LessThan: _below,
    constraints.Interval: _interval,
    constraints.HalfOpenInterval: _interval,
    constraints.lower_cholesky: lambda constraint: LowerCholeskyTransform(),
    constraints.positive_definite: lambda constraint: PositiveDefiniteTransform(),
    constraints.positive_semidefinite: lambda constraint: PositiveDefiniteTransform(),
}
for _registry in (biject_to, transform_to):
    for _constraint, _factory in BOTH.items():
        _registry.register(_constraint, _factory)
    _registry.register(constraints.Independent, _inside(_registry))
biject_to.register(constraints.simplex, lambda constraint: StickBreakingTransform())
transform_to.register(constraints.simplex, lambda constraint: SoftmaxTransform())
