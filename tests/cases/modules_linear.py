"""Rows of layers without windows: linear, flattening, distances."""

from .module import X, args, layers

layers("Identity", [X(2, 6)], args(), args(1, a=2))
layers(
    "Linear", [X(4, 6)], args(6, 3), args(6, 3, bias=False), args(6, 1), args(in_features=6, out_features=2, bias=True)
)
layers("Linear", [X(2, 3, 6)], args(6, 3), args(6, 4, False))
layers("Linear", [X(2, 1, 3, 6)], args(6, 3))
layers("Bilinear", [X(5, 3), X(5, 4)], args(3, 4, 2), args(3, 4, 1, bias=False))
layers("Bilinear", [X(2, 5, 3), X(2, 5, 4)], args(3, 4, 2))

layers("Flatten", [X(2, 3, 2, 4)], args(), args(0), args(0, 2), args(2, -1), args(start_dim=-2), args(1, 1))
layers("Unflatten", [X(2, 6)], args(1, (2, 3)), args(-1, (3, -1)), args(dim=1, unflattened_size=[6, 1]))

pair = [X(4, 6), X(4, 6)]
layers("CosineSimilarity", pair, args(), args(dim=0), args(-1, 1e-3))
layers("CosineSimilarity", [X(2, 3, 4), X(2, 3, 4)], args(), args(dim=2))
layers("CosineSimilarity", [X(4, 6), X(1, 6)], args())
layers("PairwiseDistance", pair, args(), args(p=1.0), args(3.0, 1e-3), args(2, keepdim=True), args(p=float("inf")))
layers("PairwiseDistance", [X(2, 3, 4), X(3, 4)], args(), batch=(0, None))
