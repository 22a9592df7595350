"""Decompositions: those with a free sign or order by what does not depend on it."""

from .both import both
from .case import raises


def eye(L, x):
    return L.eye(x.shape[-1], dtype=x.dtype)


def positive(L, x):
    """A positive-definite matrix made of any square one."""
    return x @ x.transpose(-1, -2) + eye(L, x)


def apart(L, x):
    """A symmetric matrix whose eigenvalues differ."""
    return (x + x.transpose(-1, -2)) / 4 + L.diag_embed(L.arange(x.shape[-1], dtype=x.dtype) * 2).expand(x.shape)


def spread(L, x):
    """A matrix whose singular values differ."""
    m, n = x.shape[-2:]
    sizes = 3 * L.eye(m, n, dtype=x.dtype) * (1 + L.arange(n, dtype=x.dtype))
    return x / 4 + sizes


SQUARE = [(3, 3), (1, 1), (2, 3, 3), (2, 1, 2, 2)]
NONE = [(0, 0), (0, 2, 2), (2, 0, 0)]
ANY = [*SQUARE, (4, 2), (2, 4), (2, 3, 2), (2, 2, 3)]
EMPTY = [*NONE, (0, 3), (3, 0), (2, 0, 3), (0, 2, 3)]

for s in SQUARE + NONE:
    both("cholesky", lambda L, x: L.linalg.cholesky(positive(L, x)), s)
    both("cholesky_upper", lambda L, x: L.linalg.cholesky(positive(L, x), upper=True), s)
    both("cholesky_triangle", lambda L, x: L.linalg.cholesky(x + 9 * eye(L, x)), s, grad=False)
    both("cholesky_ex", lambda L, x: L.linalg.cholesky_ex(positive(L, x)), s)
    both("eigvalsh", lambda L, x: L.linalg.eigvalsh(apart(L, x)), s)
    both("eigh_projector", lambda L, x: projectors(L.linalg.eigh(apart(L, x))[1]), s)
    both("eigh_upper", lambda L, x: spectral(L, L.linalg.eigh(apart(L, x).triu(), "U")), s, grad=False)
    both("eigh_lower", lambda L, x: spectral(L, L.linalg.eigh(apart(L, x).tril(), UPLO="L")), s, grad=False)
    both("cholesky_inverse", lambda L, x: L.cholesky_inverse(x.tril() + 4 * eye(L, x)), s)
    both("cholesky_inverse_upper", lambda L, x: L.cholesky_inverse(x.triu() + 4 * eye(L, x), upper=True), s)


def projectors(v):
    """Products of each column with itself, which have no sign."""
    return v[..., :, None, :] * v[..., None, :, :]


def spectral(L, parts):
    """V f(w) V^T"""
    w, v = parts
    return (v * L.sin(w)[..., None, :]) @ v.transpose(-1, -2)


def singular(L, parts):
    """U f(S) Vh"""
    u, s, vh = parts
    k = s.shape[-1]
    return (u[..., :k] * L.sin(s / 3)[..., None, :]) @ vh[..., :k, :]


for s in ANY + EMPTY:
    both("svd", lambda L, x: singular(L, L.linalg.svd(spread(L, x), full_matrices=False)), s)
    both("svd_full", lambda L, x: singular(L, L.linalg.svd(spread(L, x))), s)
    both("svd_left", lambda L, x: projectors(L.linalg.svd(spread(L, x), False).U), s)
    both("svd_right", lambda L, x: projectors(L.linalg.svd(spread(L, x), False)[2].transpose(-1, -2)), s)
    both("svdvals", lambda L, x: L.linalg.svdvals(spread(L, x)), s)
    both("svd_no_vectors", lambda L, x: spread(L, x).svd(compute_uv=False), s)
    both("qr", lambda L, x: L.linalg.qr(spread(L, x)), s)
    both("qr_r", lambda L, x: L.qr(spread(L, x))[1], s)
    both("lu", lambda L, x: L.linalg.lu(x), s, low=-1)
    both("lu_unpack", lambda L, x: L.lu_unpack(*L.lu(x)), s, low=-1)
    both("lu_factor", lambda L, x: L.linalg.lu_factor(spread(L, x)), s)
    both("lu_factor_ex", lambda L, x: L.linalg.lu_factor_ex(spread(L, x)), s)
for s in [(3, 3), (2, 4), (2, 2, 3), (0, 3), (2, 0, 2)]:
    both("qr_complete", lambda L, x: L.linalg.qr(spread(L, x), mode="complete"), s)
for s in [(4, 2), (3, 0), (2, 3, 1)]:
    both("qr_complete_tall", lambda L, x: L.linalg.qr(x, "complete"), s, grad=False)
    both("qr_only_r", lambda L, x: L.linalg.qr(x, mode="r"), s, grad=False)
both("lu_wide_blocks", lambda L, x: L.linalg.lu(x), (2, 70, 75), grad=False)
both("lu_tall_blocks", lambda L, x: L.linalg.lu_factor_ex(x), (75, 70), grad=False)
both("lu_singular", lambda L, x: L.linalg.lu((x * 0)[:, None] @ x[None]), (3,), grad=False)
both("lu_pivots_only", lambda L, x: L.lu_unpack(*x.lu(), unpack_data=False)[0], (3, 3), grad=False)
both("lu_data_only", lambda L, x: L.lu_unpack(*x.lu(), unpack_pivots=False)[1:], (3, 3), grad=False)
both("lu_infos", lambda L, x: L.lu(x[:, None] * x, get_infos=True)[2].sum() > 0, (3,), grad=False)
for m, n, k in [(3, 3, 3), (4, 2, 2), (4, 3, 1), (3, 2, 0)]:
    both("householder", lambda L, x, t: L.linalg.householder_product(x, t), (m, n), (k,), grad=k > 0)
    both("householder_stack", lambda L, x, t: L.linalg.householder_product(x, t), (2, m, n), (2, k), grad=k > 0)


def indefinite(L):
    return L.stack([L.eye(3), L.tensor([[1.0, 2, 0], [2, 1, 0], [0, 0, 1]])])


both("cholesky_ex_failed", lambda L: L.linalg.cholesky_ex(indefinite(L))[1])
both("cholesky_ex_first", lambda L: L.linalg.cholesky_ex(indefinite(L))[0][0])
both("cholesky_ex_upper", lambda L: L.linalg.cholesky_ex(-L.eye(2), upper=True).info)
both("cholesky_ex_big", lambda L: L.linalg.cholesky_ex(L.eye(9) - 2 * L.eye(9)[5].diag()).info)
both("lu_factor_ex_failed", lambda L: L.linalg.lu_factor_ex(L.ones(2, 3, 3)))

WRONG = {
    "cholesky_solve_vector": lambda L, a: L.cholesky_solve(L.ones(2), L.eye(2)),
    "svd_driver": lambda L, a: L.linalg.svd(a, driver="gesvd"),
    "qr_mode": lambda L, a: L.linalg.qr(a, mode="x"),
    "qr_r_gradient": lambda L, a: L.linalg.qr(a.requires_grad_(), mode="r")[1].sum().backward(),
    "qr_tall_gradient": lambda L, a: L.linalg.qr(a.t().requires_grad_(), mode="complete")[1].sum().backward(),
    "eigh_triangle": lambda L, a: L.linalg.eigh(L.eye(2), "x"),
    "lu_pivot": lambda L, a: L.linalg.lu(a, pivot=False),
    "lu_factor_singular": lambda L, a: L.linalg.lu_factor(L.ones(2, 2)),
    "lu_factor_ex_check": lambda L, a: L.linalg.lu_factor_ex(L.ones(3, 2, 2), check_errors=True),
    "lu_unpack_pivots": lambda L, a: L.lu_unpack(L.eye(2), L.ones(2)),
    "householder_wide": lambda L, a: L.linalg.householder_product(a, L.ones(2)),
    "householder_tau": lambda L, a: L.linalg.householder_product(a.t(), L.ones(2, 2)),
}
FAMILY = "cholesky cholesky_ex eigh eigvalsh svd svdvals qr lu_factor lu"
for name, call in WRONG.items():
    raises(f"decompositions_{name}", lambda L, call=call: call(L, L.ones(2, 3)))
for name in FAMILY.split():
    raises(f"{name}_vector", lambda L, name=name: getattr(L.linalg, name)(L.ones(3)))
    raises(f"{name}_ints", lambda L, name=name: getattr(L.linalg, name)(L.eye(3, dtype=L.int64)))
    raises(f"{name}_list", lambda L, name=name: getattr(L.linalg, name)([[1.0]]))
for name in "cholesky cholesky_ex eigh eigvalsh".split():
    raises(f"{name}_rectangle", lambda L, name=name: getattr(L.linalg, name)(L.ones(2, 3)))
