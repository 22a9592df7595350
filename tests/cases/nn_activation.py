"""Activation functions."""

from .case import case, raises

SHAPES = [(3, 4), (), (0, 2)]
PLAIN = {
    "relu": {},
    "relu6": {},
    "leaky_relu": {},
    "elu": {},
    "selu": {},
    "celu": {},
    "silu": {},
    "mish": {},
    "softplus": {},
    "softsign": {},
    "tanhshrink": {},
    "softshrink": {},
    "hardshrink": {},
    "hardtanh": {},
    "hardsigmoid": {},
    "hardswish": {},
    "logsigmoid": {},
    "sigmoid": {},
    "tanh": {},
    "gelu": {},
}
OTHERS = [
    ("leaky_relu", {"negative_slope": 0.3}),
    ("leaky_relu", {"negative_slope": 1.5}),
    ("leaky_relu", {"negative_slope": -0.5}),
    ("elu", {"alpha": 0.5}),
    ("celu", {"alpha": 2.0}),
    ("celu", {"alpha": 0.5}),
    ("gelu", {"approximate": "tanh"}),
    ("softplus", {"beta": 2.0}),
    ("softplus", {"beta": 3.0, "threshold": 2.0}),
    ("softshrink", {"lambd": 1.0}),
    ("hardshrink", {"lambd": 1.0}),
    ("hardtanh", {"min_val": -0.5, "max_val": 1.5}),
    ("threshold", {"threshold": 0.2, "value": 7.0}),
    ("rrelu", {}),
    ("rrelu", {"lower": 0.1, "upper": 0.2}),
]
IN_PLACE = [
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "selu",
    "celu",
    "silu",
    "mish",
    "hardtanh",
    "hardsigmoid",
    "hardswish",
]

TOLERANCE = {"hardsigmoid": 1e-6}  # torch multiplies by a float32 1 / 6


def named(name, options):
    return name + "".join(f"_{k}_{v}" for k, v in options.items())


for name, options in [*PLAIN.items(), *OTHERS]:
    for shape in SHAPES:
        case(
            named(name, options),
            lambda L, x, name=name, options=options: getattr(L.nn.functional, name)(x, **options),
            shape,
            low=-5.0,
            high=5.0,
            rtol=TOLERANCE.get(name),
        )
    case(
        named(name, options) + "_far",
        lambda L, x, name=name, options=options: getattr(L.nn.functional, name)(x * 50, **options),
        (4, 3),
        gradgrad=False,
        rtol=TOLERANCE.get(name),
    )
for name in IN_PLACE:
    case(
        name + "_inplace",
        lambda L, x, name=name: getattr(L.nn.functional, name)(x * 1, inplace=True),
        (3, 2),
        low=-5,
        high=5,
        rtol=TOLERANCE.get(name),
    )
    case(
        name + "_inplace_returns_input",
        lambda L, x, name=name: (lambda y: getattr(L.nn.functional, name)(y, inplace=True) is y)(x * 1),
        (3, 2),
        grad=False,
    )

for name, args in [
    ("elu", (0.5,)),
    ("celu", (2.0,)),
    ("selu", ()),
    ("leaky_relu", (0.2,)),
    ("hardtanh", (-1.0, 0.5)),
    ("relu", ()),
]:
    case(name + "_", lambda L, x, n=name + "_", a=args: getattr(L.nn.functional, n)(x * 1, *a), (3, 2), low=-5, high=5)
case("threshold_", lambda L, x: L.nn.functional.threshold_(x * 1, 0.5, 2.0), (3, 2))
for shape, weight in [((2, 3), (1,)), ((2, 3), (3,)), ((2, 3, 4), (3,)), ((5,), (1,)), ((), (1,)), ((2, 3, 2), ())]:
    case("prelu", lambda L, x, w: L.nn.functional.prelu(x, w), shape, weight)
for dim in (0, 1, -1):
    case(f"glu_{dim}", lambda L, x, dim=dim: L.nn.functional.glu(x, dim), (4, 2, 6))
    for name in ("softmax", "log_softmax", "softmin"):
        case(f"{name}_{dim}", lambda L, x, name=name, dim=dim: getattr(L.nn.functional, name)(x, dim=dim), (3, 2, 4))
        case(
            f"{name}_dtype_{dim}",
            lambda L, x, name=name, dim=dim: getattr(L.nn.functional, name)(x, dim=dim, dtype=L.float64),
            (3, 2),
            dtypes=("float32", "int64"),
            grad=False,
        )
case("relu_int", lambda L, x: L.nn.functional.relu(x), (3, 4), dtypes=("int64", "int32"), low=-9, high=9)
case("relu6_int", lambda L, x: L.nn.functional.relu6(x), (3, 4), dtypes=("int64",), low=-9, high=9)
case("threshold_edge", lambda L: L.nn.functional.threshold(L.tensor([1.0, 2.0]), 1.0, 3.0))
case(
    "softmax_infinite",
    lambda L: L.nn.functional.softmax(L.tensor([1.0, float("-inf"), 2.0]), dim=0),
    dtypes=("float32",),
)
case("logsigmoid_far", lambda L: L.nn.functional.logsigmoid(L.tensor([-1e4, 1e4, 0.0])))
for name in ("relu", "hardtanh", "elu", "silu", "softplus", "hardswish", "leaky_relu"):
    case(f"{name}_nan", lambda L, name=name: getattr(L.nn.functional, name)(L.tensor([float("nan"), 1.0])).isnan())

raises("softshrink_negative", lambda L: L.nn.functional.softshrink(L.ones(2), -1.0))
raises("hardtanh_order", lambda L: L.nn.functional.hardtanh(L.ones(2), 1.0, -1.0))
raises("celu_zero", lambda L: L.nn.functional.celu(L.ones(2), 0.0))
raises("gelu_approximate", lambda L: L.nn.functional.gelu(L.ones(2), approximate="sin"))
raises("glu_odd", lambda L: L.nn.functional.glu(L.ones(3)))
raises("prelu_weights", lambda L: L.nn.functional.prelu(L.ones(2, 3), L.ones(2)))
raises("elu_int", lambda L: L.nn.functional.elu(L.tensor([1, 2])))
raises("silu_int", lambda L: L.nn.functional.silu(L.tensor([1, 2])))
raises("rrelu_order", lambda L: L.nn.functional.rrelu(L.ones(2), 0.5, 0.1))
raises("leaf_inplace", lambda L: L.nn.functional.relu(L.ones(2, requires_grad=True), inplace=True))
