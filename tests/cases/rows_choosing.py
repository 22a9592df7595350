"""Names that choose between values, look them up, or write one value everywhere."""

import numpy as np

from .table import M, X, op

A = X(3, 4)
EDGES = X(4, distinct=True, make=np.sort)
op("where", M(3, 4), A, X(4))
op("searchsorted", X(2, 4, distinct=True, make=np.sort), X(2, 3), grad=False)
op("searchsorted", EDGES, X(2, 3), right=True, layouts=("contiguous", "strided", "0-d"), grad=False)
op("bucketize", X(3), EDGES, grad=False)
op("isin", A, X(3), grad=False)
op("fill", A, 2, function=False)
op("zero", A)
op("copy", A, X(4))
op("item", X(1), grad=False)
op("tolist", A, grad=False)
op("threshold", A, 0.3, 1.5)
