"""Normalisation."""

import numpy as np

from .case import case, raises

MEAN, VAR = np.array([0.5, -1.0, 0.0]), np.array([0.5, 2.0, 1.0])


def F(L, name):
    return getattr(L.nn.functional, name)


def with_running(L, x, w, b, mean, var, name="batch_norm", **options):
    """The result and the running statistics after it."""
    mean, var = mean.clone().to(x.dtype), var.clone().to(x.dtype)
    return F(L, name)(x, mean, var, w, b, **options), mean, var


for shape in [(4, 3), (4, 3, 2), (2, 3, 2, 2), (2, 3, 1, 2, 2)]:
    for name, options in [
        ("train", {"training": True}),
        ("train_momentum", {"training": True, "momentum": 0.7, "eps": 0.1}),
        ("eval", {"training": False}),
        ("eval_eps", {"training": False, "eps": 0.3}),
    ]:
        case(
            "batch_norm_" + name,
            lambda L, x, w, b, m, v, o=options: with_running(L, x, w, b, m, v, **o),
            shape,
            (3,),
            (3,),
            MEAN,
            VAR,
            rtol=1e-4,
            atol=1e-5,
        )
        case(
            "batch_norm_plain_" + name,
            lambda L, x, m, v, o=options: with_running(L, x, None, None, m, v, **o),
            shape,
            MEAN,
            VAR,
            rtol=1e-4,
            atol=1e-5,
        )
    case(
        "batch_norm_no_running",
        lambda L, x, w, b: F(L, "batch_norm")(x, None, None, w, b, training=True),
        shape,
        (3,),
        (3,),
    )
for shape in [(4, 3, 2), (2, 3, 2, 2)]:
    case("instance_norm", lambda L, x, w, b: F(L, "instance_norm")(x, weight=w, bias=b), shape, (3,), (3,), atol=1e-4)
    case("instance_norm_plain", lambda L, x: F(L, "instance_norm")(x), shape, atol=1e-4)
    case(
        "instance_norm_running",
        lambda L, x, w, b, m, v: with_running(L, x, w, b, m, v, "instance_norm"),
        shape,
        (3,),
        (3,),
        MEAN,
        VAR,
        atol=1e-4,
    )
    case(
        "instance_norm_eval",
        lambda L, x, w, b, m, v: with_running(L, x, w, b, m, v, "instance_norm", use_input_stats=False),
        shape,
        (3,),
        (3,),
        MEAN,
        VAR,
    )
for shape, form in [((2, 3, 4), (4,)), ((2, 3, 4), (3, 4)), ((5,), (5,)), ((2, 3, 1), (3, 1)), ((0, 3), (3,))]:
    case(f"layer_norm_{form}", lambda L, x, w, b, f=form: F(L, "layer_norm")(x, f, w, b), shape, form, form, atol=1e-4)
    case(f"layer_norm_plain_{form}", lambda L, x, f=form: F(L, "layer_norm")(x, f, eps=0.1), shape)
    case(f"layer_norm_weight_{form}", lambda L, x, w, f=form: F(L, "layer_norm")(x, f, w, eps=0.1), shape, form)
    case(f"rms_norm_{form}", lambda L, x, w, f=form: F(L, "rms_norm")(x, f, w), shape, form)
    case(f"rms_norm_eps_{form}", lambda L, x, f=form: F(L, "rms_norm")(x, f, eps=0.1), shape)
for groups in (1, 2, 4):
    for shape in [(2, 4, 3), (3, 4), (2, 4, 2, 2)]:
        if shape == (3, 4) and groups == 4:
            continue  # one element in each group: torch's and finite differences of nothing
        case(
            f"group_norm_{groups}",
            lambda L, x, w, b, g=groups: F(L, "group_norm")(x, g, w, b, eps=0.1),
            shape,
            (4,),
            (4,),
        )
        case(f"group_norm_plain_{groups}", lambda L, x, g=groups: F(L, "group_norm")(x, g, eps=0.1), shape)
for size in (1, 2, 3):
    case(
        f"local_response_norm_{size}",
        lambda L, x, s=size: F(L, "local_response_norm")(x, s, alpha=0.5, k=2.0),
        (2, 4, 3),
    )
case("local_response_norm_2d", lambda L, x: F(L, "local_response_norm")(x, 2, alpha=0.5), (2, 4, 2, 2))

raises("batch_norm_one", lambda L: F(L, "batch_norm")(L.ones(1, 3), None, None, training=True))
raises("batch_norm_channels", lambda L: F(L, "batch_norm")(L.ones(2, 3), L.ones(2), L.ones(2)))
raises("batch_norm_no_statistics", lambda L: F(L, "batch_norm")(L.ones(2, 3), None, None))
raises("layer_norm_shape", lambda L: F(L, "layer_norm")(L.ones(2, 3), (2,)))
raises("layer_norm_weight", lambda L: F(L, "layer_norm")(L.ones(2, 3), (3,), L.ones(2)))
raises("group_norm_groups", lambda L: F(L, "group_norm")(L.ones(2, 3), 2))
raises("instance_norm_one", lambda L: F(L, "instance_norm")(L.ones(2, 3, 1)))
raises("local_response_norm_dims", lambda L: F(L, "local_response_norm")(L.ones(2, 3), 2))
