"""Linear algebra. `make` keeps matrices regular, positive-definite, or their singular values apart."""

import numpy as np

from .table import FLOATS, INTS, Maker, X, op, ops


def _diagonal(values):
    """Matrices with 6, 9, 12, ... on the diagonal, and small numbers elsewhere."""
    rows, columns = values.shape[-2:]
    return values / 4 + np.eye(rows, columns) * (6 + 3 * np.arange(columns))


def _symmetric(values):
    return _diagonal((values + np.swapaxes(values, -1, -2)) / 2)


REGULAR = ("contiguous", "strided", "empty", "0-d")  # those in which rows do not repeat
KINDS = ("int64", "float16", *FLOATS)  # one of each kind that is refused, and those that are taken
A = X(2, 3, 3, make=_diagonal)
S = X(2, 3, 3, make=_symmetric)
TALL = X(2, 4, 3, make=_diagonal)

ops("linalg.det det", X(2, 3, 3, make=lambda v: v / 4 + np.eye(3)), dtypes=KINDS, rtol=1e-4)
ops("linalg.inv inverse linalg.slogdet slogdet logdet", A, dtypes=KINDS, rtol=1e-4)
ops("linalg.inv_ex linalg.lu linalg.lu_factor linalg.lu_factor_ex lu", A, dtypes=KINDS, rtol=1e-4)
ops("linalg.pinv pinverse linalg.svdvals linalg.cond", TALL, dtypes=KINDS, rtol=1e-4)
ops("linalg.qr qr", TALL, dtypes=KINDS, rtol=1e-4)
op("linalg.matrix_rank", TALL, dtypes=KINDS, grad=False)
ops("linalg.cholesky cholesky linalg.cholesky_ex linalg.eigvalsh", S, dtypes=KINDS, rtol=1e-4, grad=False)
# Here the gradient keeps to the triangle that is read; torch fills the other one too.
op("cholesky_inverse", A, dtypes=KINDS, rtol=1e-4, grad=False)
op("cholesky_solve", X(2, 3, 2), A, dtypes=KINDS, rtol=1e-4, grad=False)
ops("linalg.matrix_exp matrix_exp", X(2, 3, 3), dtypes=("int64", *FLOATS), rtol=1e-4)
ops("linalg.matrix_power matrix_power", X(2, 3, 3), 3, dtypes=(*INTS, *FLOATS), rtol=1e-4)
op("matrix_power", A, -2, dtypes=KINDS, rtol=1e-4)
ops("linalg.solve linalg.solve_ex", A, X(2, 3, 2), dtypes=KINDS, rtol=1e-4)
op("linalg.solve", A, X(2, 3), dtypes=KINDS, rtol=1e-4)
op("linalg.solve_triangular", A, X(2, 3, 2), upper=True, dtypes=KINDS, rtol=1e-4)
op("triangular_solve", X(2, 3, 2), A, dtypes=KINDS, rtol=1e-4)
op("linalg.lstsq", TALL, X(2, 4, 2), dtypes=KINDS, rtol=1e-3)
op("linalg.householder_product", X(2, 4, 3), X(2, 3), dtypes=KINDS, rtol=1e-4)
op(
    "linalg.tensorinv",
    X(4, 2, 2, make=lambda v: _diagonal(v.reshape(-1, 4)).reshape(v.shape)),
    1,
    dtypes=FLOATS,
    layouts=REGULAR,
)
op(
    "linalg.tensorsolve",
    X(2, 2, 4, make=lambda v: _diagonal(v.reshape(-1, 4)).reshape(v.shape)),
    X(2, 2),
    dtypes=FLOATS,
    layouts=REGULAR,
)

ops("linalg.norm linalg.vector_norm", X(2, 3))
op("linalg.vector_norm", X(2, 3, low=0.5), 3, dim=1)
op("linalg.matrix_norm", X(2, 3, 4))
op("linalg.matrix_norm", TALL, "nuc", dtypes=KINDS)
op("linalg.matrix_norm", X(2, 3, 4), 1, dtypes=KINDS)
op("linalg.cross", X(2, 3), X(2, 3))
op("linalg.vecdot", X(2, 3), X(3), dtypes=KINDS)
op("linalg.diagonal", X(2, 3, 3))
op("linalg.matmul", X(2, 3), X(3, 2))
op("linalg.multi_dot", [X(2, 3), X(3, 4), X(4, 2)], dtypes=(*INTS, *FLOATS), rtol=1e-4)
ops("linalg.vander vander", X(3), dtypes=(*INTS, *FLOATS), grad=False)
op("cdist", X(2, 3, 2), X(2, 4, 2), dtypes=KINDS)
op("cdist", X(2, 3, 2), X(2, 4, 2), 1.5, dtypes=KINDS)
# torch crashes in the gradient of a strided or expanded input.
op("pdist", X(4, 3), dtypes=KINDS, layouts=("contiguous", "0-d"))
ops("cov corrcoef", X(2, 4), dtypes=(*INTS, *FLOATS), rtol=1e-4)
op("linalg.eigh", S, dtypes=KINDS, rtol=1e-4, grad=False)
op("svd", TALL, True, False, dtypes=KINDS, rtol=1e-4)  # the vectors' signs are free
PIVOTS = Maker((2, 3), low=3, high=3, dtype="int32")
op("lu_unpack", A, PIVOTS, dtypes=KINDS, layouts=REGULAR[:2])
op("linalg.lu_solve", A, PIVOTS, X(2, 3, 2), dtypes=KINDS, layouts=REGULAR[:2])
op("lu_solve", X(2, 3, 2), A, PIVOTS, dtypes=KINDS, layouts=REGULAR[:2])
