"""Divergences between normal distributions of vectors, whichever way their covariances are given."""

from __future__ import annotations

from typing import Any

from ...tensor.functions.linear.solvers import solve_triangular
from ...tensor.functions.shaping.shape import broadcast_shapes
from ..continuous.multivariate_normal import (
    LowRankMultivariateNormal,
    MultivariateNormal,
    half_log_det,
    squared_distance,
    trace_of_product,
)
from .registry import register_kl


def _log_det(d: Any) -> Any:
    return d.log_det if isinstance(d, LowRankMultivariateNormal) else 2 * half_log_det(d._tril)


def _distance(d: Any, x: Any) -> Any:
    return d.distance(x) if isinstance(d, LowRankMultivariateNormal) else squared_distance(d._tril, x)


def _trace(p: Any, q: Any) -> Any:
    """The trace of the inverse of q's covariance times p's."""
    if isinstance(q, LowRankMultivariateNormal):
        return (q.precision_matrix * p.covariance_matrix).sum((-2, -1))
    n = p.event_shape[0]
    batch = broadcast_shapes(p.batch_shape, q.batch_shape)
    return trace_of_product(
        solve_triangular(q.scale_tril.expand(*batch, n, n), p.scale_tril.expand(*batch, n, n), upper=False)
    )


@register_kl(MultivariateNormal, MultivariateNormal)
@register_kl(MultivariateNormal, LowRankMultivariateNormal)
@register_kl(LowRankMultivariateNormal, MultivariateNormal)
@register_kl(LowRankMultivariateNormal, LowRankMultivariateNormal)
def _multivariate_normal(p: Any, q: Any) -> Any:
    if p.event_shape != q.event_shape:
        raise ValueError(
            f"KL between normal distributions of vectors of {p.event_shape[0]} and {q.event_shape[0]} elements"
        )
    apart = _distance(q, q.loc - p.loc)
    return 0.5 * (_log_det(q) - _log_det(p) + _trace(p, q) + apart - p.event_shape[0])
