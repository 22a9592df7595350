"""Matrices that stay orthogonal, as a parametrization: `sparkle.nn.utils.parametrizations.orthogonal`."""

from __future__ import annotations

from typing import Any

from ... import backend, dtypes
from ...tensor.base import wrap
from ...tensor.functions.linear.decompositions import householder_product, qr
from ...tensor.functions.linear.matrix_functions import matrix_exp
from ...tensor.functions.linear.solvers import solve
from ...tensor.functions.pointwise.comparison import allclose
from ...tensor.functions.pointwise.selection import where
from ...tensor.functions.shaping.joining import cat
from ...tensor.making.filled import eye
from ...tensor.switches import no_grad
from ..base import Module
from .parametrizations import parametrizable
from .parametrize import register_parametrization

MAPS = ("matrix_exp", "cayley", "householder")


class _Orthogonal(Module):
    """An orthogonal matrix from any one, of which the part below the diagonal counts; times `base` if there is one.

    matrix_exp: exp(A), cayley: (I - A/2)⁻¹ (I + A/2), both with A = L - Lᵀ for the lower triangle L; householder: the
    product of the reflections I - τ v vᵀ, τ = 2 / vᵀv, v with a 1 on the diagonal, times the diagonal, which is ±1.
    """

    base: Any

    def __init__(self, weight: Any, orthogonal_map: str, *, use_trivialization: bool = True) -> None:
        super().__init__()
        self.shape, self.orthogonal_map = weight.shape, orthogonal_map
        self.use_trivialization = use_trivialization
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, X: Any) -> Any:
        transposed = X.size(-2) < X.size(-1)
        tall = X.mT if transposed else X
        Q = _reflected(tall) if self.orthogonal_map == "householder" else _rotated(tall, self.orthogonal_map)
        if self.use_trivialization:
            Q = self.base @ Q
        return Q.mT if transposed else Q

    @no_grad()
    def right_inverse(self, Q: Any) -> Any:
        """What is mapped to Q, or to the orthogonal factor of a Q that is not orthogonal.

        With a base, that takes over Q, and what is returned is mapped to I. Raises ValueError for another shape,
        NotImplementedError without a base for all maps but householder, which alone can be turned round.
        """
        if Q.shape != self.shape:
            raise ValueError(
                f"Expected a matrix or batch of matrices of shape {self.shape}. Got a tensor of shape {Q.shape}."
            )
        transposed = Q.size(-2) < Q.size(-1)
        tall = Q.mT if transposed else Q
        if self.use_trivialization:
            self.base = _completed(tall)
            return Q.new_zeros(Q.shape) - eye(*Q.shape[-2:], dtype=Q.dtype, device=Q.device)
        if self.orthogonal_map != "householder":
            raise NotImplementedError(
                "It is not possible to assign to the matrix exponential or the Cayley parametrizations when "
                "use_trivialization=False."
            )
        X = _reflections(tall)
        return X.mT if transposed else X


def _rotated(X: Any, orthogonal_map: str) -> Any:
    """The first columns of exp(A) or of the Cayley map of A, the skew-symmetric matrix from the lower triangle of X."""
    n, k = X.shape[-2:]
    lower = X.tril()
    if n != k:
        lower = cat([lower, X.new_zeros(*X.shape[:-2], n, n - k)], dim=-1)
    A = lower - lower.mT
    if orthogonal_map == "matrix_exp":
        Q = matrix_exp(A)
    else:
        one = eye(n, dtype=A.dtype, device=A.device)
        Q = solve(one - 0.5 * A, one + 0.5 * A)
    return Q if n == k else Q[..., :k]


def _reflected(X: Any) -> Any:
    """The product of the reflections in the columns below the diagonal, each column times its diagonal element."""
    v = X.tril(-1)
    tau = 2.0 / (1.0 + (v * v).sum(dim=-2))
    return householder_product(v, tau) * X.diagonal(dim1=-2, dim2=-1).int().unsqueeze(-2)


def _reflections(Q: Any) -> Any:
    """A matrix that `_reflected` maps to the orthogonal factor of Q, whose triangular factor has no negative diagonal.

    LAPACK's reflections make columns of either sign, which the diagonal mends; where it left one out (τ = 0), so that
    I - 2 v vᵀ is one too many, the sign is the other way round.
    """
    columns = Q.reshape(-1, *Q.shape[-2:])
    raw = [_raw_qr(column) for column in columns]
    X = cat([x.unsqueeze(0) for x, _ in raw]).reshape(Q.shape)
    tau = cat([t.unsqueeze(0) for _, t in raw]).reshape(*Q.shape[:-2], -1)
    diagonal = X.diagonal(dim1=-2, dim2=-1)
    diagonal.copy_(where(tau == 0.0, -diagonal.sign(), diagonal.sign()))
    return X


def _raw_qr(matrix: Any) -> tuple[Any, Any]:
    """LAPACK's form of a QR decomposition: reflections below the diagonal and R above, and their factors τ."""
    packed, tau = backend.library(matrix.array).linalg.qr(matrix.array, mode="raw")
    return wrap(packed.T), wrap(tau)


def _completed(Q: Any) -> Any:
    """Q as a full orthogonal matrix: itself if it is one, else the orthogonal factor of Q and random columns."""
    n, k = Q.shape[-2:]
    if n == k and _is_orthogonal(Q):
        return Q.clone()
    full = cat([Q, Q.new_empty((*Q.shape[:-2], n, n - k)).normal_()], dim=-1) if n != k else Q
    q, r = qr(full)
    return q * r.diagonal(dim1=-2, dim2=-1).sgn().unsqueeze(-2)


def _is_orthogonal(Q: Any) -> bool:
    n, k = Q.shape[-2:]
    one = eye(k, dtype=Q.dtype, device=Q.device)
    return bool(allclose(Q.mT @ Q, one, atol=10.0 * n * dtypes.finfo(Q.dtype).eps))


def orthogonal(
    module: Any, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization: bool = True
) -> Any:
    """Keep a matrix (or batch of them) orthogonal: orthonormal columns, rows where it is wide; returns the module.

    orthogonal_map: how it is made from its original, "matrix_exp" (for square matrices unless given), "cayley" or
    "householder" (for others). use_trivialization: it is multiplied by a buffer `parametrizations.<name>.0.base`, which
    is what makes it start from the present value, or the nearest orthogonal one by QR (Lezcano-Casado, 2019,
    arXiv:1909.09501).

    Raises ValueError for a name that the module has not, for fewer than two dims, and for other maps.

    >>> import sparkle
    >>> Q = orthogonal(sparkle.nn.Linear(2, 4)).weight
    >>> sparkle.allclose(Q.T @ Q, sparkle.eye(2), atol=1e-5)
    True
    """
    weight = parametrizable(module, name)
    if weight.ndim < 2:
        raise ValueError(f"Expected a matrix or batch of matrices. Got a tensor of {weight.ndim} dimensions.")
    if orthogonal_map is None:
        orthogonal_map = "matrix_exp" if weight.size(-2) == weight.size(-1) else "householder"
    if orthogonal_map not in MAPS:
        raise ValueError(f"orthogonal_map has to be one of {', '.join(map(repr, MAPS))}. Got: {orthogonal_map}")
    function = _Orthogonal(weight, orthogonal_map, use_trivialization=use_trivialization)
    return register_parametrization(module, name, function, unsafe=True)
