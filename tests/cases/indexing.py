"""Indexing, assignment, gather, scatter and the other functions of positions."""

import numpy as np

from .case import case, raises

NUMBERS = ("float32", "float64", "int64")
KINDS = ("float32", "float64", "int64", "bool")
KEYS = {
    "int": lambda L: 1,
    "negative": lambda L: -1,
    "slice": lambda L: slice(0, 1),
    "step": lambda L: (slice(None), slice(0, None, 2)),
    "beyond": lambda L: slice(1, 99),
    "nothing": lambda L: slice(3, 1),
    "ints": lambda L: (0, 2, 3),
    "none": lambda L: (None, 0, None),
    "dots": lambda L: (..., 0),
    "dots_middle": lambda L: (0, ..., slice(1, 3)),
    "all": lambda L: ...,
    "empty_tuple": lambda L: (),
    "numpy_int": lambda L: np.int64(1),
    "tensor_0d": lambda L: L.tensor(1),
    "tensor_0d_later": lambda L: (slice(None), L.tensor(-1)),
    "tensor_bounds": lambda L: slice(L.tensor(1), None),
    "list": lambda L: [1, 0, 1],
    "range": lambda L: range(2),
    "empty_list": lambda L: [],
    "two_lists": lambda L: ([0, 1], [2, 0]),
    "broadcast": lambda L: (L.tensor([[0], [1]]), L.tensor([0, 2, 2])),
    "later": lambda L: (slice(None), [0, 2]),
    "apart": lambda L: ([0, 1], slice(None), [1, 2]),
    "int_and_list": lambda L: (0, slice(None), [1, 2]),
    "list_and_int": lambda L: ([0, 1], 0),
    "none_and_list": lambda L: (None, [0, 1]),
    "lists_around_none": lambda L: ([0, 1], None, [1, 2]),
    "dots_and_list": lambda L: (..., [0, 3, 3]),
    "negative_list": lambda L: (slice(None), slice(None), L.tensor([-1, -4])),
    "int32": lambda L: L.tensor([1, 0], dtype=L.int32),
    "numpy_array": lambda L: np.array([[1, 0]]),
    "mask": lambda L: L.tensor([True, False]),
    "mask_list": lambda L: [False, True],
    "mask_later": lambda L: (1, L.tensor([True, False, True])),
    "mask_2d": lambda L: L.tensor([[True, False, True], [False, True, True]]),
    "mask_2d_and_slice": lambda L: (L.tensor([[True, False, True], [False, True, True]]), slice(0, 2)),
    "mask_2d_and_list": lambda L: (L.tensor([[True, False, False], [False, True, False]]), [0, 3]),
    "mask_full": lambda L: L.arange(24).reshape(2, 3, 4) % 5 == 0,
    "mask_nothing": lambda L: L.tensor([False, False]),
    "mask_and_list": lambda L: (L.tensor([True, True]), [0, 2]),
    "true": lambda L: True,
    "false": lambda L: False,
    "true_and_list": lambda L: (True, [0, 1]),
    "true_later": lambda L: (slice(None), None, True),
    "mask_0d": lambda L: L.tensor(True),
    "empty_tensor": lambda L: L.zeros(0, dtype=L.int64),
    "empty_2d": lambda L: (slice(None), L.zeros((0, 2), dtype=L.int64)),
}
for name, key in KEYS.items():
    case(f"getitem_{name}", lambda L, x, key=key: x[key(L)], (2, 3, 4), dtypes=KINDS)

    def assign(L, x, v, key=key):
        y = x * 1
        y[key(L)] = v
        return y

    def assign_number(L, x, key=key):
        y = x.clone()
        y[key(L)] = 3
        return y * x

    # Of two values for one place one is lost, which finite differences see and the rule, as torch's, does not.
    if name not in ("list", "broadcast", "dots_and_list", "false"):
        case(f"setitem_{name}", assign, (2, 3, 4), ())
    case(f"setitem_number_{name}", assign_number, (2, 3, 4), dtypes=KINDS)

for shape, key in [((2,), "tensor_0d"), ((0,), "empty_list"), ((), "all"), ((), "mask_0d"), ((), "none_")]:
    keys = {**KEYS, "none_": lambda L: None}
    case(f"getitem_small_{key}", lambda L, x, key=keys[key]: x[key(L)], shape)


def broadcast_assign(L, x, v):
    y = x * 1
    y[:, 1:] = v
    return y


for shape in [(4,), (2, 1), (2, 2, 4), (1, 1, 2, 1), ()]:
    case("setitem_broadcast", broadcast_assign, (2, 3, 4), shape)


def broadcast_put(L, x, v):
    y = x * 1
    y[[1, 0], :, [3, 3]] = v
    return y


for shape in [(3,), (2, 1), (2, 3), (1, 1, 2, 1), ()]:
    case("setitem_list_broadcast", broadcast_put, (2, 3, 4), shape)


def assign_of(key, dtype):
    def call(L, x):
        y = x.clone()
        y[key(L)] = L.tensor([1, 0]).to(getattr(L, dtype))
        return y

    return call


for dtype in ("float32", "int64", "bool"):
    case(
        f"setitem_casts_{dtype}",
        assign_of(lambda L: (slice(None), slice(0, 2)), dtype),
        (3, 4),
        dtypes=(*KINDS, "uint8"),
    )


def augmented(L, x, v):
    y = x * 1
    y[0] += v
    y[:, [0, 2]] *= 2
    y[y > 5] -= 1
    return y


case("setitem_augmented", augmented, (2, 3), (3,))

GRID = np.array([[2, 0, 1], [1, 1, 0]])
for index in (GRID, GRID[:, :1], GRID[:1], GRID[:0], GRID.astype(np.int32)):
    case("gather_0", lambda L, x, i: L.gather(x, 0, i), (3, 4), index, dtypes=KINDS)
    case("gather_1", lambda L, x, i: x.gather(-1, i), (3, 4), index, dtypes=KINDS)
    case("scatter_0", lambda L, x, i: L.scatter(x, 0, i, 1.5), (3, 4), index)
    case("scatter_add_0", lambda L, x, s, i: L.scatter_add(x, 0, i, s), (3, 4), index.shape, index, dtypes=NUMBERS)
    case("scatter_add_1", lambda L, x, s, i: x.scatter_add(1, i, s), (3, 4), index.shape, index, dtypes=NUMBERS)
    case("scatter_add_", lambda L, x, s, i: (x * 1).t().scatter_add_(0, i, s), (4, 3), index.shape, index)
    case("scatter_add_larger", lambda L, x, s, i: x.scatter_add(0, i, s), (3, 4), (3, 4), index, grad=False)
case("gather_0d", lambda L, x, i: x.gather(0, i), (), np.array(0))
case("gather_0d_vector", lambda L, x, i: x.gather(0, i), (), np.array([0, 0]))
D = np.array([[2, 0, 1]])
case("scatter_src", lambda L, x, s, i: x.scatter(0, i, s), (3, 4), (1, 3), D)
case("scatter_larger_src", lambda L, x, s, i: x.scatter(0, i, s), (3, 4), (3, 4), D, grad=False)
case("scatter_value", lambda L, x, i: x.scatter(1, i, value=2), (3, 4), D, dtypes=("float32", "int64"))
case("scatter_add_word", lambda L, x, i: x.scatter(1, i, 2.0, reduce="add"), (3, 4), D, grad=False)
case("scatter_", lambda L, x, s, i: (x * 1).scatter_(0, i, s) * 2, (3, 4), (1, 3), D)
case("one_hot", lambda L, i: L.zeros(4, 3).scatter_(1, i.unsqueeze(1), 1.0), np.array([0, 2, 1, 1]), grad=False)
case("take_along_dim", lambda L, x, i: L.take_along_dim(x, i, 1), (3, 4), np.array([[1, 0]]))
case("take_along_dim_flat", lambda L, x, i: x.take_along_dim(i), (3, 4), np.array([[11, 0]]))
case("take_along_sorted", lambda L, x: x.take_along_dim(x.argsort(0), 0), (3, 4))

V = np.array([2, 0, 2])
for index in (V, V[:0], V.astype(np.int32)):
    case("index_select", lambda L, x, i: L.index_select(x, 1, i), (2, 3), index, dtypes=KINDS)
    case("index_select_first", lambda L, x, i: x.index_select(0, i), (3, 2, 2), index)
case("index_select_0d", lambda L, x, i: x.index_select(0, i), (3,), np.array(1))
case("index_fill", lambda L, x, i: L.index_fill(x, 1, i, 3), (2, 3), V, dtypes=NUMBERS)
case("index_add", lambda L, x, s, i: L.index_add(x, 1, i, s), (2, 3), (2, 3), V, dtypes=("float32", "float64", "int64"))
case("index_add_alpha", lambda L, x, s, i: x.index_add(0, i, s, alpha=2), (3, 2), (3, 2), V)
case("index_add_", lambda L, x, s, i: (x * 1).index_add_(0, i, s) * x, (3, 2), (3, 2), V)
case("index_add_strided", lambda L, x, s, i: (x * 1).t().index_add_(1, i, s), (3, 2), (2, 3), V)
case("index_copy", lambda L, x, s, i: L.index_copy(x, 0, i, s), (3, 2), (2, 2), V[:2])
case("index_copy_", lambda L, x, s, i: (x * 1).index_copy_(0, i, s) * x, (3, 2), (2, 2), V[:2])
case("index_fill_", lambda L, x, i: (x * 1).index_fill_(0, i, 2.0) * x, (3, 2), V)
case("index_fill_tensor", lambda L, x, v, i: x.index_fill(0, i, v), (3, 2), (), V[:2])
case("index_put", lambda L, x, v, i: L.index_put(x, (i,), v), (3, 2), (2,), V[:2])
case("index_put_add", lambda L, x, v, i: x.index_put((i,), v, accumulate=True), (3, 2), (3, 2), V)
case("index_put_two", lambda L, x, v, i: x.index_put((i, i[:1] * 0), v, True), (3, 2), (3,), V)
case("index_put_", lambda L, x, v, i: (x * 1).index_put_((i,), v, accumulate=True) * x, (3, 2), (3, 1), V)
case("index_put_mask", lambda L, x, v, m: x.index_put((m,), v), (3, 2), (2, 2), np.array([True, False, True]))
case("take", lambda L, x, i: L.take(x, i), (2, 3), np.array([[5, 0], [-1, 5]]), dtypes=KINDS)
case("put", lambda L, x, s, i: x.put(i, s), (2, 3), (2,), np.array([5, 0]))
case("put_add", lambda L, x, s, i: (x * 1).put_(i, s, accumulate=True), (2, 3), (3,), np.array([5, 0, 5]))

M = np.array([[True, False, True], [False, False, True]])
for mask in (M, M[0], M[:, :1], np.array(True)):
    case("masked_fill", lambda L, x, m: L.masked_fill(x, m, 7), (2, 3), mask, dtypes=("float32", "float64", "int64"))
    case("masked_fill_tensor", lambda L, x, v, m: x.masked_fill(m, v), (2, 3), (), mask)
    case("masked_fill_", lambda L, x, v, m: (x * 1).masked_fill_(m, v) * x, (2, 3), (), mask)
    case("masked_select", lambda L, x, m: L.masked_select(x, m), (2, 3), mask, dtypes=KINDS)
    case("masked_scatter", lambda L, x, s, m: L.masked_scatter(x, m, s), (2, 3), (8,), mask)
case("masked_fill_wider", lambda L, x, m: x.masked_fill(m, -10), (3,), M)
case("masked_fill_inf", lambda L, x, m: x.masked_fill(m, float("-inf")).softmax(-1), (2, 3), M)
case("masked_select_0d", lambda L, x, m: x.masked_select(m), (), np.array(True))
case("masked_scatter_", lambda L, x, s, m: (x * 1).masked_scatter_(m, s), (2, 3), (3,), M)
case("fill_", lambda L, x, v: (x * 1).fill_(v), (2, 3), ())
case("fill_number", lambda L, x: x.clone().fill_(2.7), (2, 3), dtypes=KINDS, gradgrad=False)
case("zero_", lambda L, x: (x * 1).zero_() + x, (2, 3))
case("copy_", lambda L, x, s: (x * 1).copy_(s), (2, 3), (3,))
case(
    "copy_casts",
    lambda L, x, s: x.clone().copy_(s),
    (2, 3),
    np.array([1.5, 0, -2.5]),
    dtypes=("float32", "int64", "bool"),
)
case("copy_to_wider", lambda L, x: L.zeros(2, 3, dtype=L.float64).copy_(x), (2, 3))
for values in (np.array([[0, 3], [4, 0]]), np.array(5), np.array(0), np.zeros((0, 2)), np.array([True, False])):
    case("nonzero", lambda L, v: L.nonzero(v), values, grad=False)
    case("nonzero_tuple", lambda L, v: v.nonzero(as_tuple=True), values, grad=False)
    case("argwhere", lambda L, v: L.argwhere(v), values, grad=False)
S = np.array([1.0, 3.0, 3.0, 7.0])
for right in (False, True):
    case(
        f"searchsorted_{right}",
        lambda L, s, v, r=right: L.searchsorted(s, v, right=r),
        S,
        np.array([[0.0, 3, 9]]),
        grad=False,
    )
    case(
        f"bucketize_{right}",
        lambda L, v, s, r=right: L.bucketize(v, s, right=r),
        np.array([[0.0, 3, 9]]),
        S,
        grad=False,
    )
case(
    "searchsorted_rows",
    lambda L, s, v: L.searchsorted(s, v, out_int32=True),
    np.stack([S, S + 1]),
    np.array([[3.0], [3.5]]),
    grad=False,
)
case("searchsorted_number", lambda L, s: L.searchsorted(s, 3.0, side="right"), S, grad=False)
case(
    "searchsorted_sorter",
    lambda L, s, v, o: L.searchsorted(s, v, sorter=o),
    S[::-1].copy(),
    S,
    np.array([3, 2, 1, 0]),
    grad=False,
)

WRONG = {
    "index": lambda L, x, v, i: v[5],
    "index_low": lambda L, x, v, i: v[-4],
    "too_many": lambda L, x, v, i: v[0, 0],
    "too_many_lists": lambda L, x, v, i: v[[0], [0]],
    "reverse": lambda L, x, v, i: v[::-1],
    "reverse_tuple": lambda L, x, v, i: x[:, ::-1],
    "step_0": lambda L, x, v, i: v[::0],
    "zero_dim": lambda L, x, v, i: L.tensor(1.0)[0],
    "list_index": lambda L, x, v, i: v[[5]],
    "tensor_index": lambda L, x, v, i: x[:, L.tensor([3])],
    "float_index": lambda L, x, v, i: x[1.0],
    "float_tensor": lambda L, x, v, i: x[L.tensor([1.0])],
    "int8_tensor": lambda L, x, v, i: x[L.tensor([1], dtype=L.int8)],
    "text": lambda L, x, v, i: x["a"],
    "object": lambda L, x, v, i: x[object()],
    "mask_shape": lambda L, x, v, i: v[L.tensor([True, False])],
    "mask_shape_2d": lambda L, x, v, i: x[L.tensor([[True, False, True]])],
    "lists_apart": lambda L, x, v, i: x[[0, 1], [0, 1, 2]],
    "set_index": lambda L, x, v, i: v.__setitem__(7, 1),
    "set_list_index": lambda L, x, v, i: v.__setitem__([7], 1),
    "set_list": lambda L, x, v, i: v.__setitem__(0, [1.0]),
    "set_array": lambda L, x, v, i: v.__setitem__(slice(None), np.ones(3)),
    "set_text": lambda L, x, v, i: v.__setitem__(0, "a"),
    "set_none": lambda L, x, v, i: v.__setitem__(0, None),
    "set_shape": lambda L, x, v, i: v.__setitem__(slice(0, 2), L.ones(3)),
    "set_shape_put": lambda L, x, v, i: v.__setitem__([0, 1], L.ones(3)),
    "set_mask_shape": lambda L, x, v, i: v.__setitem__(v > 0, L.ones(3)),
    "set_type_put": lambda L, x, v, i: v.__setitem__([0, 1], L.tensor([1, 2])),
    "set_nan": lambda L, x, v, i: i.__setitem__(0, float("nan")),
    "set_huge": lambda L, x, v, i: i.__setitem__(0, 2**70),
    "set_leaf": lambda L, x, v, i: L.ones(2, requires_grad=True).__setitem__(0, 1),
    "set_leaf_list": lambda L, x, v, i: L.ones(2, requires_grad=True).__setitem__([0], 1),
    "set_leaf_mask": lambda L, x, v, i: L.ones(2, requires_grad=True).__setitem__(L.tensor([True, False]), 1),
    "set_leaf_view": lambda L, x, v, i: L.ones(2, requires_grad=True)[:].fill_(1),
    "fill_vector": lambda L, x, v, i: v.fill_(L.ones(1)),
    "copy_shape": lambda L, x, v, i: v.copy_(L.ones(2)),
    "masked_fill_vector": lambda L, x, v, i: v.masked_fill(v > 0, L.ones(1)),
    "masked_fill_ints": lambda L, x, v, i: v.masked_fill(i, 1),
    "masked_fill_shape": lambda L, x, v, i: v.masked_fill_((v > 0)[:, None], 1),
    "masked_select_ints": lambda L, x, v, i: v.masked_select(i),
    "masked_scatter_short": lambda L, x, v, i: v.masked_scatter(i > 0, L.ones(1)),
    "gather_negative": lambda L, x, v, i: v.gather(0, L.tensor([-1])),
    "gather_beyond": lambda L, x, v, i: v.gather(0, L.tensor([5])),
    "gather_dims": lambda L, x, v, i: v.gather(0, L.tensor([[1]])),
    "gather_float": lambda L, x, v, i: v.gather(0, L.tensor([1.0])),
    "gather_larger": lambda L, x, v, i: L.ones(2, 2).gather(0, L.zeros((1, 3), dtype=L.int64)),
    "scatter_type": lambda L, x, v, i: v.scatter(0, L.tensor([1]), L.tensor([1])),
    "scatter_beyond": lambda L, x, v, i: v.scatter(0, L.tensor([7]), 1.0),
    "scatter_add_short": lambda L, x, v, i: v.scatter_add(0, L.tensor([1, 2]), L.tensor([1.0])),
    "index_select_negative": lambda L, x, v, i: v.index_select(0, L.tensor([-1])),
    "index_select_2d": lambda L, x, v, i: v.index_select(0, L.tensor([[1]])),
    "index_select_float": lambda L, x, v, i: v.index_select(0, L.tensor([1.0])),
    "index_add_beyond": lambda L, x, v, i: v.index_add(0, L.tensor([5]), L.tensor([1.0])),
    "index_add_type": lambda L, x, v, i: v.index_add(0, L.tensor([1]), L.tensor([1])),
    "index_add_sizes": lambda L, x, v, i: v.index_add(0, L.tensor([1, 2]), L.ones(3)),
    "index_copy_beyond": lambda L, x, v, i: v.index_copy(0, L.tensor([5]), L.tensor([1.0])),
    "index_fill_beyond": lambda L, x, v, i: v.index_fill(0, L.tensor([7]), 1),
    "take_beyond": lambda L, x, v, i: v.take(L.tensor([7])),
    "searchsorted_sides": lambda L, x, v, i: L.searchsorted(v, v, side="left", right=True),
    "searchsorted_rows": lambda L, x, v, i: L.searchsorted(x[0], v[:1]),
    "bucketize_2d": lambda L, x, v, i: L.bucketize(v, x[0]),
}
for name, call in WRONG.items():
    raises(f"indexing_{name}", lambda L, call=call: call(L, L.zeros(2, 3, 4), L.arange(3.0), L.arange(3)))

INTO = {
    "mask": lambda L, i: i > 0,
    "list": lambda L, i: [0, 1],
    "slice": lambda L, i: slice(0, 2),
    "tensor": lambda L, i: L.tensor([1]),
}
for name, key in INTO.items():
    raises(f"set_nan_{name}", lambda L, key=key: (i := L.arange(3)).__setitem__(key(L, i), float("nan")))
    raises(f"set_inf_{name}", lambda L, key=key: (i := L.arange(3)).__setitem__(key(L, i), float("inf")))
    raises(f"set_large_{name}", lambda L, key=key: (i := L.arange(3).to(L.uint8)).__setitem__(key(L, i), 300))
    case(f"set_fraction_{name}", lambda L, i, key=key: i.__setitem__(key(L, i), 1.7) or i, np.arange(3), grad=False)
