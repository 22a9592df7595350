"""Covariances and correlations."""

from __future__ import annotations

import warnings
from typing import Any

from ....dtypes import FLOATS
from ...base import TensorBase, dtype_of
from ..linear import linalg
from ..pointwise import arithmetic, selection
from ..pointwise import elementwise as pointwise
from ..pointwise.unary import check_tensor, to_float
from ..shaping import shape
from ..shaping.splitting import diagonal
from . import reduction


def cov(input: Any, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Any:
    """The covariance matrix of variables in rows, observations in columns; a vector is one variable.

    fweights: how often each observation counts, integers; aweights: its weight. The sum is divided by the weights' sum
    minus correction. Raises RuntimeError for weights of another size or type, or negative ones.

    >>> import sparkle
    >>> sparkle.cov(sparkle.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    check_tensor(input, "cov")
    if input.array.ndim > 2:
        raise RuntimeError(f"cov(): expected input to have two or fewer dimensions but got {input.array.ndim}")
    if input.array.dtype.kind == "b":
        raise RuntimeError("cov(): bool dtype is not supported for input")
    x = input if input.array.ndim == 2 else shape.reshape(input, (1, -1) if input.array.size else (1, 0))
    x = x if x.array.dtype.kind in FLOATS else to_float(x)
    weights = _weights(x.array.shape[1], fweights, aweights)
    return shape.squeeze(_covariance(x, weights, correction, fweights, aweights))


def _weights(count: int, fweights: Any, aweights: Any) -> Any:
    """Both weights in one, or None."""
    for name, w, kinds in (("fweights", fweights, "iu"), ("aweights", aweights, FLOATS)):
        if w is None:
            continue
        check_tensor(w, "cov", name)
        if w.array.ndim > 1 or w.array.dtype.kind not in kinds:
            raise RuntimeError(
                f"cov(): expected {name} to be one-dimensional, of {'integral' if kinds == 'iu' else 'floating point'} "
                f"dtype, met {w.array.ndim}D of {dtype_of(w)}"
            )
        if w.array.size != count:
            raise RuntimeError(
                f"cov(): expected {name} to have one element per observation, but got {w.array.size} != {count}"
            )
        if (w.array < 0).any():
            raise RuntimeError(f"cov(): {name} cannot be negative, met {w.array.min()}")
    if fweights is None or aweights is None:
        return aweights if fweights is None else fweights
    return arithmetic.mul(fweights, aweights)


def _covariance(x: Any, weights: Any, correction: int, fweights: Any, aweights: Any) -> Any:
    count = x.array.shape[1]
    if weights is None:
        total: Any = count
        mean = reduction.sum(x, 1, keepdim=True) / count if count else reduction.mean(x, 1, keepdim=True)
    else:
        weights = weights if weights.array.ndim else shape.reshape(weights, (1,))
        total = reduction.sum(weights)
        mean = reduction.sum(x * weights, 1, keepdim=True) / total
    divisor = _divisor(total, weights, aweights, correction)
    centred = x - mean
    weighted = centred if weights is None else centred * weights
    return linalg.matmul(weighted, shape.transpose(centred, 0, 1)) / divisor


def _divisor(total: Any, weights: Any, aweights: Any, correction: int) -> Any:
    """The sum of weights minus the correction, not below 0."""
    if aweights is not None and correction:
        divisor = total - correction * reduction.sum(weights * aweights) / total
    else:
        divisor = total - correction
    value = divisor.array if isinstance(divisor, TensorBase) else divisor
    if value <= 0:
        warnings.warn(
            "cov(): degrees of freedom is <= 0; correction should be less than the observations", stacklevel=4
        )
    return selection.clamp_min(divisor, 0) if isinstance(divisor, TensorBase) else float(max(divisor, 0))


def corrcoef(input: Any) -> Any:
    """The correlation coefficients of variables in rows, in -1..1.

    >>> import sparkle
    >>> sparkle.corrcoef(sparkle.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    check_tensor(input, "corrcoef")
    if input.array.ndim > 2:
        raise RuntimeError(f"corrcoef(): expected input to have two or fewer dimensions but got {input.array.ndim}")
    c = cov(input)
    if not c.array.ndim:
        return c / c
    deviation = pointwise.sqrt(diagonal(c))
    scaled = c / shape.unsqueeze(deviation, 1) / shape.unsqueeze(deviation, 0)
    return selection.clamp(scaled, -1, 1)
