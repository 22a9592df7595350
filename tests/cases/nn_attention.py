"""Attention, and bags of rows of a table."""

import numpy as np

from .case import case


def F(L, name):
    return getattr(L.nn.functional, name)


T, S, N = 2, 3, 2
random = np.random.default_rng(3)
SEEN = random.random((T, S)) < 0.67
SEEN[:, 0] = True
NOTHING = SEEN & (np.arange(T)[:, None] != 1)  # the second query sees nothing
PRODUCTS = {
    "plain": ([(N, 2, T, 2), (N, 2, S, 2), (N, 2, S, 3)], {}),
    "two_dims": ([(T, 2), (S, 2), (S, 2)], {}),
    "three_dims": ([(N, T, 2), (N, S, 2), (N, S, 2)], {"scale": 0.3}),
    "broadcast": ([(N, 1, T, 2), (1, 3, S, 2), (1, 3, S, 2)], {}),
    "causal": ([(1, 2, T, 2), (1, 2, S, 2), (1, 2, S, 2)], {"is_causal": True}),
    "causal_tall": ([(1, 2, S, 2), (1, 2, T, 2), (1, 2, T, 2)], {"is_causal": True}),
    "gqa": ([(1, 4, T, 2), (1, 2, S, 2), (1, 2, S, 2)], {"enable_gqa": True}),
    "gqa_causal": ([(1, 2, S, 2), (1, 1, S, 2), (1, 1, S, 2)], {"enable_gqa": True, "is_causal": True}),
}
for name, (shapes, options) in PRODUCTS.items():
    case(f"sdpa_{name}", lambda L, *x, o=options: F(L, "scaled_dot_product_attention")(*x, **o), *shapes)
THREE = [(N, 1, T, 2), (N, 1, S, 2), (N, 1, S, 2)]
for name, mask in (("seen", SEEN), ("nothing", NOTHING)):
    case(f"sdpa_{name}", lambda L, q, k, v, m: F(L, "scaled_dot_product_attention")(q, k, v, m), *THREE, mask)
case("sdpa_added", lambda L, *x: F(L, "scaled_dot_product_attention")(*x), *THREE, (N, 1, T, S))


def heads(L, q, k, wi, bi, wo, bo, **options):
    return F(L, "multi_head_attention_forward")(q, k, k, 4, 2, wi, bi, None, None, False, 0.0, wo, bo, **options)


HEADS = [(T, N, 4), (S, N, 4), (12, 4), (12,), (4, 4), (4,)]
for options in ({}, {"need_weights": False}, {"average_attn_weights": False}, {"training": False}):
    case(f"heads_{options}", lambda L, *x, o=options: heads(L, *x, **o), *HEADS, gradgrad=False)
case(
    "heads_static",
    lambda L, *x: heads(L, *x[:-2], static_k=x[-2], static_v=x[-1]),
    *HEADS,
    (N * 2, 2, 2),
    (N * 2, 2, 2),
    gradgrad=False,
)

FLAT, MATRIX = np.array([0, 2, 5, 5, 1, 3, 0]), np.array([[0, 2, 2], [5, 1, 3]])
BAGS = {
    "flat": (FLAT, [0, 3, 5], {}),
    "empty_bags": (FLAT, [0, 0, 3, 3, 7], {}),
    "last": (FLAT, [0, 3, 7], {"include_last_offset": True}),
    "padding": (FLAT, [0, 2, 5], {"padding_idx": 0}),
    "all_padding": (np.array([4, 4, 1]), [0, 2], {"padding_idx": -2}),
    "no_entries": (FLAT[:0], [0, 0], {}),
    "no_bags": (FLAT[:0], [], {}),
}
for name, (index, offsets, options) in BAGS.items():
    starts = np.array(offsets, dtype="int64")
    for mode in ("sum", "mean", "max"):
        case(
            f"embedding_bag_{name}_{mode}",
            lambda L, w, i, o, m=mode, options=options: F(L, "embedding_bag")(i, w, o, mode=m, **options),
            (6, 2),
            index,
            starts,
            gradgrad=False,
        )
    case(
        f"embedding_bag_{name}_factors",
        lambda L, w, f, i, o, options=options: F(L, "embedding_bag")(
            i, w, o, mode="sum", per_sample_weights=f, **options
        ),
        (6, 2),
        (len(index),),
        index,
        starts,
        gradgrad=False,
    )
for mode in ("sum", "mean", "max"):
    case(
        f"embedding_bag_matrix_{mode}",
        lambda L, w, i, m=mode: F(L, "embedding_bag")(i, w, mode=m),
        (6, 2),
        MATRIX,
        gradgrad=False,
    )

for dims in (1, 2, 3):
    shape = (1, 2, 4, 5, 4)[: dims + 2]
    call = f"max_pool{dims}d_with_indices"
    case(call, lambda L, x, n=call: F(L, n)(x, 2, 1), shape, gradgrad=False)
    call = f"adaptive_max_pool{dims}d_with_indices"
    case(call, lambda L, x, n=call: F(L, n)(x, 2), shape, gradgrad=False)
for dims in (2, 3):
    call = f"fractional_max_pool{dims}d_with_indices"
    samples = np.random.default_rng(1).random((1, 2, dims))
    case(
        call,
        lambda L, x, s, n=call: F(L, n)(x, 2, 2, _random_samples=s),
        (1, 2, 5, 5, 5)[: dims + 2],
        samples,
        gradgrad=False,
        dtypes=("float64",),
    )
case("rrelu_", lambda L, x: F(L, "rrelu_")(x * 1, 0.2, 0.4), (3, 4))
case("rrelu_fixed", lambda L, x: F(L, "rrelu_")(x * 1, 0.3, 0.3, True), (3, 4), gradgrad=False)
