"""Functions that are two others in one: linear_cross_entropy and conv_tbc."""

import numpy as np

from .case import case, raises

KINDS = np.array([0, 3, 2])
PLACED = np.array([[0, 3], [2, 1], [1, 1]])


def loss(*args, **options):
    def call(L, x, w, t, *more):
        given = dict(zip(args, more, strict=True))
        return L.nn.functional.linear_cross_entropy(x, w, t, **given, **options)

    return call


for _r in ("mean", "sum", "none"):
    case(f"linear_cross_entropy_{_r}", loss(reduction=_r), (3, 2), (4, 2), KINDS)
case("linear_cross_entropy_bias", loss("linear_bias"), (3, 2), (4, 2), KINDS, (4,))
case("linear_cross_entropy_one", loss(), (2,), (4, 2), np.array(1))
case("linear_cross_entropy_ignore", loss(ignore_index=3), (3, 2), (4, 2), KINDS)
case("linear_cross_entropy_smooth", loss(label_smoothing=0.2), (3, 2), (4, 2), KINDS)
case(
    "linear_cross_entropy_weight",
    lambda L, x, w, t: loss(weight=L.tensor([0.5, 1.0, 2.0, 0.1], dtype=x.dtype), reduction="mean")(L, x, w, t),
    (3, 2),
    (4, 2),
    KINDS,
)
case("linear_cross_entropy_places", loss("linear_bias"), (3, 2), (4, 2, 2), PLACED, (4, 2))
case("linear_cross_entropy_likely", loss(), (3, 2), (4, 2), (3, 4), low=0.1, gradgrad=False)


def wrong(name, *shapes, **options):
    def call(L):
        x, w, *bias = (L.ones(shape) for shape in shapes)
        target = options.pop("target", None)
        bias = {"linear_bias": bias[0]} if bias else {}
        t = L.zeros(target) if target else L.zeros(3).long()
        return L.nn.functional.linear_cross_entropy(x, w, t, **bias, **options)

    raises(f"linear_cross_entropy_{name}", call)


wrong("input_dims", (1, 3, 2), (4, 2))
wrong("weight_dims", (3, 2), (4,))
wrong("features", (3, 2), (4, 3))
wrong("bias", (3, 2), (4, 2), (3,))
wrong("unbatched_places", (2,), (4, 2, 2))
wrong("reduction", (3, 2), (4, 2), reduction="best")
raises(
    "linear_cross_entropy_ignored_likely",
    lambda L: L.nn.functional.linear_cross_entropy(L.ones(3, 2), L.ones(4, 2), L.ones(3, 4), ignore_index=1),
)

for _pad in (0, 2):
    case(f"conv_tbc_{_pad}", lambda L, x, w, b, p=_pad: L.conv_tbc(x, w, b, p), (5, 2, 3), (2, 3, 4), (4,))
case("conv_tbc_nn", lambda L, x, w, b: L.nn.functional.conv_tbc(x, w, b, pad=1), (1, 1, 1), (3, 1, 1), (1,))
raises("conv_tbc_dims", lambda L: L.conv_tbc(L.ones(2, 3), L.ones(2, 3, 4), L.ones(4)))
raises("conv_tbc_channels", lambda L: L.conv_tbc(L.ones(5, 2, 3), L.ones(2, 2, 4), L.ones(4)))
raises("conv_tbc_bias", lambda L: L.conv_tbc(L.ones(5, 2, 3), L.ones(2, 3, 4), L.ones(3)))
