"""Losses."""

import warnings

import numpy as np

from .case import case, raises

REDUCTIONS = ("mean", "sum", "none")
CONSTANT = np.random.default_rng(0).uniform(0.1, 2.0, (3, 4))
ROW = CONSTANT[0].copy()
SIGNS = np.array([1.0, -1.0, -1.0, 1.0])


def F(L, name):
    return getattr(L.nn.functional, name)


def quietly(call, *args, **options):
    """The call's result without its warnings, which test_losses checks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(*args, **options)


for r in REDUCTIONS:
    for shape in [(3, 4), (), (0, 2)]:
        for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"):
            case(f"{name}_{r}", lambda L, a, b, n=name, r=r: F(L, n)(a, b, reduction=r), shape, shape)
        case(
            f"smooth_l1_beta_{r}",
            lambda L, a, b, r=r: F(L, "smooth_l1_loss")(a, b, reduction=r, beta=0.3),
            shape,
            shape,
        )
        case(f"smooth_l1_0_{r}", lambda L, a, b, r=r: F(L, "smooth_l1_loss")(a, b, reduction=r, beta=0.0), shape, shape)
        case(f"huber_delta_{r}", lambda L, a, b, r=r: F(L, "huber_loss")(a, b, reduction=r, delta=0.6), shape, shape)
        case(
            f"bce_{r}",
            lambda L, a, b, r=r: F(L, "binary_cross_entropy")(a, b, reduction=r),
            shape,
            shape,
            low=0.05,
            high=0.95,
        )
        case(
            f"bce_logits_{r}",
            lambda L, a, b, r=r: F(L, "binary_cross_entropy_with_logits")(a, b, reduction=r),
            shape,
            shape,
        )
        case(
            f"soft_margin_{r}",
            lambda L, a, b, r=r: F(L, "soft_margin_loss")(a, b.to(a.dtype), reduction=r),
            shape,
            np.asarray(np.sign(np.resize(CONSTANT - 1, shape))),
        )
        case(f"poisson_{r}", lambda L, a, b, r=r: F(L, "poisson_nll_loss")(a, b, reduction=r), shape, shape)
        case(
            f"poisson_plain_{r}",
            lambda L, a, b, r=r: F(L, "poisson_nll_loss")(a, b, log_input=False, reduction=r),
            shape,
            shape,
            low=0.2,
        )
        case(
            f"poisson_full_{r}",
            lambda L, a, b, r=r: F(L, "poisson_nll_loss")(a, b, full=True, reduction=r),
            shape,
            shape,
            low=0.2,
            high=3,
        )
        case(
            f"gaussian_{r}",
            lambda L, a, b, v, r=r: F(L, "gaussian_nll_loss")(a, b, v, reduction=r),
            shape,
            shape,
            shape,
            low=0.2,
        )
    for name in ("mse_loss", "l1_loss", "huber_loss"):
        case(
            f"{name}_weight_{r}",
            lambda L, a, b, w, n=name, r=r: F(L, n)(a, b, reduction=r, weight=w),
            (3, 4),
            (3, 4),
            (3, 4),
            low=0.2,
        )
    case(
        f"bce_weight_{r}",
        lambda L, a, b, w, r=r: F(L, "binary_cross_entropy")(a, b, w.to(a.dtype), reduction=r),
        (3, 4),
        (3, 4),
        ROW,
        low=0.05,
        high=0.95,
    )
    case(
        f"bce_logits_weight_{r}",
        lambda L, a, b, w, r=r: F(L, "binary_cross_entropy_with_logits")(a, b, w.to(a.dtype), reduction=r),
        (3, 4),
        (3, 4),
        ROW,
    )
    case(
        f"bce_logits_pos_weight_{r}",
        lambda L, a, b, w, r=r: F(L, "binary_cross_entropy_with_logits")(a, b, pos_weight=w.to(a.dtype), reduction=r),
        (3, 4),
        (3, 4),
        ROW,
    )
    case(
        f"bce_logits_both_{r}",
        lambda L, a, b, w, p, r=r: F(L, "binary_cross_entropy_with_logits")(
            a, b, w.to(a.dtype), reduction=r, pos_weight=p.to(a.dtype)
        ),
        (3, 4),
        (3, 4),
        CONSTANT,
        ROW,
    )
    case(
        f"gaussian_full_{r}",
        lambda L, a, b, v, r=r: F(L, "gaussian_nll_loss")(a, b, v, full=True, reduction=r),
        (3, 4),
        (3, 4),
        (3, 1),
        low=0.2,
    )
    case(
        f"gaussian_eps_{r}",
        lambda L, a, b, v, r=r: F(L, "gaussian_nll_loss")(a, b, v, eps=0.5, reduction=r),
        (3, 4),
        (3, 4),
        (3,),
        low=0.6,
    )
    for log_target in (False, True):
        for shape in [(3, 4), (5,)]:
            case(
                f"kl_div_{log_target}_{r}",
                lambda L, a, b, r=r, t=log_target: quietly(F(L, "kl_div"), a, b, reduction=r, log_target=t),
                shape,
                shape,
                low=0.1,
            )
    for margin in (0.0, 0.5):
        case(
            f"margin_ranking_{margin}_{r}",
            lambda L, a, b, s, m=margin, r=r: F(L, "margin_ranking_loss")(a, b, s.to(a.dtype), margin=m, reduction=r),
            (4,),
            (4,),
            SIGNS,
        )
        case(
            f"cosine_embedding_{margin}_{r}",
            lambda L, a, b, s, m=margin, r=r: F(L, "cosine_embedding_loss")(a, b, s, margin=m, reduction=r),
            (4, 3),
            (4, 3),
            SIGNS.astype("int64"),
        )
    case(
        f"hinge_embedding_{r}",
        lambda L, a, s, r=r: F(L, "hinge_embedding_loss")(a, s.to(a.dtype), reduction=r),
        (4,),
        SIGNS,
    )
    for options in [{}, {"p": 1.0}, {"swap": True}, {"margin": 0.3, "p": 3.0}]:
        case(
            f"triplet_{options}_{r}",
            lambda L, a, b, c, o=options, r=r: F(L, "triplet_margin_loss")(a, b, c, reduction=r, **o),
            (4, 3),
            (4, 3),
            (4, 3),
        )
    case(
        f"triplet_distance_{r}",
        lambda L, a, b, c, r=r: F(L, "triplet_margin_with_distance_loss")(
            a, b, c, distance_function=lambda x, y: (x - y).abs().sum(-1), reduction=r
        ),
        (4, 3),
        (4, 3),
        (4, 3),
    )

case("kl_div_batchmean", lambda L, a, b: F(L, "kl_div")(a, b, reduction="batchmean"), (3, 4), (3, 4), low=0.1)
case("kl_div_zero_target", lambda L, a: F(L, "kl_div")(a, a.detach() * 0, reduction="sum"), (3,), gradgrad=False)
case("mse_broadcast", lambda L, a, b: quietly(F(L, "mse_loss"), a, b), (3, 4), (4,))
case("mse_mixed", lambda L, a, b: F(L, "mse_loss")(a, b), (3, 4), CONSTANT)
case("mse_flags_sum", lambda L, a, b: quietly(F(L, "mse_loss"), a, b, size_average=False), (3, 4), (3, 4))
case("mse_flags_none", lambda L, a, b: quietly(F(L, "mse_loss"), a, b, reduce=False), (3, 4), (3, 4))
case(
    "bce_clamped",
    lambda L: F(L, "binary_cross_entropy")(L.tensor([0.0, 1.0, 0.0]), L.tensor([1.0, 0.0, 0.0]), reduction="none"),
)
case(
    "bce_logits_far",
    lambda L: F(L, "binary_cross_entropy_with_logits")(L.tensor([-1e4, 1e4]), L.tensor([0.0, 0.0]), reduction="none"),
)

TARGETS = [((4, 3), [0, 2, 1, 2]), ((2, 3, 2), [[0, 1], [2, 2]]), ((2, 3, 1, 2), [[[0, 1]], [[1, 2]]]), ((3,), 2)]
IGNORED = [((4, 3), [0, -100, 1, -100]), ((2, 3, 2), [[0, -100], [2, 2]])]
NOTHING = [((2, 3), [-100, -100]), ((3,), -100)]  # a mean that is nan, with gradient 0
for r in REDUCTIONS:
    for name in ("nll_loss", "cross_entropy"):
        for shape, target in TARGETS + IGNORED + NOTHING:
            t, some = np.array(target), {"grad": (shape, target) not in NOTHING or r != "mean"}
            case(f"{name}_{r}", lambda L, x, t, n=name, r=r: F(L, n)(x, t, reduction=r), shape, t, **some)
            case(
                f"{name}_weight_{r}",
                lambda L, x, t, n=name, r=r: F(L, n)(x, t, L.tensor([0.5, 2.0, 1.5], dtype=x.dtype), reduction=r),
                shape,
                t,
                **some,
            )
        case(
            f"{name}_ignore_{r}",
            lambda L, x, t, n=name, r=r: F(L, n)(x, t, ignore_index=2, reduction=r),
            (4, 3),
            np.array([0, 2, 1, 2]),
        )
        case(f"{name}_empty_{r}", lambda L, x, t, n=name, r=r: F(L, n)(x, t, reduction=r), (0, 3), np.zeros(0, "int64"))
    for shape, target in TARGETS + IGNORED + NOTHING:
        t, some = np.array(target), {"grad": (shape, target) not in NOTHING or r != "mean"}
        case(
            f"smoothing_{r}",
            lambda L, x, t, r=r: F(L, "cross_entropy")(x, t, reduction=r, label_smoothing=0.2),
            shape,
            t,
            **some,
        )
        case(
            f"smoothing_weight_{r}",
            lambda L, x, t, r=r: F(L, "cross_entropy")(
                x, t, L.tensor([0.5, 2.0, 1.5], dtype=x.dtype), reduction=r, label_smoothing=0.2
            ),
            shape,
            t,
            **some,
        )
    for shape in [(4, 3), (2, 3, 2), (3,)]:
        case(f"probabilities_{r}", lambda L, x, p, r=r: F(L, "cross_entropy")(x, p, reduction=r), shape, shape, low=0.1)
        case(
            f"probabilities_weight_{r}",
            lambda L, x, p, r=r: F(L, "cross_entropy")(
                x, p, L.tensor([0.5, 2.0, 1.5], dtype=x.dtype), reduction=r, label_smoothing=0.1
            ),
            shape,
            shape,
            low=0.1,
        )
    for p in (1, 2):
        case(
            f"multi_margin_{p}_{r}",
            lambda L, x, t, p=p, r=r: F(L, "multi_margin_loss")(x, t, p=p, reduction=r),
            (4, 3),
            np.array([0, 2, 1, 2]),
            gradgrad=False,
        )
    case(
        f"multilabel_margin_{r}",
        lambda L, x, t, r=r: F(L, "multilabel_margin_loss")(x, t, reduction=r),
        (2, 4),
        np.array([[3, 0, -1, 1], [1, -1, 2, 3]]),
        gradgrad=False,
    )
    case(
        f"multilabel_soft_margin_{r}",
        lambda L, x, t, r=r: F(L, "multilabel_soft_margin_loss")(x, t, reduction=r),
        (3, 4),
        (3, 4),
    )
case(
    "cross_entropy_far",
    lambda L, x, t: F(L, "cross_entropy")(x * 1000, t, reduction="none"),
    (4, 3),
    np.array([0, 2, 1, 2]),
    grad=False,
)
case("nll_uint8", lambda L, x: F(L, "nll_loss")(x, L.tensor([0, 1], dtype=L.uint8)), (2, 3))

for dim in (0, 1, -1):
    case(f"cosine_similarity_{dim}", lambda L, a, b, d=dim: F(L, "cosine_similarity")(a, b, dim=d), (3, 4), (3, 4))
    for p in (1.0, 2.0, 3.0, float("inf")):
        case(f"normalize_{dim}_{p}", lambda L, a, d=dim, p=p: F(L, "normalize")(a, p, dim=d), (3, 4), gradgrad=p < 9)
for p in (1.0, 2.0, 3.0):
    case(f"pairwise_distance_{p}", lambda L, a, b, p=p: F(L, "pairwise_distance")(a, b, p), (3, 4), (3, 4))
case("pairwise_distance_keepdim", lambda L, a, b: F(L, "pairwise_distance")(a, b, keepdim=True), (3, 4), (4,))
case("normalize_zeros", lambda L, a: F(L, "normalize")(a * 0), (3, 4), gradgrad=False)
case("cosine_similarity_broadcast", lambda L, a, b: F(L, "cosine_similarity")(a, b, dim=-1), (3, 4), (2, 1, 4))

raises("mse_reduction", lambda L: F(L, "mse_loss")(L.ones(2), L.ones(2), reduction="average"))
raises("mse_shapes", lambda L: quietly(F(L, "mse_loss"), L.ones(2), L.ones(3)))
raises("smooth_l1_negative", lambda L: F(L, "smooth_l1_loss")(L.ones(2), L.ones(2), beta=-1.0))
raises("huber_zero", lambda L: F(L, "huber_loss")(L.ones(2), L.ones(2), delta=0.0))
raises("bce_shapes", lambda L: F(L, "binary_cross_entropy")(L.ones(2), L.ones(2, 1)))
raises("bce_range", lambda L: F(L, "binary_cross_entropy")(L.ones(2) * 2, L.ones(2)))
raises("bce_logits_shapes", lambda L: F(L, "binary_cross_entropy_with_logits")(L.ones(2), L.ones(2, 1)))
raises("cross_entropy_class", lambda L: F(L, "cross_entropy")(L.ones(2, 3), L.tensor([0, 3])))
raises("cross_entropy_negative_class", lambda L: F(L, "cross_entropy")(L.ones(2, 3), L.tensor([0, -1])))
raises("cross_entropy_batch", lambda L: F(L, "cross_entropy")(L.ones(2, 3), L.tensor([0, 1, 2])))
raises("cross_entropy_smoothing", lambda L: F(L, "cross_entropy")(L.ones(2, 3), L.tensor([0, 1]), label_smoothing=2.0))
raises("cross_entropy_weight", lambda L: F(L, "cross_entropy")(L.ones(2, 3), L.tensor([0, 1]), L.ones(2)))
raises("cross_entropy_float_targets", lambda L: F(L, "cross_entropy")(L.ones(2, 3), L.tensor([0.0, 1.0])))
raises("nll_float_targets", lambda L: F(L, "nll_loss")(L.ones(2, 3), L.tensor([0.0, 1.0])))
raises("nll_class", lambda L: F(L, "nll_loss")(L.ones(2, 3), L.tensor([0, 3])))
raises("multi_margin_p", lambda L: F(L, "multi_margin_loss")(L.ones(2, 3), L.tensor([0, 1]), p=3))
raises("triplet_margin", lambda L: F(L, "triplet_margin_loss")(L.ones(2, 3), L.ones(2, 3), L.ones(2, 3), margin=-1.0))
raises("gaussian_var", lambda L: F(L, "gaussian_nll_loss")(L.ones(2, 3), L.ones(2, 3), -L.ones(2, 3)))
raises("gaussian_var_shape", lambda L: F(L, "gaussian_nll_loss")(L.ones(2, 3), L.ones(2, 3), L.ones(3, 2)))
raises("cosine_embedding_dims", lambda L: F(L, "cosine_embedding_loss")(L.ones(2, 3), L.ones(2, 3), L.ones(2, 3)))
