"""Products of vectors, matrices and stacks of them."""

from .case import case, raises

NUMBERS = ("float32", "float64", "int64", "int32", "uint8")
PAIRS = [
    *[((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((2, 2, 3), (3, 4)), ((2, 2, 3), (3,))],
    *[((3,), (2, 3, 4)), ((2, 1, 3), (2, 3, 1)), ((2, 3), (2, 3, 2)), ((2, 1, 2, 3), (3, 3, 2)), ((0, 3), (3, 2))],
    *[((2, 0), (0, 3)), ((2, 2, 0), (0,)), ((0,), (0,)), ((1, 2, 3), (2, 3, 2)), ((0, 2, 3), (3, 2))],
]
for a, b in PAIRS:
    case("matmul", lambda L, a, b: L.matmul(a, b), a, b, dtypes=NUMBERS, low=-3, high=3)
    case("matmul_operator", lambda L, a, b: a @ b, a, b)
case("matmul_transposed", lambda L, a, b: a.t() @ b.t(), (3, 2), (4, 3))
case("matmul_itself", lambda L, a: a @ a, (3, 3))
case("matmul_half", lambda L, a, b: a @ b, (3, 4), (4, 2), dtypes=("float16",), rtol=2e-2, atol=1e-2)
case("matmul_half_vector", lambda L, a, b: a @ b, (3, 4), (4,), dtypes=("float16",), rtol=2e-2, atol=1e-2)
case("mm", lambda L, a, b: L.mm(a, b), (2, 3), (3, 4), dtypes=NUMBERS)
case("bmm", lambda L, a, b: L.bmm(a, b), (2, 3, 2), (2, 2, 4), dtypes=NUMBERS)
case("mv", lambda L, a, b: a.mv(b), (2, 3), (3,))
case("dot", lambda L, a, b: L.dot(a, b), (3,), (3,), dtypes=NUMBERS)
case("vdot", lambda L, a, b: L.vdot(a, b), (3,), (3,))
for a, b in [((3,), (3,)), ((2, 3), (4, 3)), ((2, 2, 3), (3,)), ((), (2, 3)), ((2,), ())]:
    case("inner", lambda L, a, b: L.inner(a, b), a, b)
case("outer", lambda L, a, b: L.outer(a, b), (3,), (2,), dtypes=NUMBERS)
case("ger", lambda L, a, b: L.ger(a, b), (3,), (2,))
for c in [(2, 4), (4,), (), (2, 1), (1, 1)]:
    case("addmm", lambda L, c, a, b: L.addmm(c, a, b), c, (2, 3), (3, 4))
    case("addmm_weights", lambda L, c, a, b: c.addmm(a, b, beta=0.5, alpha=-2), c, (2, 3), (3, 4))
    case("baddbmm", lambda L, c, a, b: L.baddbmm(c, a, b, beta=2), c, (2, 2, 3), (2, 3, 4))
    case("addbmm", lambda L, c, a, b: L.addbmm(c, a, b, beta=2, alpha=0.5), c, (3, 2, 3), (3, 3, 4))
case(
    "addmm_ints",
    lambda L, c, a, b: c.addmm(a, b, beta=2, alpha=3),
    (2, 4),
    (2, 3),
    (3, 4),
    dtypes=("int64", "int32"),
    grad=False,
)
case(
    "addmm_beta_0",
    lambda L, c, a, b: (c * float("nan")).detach().addmm(a, b, beta=0),
    (2, 4),
    (2, 3),
    (3, 4),
    grad=False,
)
case("addmm_", lambda L, c, a, b: (c * 1).addmm_(a, b), (2, 4), (2, 3), (3, 4))
case("baddbmm_", lambda L, c, a, b: (c * 1).baddbmm_(a, b), (2, 2, 4), (2, 2, 3), (2, 3, 4))
for c in [(2,), (), (1,)]:
    case("addmv", lambda L, c, a, b: L.addmv(c, a, b, beta=2, alpha=3), c, (2, 3), (3,))
    case("addr", lambda L, c, a, b: L.addr(c, a, b, alpha=3), c, (3,), (2,))
for dims in (0, 1, 2, ([1, 2], [1, 0]), ([-1], [0]), ([], [])):
    shapes = ((2,), (3, 2)) if dims in (0, ([], [])) else ((2, 3, 3), (3, 3, 2))
    case(f"tensordot_{dims}", lambda L, a, b, d=dims: L.tensordot(a, b, dims=d), *shapes)
for a, b in [((2,), (3,)), ((2, 2), (1, 3)), ((2,), (2, 1, 2)), ((), (2,))]:
    case("kron", lambda L, a, b: L.kron(a, b), a, b)
case("trace", lambda L, a: L.trace(a), (3, 4), dtypes=("float32", "float64", "int64"))
case("cross", lambda L, a, b: L.cross(a, b, dim=-1), (2, 3), (2, 3))
case("cross_broadcast", lambda L, a, b: L.cross(a, b, dim=0), (3, 1), (3, 2))

EQUATIONS = {
    "ij,jk->ik": ((2, 3), (3, 4)),
    "ij,jk": ((2, 3), (3, 4)),
    "bij,bjk->bik": ((2, 3, 2), (2, 2, 3)),
    "bhqd,bhkd->bhqk": ((2, 2, 3, 2), (2, 2, 2, 2)),
    "bhqk,bhkd->bqhd": ((2, 2, 3, 2), (2, 2, 2, 2)),
    "ii->i": ((3, 3),),
    "ii": ((3, 3),),
    "iij->j": ((2, 2, 3),),
    "ij->ji": ((2, 3),),
    "ji": ((2, 3),),
    "ij->": ((2, 3),),
    "i,j->ij": ((2,), (3,)),
    "i,i->": ((3,), (3,)),
    "i,i->i": ((3,), (3,)),
    "ij,j->i": ((2, 3), (3,)),
    "ij,kj->ik": ((2, 3), (4, 3)),
    "ijk,jil->kl": ((2, 3, 2), (3, 2, 2)),
    "bn,anm,bm->ba": ((2, 3), (4, 3, 2), (2, 2)),
    "ij,jk,kl->il": ((2, 3), (3, 2), (2, 4)),
    "a,b,c,d->abcd": ((2,), (1,), (2,), (3,)),
    "...ij,...jk->...ik": ((2, 1, 2, 3), (2, 3, 2)),
    "...i->...": ((2, 3),),
    "i...->...": ((2, 3, 2),),
    "...,...->...": ((2, 3), (3,)),
    "b...,b...->...b": ((2, 3), (2, 3)),
    "...a,ab": ((2, 3), (3, 2)),
    " i j , j k -> k i ": ((2, 3), (3, 2)),
    "ij,jk->ikj": ((2, 3), (3, 2)),
    "ij,kl->": ((2, 3), (2, 2)),
    "Ab,bA->A": ((2, 3), (3, 2)),
    "ij,ij->i": ((2, 3), (2, 1)),
    "ij,jk->i": ((2, 3), (1, 2)),
    "ij,j->ij": ((0, 3), (3,)),
    "ij,jk->ik_empty": ((2, 0), (0, 3)),
    "->": ((),),
    ",->": ((), ()),
}
for equation, shapes in EQUATIONS.items():
    case(f"einsum_{equation}", lambda L, *xs, e=equation: L.einsum(e.removesuffix("_empty"), *xs), *shapes)
case("einsum_list", lambda L, a, b: L.einsum("ij,jk->ik", [a, b]), (2, 3), (3, 2))
case("einsum_numbers", lambda L, a, b: L.einsum(a, [0, 1], b, [1, 30], [30, 0]), (2, 3), (3, 2))
case("einsum_numbers_dots", lambda L, a: L.einsum(a, [..., 0, 1], [..., 1, 0]), (2, 3, 2))
case("einsum_ints", lambda L, a, b: L.einsum("ij,jk", a, b), (2, 3), (3, 2), dtypes=("int64",), grad=False)

WRONG = {
    "matmul_sizes": lambda L, a, v, s: a @ a,
    "matmul_stack": lambda L, a, v, s: s @ s[:, :, :1],
    "matmul_batch": lambda L, a, v, s: s @ L.ones(3, 4, 2),
    "matmul_0d": lambda L, a, v, s: L.tensor(1.0) @ a,
    "matmul_vector": lambda L, a, v, s: a @ L.ones(2),
    "matmul_vectors": lambda L, a, v, s: v @ L.ones(2),
    "matmul_types": lambda L, a, v, s: a @ L.ones(3, dtype=L.float64),
    "matmul_bool": lambda L, a, v, s: (a > 0) @ (v > 0),
    "matmul_number": lambda L, a, v, s: a.matmul(2),
    "mm_vector": lambda L, a, v, s: L.mm(a, v),
    "bmm_matrix": lambda L, a, v, s: L.bmm(a, a),
    "bmm_count": lambda L, a, v, s: L.bmm(s, L.ones(3, 4, 2)),
    "mv_matrix": lambda L, a, v, s: L.mv(a, a),
    "dot_matrix": lambda L, a, v, s: L.dot(a, v),
    "dot_sizes": lambda L, a, v, s: L.dot(v, L.ones(2)),
    "inner_sizes": lambda L, a, v, s: L.inner(a, L.ones(2)),
    "outer_matrix": lambda L, a, v, s: L.outer(a, v),
    "addmm_shape": lambda L, a, v, s: L.addmm(L.ones(5), a, a.t()),
    "addmm_sizes": lambda L, a, v, s: L.addmm(v, a, a),
    "addmm_type": lambda L, a, v, s: L.addmm(L.ones(2, dtype=L.float64), a, a.t()),
    "tensordot_sizes": lambda L, a, v, s: L.tensordot(a, a, 1),
    "tensordot_lists": lambda L, a, v, s: L.tensordot(a, a, ([0], [0, 1])),
    "trace_vector": lambda L, a, v, s: v.trace(),
    "cross_size": lambda L, a, v, s: L.cross(L.ones(2), L.ones(2), dim=0),
    "cross_none": lambda L, a, v, s: L.cross(L.ones(2, 2), L.ones(2, 2)),
    "einsum_dims": lambda L, a, v, s: L.einsum("ijk->i", a),
    "einsum_few": lambda L, a, v, s: L.einsum("i->i", a),
    "einsum_operands": lambda L, a, v, s: L.einsum("ij,jk->ik", a),
    "einsum_sizes": lambda L, a, v, s: L.einsum("ij,jk->ik", a, a),
    "einsum_output": lambda L, a, v, s: L.einsum("ij->k", a),
    "einsum_output_twice": lambda L, a, v, s: L.einsum("ij->ii", a),
    "einsum_letter": lambda L, a, v, s: L.einsum("i1->i", a),
    "einsum_repeated": lambda L, a, v, s: L.einsum("ii->i", a),
}
for name, call in WRONG.items():
    raises(f"linalg_{name}", lambda L, call=call: call(L, L.ones(2, 3), L.ones(3), L.ones(2, 3, 4)))
