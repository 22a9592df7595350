"""Norms, condition numbers, distances, covariances, and products under linalg's names."""

import math

import numpy as np

from .both import both
from .case import case, raises

ORDERS = (2, 1, 0, 3, 0.5, -1, -2, math.inf, -math.inf)
for p in ORDERS:
    options = {"low": 0.5} if p in (0.5, -1, -2) else {}  # roots of sums have steep slopes at 0
    for s in [(3,), (2, 3), ()]:
        both(f"vector_norm_{p}", lambda L, x, p=p: L.linalg.vector_norm(x, p), s, **options)
    both(f"vector_norm_{p}_dim", lambda L, x, p=p: L.linalg.vector_norm(x, p, dim=1), (2, 3), **options)
    both(f"vector_norm_{p}_keep", lambda L, x, p=p: L.linalg.vector_norm(x, p, (0, -1), True), (2, 3, 2), **options)
    both(f"linalg_norm_{p}_dim", lambda L, x, p=p: L.linalg.norm(x, p, dim=0), (2, 3), **options)
    both(f"linalg_norm_{p}_vector", lambda L, x, p=p: L.linalg.norm(x, p), (3,), **options)
both("linalg_norm", lambda L, x: L.linalg.norm(x), (2, 3, 2))
both("linalg_norm_all", lambda L, x: L.linalg.norm(x, keepdim=True), (2, 3, 2))
both("linalg_norm_dims", lambda L, x: L.linalg.norm(x, dim=(0, 2)), (2, 3, 2))
both("linalg_norm_0d", lambda L, x: L.linalg.norm(x), ())
both("vector_norm_empty", lambda L, x: L.linalg.vector_norm(x), (0,))
both("vector_norm_empty_dim", lambda L, x: L.linalg.vector_norm(x, math.inf, dim=1), (0, 3))
both("vector_norm_no_dims", lambda L, x: L.linalg.vector_norm(x, dim=()), (2, 2))
case("vector_norm_dtype", lambda L, x: L.linalg.vector_norm(x, dtype=L.float64), (2, 2), dtypes=("float32", "float64"))
case("vector_norm_half", lambda L, x: L.linalg.vector_norm(x), (2, 2), dtypes=("float16",), rtol=1e-2, grad=False)

for p in ("fro", "nuc", math.inf, -math.inf, 1, -1, 2, -2):
    for s in [(3, 3), (2, 3), (2, 3, 2)]:
        both(f"matrix_norm_{p}", lambda L, x, p=p: L.linalg.matrix_norm(x, p), s)
        both(f"matrix_norm_{p}_keep", lambda L, x, p=p: L.linalg.matrix_norm(x, p, keepdim=True), s)
    both(f"linalg_norm_{p}", lambda L, x, p=p: L.linalg.norm(x, p), (2, 3))
    for d in [(0, 1), (2, 0)]:
        both(f"matrix_norm_{p}_{d}", lambda L, x, p=p, d=d: L.linalg.matrix_norm(x, p, dim=d), (2, 3, 2))
        both(f"norm_{p}_{d}_keep", lambda L, x, p=p, d=d: L.linalg.norm(x, p, d, True), (2, 3, 2))
    both(
        f"cond_{p}",
        lambda L, x, p=p: L.linalg.cond(x + 3 * L.eye(3, dtype=x.dtype), p),
        (3, 3),
        grad=p in (2, -2, "nuc"),
    )
    both(
        f"cond_{p}_stack",
        lambda L, x, p=p: L.linalg.cond(x + 3 * L.eye(2, dtype=x.dtype), p),
        (2, 2, 2),
        grad=p in (2, -2, "nuc"),
    )
    both(f"cond_{p}_empty", lambda L, x, p=p: L.linalg.cond(x, p), (0, 2, 2), grad=False)
for p in ("fro", "nuc", math.inf, 1, 2):
    for s in [(0, 3), (3, 0), (0, 0), (2, 0, 3)]:
        both(f"matrix_norm_{p}_empty", lambda L, x, p=p: L.linalg.matrix_norm(x, p), s, grad=False)
both("norm_nuc", lambda L, x: L.norm(x, "nuc"), (2, 3))
both("norm_nuc_dims", lambda L, x: x.norm("nuc", dim=(0, 2), keepdim=True), (2, 3, 2))
both("norm_fro_dims", lambda L, x: x.norm("fro", dim=(0, 1)), (2, 3, 2))
both("norm_nuc_keep", lambda L, x: L.norm(x, "nuc", keepdim=True), (2, 3))
both("dist", lambda L, x, y: L.dist(x, y, 3), (2, 3), (2, 3))
both("cond_none", lambda L, x: L.linalg.cond(x), (3, 2))
both("cond_0x0", lambda L, x: L.linalg.cond(x), (0, 0), grad=False)
both("cond_singular", lambda L, x: L.linalg.cond(L.zeros(2, 2), 1), (1,), grad=False)

for p in (2, 1, 0, 3, 1.5, math.inf):
    for a, b in [((3, 2), (4, 2)), ((2, 3, 2), (2, 1, 2)), ((2, 2), (3, 4, 2)), ((1, 3, 2), (2, 2, 2))]:
        both(f"cdist_{p}", lambda L, x, y, p=p: L.cdist(x, y, p), a, b)
    for a, b in [((0, 2), (3, 2)), ((2, 3, 0), (2, 4, 0)), ((0, 2, 3), (0, 4, 3))]:
        both(f"cdist_{p}_empty", lambda L, x, y, p=p: L.cdist(x, y, p=p), a, b, grad=False)
    for s in [(4, 3), (1, 3), (0, 2), (3, 0)]:
        both(f"pdist_{p}", lambda L, x, p=p: L.pdist(x, p), s, grad=s == (4, 3), gradgrad=p == 2)
both("cdist_many", lambda L, x, y: L.cdist(x, y), (27, 2), (26, 2), grad=False)
both("cdist_products", lambda L, x, y: L.cdist(x, y, compute_mode="use_mm_for_euclid_dist"), (3, 2), (2, 4, 2))
both("cdist_direct", lambda L, x, y: L.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist"), (3, 2), (4, 2))
both(
    "cdist_same", lambda L, x: L.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist").sum(), (3, 2), gradgrad=False
)

ROWS = [(2, 4), (4,), (1, 3), (3, 1), (0, 3)]
for s in ROWS:
    both("cov", lambda L, x: L.cov(x), s, grad=s[-1] > 1 and s[0] > 0)
    both("cov_0", lambda L, x: x.cov(correction=0), s, grad=s[0] > 0)
case("cov_ints", lambda L, n: L.cov(n), np.array([[1, 2, 4], [3, 1, 0]]), dtypes=("float32",))
both("cov_fweights", lambda L, x, f: L.cov(x, fweights=f), (2, 4), np.array([1, 2, 0, 3]))
both("cov_aweights", lambda L, x: L.cov(x[:2], aweights=x[2]), (3, 4), low=0.5)
both(
    "cov_weights",
    lambda L, x, f: L.cov(x[:2], fweights=f, aweights=x[2]),
    (3, 4),
    np.array([1, 2, 1, 3]),
    low=0.5,
)
both("cov_weights_0", lambda L, x, f: L.cov(x, correction=0, fweights=f), (2, 4), np.array([1, 2, 0, 3]))
both("cov_half", lambda L, x: L.cov(x.half()), (2, 3), grad=False)
for s in [(3, 4), (4,)]:
    both("corrcoef", lambda L, x: L.corrcoef(x), s, gradgrad=s == (3, 4))
both("corrcoef_0d", lambda L, x: x.corrcoef(), (), grad=False)
case("corrcoef_ints", lambda L, n: L.corrcoef(n), np.array([[1, 2, 4], [3, 1, 0]]), dtypes=("float32",))

both("linalg_cross", lambda L, x, y: L.linalg.cross(x, y), (2, 3), (1, 3))
both("linalg_cross_dim", lambda L, x, y: L.linalg.cross(x, y, dim=0), (3, 2), (3, 2))
both("linalg_diagonal", lambda L, x: L.linalg.diagonal(x, offset=1), (2, 3, 3))
both("linalg_diagonal_dims", lambda L, x: L.linalg.diagonal(x, offset=-1, dim1=0, dim2=1), (2, 3, 3))
for a, b in [((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (4, 3)), ((0, 3), (3,))]:
    both("vecdot", lambda L, x, y: L.linalg.vecdot(x, y), a, b)
both("vecdot_dim", lambda L, x, y: L.linalg.vecdot(x, y, dim=0), (3, 2), (3, 2))
both("linalg_matmul", lambda L, x, y: L.linalg.matmul(x, y), (2, 3), (3, 2))
for s in [(3,), (2, 3), (0, 2)]:
    both("linalg_vander", lambda L, x: L.linalg.vander(x), s)
    both("linalg_vander_n", lambda L, x: L.linalg.vander(x, N=4), s)
both("linalg_vander_0d", lambda L, x: L.linalg.vander(x, N=3), ())
both("linalg_vander_ints", lambda L, n: L.linalg.vander(n), np.array([1, 2, 3]))
for n in (None, 0, 1, 2, 5):
    both(f"vander_{n}", lambda L, x, n=n: L.vander(x, n), (3,), grad=False)
    both(f"vander_{n}_ints", lambda L, x, n=n: L.vander(x, N=n, increasing=True), np.array([1, 2, 3], dtype=np.int32))
both("vander_empty", lambda L, x: L.vander(x), (0,), grad=False)
for shapes in [
    ((2, 3), (3, 4)),
    ((3,), (3, 4), (4,)),
    ((2, 3), (3, 4), (4, 1), (1, 2)),
    ((3,), (3,)),
    ((2, 0), (0, 3)),
]:
    both("multi_dot", lambda L, *xs: L.linalg.multi_dot(xs), *shapes)
both("chain_matmul", lambda L, *xs: L.chain_matmul(*xs), (2, 3), (3, 4), (4, 1))
both("chain_matmul_one", lambda L, x: L.chain_matmul(x), (2, 3))

WRONG = {
    "norm_nuc_dim": lambda L, a: L.norm(a, "nuc", dim=0),
    "norm_nuc_stack": lambda L, a: L.norm(a[None], "nuc"),
    "norm_name": lambda L, a: L.norm(a, "x"),
    "norm_nuc_ints": lambda L, a: L.norm(a.long(), "nuc"),
    "linalg_norm_3d": lambda L, a: L.linalg.norm(a[None], 2),
    "linalg_norm_0d": lambda L, a: L.linalg.norm(a[0, 0], 2),
    "linalg_norm_fro_vector": lambda L, a: L.linalg.norm(a[0], "fro"),
    "linalg_norm_dims": lambda L, a: L.linalg.norm(a[None], dim=(0, 1, 2)),
    "linalg_norm_fro_dim": lambda L, a: L.linalg.norm(a, "fro", dim=0),
    "linalg_norm_order": lambda L, a: L.linalg.norm(a, 3),
    "linalg_norm_ints": lambda L, a: L.linalg.norm(a.long()),
    "vector_norm_name": lambda L, a: L.linalg.vector_norm(a, "fro"),
    "vector_norm_empty": lambda L, a: L.linalg.vector_norm(a[:0], math.inf),
    "vector_norm_empty_dim": lambda L, a: L.linalg.vector_norm(a[:0], -1, dim=0),
    "vector_norm_twice": lambda L, a: L.linalg.vector_norm(a, 2, dim=(0, 0)),
    "vector_norm_narrow": lambda L, a: L.linalg.vector_norm(a.double(), dtype=L.float32),
    "vector_norm_dtype": lambda L, a: L.linalg.vector_norm(a, dtype=L.int64),
    "matrix_norm_vector": lambda L, a: L.linalg.matrix_norm(a[0]),
    "matrix_norm_order": lambda L, a: L.linalg.matrix_norm(a, 3),
    "matrix_norm_name": lambda L, a: L.linalg.matrix_norm(a, "x"),
    "matrix_norm_twice": lambda L, a: L.linalg.matrix_norm(a, dim=(0, 0)),
    "matrix_norm_dim": lambda L, a: L.linalg.matrix_norm(a, dim=0),
    "matrix_norm_one_dim": lambda L, a: L.linalg.matrix_norm(a, dim=(1,)),
    "matrix_norm_far": lambda L, a: L.linalg.matrix_norm(a, dim=(0, 5)),
    "matrix_norm_empty": lambda L, a: L.linalg.matrix_norm(a[:0, :0], -2),
    "matrix_norm_empty_1": lambda L, a: L.linalg.matrix_norm(a[:0, :0], -1),
    "matrix_norm_half": lambda L, a: L.linalg.matrix_norm(a.half(), 2),
    "cond_order": lambda L, a: L.linalg.cond(L.eye(2), 3),
    "cond_rectangle": lambda L, a: L.linalg.cond(a, 1),
    "cond_vector": lambda L, a: L.linalg.cond(a[0]),
    "cdist_columns": lambda L, a: L.cdist(a, L.ones(3, 2)),
    "cdist_vector": lambda L, a: L.cdist(a[0], a),
    "cdist_ints": lambda L, a: L.cdist(a.long(), a.long()),
    "cdist_types": lambda L, a: L.cdist(a, a.double()),
    "cdist_order": lambda L, a: L.cdist(a, a, p=-1),
    "cdist_mode": lambda L, a: L.cdist(a, a, compute_mode="x"),
    "cdist_batch": lambda L, a: L.cdist(L.ones(2, 2, 3), L.ones(5, 4, 3)),
    "pdist_vector": lambda L, a: L.pdist(a[0]),
    "pdist_order": lambda L, a: L.pdist(a, -1),
    "pdist_ints": lambda L, a: L.pdist(a.long()),
    "cov_3d": lambda L, a: L.cov(a[None]),
    "cov_bool": lambda L, a: L.cov(a > 0),
    "cov_fweights_negative": lambda L, a: L.cov(a, fweights=L.tensor([1, -1, 2])),
    "cov_fweights_float": lambda L, a: L.cov(a, fweights=a[0]),
    "cov_aweights_ints": lambda L, a: L.cov(a, aweights=a[0].long()),
    "cov_fweights_count": lambda L, a: L.cov(a, fweights=L.tensor([1, 2])),
    "corrcoef_3d": lambda L, a: L.corrcoef(a[None]),
    "linalg_cross_dims": lambda L, a: L.linalg.cross(a, L.ones(3)),
    "linalg_cross_size": lambda L, a: L.linalg.cross(a.t(), a.t()),
    "vecdot_sizes": lambda L, a: L.linalg.vecdot(a, L.ones(2)),
    "vecdot_ints": lambda L, a: L.linalg.vecdot(a.long(), a.long()),
    "vander_matrix": lambda L, a: L.vander(a),
    "vander_negative": lambda L, a: L.vander(a[0], -1),
    "linalg_vander_1": lambda L, a: L.linalg.vander(a, N=1),
    "linalg_vander_0d": lambda L, a: L.linalg.vander(a[0, 0]),
    "multi_dot_one": lambda L, a: L.linalg.multi_dot([a]),
    "multi_dot_sizes": lambda L, a: L.linalg.multi_dot([a, a]),
    "multi_dot_3d": lambda L, a: L.linalg.multi_dot([a[None], a.t()]),
    "multi_dot_vector": lambda L, a: L.linalg.multi_dot([a, L.ones(3), a]),
}
for name, call in WRONG.items():
    raises(f"norms_{name}", lambda L, call=call: call(L, L.ones(2, 3)))
