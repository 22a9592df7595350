"""Products of vectors and matrices."""

from .table import X, op, ops

ops("matmul mm __matmul__", X(2, 3), X(3, 4))
op("matmul", X(2, 2, 3), X(3))
op("bmm", X(2, 2, 3), X(2, 3, 2))
op("mv", X(2, 3), X(3))
ops("dot vdot inner", X(3), X(3))
ops("outer ger", X(3), X(2))
op("addmm", X(2, 4), X(2, 3), X(3, 4))
op("addmv", X(2), X(2, 3), X(3))
op("addr", X(3, 2), X(3), X(2))
op("baddbmm", X(2, 2, 4), X(2, 2, 3), X(2, 3, 4))
op("addbmm", X(2, 4), X(2, 2, 3), X(2, 3, 4))
op("tensordot", X(2, 3, 4), X(4, 3, 2), 1)
op("kron", X(2, 2), X(1, 3))
op("cross", X(2, 3), X(2, 3), dim=-1)
op("einsum", "ij,jk->ik", X(2, 3), X(3, 4))
op("chain_matmul", X(2, 3), X(3, 4), X(4, 2))
