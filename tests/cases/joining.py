"""cat, stack and their kin; split and its kin."""

import numpy as np

from .case import case, raises

KINDS = ("float32", "float64", "int64", "bool")
for a, b, dim in [((2, 3), (1, 3), 0), ((2, 3), (2, 1), -1), ((3,), (0,), 0), ((0,), (2, 3), 1)]:
    case(f"cat_{dim}", lambda L, a, b, dim=dim: L.cat([a, b], dim), a, b, dtypes=KINDS)
case("cat_tuple_axis", lambda L, a, b: L.cat((a, b), dim=1), (2, 1), (2, 2))
case("cat_same_twice", lambda L, a: L.cat([a, a * 2, a]), (2, 2))
case("cat_types", lambda L, a, i: L.cat([a, i]), (2,), np.array([1, 2]))
case("cat_ints", lambda L, i, b: L.cat([i, b]), np.array([1, 2], np.int32), np.array([True]), grad=False)
case("concat", lambda L, a, b: L.concat([a, b]), (2,), (1,))
case("concatenate", lambda L, a, b: L.concatenate([a, b], 0), (2,), (1,))
for dim in (0, 1, -1, 2):
    case(f"stack_{dim}", lambda L, a, b, dim=dim: L.stack([a, b], dim), (2, 3), (2, 3), dtypes=KINDS)
case("stack_0d", lambda L, a, b: L.stack((a, b)), (), ())
case("stack_many", lambda L, a: L.stack([a] * 20), (2,))
case("stack_types", lambda L, a, i: L.stack([a, i]), (2,), np.array([1, 2]))
for name in ("hstack", "vstack", "dstack", "column_stack"):
    for shape in [(3,), (2, 3), (), (2, 1, 2)]:
        case(name, lambda L, a, b, name=name: getattr(L, name)((a, b)), shape, shape)
for name in ("atleast_1d", "atleast_2d", "atleast_3d"):
    for shape in [(), (3,), (2, 3), (1, 2, 3, 1)]:
        case(name, lambda L, a, name=name: getattr(L, name)(a), shape)
case("atleast_2d_several", lambda L, a, b: L.atleast_2d(a, b), (), (3,))
for indexing in ("ij", "xy"):
    case(f"meshgrid_{indexing}", lambda L, a, b, c, i=indexing: L.meshgrid(a, b, c, indexing=i), (2,), (3,), (1,))
    case(f"meshgrid_one_{indexing}", lambda L, a, i=indexing: L.meshgrid([a], indexing=i), (2,))
    case(f"meshgrid_0d_{indexing}", lambda L, a, b, i=indexing: L.meshgrid(a, b, indexing=i), (2,), ())
case("block_diag", lambda L, a, b, c, d: L.block_diag(a, b, c, d), (2, 3), (), (2,), (1, 1))
case("cartesian_prod", lambda L, a, b, c: L.cartesian_prod(a, b, c), (2,), (3,), (1,))
case("cartesian_prod_one", lambda L, a: L.cartesian_prod(a), (2,))
for r in (0, 1, 2, 3, 5):
    case(f"combinations_{r}", lambda L, a, r=r: L.combinations(a, r), (4,), grad=r > 0 and r < 5)
case("combinations_again", lambda L, a: L.combinations(a, 2, True), (3,))

SPLITS = {
    "split": lambda L, x: L.split(x, 2),
    "split_dim": lambda L, x: x.split(3, dim=-1),
    "split_sizes": lambda L, x: x.split([1, 0, 4]),
    "split_with_sizes": lambda L, x: x.split_with_sizes((2, 3), 0),
    "chunk": lambda L, x: L.chunk(x, 3),
    "chunk_many": lambda L, x: x.chunk(9, 1),
    "tensor_split": lambda L, x: L.tensor_split(x, 3),
    "tensor_split_at": lambda L, x: x.tensor_split((1, -1, 9)),
    "tensor_split_back": lambda L, x: x.tensor_split([3, 1], dim=1),
    "tensor_split_tensor": lambda L, x: x.tensor_split(L.tensor([1, 2])),
    "hsplit": lambda L, x: L.hsplit(x, 2),
    "vsplit": lambda L, x: x.vsplit([2]),
    "unbind": lambda L, x: L.unbind(x),
    "unbind_dim": lambda L, x: x.unbind(-1),
    "iter": lambda L, x: list(x),
}
for name, call in SPLITS.items():
    case(name, call, (5, 4), dtypes=KINDS)
    case(f"{name}_part", lambda L, x, call=call: call(L, x)[-1] * 2, (5, 4))
case("split_empty", lambda L, x: x.split(2), (0, 2))
case("chunk_empty", lambda L, x: x.chunk(3), (0, 2))
case("dsplit", lambda L, x: x.dsplit(2), (1, 2, 4))

ONE = [
    ("cat_dims", lambda L: L.cat([L.ones(2), L.ones(2, 2)])),
    ("cat_sizes", lambda L: L.cat([L.ones(3, 2), L.ones(2, 3)])),
    ("cat_0d", lambda L: L.cat([L.tensor(1.0)])),
    ("cat_nothing", lambda L: L.cat([])),
    ("cat_tensor", lambda L: L.cat(L.ones(2, 2))),
    ("cat_numbers", lambda L: L.cat([1, 2])),
    ("cat_dim", lambda L: L.cat([L.ones(2)], 1)),
    ("stack_nothing", lambda L: L.stack([])),
    ("stack_sizes", lambda L: L.stack([L.ones(2), L.ones(3)])),
    ("hstack_tensor", lambda L: L.hstack(L.ones(2))),
    ("meshgrid_2d", lambda L: L.meshgrid(L.ones(2, 2), indexing="ij")),
    ("meshgrid_word", lambda L: L.meshgrid(L.ones(2), indexing="yx")),
    ("block_diag_3d", lambda L: L.block_diag(L.ones(1, 1, 1))),
    ("cartesian_prod_2d", lambda L: L.cartesian_prod(L.ones(2, 2))),
    ("combinations_2d", lambda L: L.combinations(L.ones(2, 2))),
    ("split_0", lambda L: L.ones(3).split(0)),
    ("split_negative", lambda L: L.ones(3).split(-1)),
    ("split_sum", lambda L: L.ones(3).split([1, 1])),
    ("split_0d", lambda L: L.tensor(1.0).split(1)),
    ("chunk_0", lambda L: L.ones(3).chunk(0)),
    ("chunk_0d", lambda L: L.tensor(1.0).chunk(1)),
    ("unbind_0d", lambda L: L.tensor(1.0).unbind()),
    ("unbind_dim", lambda L: L.ones(3).unbind(1)),
    ("tensor_split_0", lambda L: L.ones(3).tensor_split(0)),
    ("hsplit_uneven", lambda L: L.ones(3).hsplit(2)),
    ("vsplit_1d", lambda L: L.ones(3).vsplit(1)),
    ("dsplit_2d", lambda L: L.ones(3, 3).dsplit(1)),
]
for name, call in ONE:
    raises(name, call)
