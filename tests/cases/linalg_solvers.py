"""Inverses, systems of equations, determinants, powers and exponentials of matrices."""

import numpy as np

from .both import both
from .case import raises


def eye(L, x):
    return L.eye(x.shape[-1], dtype=x.dtype)


def regular(L, x):
    """A matrix far from singular."""
    return x + 5 * eye(L, x)


SQUARE = [(3, 3), (1, 1), (2, 3, 3), (2, 1, 2, 2)]
NONE = [(0, 0), (0, 2, 2), (2, 0, 0)]
for s in SQUARE + NONE:
    both("inv", lambda L, x: L.linalg.inv(regular(L, x)), s)
    both("inv_ex", lambda L, x: L.linalg.inv_ex(regular(L, x)), s)
    both("det", lambda L, x: L.linalg.det(x), s)
    both("slogdet", lambda L, x: L.linalg.slogdet(x), s)
    both("logdet", lambda L, x: L.logdet(regular(L, x)), s)
    both("logdet_signs", lambda L, x: L.logdet(x), s, grad=False)
    both("matrix_exp", lambda L, x: L.linalg.matrix_exp(x), s)
    both("matrix_exp_scaled", lambda L, x: (x * 4).matrix_exp(), s, gradgrad=False)
    both("matrix_exp_small", lambda L, x: L.matrix_exp(x * 1e-3), s)
    for n in (0, 1, 2, 3, 5, -1, -2):
        both(f"matrix_power_{n}", lambda L, x, n=n: L.linalg.matrix_power(regular(L, x) / 4, n), s)
both("matrix_exp_mixed", lambda L, x, n: L.linalg.matrix_exp(x * n), (3, 2, 2), np.array([[[1e-3]], [[1.0]], [[9.0]]]))
both("matrix_power_ints", lambda L, n: L.matrix_power(n, 3), np.array([[1, 2], [3, 4]]))
both("det_singular", lambda L, x: L.det(x[:, None] * x), (3,))
both("det_singular_1x1", lambda L, x: L.det(x[:1, :1] - x[:1, :1]), (2, 2))
both("slogdet_singular", lambda L, x: L.linalg.slogdet(x[:, None] * x * 0), (3,), grad=False)

PAIRS = [
    *[
        ((3, 3), (3, 2)),
        ((3, 3), (3,)),
        ((2, 3, 3), (2, 3)),
        ((2, 3, 3), (3, 2)),
        ((2, 3, 3), (3,)),
        ((3, 3), (2, 3, 1)),
    ],
    *[((2, 1, 2, 2), (3, 2, 2)), ((2, 2, 2), (2, 2)), ((0, 0), (0, 2)), ((0, 0), (0,)), ((0, 2, 2), (0, 2, 1))],
    *[((2, 2), (2, 0)), ((1, 1), (1,)), ((2, 2), (0, 2, 3))],
]
for a, b in PAIRS:
    both("solve", lambda L, x, y: L.linalg.solve(regular(L, x), y), a, b)
    both("solve_ex", lambda L, x, y: L.linalg.solve_ex(regular(L, x), y), a, b)
    if len(b) > 1 and not (len(b) < len(a) and b == a[:-1]):
        both("solve_triangular", lambda L, x, y: L.linalg.solve_triangular(regular(L, x), y, upper=True), a, b)
        both("solve_triangular_lower", lambda L, x, y: L.linalg.solve_triangular(regular(L, x), y, upper=False), a, b)
        both(
            "solve_triangular_unit",
            lambda L, x, y: L.linalg.solve_triangular(x, y, upper=False, unitriangular=True),
            *(a, b),
        )
        both("triangular_solve_lower", lambda L, x, y: y.triangular_solve(regular(L, x), False, True), a, b)
        both("cholesky_solve", lambda L, x, y: L.cholesky_solve(y, regular(L, x).tril()), a, b)
        both("lu_solve", lambda L, x, y: L.linalg.lu_solve(*L.linalg.lu_factor(regular(L, x)), y), a, b)
for a, b in [((3, 3), (2, 3)), ((2, 3, 3), (1, 3)), ((2, 2, 2), (3, 1, 1, 2)), ((0, 0), (2, 0))]:
    both("solve_right", lambda L, x, y: L.linalg.solve(regular(L, x), y, left=False), a, b)
    for upper in (True, False):
        both(
            f"solve_triangular_right_{upper}",
            lambda L, x, y, u=upper: L.linalg.solve_triangular(regular(L, x), y, upper=u, left=False),
            *(a, b),
        )
    both(
        "lu_solve_right",
        lambda L, x, y: L.linalg.lu_solve(*L.linalg.lu_factor(regular(L, x)), y, left=False),
        *(a, b),
    )
for left in (True, False):
    both(
        f"lu_solve_adjoint_{left}",
        lambda L, x, y, left=left: L.linalg.lu_solve(*L.linalg.lu_factor(regular(L, x)), y, left=left, adjoint=True),
        *((3, 3), (3, 3)),
    )
both(
    "solve_triangular_blocks",
    lambda L, x, y: L.linalg.solve_triangular(x + 40 * eye(L, x), y, upper=True),
    (70, 70),
    (70, 2),
    grad=False,
)
both(
    "solve_triangular_zero",
    lambda L, x: L.linalg.solve_triangular(L.zeros(2, 2), L.eye(2), upper=True),
    (1,),
    grad=False,
)

for s in [(3, 3), (4, 2), (2, 4), (2, 3, 2), (0, 3), (3, 0), (0, 2, 2), (2, 0, 3)]:
    both("pinv", lambda L, x: L.linalg.pinv(x), s)
    both("matrix_rank", lambda L, x: L.linalg.matrix_rank(x), s, grad=False)
    both("matrix_rank_tol", lambda L, x: L.linalg.matrix_rank(x, 2.0), s, grad=False)
both("pinv_deficient", lambda L, x: L.linalg.pinv(x[:, None] * x[:2]), (3,), gradgrad=False)
both("pinv_rcond", lambda L, x: L.linalg.pinv(L.diag(L.arange(4, dtype=x.dtype)) + x * 0, 0.4), (4, 4), grad=False)
both("pinv_symmetric", lambda L, x: L.linalg.pinv(x + x.mT, hermitian=True), (3, 3))
both("pinv_atol", lambda L, x: L.linalg.pinv(x, atol=1.5), (3, 2), grad=False)
both("pinv_atols", lambda L, x: L.linalg.pinv(x, atol=L.tensor([1.0, 9.0])), (2, 3, 2), grad=False)
both("pinv_rtol", lambda L, x: L.linalg.pinv(x, atol=0.1, rtol=0.5), (2, 3, 2), grad=False)
both("matrix_rank_1", lambda L, x: L.linalg.matrix_rank(x[:, None] * x), (3,), grad=False)
both("matrix_rank_symmetric", lambda L, x: L.linalg.matrix_rank(x + x.mT, hermitian=True), (2, 3, 3), grad=False)
both("matrix_rank_atol", lambda L, x: L.linalg.matrix_rank(x, atol=L.tensor([0.5, 5.0])), (2, 3, 3), grad=False)
both("matrix_rank_rtol", lambda L, x: L.linalg.matrix_rank(x, rtol=0.5), (2, 3, 3), grad=False)

SYSTEMS = [
    ((4, 2), (4, 1)),
    ((3, 3), (3, 2)),
    ((2, 4), (2, 1)),
    ((4, 2), (4,)),
    ((2, 3, 2), (2, 3)),
    ((2, 3, 2), (2, 3, 2)),
]
for a, b in SYSTEMS:
    both("lstsq", lambda L, x, y: L.linalg.lstsq(x, y).solution, a, b)
    for driver in ("gels", "gelsy", "gelsd", "gelss"):
        both(f"lstsq_{driver}", lambda L, x, y, d=driver: L.linalg.lstsq(x, y, driver=d), a, b, grad=False)
    if a[-2] > a[-1]:
        both("lstsq_residuals", lambda L, x, y: L.linalg.lstsq(x, y, driver="gelsd").residuals, a, b)
for a, b in [((0, 2), (0, 1)), ((2, 0), (2, 1)), ((0, 3, 2), (0, 3, 1))]:
    both("lstsq_empty", lambda L, x, y: L.linalg.lstsq(x, y)[0], a, b, grad=False)
both("lstsq_deficient", lambda L, x: L.linalg.lstsq(x[:, None] * x, x[:, None], driver="gelsd")[:3], (3,), grad=False)
both("lstsq_rcond", lambda L, x: L.linalg.lstsq(L.diag(x[0]), x, rcond=0.5, driver="gelsd"), (3, 3), grad=False)

both("tensorinv", lambda L, x: L.linalg.tensorinv(x + 5 * L.eye(4, dtype=x.dtype).reshape(2, 2, 4), 2), (2, 2, 4))
both("tensorinv_1", lambda L, x: L.linalg.tensorinv(x + 5 * L.eye(4, dtype=x.dtype).reshape(4, 2, 2), ind=1), (4, 2, 2))
both(
    "tensorsolve",
    lambda L, x, y: L.linalg.tensorsolve(x + 5 * L.eye(4, dtype=x.dtype).reshape(2, 2, 4), y),
    (2, 2, 4),
    (2, 2),
)
both("tensorsolve_dims", lambda L, x, y: L.linalg.tensorsolve(x, y, dims=(1,)), (2, 4, 2), (2, 2))

both("cholesky_solve_upper", lambda L, x, y: y.cholesky_solve(regular(L, x).triu(), upper=True), (2, 3, 3), (3, 2))

WRONG = {
    "solve_sizes": lambda L, a: L.linalg.solve(L.eye(2), L.ones(3, 2)),
    "solve_vector_sizes": lambda L, a: L.linalg.solve(L.eye(2), L.ones(3)),
    "solve_types": lambda L, a: L.linalg.solve(L.eye(2), L.ones(2, 2, dtype=L.float64)),
    "solve_batch": lambda L, a: L.linalg.solve(L.ones(3, 2, 2) + L.eye(2), L.ones(4, 2, 1)),
    "solve_list": lambda L, a: L.linalg.solve(L.eye(2), [1.0, 2.0]),
    "solve_vector_right": lambda L, a: L.linalg.solve(L.eye(2), L.ones(2), left=False),
    "solve_triangular_vector": lambda L, a: L.linalg.solve_triangular(L.eye(2), L.ones(2), upper=True),
    "solve_triangular_sizes": lambda L, a: L.linalg.solve_triangular(L.eye(2), L.ones(3, 2), upper=True),
    "lu_solve_vector": lambda L, a: L.linalg.lu_solve(*L.linalg.lu_factor(L.eye(2)), L.ones(2)),
    "lstsq_driver": lambda L, a: L.linalg.lstsq(a, a, driver="x"),
    "lstsq_rows": lambda L, a: L.linalg.lstsq(a, L.ones(4, 1)),
    "lstsq_dims": lambda L, a: L.linalg.lstsq(a[None], L.ones(2)),
    "lstsq_batch": lambda L, a: L.linalg.lstsq(L.ones(2, 3, 2), L.ones(3, 3, 1)),
    "pinv_rectangle": lambda L, a: L.linalg.pinv(a, hermitian=True),
    "matrix_power_float": lambda L, a: L.linalg.matrix_power(L.eye(2), 1.5),
    "matrix_power_rectangle": lambda L, a: L.linalg.matrix_power(a, 2),
    "matrix_power_ints": lambda L, a: L.linalg.matrix_power(L.eye(2, dtype=L.int64), -1),
    "tensorinv_sizes": lambda L, a: L.linalg.tensorinv(L.ones(4, 2, 3)),
    "tensorinv_ind": lambda L, a: L.linalg.tensorinv(L.ones(4, 2, 2), ind=0),
    "tensorsolve_sizes": lambda L, a: L.linalg.tensorsolve(L.ones(2, 3, 4), L.ones(2, 3)),
    "matrix_rank_ints": lambda L, a: L.linalg.matrix_rank(L.eye(2, dtype=L.int64)),
    "matrix_rank_vector": lambda L, a: L.linalg.matrix_rank(L.ones(2)),
    "logdet_rectangle": lambda L, a: L.logdet(a),
    "det_half": lambda L, a: L.det(L.eye(2).half()),
}
for name, call in WRONG.items():
    raises(f"solvers_{name}", lambda L, call=call: call(L, L.ones(2, 3)))
for name in "inv inv_ex det slogdet matrix_exp".split():
    raises(f"{name}_rectangle", lambda L, name=name: getattr(L.linalg, name)(L.ones(2, 3)))
    raises(f"{name}_vector", lambda L, name=name: getattr(L.linalg, name)(L.ones(3)))
    raises(f"{name}_ints", lambda L, name=name: getattr(L.linalg, name)(L.eye(3, dtype=L.int64)))
    raises(f"{name}_list", lambda L, name=name: getattr(L.linalg, name)([[1.0]]))
