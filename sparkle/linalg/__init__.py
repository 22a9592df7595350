"""Linear algebra: norms, decompositions, systems of equations, under torch.linalg's names."""

from ..core.ops.linear.matrices import LinAlgError
from ..core.tensor.functions.linear.decompositions import (
    cholesky,
    cholesky_ex,
    eig,
    eigh,
    eigvals,
    eigvalsh,
    householder_product,
    qr,
    svd,
    svdvals,
)
from ..core.tensor.functions.linear.linalg import matmul, multi_dot
from ..core.tensor.functions.linear.lu import lu, lu_factor, lu_factor_ex, lu_solve
from ..core.tensor.functions.linear.matrix_functions import (
    cross,
    det,
    diagonal,
    matrix_exp,
    matrix_power,
    slogdet,
    vander,
    vecdot,
)
from ..core.tensor.functions.linear.norms import cond, matrix_norm, vector_norm
from ..core.tensor.functions.linear.norms import linalg_norm as norm
from ..core.tensor.functions.linear.solvers import (
    inv,
    inv_ex,
    lstsq,
    matrix_rank,
    pinv,
    solve,
    solve_ex,
    solve_triangular,
    tensorinv,
    tensorsolve,
)

__all__ = [
    "LinAlgError", "cholesky", "cholesky_ex", "cond", "cross", "det", "diagonal", "eig", "eigh", "eigvals", "eigvalsh",
    "householder_product", "inv", "inv_ex", "lstsq", "lu", "lu_factor", "lu_factor_ex", "lu_solve", "matmul",
    "matrix_exp", "matrix_norm", "matrix_power", "matrix_rank", "multi_dot", "norm", "pinv", "qr", "slogdet", "solve",
    "solve_ex", "solve_triangular", "svd", "svdvals", "tensorinv", "tensorsolve", "vander", "vecdot", "vector_norm",
]
