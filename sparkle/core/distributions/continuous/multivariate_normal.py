"""Normal distributions of vectors, by a full matrix or by one of low rank and a diagonal."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from ...tensor.functions.linear.decompositions import cholesky
from ...tensor.functions.linear.solvers import solve_triangular
from ...tensor.functions.shaping.shape import broadcast_shapes
from ...tensor.making.filled import eye
from .. import constraints
from ..distribution import Distribution
from ..parameters import lazy_property, normal_noise

LOG_2_PI = math.log(2 * math.pi)


def half_log_det(tril: Any) -> Any:
    """Half the logarithm of the determinant of L L^T."""
    return tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)


def squared_distance(tril: Any, x: Any) -> Any:
    """x^T (L L^T)^-1 x for vectors along the last dimension of x, batches broadcast."""
    if tril.dim() == 2:  # one matrix: all vectors are columns of one system
        columns = x.reshape(-1, x.shape[-1]).t()
        return solve_triangular(tril, columns, upper=False).square().sum(0).reshape(x.shape[:-1])
    batch = broadcast_shapes(tril.shape[:-2], x.shape[:-1])
    n = x.shape[-1]
    columns = x.expand(*batch, n).unsqueeze(-1)
    return solve_triangular(tril.expand(*batch, n, n), columns, upper=False).square().sum((-2, -1))


def trace_of_product(a: Any) -> Any:
    """The trace of A A^T."""
    return a.square().sum((-2, -1))


def identity(like: Any) -> Any:
    """The identity matrix of the size and type of a matrix."""
    return eye(like.shape[-1], dtype=like.dtype, device=like.device)


def _tril_of_precision(precision: Any) -> Any:
    """L with L L^T = precision^-1: turned around, the factor of the precision is the inverse of L^T."""
    turned = cholesky(precision.flip((-2, -1))).flip((-2, -1))
    whole = identity(precision).expand(precision.shape)
    return solve_triangular(turned.mT, whole, upper=False)


def _batch_of(loc: Any, name: str, matrix: Any, dims: int) -> Any:
    """The batch's shape; ValueError where mean or matrix have too few dimensions."""
    if loc.dim() < 1:
        raise ValueError(f"{name}: loc must be at least one-dimensional, met a scalar")
    if matrix.dim() < dims:
        raise ValueError(f"{name}: the matrix must be at least {dims}-dimensional, met {matrix.dim()}")
    return broadcast_shapes(matrix.shape[:-2], loc.shape[:-1])


class MultivariateNormal(Distribution):
    """The normal distribution of vectors of mean loc, by one of covariance_matrix, precision_matrix, scale_tril.

    scale_tril is a lower triangular L with a positive diagonal and L L^T = covariance_matrix. The others are computed
    when asked for. Samples and log_prob are differentiable in loc and in the matrix given.
    """

    arg_constraints: ClassVar[Any] = {
        "loc": constraints.real_vector,
        "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite,
        "scale_tril": constraints.lower_cholesky,
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self,
        loc: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        matrices = {
            "covariance_matrix": covariance_matrix,
            "precision_matrix": precision_matrix,
            "scale_tril": scale_tril,
        }
        given = [(name, matrix) for name, matrix in matrices.items() if matrix is not None]
        if len(given) != 1:
            raise ValueError(
                "MultivariateNormal: exactly one of covariance_matrix or precision_matrix or scale_tril may be "
                f"specified, met {len(given)}"
            )
        name, matrix = given[0]
        batch_shape = _batch_of(loc, "MultivariateNormal", matrix, 2)
        self.loc = loc.expand(*batch_shape, loc.shape[-1])
        self.__dict__[name] = matrix.expand(*batch_shape, *matrix.shape[-2:])
        super().__init__(batch_shape, self.loc.shape[-1:], validate_args=validate_args)
        factors: Any = {"covariance_matrix": cholesky, "precision_matrix": _tril_of_precision}
        self._tril = factors[name](matrix) if name in factors else matrix

    def _whole(self, matrix: Any) -> Any:
        """The matrix for each element of the batch."""
        return matrix.expand(*self._batch_shape, *matrix.shape[-2:])

    @lazy_property
    def scale_tril(self) -> Any:
        """The lower triangular factor of the covariance."""
        return self._whole(self._tril)

    @lazy_property
    def covariance_matrix(self) -> Any:
        """The covariance."""
        return self._whole(self._tril @ self._tril.mT)

    @lazy_property
    def precision_matrix(self) -> Any:
        """The inverse of the covariance."""
        inverse = solve_triangular(self._tril, identity(self._tril).expand(self._tril.shape), upper=False)
        return self._whole(inverse.mT @ inverse)

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        return self._tril.square().sum(-1).expand(*self._batch_shape, *self._event_shape)

    def rsample(self, sample_shape: Any = ()) -> Any:
        noise = normal_noise(self.loc, self._extended_shape(sample_shape))
        return self.loc + (self._tril @ noise.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value: Any) -> Any:
        distance = squared_distance(self._tril, self._checked(value) - self.loc)
        return -0.5 * (self._event_shape[0] * LOG_2_PI + distance) - half_log_det(self._tril)

    def entropy(self) -> Any:
        entropy = 0.5 * self._event_shape[0] * (1 + LOG_2_PI) + half_log_det(self._tril)
        return entropy.expand(self._batch_shape)


class LowRankMultivariateNormal(Distribution):
    """The normal distribution of vectors of mean loc and covariance cov_factor cov_factor^T + diag(cov_diag).

    cov_factor is (..., n, rank), cov_diag (..., n) and positive. Work grows with n rank ** 2, by Woodbury's identity
    and the matrix determinant lemma.
    """

    arg_constraints: ClassVar[Any] = {
        "loc": constraints.real_vector,
        "cov_factor": constraints.independent(constraints.real, 2),
        "cov_diag": constraints.independent(constraints.positive, 1),
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, loc: Any, cov_factor: Any, cov_diag: Any, validate_args: bool | None = None) -> None:
        _batch_of(loc, "LowRankMultivariateNormal", cov_factor, 2)
        n = loc.shape[-1]
        if cov_factor.shape[-2:-1] != (n,) or cov_diag.shape[-1:] != (n,):
            raise ValueError(
                f"LowRankMultivariateNormal: loc has {n} elements, so cov_factor must be (..., {n}, rank) and cov_diag "
                f"(..., {n}); met {tuple(cov_factor.shape)} and {tuple(cov_diag.shape)}"
            )
        batch_shape = broadcast_shapes(loc.shape[:-1], cov_factor.shape[:-2], cov_diag.shape[:-1])
        self.loc = loc.expand(*batch_shape, n)
        self.cov_factor = cov_factor.expand(*batch_shape, *cov_factor.shape[-2:])
        self.cov_diag = cov_diag.expand(*batch_shape, n)
        super().__init__(batch_shape, (n,), validate_args=validate_args)

    @lazy_property
    def capacitance_tril(self) -> Any:
        """The factor of I + W^T D^-1 W."""
        inner = self.cov_factor.mT @ (self.cov_factor / self.cov_diag.unsqueeze(-1))
        return cholesky(inner + identity(inner))

    @property
    def log_det(self) -> Any:
        """The logarithm of the determinant of the covariance."""
        return 2 * half_log_det(self.capacitance_tril) + self.cov_diag.log().sum(-1)

    def distance(self, x: Any) -> Any:
        """x^T covariance^-1 x"""
        scaled = x / self.cov_diag
        inner = (self.cov_factor.mT @ scaled.unsqueeze(-1)).squeeze(-1)
        return (x * scaled).sum(-1) - squared_distance(self.capacitance_tril, inner)

    @lazy_property
    def covariance_matrix(self) -> Any:
        """The covariance."""
        return self.cov_factor @ self.cov_factor.mT + self.cov_diag.diag_embed()

    @lazy_property
    def scale_tril(self) -> Any:
        """The lower triangular factor of the covariance."""
        root = self.cov_diag.sqrt().unsqueeze(-1)
        scaled = self.cov_factor / root
        inner = scaled @ scaled.mT
        return root * cholesky(inner + identity(inner))

    @lazy_property
    def precision_matrix(self) -> Any:
        """The inverse of the covariance."""
        scaled = self.cov_factor.mT / self.cov_diag.unsqueeze(-2)
        half = solve_triangular(self.capacitance_tril, scaled, upper=False)
        return self.cov_diag.reciprocal().diag_embed() - half.mT @ half

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        return self.cov_factor.square().sum(-1) + self.cov_diag

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        low = normal_noise(self.loc, (*shape[:-1], self.cov_factor.shape[-1])).unsqueeze(-1)
        return self.loc + (self.cov_factor @ low).squeeze(-1) + self.cov_diag.sqrt() * normal_noise(self.loc, shape)

    def log_prob(self, value: Any) -> Any:
        distance = self.distance(self._checked(value) - self.loc)
        return -0.5 * (self._event_shape[0] * LOG_2_PI + self.log_det + distance)

    def entropy(self) -> Any:
        return 0.5 * (self._event_shape[0] * (1 + LOG_2_PI) + self.log_det)
