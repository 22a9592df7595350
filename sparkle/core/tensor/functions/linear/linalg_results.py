"""The named tuples that linear algebra returns; among `sparkle.return_types` to users."""

from __future__ import annotations

from collections import namedtuple

from ..named import Named


class linalg_cholesky_ex(Named, namedtuple("linalg_cholesky_ex", ["L", "info"])):
    """The factor, and the order of the first leading minor that is not positive-definite, 0 for success."""

    __slots__ = ()


class linalg_eigh(Named, namedtuple("linalg_eigh", ["eigenvalues", "eigenvectors"])):
    """Eigenvalues in ascending order, and eigenvectors as columns."""

    __slots__ = ()


class linalg_inv_ex(Named, namedtuple("linalg_inv_ex", ["inverse", "info"])):
    """The inverse, and the number of the first pivot that is zero, 0 for success."""

    __slots__ = ()


class linalg_lstsq(Named, namedtuple("linalg_lstsq", ["solution", "residuals", "rank", "singular_values"])):
    """What `linalg.lstsq` found; what the driver does not compute is empty."""

    __slots__ = ()


class linalg_lu(Named, namedtuple("linalg_lu", ["P", "L", "U"])):
    """A = P L U."""

    __slots__ = ()


class lu_unpack(Named, namedtuple("lu_unpack", ["P", "L", "U"])):
    """A = P L U."""

    __slots__ = ()


class linalg_lu_factor(Named, namedtuple("linalg_lu_factor", ["LU", "pivots"])):
    """L below the diagonal and U on and above it in one matrix, and the rows exchanged, counted from 1."""

    __slots__ = ()


class linalg_lu_factor_ex(Named, namedtuple("linalg_lu_factor_ex", ["LU", "pivots", "info"])):
    """The same, and the number of the first pivot that is zero, 0 for success."""

    __slots__ = ()


class linalg_qr(Named, namedtuple("linalg_qr", ["Q", "R"])):
    """A = Q R."""

    __slots__ = ()


class qr(Named, namedtuple("qr", ["Q", "R"])):
    """A = Q R."""

    __slots__ = ()


class linalg_slogdet(Named, namedtuple("linalg_slogdet", ["sign", "logabsdet"])):
    """The determinant's sign, and the logarithm of its absolute value."""

    __slots__ = ()


class slogdet(Named, namedtuple("slogdet", ["sign", "logabsdet"])):
    """The determinant's sign, and the logarithm of its absolute value."""

    __slots__ = ()


class linalg_solve_ex(Named, namedtuple("linalg_solve_ex", ["result", "info"])):
    """The solution, and the number of the first pivot that is zero, 0 for success."""

    __slots__ = ()


class linalg_svd(Named, namedtuple("linalg_svd", ["U", "S", "Vh"])):
    """A = U diag(S) Vh."""

    __slots__ = ()


class svd(Named, namedtuple("svd", ["U", "S", "V"])):
    """A = U diag(S) V^T."""

    __slots__ = ()


class triangular_solve(Named, namedtuple("triangular_solve", ["solution", "cloned_coefficient"])):
    """The solution, and a copy of the matrix."""

    __slots__ = ()
