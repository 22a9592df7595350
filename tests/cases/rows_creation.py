"""Names that make tensors, and those that change their type."""

from .table import DTYPE, FLOATS, INTS, X, op, ops

ONCE = {"layouts": ("contiguous",), "grad": False}
NUMBERS = (*INTS, *FLOATS)
A = X(2, 3)

ops("zeros ones", (2, 3), dtype=DTYPE, **ONCE)
op("full", (2, 3), 1, dtype=DTYPE, **ONCE)
op("eye", 2, 3, dtype=DTYPE, **ONCE)
op("arange", 1, 9, 2, dtype=DTYPE, dtypes=NUMBERS, **ONCE)
op("range", 1, 9, 2, dtype=DTYPE, dtypes=NUMBERS, **ONCE)
op("linspace", 0, 10, 5, dtype=DTYPE, dtypes=NUMBERS, **ONCE)
op("logspace", 0, 2, 3, dtype=DTYPE, dtypes=FLOATS, **ONCE)
ops("tril_indices triu_indices", 3, 4, 1, dtypes=("int64",), **ONCE)
ops("tensor as_tensor asarray", [[1, 0], [0, 1]], dtype=DTYPE, **ONCE)
op("scalar_tensor", 1, dtype=DTYPE, **ONCE)
ops("zeros_like ones_like", A, grad=False)
op("full_like", A, 1, grad=False)
ops("new_zeros new_ones", A, (2, 2), grad=False)
op("new_full", A, (2, 2), 1, grad=False)
op("new_tensor", A, [1, 0], grad=False)
ops("bool byte char short int long", X(2, 3, low=0), grad=False)
ops("half float", X(2, 3), dtypes=("float32",), rtol=1e-2)
op("double", X(2, 3), dtypes=FLOATS, rtol=1e-4)
op("to", A, DTYPE)
op("type_as", X(2, 3), X(1, dtype="float32"), grad=False)
ops("dim ndimension nelement size is_signed is_complex", A, grad=False)
ops("result_type", A, X(1, dtype="float32"), grad=False)
op("broadcast_shapes", (2, 1), (1, 3), dtypes=("float32",), **ONCE)
