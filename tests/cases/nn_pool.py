"""Pooling."""

from .case import case, raises


def F(L, name):
    return getattr(L.nn.functional, name)


MAX = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2},
    {"kernel_size": 2, "stride": 1},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 2, "dilation": 2, "stride": 1},
    {"kernel_size": 2, "stride": 2, "ceil_mode": True},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
]
TWO_DIMS = [{"kernel_size": (3, 2), "stride": (1, 2), "padding": (1, 0)}, {"kernel_size": (2, 3), "dilation": (2, 1)}]
AVERAGE = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
    {"kernel_size": 2, "stride": 2, "ceil_mode": True},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True, "count_include_pad": False},
]
INPUTS = {1: [(2, 3, 7), (3, 6)], 2: [(2, 2, 5, 6), (2, 5, 5), (2, 9, 5, 5)], 3: [(1, 2, 5, 5, 5)]}


def text(options):
    return "_".join(f"{k}{v}" for k, v in options.items())


for dims, shapes in INPUTS.items():
    for shape in shapes:
        light = {"gradgrad": dims < 3 and 9 not in shape}  # finite differences take a pass for each element
        for o in MAX + (TWO_DIMS if dims == 2 else []):
            case(f"max_pool{dims}d_{text(o)}", lambda L, x, d=dims, o=o: F(L, f"max_pool{d}d")(x, **o), shape, **light)
            case(
                f"max_pool{dims}d_indices_{text(o)}",
                lambda L, x, d=dims, o=o: F(L, f"max_pool{d}d")(x, return_indices=True, **o),
                shape,
                gradgrad=False,
            )
        for o in AVERAGE + ([{"kernel_size": 3, "divisor_override": 5}] if dims > 1 else []):
            case(f"avg_pool{dims}d_{text(o)}", lambda L, x, d=dims, o=o: F(L, f"avg_pool{d}d")(x, **o), shape, **light)
        for out in (1, 2, 3, 5):
            case(
                f"adaptive_avg_pool{dims}d_{out}",
                lambda L, x, d=dims, o=out: F(L, f"adaptive_avg_pool{d}d")(x, o),
                shape,
                **light,
            )
            case(
                f"adaptive_max_pool{dims}d_{out}",
                lambda L, x, d=dims, o=out: F(L, f"adaptive_max_pool{d}d")(x, o, return_indices=True),
                shape,
                **light,
            )
    shape, kernel = {1: ((2, 3, 6), 3), 2: ((2, 4, 6), 2), 3: ((1, 1, 4, 4, 4), 2)}[dims]
    case(
        f"max_unpool{dims}d",
        lambda L, x, d=dims, k=kernel: F(L, f"max_unpool{d}d")(*F(L, f"max_pool{d}d")(x, k, return_indices=True), k),
        shape,
        gradgrad=False,
    )
case("adaptive_avg_pool2d_none", lambda L, x: F(L, "adaptive_avg_pool2d")(x, (None, 2)), (2, 2, 3, 4))
case("max_pool2d_ints", lambda L, x: F(L, "max_pool2d")(x, 2), (1, 2, 4, 4), dtypes=("int64",), low=-9, high=9)
case("max_pool2d_nan", lambda L: F(L, "max_pool2d")(L.tensor([[[1.0, float("nan")], [2.0, 3.0]]]), 2).isnan())
case("max_pool2d_empty_batch", lambda L, x: F(L, "max_pool2d")(x, 2), (0, 2, 4, 4))
case(
    "max_unpool2d_size",
    lambda L, x: F(L, "max_unpool2d")(*F(L, "max_pool2d")(x, 2, return_indices=True), 2, output_size=(5, 5)),
    (1, 2, 5, 5),
    gradgrad=False,
)

raises("max_pool2d_padding", lambda L: F(L, "max_pool2d")(L.ones(1, 1, 4, 4), 2, padding=2))
raises("max_pool2d_dims", lambda L: F(L, "max_pool2d")(L.ones(4, 4), 2))
raises("max_pool2d_kernel", lambda L: F(L, "max_pool2d")(L.ones(1, 1, 2, 2), 3))
raises("max_pool2d_stride_0", lambda L: F(L, "max_pool2d")(L.ones(1, 1, 2, 2), 1, stride=0))
raises("avg_pool2d_padding", lambda L: F(L, "avg_pool2d")(L.ones(1, 1, 4, 4), 2, padding=2))
raises("avg_pool2d_divisor", lambda L: F(L, "avg_pool2d")(L.ones(1, 1, 4, 4), 2, divisor_override=0))
raises("adaptive_avg_pool2d_dims", lambda L: F(L, "adaptive_avg_pool2d")(L.ones(4, 4), 2))
raises("max_unpool2d_shape", lambda L: F(L, "max_unpool2d")(L.ones(1, 1, 2, 2), L.zeros(1, 1, 2, 1).long(), 2))
