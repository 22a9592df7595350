"""What values may a parameter or a sample take? A constraint's `check` says for each event of a tensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..backend import library
from ..dtypes import bool as boolean_type
from ..tensor.base import wrap
from ..tensor.functions.pointwise.comparison import isclose
from ..tensor.functions.shaping.joining import cat as joined
from ..tensor.functions.shaping.joining import stack as stacked
from ..tensor.making.filled import full


class Constraint:
    """A set of values. `event_dim` dimensions at the right belong to one value; `is_discrete`: are they isolated?"""

    is_discrete = False
    event_dim = 0

    def check(self, value: Any) -> Any:
        """A tensor of bool with one element for each event in value."""
        raise NotImplementedError(f"{type(self).__name__}.check")

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Named(Constraint):
    """A set without parameters: its name, the test, how many dimensions are one event."""

    def __init__(self, name: str, test: Callable[[Any], Any], event_dim: int = 0, is_discrete: bool = False) -> None:
        self.name, self.test = name, test
        self.event_dim, self.is_discrete = event_dim, is_discrete

    def check(self, value: Any) -> Any:
        return self.test(value)

    def __repr__(self) -> str:
        return f"{self.name}()"


class Dependent(Constraint):
    """A set that depends on other values, so that it cannot be checked alone."""

    def __init__(self, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented) -> None:
        self._is_discrete, self._event_dim = is_discrete, event_dim

    @property
    def is_discrete(self) -> bool:  # type: ignore[override]
        """Are the values isolated? NotImplementedError where that depends too."""
        return _known(self._is_discrete, "is_discrete")

    @property
    def event_dim(self) -> int:  # type: ignore[override]
        """The dimensions of one value. NotImplementedError where that depends too."""
        return _known(self._event_dim, "event_dim")

    def __call__(self, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented) -> Dependent:
        """The same with more known of it."""
        return Dependent(
            is_discrete=self._is_discrete if is_discrete is NotImplemented else is_discrete,
            event_dim=self._event_dim if event_dim is NotImplemented else event_dim,
        )

    def check(self, value: Any) -> Any:
        """ValueError: it cannot be known."""
        raise ValueError("a dependent constraint cannot be checked without the values that it depends on")


def _known(value: Any, name: str) -> Any:
    if value is NotImplemented:
        raise NotImplementedError(f"{name} of this dependent constraint is known only of instances")
    return value


class dependent_property(property, Dependent):
    """A property whose value is a constraint that depends on the instance; also with is_discrete= and event_dim=."""

    def __init__(
        self, function: Any = None, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented
    ) -> None:
        property.__init__(self, function)
        self._is_discrete, self._event_dim = is_discrete, event_dim

    def __call__(self, function: Any) -> dependent_property:  # type: ignore[override]
        return dependent_property(function, is_discrete=self._is_discrete, event_dim=self._event_dim)


def is_dependent(constraint: Any) -> bool:
    """Can the constraint be checked only on an instance?"""
    return isinstance(constraint, Dependent)


class Bounded(Constraint):
    """A set with one or two ends, numbers or tensors; its repr names them."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in vars(self).items())})"


class GreaterThan(Bounded):
    """Above lower_bound."""

    def __init__(self, lower_bound: Any) -> None:
        self.lower_bound = lower_bound

    def check(self, value: Any) -> Any:
        return value > self.lower_bound


class GreaterThanEq(GreaterThan):
    """lower_bound and above."""

    def check(self, value: Any) -> Any:
        return value >= self.lower_bound


class IntegerGreaterThan(GreaterThan):
    """Integers, lower_bound and above."""

    is_discrete = True

    def check(self, value: Any) -> Any:
        return (value % 1 == 0) & (value >= self.lower_bound)


class LessThan(Bounded):
    """Below upper_bound."""

    def __init__(self, upper_bound: Any) -> None:
        self.upper_bound = upper_bound

    def check(self, value: Any) -> Any:
        return value < self.upper_bound


class Interval(Bounded):
    """Between two ends, both included."""

    def __init__(self, lower_bound: Any, upper_bound: Any) -> None:
        self.lower_bound, self.upper_bound = lower_bound, upper_bound

    def check(self, value: Any) -> Any:
        return (value >= self.lower_bound) & (value <= self.upper_bound)


class HalfOpenInterval(Interval):
    """Between two ends, the lower one included."""

    def check(self, value: Any) -> Any:
        return (value >= self.lower_bound) & (value < self.upper_bound)


class IntegerInterval(Interval):
    """Integers between two ends, both included."""

    is_discrete = True

    def check(self, value: Any) -> Any:
        return (value % 1 == 0) & super().check(value)


class Multinomial(Bounded):
    """Vectors of counts, with a sum of at most upper_bound."""

    is_discrete = True
    event_dim = 1

    def __init__(self, upper_bound: Any) -> None:
        self.upper_bound = upper_bound

    def check(self, value: Any) -> Any:
        return (value >= 0).all(-1) & (value.sum(-1) <= self.upper_bound)


class Independent(Constraint):
    """Tensors all of whose elements along the last dimensions satisfy another constraint."""

    def __init__(self, base_constraint: Constraint, reinterpreted_batch_ndims: int) -> None:
        self.base_constraint, self.reinterpreted_batch_ndims = base_constraint, reinterpreted_batch_ndims

    @property
    def is_discrete(self) -> bool:  # type: ignore[override]
        """As the base's."""
        return self.base_constraint.is_discrete

    @property
    def event_dim(self) -> int:  # type: ignore[override]
        """The base's dimensions and those added."""
        return self.base_constraint.event_dim + self.reinterpreted_batch_ndims

    def check(self, value: Any) -> Any:
        result = self.base_constraint.check(value)
        if result.dim() < self.reinterpreted_batch_ndims:
            raise ValueError(f"expected a value of at least {self.event_dim} dimensions, met {value.dim()}")
        return _all_of(result, result.dim() - self.reinterpreted_batch_ndims)

    def __repr__(self) -> str:
        return f"Independent({self.base_constraint}, {self.reinterpreted_batch_ndims})"


class MixtureSameFamilyConstraint(Constraint):
    """Values that satisfy the constraint of every component of a mixture."""

    def __init__(self, base_constraint: Constraint) -> None:
        self.base_constraint = base_constraint
        self.is_discrete, self.event_dim = base_constraint.is_discrete, base_constraint.event_dim

    def check(self, value: Any) -> Any:
        result = self.base_constraint.check(value.unsqueeze(-1 - self.event_dim))
        return _all_of(result, value.dim() - self.event_dim)


def _all_of(result: Any, kept: int) -> Any:
    """Is everything true beyond the first dimensions?"""
    return result.reshape(*result.shape[:kept], -1).all(-1) if kept < result.dim() else result


class Cat(Constraint):
    """Parts of given lengths along a dimension, each with a constraint of its own."""

    def __init__(self, cseq: Sequence[Constraint], dim: int = 0, lengths: Sequence[int] | None = None) -> None:
        self.cseq, self.dim, self.lengths = list(cseq), dim, list(lengths or [1] * len(cseq))
        if len(self.lengths) != len(self.cseq):
            raise ValueError(f"cat: {len(self.cseq)} constraints need as many lengths, met {len(self.lengths)}")

    @property
    def is_discrete(self) -> bool:  # type: ignore[override]
        """Is any part discrete?"""
        return any(c.is_discrete for c in self.cseq)

    @property
    def event_dim(self) -> int:  # type: ignore[override]
        """The most that any part has."""
        return max(c.event_dim for c in self.cseq)

    def check(self, value: Any) -> Any:
        parts = value.split(self.lengths, self.dim)
        return joined([c.check(part) for c, part in zip(self.cseq, parts, strict=True)], self.dim)


class Stack(Cat):
    """Slices along a dimension, each with a constraint of its own."""

    def __init__(self, cseq: Sequence[Constraint], dim: int = 0) -> None:
        super().__init__(cseq, dim)

    @property
    def event_dim(self) -> int:  # type: ignore[override]
        """The most that any slice has, and the stacked dimension where it is within."""
        most = max(c.event_dim for c in self.cseq)
        return most + 1 if self.dim + most < 0 else most

    def check(self, value: Any) -> Any:
        parts = value.unbind(self.dim)
        return stacked([c.check(part) for c, part in zip(self.cseq, parts, strict=True)], self.dim)


def _is_one_hot(x: Any) -> Any:
    return ((x == 0) | (x == 1)).all(-1) & (x.sum(-1) == 1)


def _is_simplex(x: Any) -> Any:
    return (x >= 0).all(-1) & ((x.sum(-1) - 1).abs() < 1e-6)


def _is_lower_triangular(x: Any) -> Any:
    return (x.tril() == x).all(-1).all(-1)


def _has_positive_diagonal(x: Any) -> Any:
    return (x.diagonal(dim1=-2, dim2=-1) > 0).all(-1)


def _is_unit_cholesky(x: Any) -> Any:
    long = ((x * x).sum(-1).sqrt() - 1).abs() <= 1e-6 * x.shape[-1]
    return _is_lower_triangular(x) & _has_positive_diagonal(x) & long.all(-1)


def _is_square(x: Any) -> Any:
    return full(x.shape[:-2], x.shape[-2] == x.shape[-1], dtype=boolean_type, device=x.device)


def _is_symmetric(x: Any) -> Any:
    squares = _is_square(x)
    return isclose(x, x.mT, atol=1e-6).all(-1).all(-1) if x.shape[-2] == x.shape[-1] else squares


def _eigenvalues(x: Any) -> Any:
    return wrap(library(x.array).linalg.eigvalsh(x.array))


def _is_positive_definite(x: Any) -> Any:
    symmetric_ones = _is_symmetric(x)
    return symmetric_ones & (_eigenvalues(x) > 0).all(-1) if symmetric_ones.all() else symmetric_ones


def _is_positive_semidefinite(x: Any) -> Any:
    symmetric_ones = _is_symmetric(x)
    return symmetric_ones & (_eigenvalues(x) >= 0).all(-1) if symmetric_ones.all() else symmetric_ones


dependent = Dependent()
independent = Independent
boolean = Named("Boolean", lambda x: (x == 0) | (x == 1), is_discrete=True)
one_hot = Named("OneHot", _is_one_hot, 1, is_discrete=True)
nonnegative_integer = IntegerGreaterThan(0)
positive_integer = IntegerGreaterThan(1)
integer_interval = IntegerInterval
real = Named("Real", lambda x: x == x)  # false for nan
real_vector = Independent(real, 1)
positive = GreaterThan(0.0)
nonnegative = GreaterThanEq(0.0)
greater_than, greater_than_eq, less_than = GreaterThan, GreaterThanEq, LessThan
interval, half_open_interval = Interval, HalfOpenInterval
unit_interval = Interval(0.0, 1.0)
simplex = Named("Simplex", _is_simplex, 1)
multinomial = Multinomial
lower_triangular = Named("LowerTriangular", _is_lower_triangular, 2)
lower_cholesky = Named("LowerCholesky", lambda x: _is_lower_triangular(x) & _has_positive_diagonal(x), 2)
corr_cholesky = Named("CorrCholesky", _is_unit_cholesky, 2)
square = Named("Square", _is_square, 2)
symmetric = Named("Symmetric", _is_symmetric, 2)
positive_semidefinite = Named("PositiveSemidefinite", _is_positive_semidefinite, 2)
positive_definite = Named("PositiveDefinite", _is_positive_definite, 2)
cat, stack = Cat, Stack
