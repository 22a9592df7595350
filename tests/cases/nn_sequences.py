"""Losses of sequences without alignment, power-average pools and pools at random places."""

import numpy as np

from .case import case, raises


def F(L, name):
    return getattr(L.nn.functional, name)


TARGETS = np.array([[1, 2, 2], [3, 1, 0], [2, 9, 9]])  # of lengths 3, 2 and 1: the rest is padding
ROW = np.array([1, 2, 2, 3, 1, 2])


def ctc(lengths=(6, 4, 5), sizes=(3, 2, 1), **options):
    def call(L, x, targets):
        log_probs = L.log_softmax(x, -1)
        return F(L, "ctc_loss")(log_probs, targets, L.tensor(lengths), L.tensor(sizes), **options)

    return call


for reduction in ("none", "mean", "sum"):
    case(f"ctc_loss_{reduction}", ctc(reduction=reduction), (6, 3, 4), TARGETS, gradgrad=False)
    case(f"ctc_loss_row_{reduction}", ctc(reduction=reduction), (6, 3, 4), ROW, gradgrad=False)
    case(
        f"ctc_loss_infinite_{reduction}",
        ctc(lengths=(2, 4, 0), reduction=reduction, zero_infinity=True),
        (6, 3, 4),
        TARGETS,
        gradgrad=False,
    )
case("ctc_loss_blank", ctc(blank=3, sizes=(3, 0, 1)), (6, 3, 4), TARGETS, gradgrad=False)
case("ctc_loss_no_targets", ctc(sizes=(0, 0, 0)), (6, 3, 4), TARGETS, gradgrad=False)
case("ctc_loss_int32", ctc(), (6, 3, 4), TARGETS.astype("int32"), gradgrad=False)
case("ctc_loss_infinity", ctc(lengths=(2, 4, 5), reduction="none"), (6, 3, 4), TARGETS, grad=False)
case(
    "ctc_loss_lists",
    lambda L, x: F(L, "ctc_loss")(x.log_softmax(2), L.tensor([[1, 2]]), (5,), (2,)),
    (5, 1, 3),
    gradgrad=False,
)
for reduction in ("none", "mean"):
    case(
        f"ctc_loss_alone_{reduction}",
        lambda L, x, r=reduction: F(L, "ctc_loss")(
            x.log_softmax(1), L.tensor([1, 2]), L.tensor(5), L.tensor(2), reduction=r
        ),
        (5, 3),
        gradgrad=False,
    )


def wrong(name, shape=(3, 2, 4), targets=((1, 2), (1, 3)), lengths=(3, 3), sizes=(2, 2), **options):
    raises(
        f"ctc_loss_{name}",
        lambda L: F(L, "ctc_loss")(L.ones(shape), L.tensor(targets), L.tensor(lengths), L.tensor(sizes), **options),
    )


wrong("steps", lengths=(4, 3))
wrong("sizes", sizes=(3, 2))
wrong("batch", lengths=(3,))
wrong("batch_of_sizes", sizes=(2,))
wrong("label_blank", blank=4)
wrong("reduction", reduction="other")
wrong("float_sizes", sizes=(2.0, 2.0))
wrong("negative", sizes=(-1, 2))

for dims, shape in {1: (2, 3, 7), 2: (2, 2, 5, 4), 3: (1, 2, 3, 4, 3)}.items():
    for o in ({"kernel_size": 2}, {"kernel_size": 2, "stride": 1}, {"kernel_size": 3, "stride": 2, "ceil_mode": True}):
        for p in (2, 1, 3.0):
            case(
                f"lp_pool{dims}d_{p}_{'_'.join(map(str, o.values()))}",
                lambda L, x, d=dims, p=p, o=o: F(L, f"lp_pool{d}d")(x, p, **o),
                shape,
                low=0.3,
                gradgrad=dims < 3,
            )
case("lp_pool2d_kernels", lambda L, x: F(L, "lp_pool2d")(x, 2, (2, 1)), (2, 4, 4), low=0.5)
raises("lp_pool2d_dims", lambda L: F(L, "lp_pool2d")(L.ones(1, 1, 1, 4, 4), 2, 2))
raises("lp_pool2d_kernel", lambda L: F(L, "lp_pool2d")(L.ones(1, 1, 4, 4), 2, 5))

SAMPLES = np.random.default_rng(0).random((2, 3, 3))
for dims, shape in {2: (2, 3, 6, 7), 3: (2, 3, 5, 5, 6)}.items():
    samples = SAMPLES[:, :, :dims]
    for o in ({"output_size": 3}, {"output_ratio": 0.5}, {"output_size": (1, 3, 2)[:dims]}):
        case(
            f"fractional_max_pool{dims}d_{o}",
            lambda L, x, s, d=dims, o=o: F(L, f"fractional_max_pool{d}d")(
                x,
                2,
                **{k: (v,) * d if isinstance(v, float) else v for k, v in o.items()},
                _random_samples=s,
                return_indices=True,
            ),
            shape,
            samples,
            gradgrad=False,
            dtypes=("float64",),
        )
    case(
        f"fractional_max_pool{dims}d_alone",
        lambda L, x, s, d=dims: F(L, f"fractional_max_pool{d}d")(x, (3, 1, 2)[:d], 2, _random_samples=s),
        shape[1:],
        samples[:1],
        gradgrad=False,
        dtypes=("float64",),
    )
    image = (1, 1, 4, 4, 4)[: dims + 2]
    pool = f"fractional_max_pool{dims}d"
    raises(f"{pool}_neither", lambda L, p=pool, s=image: F(L, p)(L.ones(s), 2))
    raises(f"{pool}_large", lambda L, p=pool, s=image: F(L, p)(L.ones(s), 2, output_size=4))
    raises(f"{pool}_dims", lambda L, p=pool: F(L, p)(L.ones(1, 1, 1, 1, 4, 4), 2, output_size=2))
case("pdist_functional", lambda L, x: F(L, "pdist")(x), (4, 3))
