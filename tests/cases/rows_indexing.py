"""Names that read and write at places, take parts and put them back."""

import warnings

import numpy as np

from .case import case, raises
from .table import FLOATS, INTS, I, M, X, op, ops

DENSE = ("contiguous", "strided", "expanded")
NUMBERS = (*INTS, *FLOATS)

op("gather", X(3, 4), 1, I(3, 2, high=4), layouts=DENSE)
op("scatter", X(3, 4), 1, I(1, 2, high=4, distinct=True), X(1, 2), layouts=("contiguous", "strided"))
op("scatter", X(3, 4), 0, I(2, 4, high=3), 1, layouts=DENSE)
op("scatter_add", X(3, 4), 1, I(3, 2, high=4), X(3, 2), layouts=("contiguous", "strided"))
for word in ("sum", "prod", "mean", "amax", "amin"):
    for own in (True, False):
        op(
            "scatter_reduce",
            X(3, 4),
            1,
            I(3, 6, high=4),
            X(3, 6),
            word,
            include_self=own,
            layouts=("contiguous", "strided"),
        )
for word in ("prod", "mean", "amax", "amin"):
    for own in (True, False):
        op("index_reduce", X(3, 4), 1, I(6, high=4), X(3, 6), word, include_self=own, layouts=("contiguous", "strided"))
op("select_scatter", X(3, 4), X(3), 1, -2, layouts=("contiguous", "strided"))
op("slice_scatter", X(3, 4), X(3, 2), 1, 0, None, 2, layouts=("contiguous", "strided"))
op("diagonal_scatter", X(3, 4), X(3), 1, layouts=("contiguous", "strided"))
op("as_strided_scatter", X(3, 4), X(2, 2), (2, 2), (3, 2), 1, layouts=("contiguous",), grad=False)
op("index_select", X(3, 4), 1, I(3, high=4), layouts=DENSE)
op("index_add", X(3, 4), 1, I(3, high=4), X(3, 3), layouts=("contiguous", "strided"))
op("index_add", X(3, 4), 1, I(3, high=4), X(3, 3), alpha=2, layouts=("contiguous", "strided"), dtypes=NUMBERS)
op("index_copy", X(3, 4), 1, I(1, high=4), X(3, 1), layouts=("contiguous", "strided"))
op("index_fill", X(3, 4), 1, I(3, high=4), 1, layouts=DENSE)
op("index_put", X(3, 4), [I(2, high=3), I(2, high=4)], X(2), True, layouts=("contiguous", "strided"))
op("take", X(3, 4), I(2, 2, high=12), layouts=DENSE)
op("put", X(3, 4), I(3, high=12), X(3), True, layouts=("contiguous", "strided"))
op("take_along_dim", X(3, 4), I(1, 4, high=3), 0, layouts=DENSE)
op("masked_fill", X(3, 4), M(3, 4), 1, layouts=DENSE)
op("masked_select", X(3, 4), M(3, 4), layouts=DENSE)
op("masked_scatter", X(3, 4), M(3, 4), X(3, 4), layouts=("contiguous", "strided"))
ops("nonzero argwhere", X(2, 3), grad=False)
op("nonzero_static", X(2, 3), size=4, grad=False)
op("unravel_index", X(2, 3, low=0, high=11), (3, 4), grad=False, dtypes=INTS)
ops("split unsafe_split", X(5, 2), 2, layouts=("contiguous", "strided", "expanded", "0-d"))
ops("split_with_sizes unsafe_split_with_sizes", X(5, 2), [3, 2], layouts=("contiguous", "strided", "expanded", "0-d"))
ops("chunk unsafe_chunk tensor_split", X(5, 2), 3)
op("fill_diagonal", X(4, 3), 2, grad=False)

# ---------------------------------------------------------------- zeros, ties and rows of different lengths

G = np.array([[2, 0, 1, 0], [1, 1, 0, 0]])
for word in ("prod", "amax", "amin", "mean", "sum"):
    case(
        f"scatter_reduce_{word}",
        lambda L, x, s, i, w=word: L.scatter_reduce(x, 0, i, s, w),
        *((3, 4), (2, 4), G),
        gradgrad=word not in ("amax", "amin"),
    )
    case(f"scatter_reduce_0d_{word}", lambda L, x, s, i, w=word: x.scatter_reduce(0, i, s, w), (), (), np.array(0))
    case(f"scatter_reduce_empty_{word}", lambda L, x, s, i, w=word: x.scatter_reduce(0, i, s, w), (3, 4), (0, 4), G[:0])


def quietly(scatter, dim, index, src, word):
    """torch warns that reduce with a tensor is deprecated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return scatter(dim, index, src, reduce=word)


for word in ("add", "multiply"):
    case(f"scatter_{word}", lambda L, x, i, w=word: x.scatter(0, i, 1.5, reduce=w), (3, 4), G, grad=False)
    case(
        f"scatter_src_{word}", lambda L, x, s, i, w=word: quietly(x.scatter, 0, i, s, w), (3, 4), (3, 4), G, grad=False
    )
    case(
        f"scatter_{word}_",
        lambda L, x, s, i, w=word: quietly(x.clone().scatter_, 0, i, s, w),
        (3, 4),
        (3, 4),
        G,
        grad=False,
    )
    case(f"scatter_0d_{word}", lambda L, x, i, w=word: x.scatter(0, i, 2.0, reduce=w), (), np.array([0, 0]), grad=False)
LENGTHS = np.array([2, 0, 3])
for word in ("sum", "mean", "max", "min", "prod"):
    case(
        f"segment_{word}",
        lambda L, x, n, w=word: L.segment_reduce(x, w, lengths=n)[[0, 2]],
        (5, 2),
        LENGTHS,
        gradgrad=False,
    )
    case(
        f"segment_initial_{word}",
        lambda L, x, n, w=word: L.segment_reduce(x, w, lengths=n, initial=3.0),
        *((5,), LENGTHS),
        gradgrad=False,
        grad=False,
    )
case(
    "segment_offsets",
    lambda L, x, n: L.segment_reduce(x, "sum", offsets=n),
    (5, 2),
    np.array([0, 2, 2, 5]),
    gradgrad=False,
)
case(
    "segment_rows",
    lambda L, x, n: L.segment_reduce(x, "max", lengths=n, axis=1).clamp(min=-9),
    *((2, 3), np.array([[1, 2], [3, 0]])),
    gradgrad=False,
)
case(
    "as_strided_scatter_offset",
    lambda L, x, s: L.as_strided_scatter(x.contiguous()[1:], s, (2,), (5,)),
    (3, 4),
    (2,),
    grad=False,
)
case("slice_scatter_casts", lambda L, x, s: L.slice_scatter(x, s, 0, 1), (3, 2), np.ones((2, 2), dtype=np.int64))
case("fill_diagonal_wrap", lambda L, x: x.clone().fill_diagonal_(3, wrap=True), (7, 3), gradgrad=False)
case("fill_diagonal_cube", lambda L, x: (x * 1).fill_diagonal_(3.0) * x, (3, 3, 3))
case("apply_", lambda L, x: x.detach().clone().apply_(lambda v: v * 2), (2, 3), grad=False)
case("map_", lambda L, x, y: x.detach().clone().map_(y.detach(), lambda v, w: v - w), (2, 3), (2, 3), grad=False)
case("reversed", lambda L, x: x.__reversed__(), (3, 2))
case("unravel_negative", lambda L, i: L.unravel_index(i, (2, 3)), np.array([-3, 7]), grad=False)
case("unravel_one", lambda L, i: L.unravel_index(i, 5), np.array([[3, 4]], dtype=np.int8), grad=False)

WRONG = {
    "scatter_reduce_word": lambda L, x, i: x.scatter_reduce(0, i, x, "foo"),
    "scatter_reduce_range": lambda L, x, i: x.scatter_reduce(0, i + 7, x, "sum"),
    "scatter_reduce_type": lambda L, x, i: x.scatter_reduce(0, i, i, "sum"),
    "scatter_word": lambda L, x, i: x.scatter(0, i, x, reduce="mean"),
    "index_reduce_word": lambda L, x, i: x.index_reduce(0, i, x, "sum"),
    "index_reduce_range": lambda L, x, i: x.index_reduce(0, i - 1, x, "prod"),
    "index_reduce_dims": lambda L, x, i: x.index_reduce(0, i[None], x, "prod"),
    "index_reduce_sizes": lambda L, x, i: x.index_reduce(0, i, x[1:], "prod"),
    "index_reduce_type": lambda L, x, i: x.index_reduce(0, i, i, "prod"),
    "index_reduce_float": lambda L, x, i: x.index_reduce(0, x, x, "prod"),
    "select_scatter_shape": lambda L, x, i: L.zeros(2, 3).select_scatter(L.ones(1), 0, 1),
    "select_scatter_range": lambda L, x, i: L.zeros(2, 3).select_scatter(L.ones(3), 0, 5),
    "slice_scatter_step": lambda L, x, i: x.slice_scatter(x, 0, 0, 3, 0),
    "slice_scatter_shape": lambda L, x, i: x.slice_scatter(x, 0, 1),
    "diagonal_scatter_shape": lambda L, x, i: L.zeros(2, 3).diagonal_scatter(x),
    "as_strided_scatter_range": lambda L, x, i: x.as_strided_scatter(L.ones(2), (2,), (20,), 1),
    "unravel_float": lambda L, x, i: L.unravel_index(x, (2, 3)),
    "unravel_negative": lambda L, x, i: L.unravel_index(i, (2, -3)),
    "unravel_tensor": lambda L, x, i: L.unravel_index(i, L.tensor([2, 3])),
    "unravel_fraction": lambda L, x, i: L.unravel_index(i, (2.0, 3)),
    "unravel_zero": lambda L, x, i: L.unravel_index(i, (0, 3)),
    "nonzero_static_size": lambda L, x, i: L.nonzero_static(x, size=-1),
    "fill_diagonal_vector": lambda L, x, i: x.fill_diagonal_(1),
    "fill_diagonal_sizes": lambda L, x, i: L.zeros(2, 2, 3).fill_diagonal_(1),
    "apply_leaf": lambda L, x, i: x.requires_grad_().apply_(lambda v: v),
    "segment_sum": lambda L, x, i: L.segment_reduce(x, "sum", lengths=i + 1),
    "segment_word": lambda L, x, i: L.segment_reduce(x, "median", lengths=i * 0 + 1),
    "segment_negative": lambda L, x, i: L.segment_reduce(x, "sum", lengths=i - 1),
    "segment_nothing": lambda L, x, i: L.segment_reduce(x, "sum"),
    "prelu_sizes": lambda L, x, i: x.prelu(L.ones(2)),
    "prelu_types": lambda L, x, i: x.prelu(L.ones(1, dtype=L.float64)),
}
for name, call in WRONG.items():
    raises(name, lambda L, call=call: call(L, L.arange(3.0), L.tensor([0, 2, 1])))
