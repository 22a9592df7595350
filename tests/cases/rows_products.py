"""Products of vectors and matrices."""

from .table import FLOATS, INTS, X, op, ops

NUMBERS = (*INTS, "float16", *FLOATS)  # torch multiplies masks where that needs no loop, and else refuses

ops("matmul mm __matmul__", X(2, 3), X(3, 4), dtypes=NUMBERS)
op("matmul", X(2, 2, 3), X(3), dtypes=NUMBERS)
op("bmm", X(2, 2, 3), X(2, 3, 2), dtypes=NUMBERS)
op("mv", X(2, 3), X(3), dtypes=NUMBERS)
ops("dot vdot inner", X(3), X(3), dtypes=NUMBERS)
ops("outer ger", X(3), X(2))
op("addmm", X(2, 4), X(2, 3), X(3, 4), dtypes=NUMBERS)
op("addmv", X(2), X(2, 3), X(3), dtypes=NUMBERS)
op("addr", X(3, 2), X(3), X(2), dtypes=NUMBERS)
op("baddbmm", X(2, 2, 4), X(2, 2, 3), X(2, 3, 4), dtypes=NUMBERS)
op("addbmm", X(2, 4), X(2, 2, 3), X(2, 3, 4), dtypes=NUMBERS)
op("tensordot", X(2, 3, 4), X(4, 3, 2), 1, dtypes=NUMBERS)
op("kron", X(2, 2), X(1, 3), layouts=("contiguous", "empty", "0-d"))  # torch refuses some strided ones
op("cross", X(2, 3), X(2, 3), dim=-1, dtypes=NUMBERS)
op("einsum", "ij,jk->ik", X(2, 3), X(3, 4), dtypes=NUMBERS)
op("chain_matmul", X(2, 3), X(3, 4), X(4, 2), dtypes=NUMBERS)
