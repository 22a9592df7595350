"""Functions of single elements, limits, choices, division with remainder."""

import numpy as np

from .case import case, raises

FLOATS = ("float32", "float64")
ALL = ("float32", "float64", "int64", "int32", "uint8")
EVERY = (*ALL, "bool")
SHAPES = [(2, 3), (), (0, 2)]
NAN, INF = float("nan"), float("inf")
SPECIAL = np.array([NAN, INF, -INF, 0.0, -0.0, 1.5, -2.5, 0.5])
PAIRS = [((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2,)), ((0, 2), (1, 2))]

EVERYWHERE = "exp exp2 expm1 sigmoid sin cos tan atan sinh cosh tanh asinh sinc"
POSITIVE = "log log2 log10 log1p sqrt rsqrt reciprocal"
WITHIN_ONE = "asin acos atanh"

for shape in SHAPES:
    for name in EVERYWHERE.split():
        case(name, lambda L, a, name=name: getattr(L, name)(a), shape, dtypes=EVERY, low=-1.4, high=1.4)
        case(f"{name}_method", lambda L, a, name=name: getattr(a, name)(), shape, dtypes=FLOATS, low=-1.4, high=1.4)
    for name in POSITIVE.split():
        case(name, lambda L, a, name=name: getattr(L, name)(a), shape, dtypes=EVERY, low=0.3)
    for name in WITHIN_ONE.split():
        case(name, lambda L, a, name=name: getattr(L, name)(a), shape, dtypes=EVERY, low=-0.9, high=0.9)
    case("acosh", lambda L, a: L.acosh(a), shape, low=1.2)
    case("logit", lambda L, a: L.logit(a), shape, low=0.1, high=0.9)
    case("logit_eps", lambda L, a: L.logit(a, eps=0.3), shape, low=0.1, high=0.9)
    case("abs", lambda L, a: abs(a) + L.abs(a) + a.absolute(), shape, dtypes=ALL)
    case("relu", lambda L, a: L.relu(a), shape, dtypes=("float32", "float64", "int64"))
    case("square", lambda L, a: L.square(a), shape, dtypes=EVERY)
    case("sign", lambda L, a: L.sign(a), shape, dtypes=EVERY)
    case("frac", lambda L, a: L.frac(a), shape)
    for name in ("floor", "ceil", "trunc", "round"):
        case(name, lambda L, a, name=name: getattr(L, name)(a), shape, dtypes=ALL)
    case("deg2rad", lambda L, a: L.deg2rad(a) + L.rad2deg(a), shape, dtypes=ALL)
    case("positive", lambda L, a: +a, shape, dtypes=ALL)
    case("nan_to_num", lambda L, a: a.nan_to_num(), shape, dtypes=EVERY)
    for low, high in ((-1, 1), (None, 0.5), (-0.5, None), (1, -1)):
        case(f"clamp_{low}_{high}", lambda L, a, low=low, high=high: L.clamp(a, low, high), shape, dtypes=FLOATS)
    case("clamp_int", lambda L, a: a.clamp(0, 1), shape, dtypes=ALL)
    case("clamp_int_float", lambda L, a: a.clamp(0.5, 1.5), shape, dtypes=ALL)
    case("clamp_min", lambda L, a: L.clamp_min(a, 0.5) + a.clamp_max(1), shape)

case("round_decimals", lambda L, a: L.round(a, decimals=2), (2, 3))
case("round_negative_decimals", lambda L, a: L.round(a, decimals=-1), (2, 3), low=-50, high=50)
for (
    name
) in "isnan isinf isfinite isposinf isneginf signbit sign abs relu floor round nan_to_num square logical_not".split():
    case(f"{name}_special", lambda L, a, name=name: getattr(L, name)(a), SPECIAL)
case("nan_to_num_given", lambda L, a: L.nan_to_num(a, nan=1.0, posinf=2.0, neginf=3.0), SPECIAL)
case("clamp_special", lambda L, a: a.clamp(-1, 1), SPECIAL)

for a, b in PAIRS:
    for name in "maximum minimum fmax fmin atan2 hypot copysign logaddexp logaddexp2 xlogy".split():
        low = 0.2 if name == "xlogy" else -2
        case(name, lambda L, a, b, name=name: getattr(L, name)(a, b), a, b, low=low)
    for name in "maximum minimum fmax fmin".split():
        case(f"{name}_ints", lambda L, a, b, name=name: getattr(L, name)(a, b), a, b, dtypes=("int64", "uint8", "bool"))
    case(
        "floor_divide", lambda L, a, b: a // b, a, b, dtypes=("float32", "float64", "int64"), low=1, high=9, grad=False
    )
    case("floor_divide_signs", lambda L, a, b: (-a) // b, a, b, dtypes=("float32", "int64"), low=1, high=9, grad=False)
    case("div_floor", lambda L, a, b: L.div(a, b, rounding_mode="floor"), a, b, low=0.5)
    case("div_trunc", lambda L, a, b: L.div(-a, b, rounding_mode="trunc"), a, b, low=0.5)
    case("div_trunc_int", lambda L, a, b: L.div(-a, b, rounding_mode="trunc"), a, b, low=1, high=9, dtypes=("int64",))
    case("remainder", lambda L, a, b: a % b, a, b, low=0.5)
    case(
        "remainder_signs",
        lambda L, a, b: (-a) % b + a % (-b),
        a,
        b,
        low=1,
        high=9,
        dtypes=("float64", "int64"),
        grad=False,
    )
    case("fmod", lambda L, a, b: L.fmod(a, b), a, b, low=0.5)
    case(
        "fmod_signs",
        lambda L, a, b: L.fmod(-a, b) + L.fmod(a, -b),
        a,
        b,
        low=1,
        high=9,
        dtypes=("float64", "int64"),
        grad=False,
    )
    case("clamp_tensors", lambda L, a, b: L.clamp(a, b, b + 0.5), a, b)
    case("clamp_tensor_max", lambda L, a, b: a.clamp(max=b), a, b)
    case("addcmul", lambda L, a, b: L.addcmul(a, a, b, value=0.5), a, b)
    case("addcdiv", lambda L, a, b: L.addcdiv(a, a, b, value=2), a, b, low=0.5)
    case("lerp", lambda L, a, b: L.lerp(a, b, 0.3), a, b)
    case("lerp_tensor", lambda L, a, b: a.lerp(b, a), a, b)
    case("where", lambda L, a, b: L.where(a > 0, a, b), a, b, dtypes=ALL)
    case("ldexp", lambda L, a, b: L.ldexp(a, b), a, b)
    case("float_power", lambda L, a, b: L.float_power(a, b), a, b, low=0.5)

TIES = np.array([1.0, 2.0, 2.0])
for name in "maximum minimum".split():
    case(
        f"{name}_ties",
        lambda L, a, t, name=name: getattr(L, name)(a * 0 + t, a * 0 + 2),
        (3,),
        TIES.astype("float64"),
        dtypes=("float64",),
        grad=False,
    )
case("floor_divide_zero", lambda L, a: a // 0.0, (3,), grad=False)
case("remainder_zero", lambda L, a: a % 0.0, (3,), grad=False)
case("rfloordiv", lambda L, a: 7 // a, (3,), low=1, high=5, dtypes=("float64", "int64"), grad=False)
case("rdiv", lambda L, a: a.__rdiv__(2), (3,), low=0.5)
case("rmod", lambda L, a: 7 % a, (3,), low=1, high=5, dtypes=("float64", "int64"), grad=False)
case("xlogy_number", lambda L, a: L.xlogy(a, 2) + L.xlogy(2, a), (3,), low=0.5, dtypes=FLOATS)
case("xlogy_zero", lambda L, a: L.xlogy(a * 0, a), (3,), low=0.5)
case("copysign_number", lambda L, a: L.copysign(a, -1), (3,), dtypes=ALL)
case("where_number", lambda L, a: L.where(a > 0, a, 0.0) + L.where(a > 0, 1.0, a), (2, 3))
case("where_number_int", lambda L, a: L.where(a > 0, a, 1.5), (2, 3), dtypes=("int64", "uint8"))
case(
    "where_numbers",
    lambda L, a: [L.where(a > 0, 1.0, 2.0), L.where(a > 0, 1, 2), L.where(a > 0, 1, 2.5)],
    (2, 3),
    grad=False,
)
case("where_indices", lambda L, a: L.where(a > 0), (2, 3), grad=False)
case("where_method", lambda L, a: a.where(a > 0, 2.0), (2, 3))
case("where_condition_broadcasts", lambda L, a, c: L.where(c, a, 1.0), (3,), np.array([[True], [False]]))
case("heaviside", lambda L, a: L.heaviside(a.detach(), L.tensor([0.5], dtype=a.dtype)), (3,))
case("rsub", lambda L, a: L.rsub(a, 2, alpha=3), (3,), dtypes=ALL)
case("int_tensor_and_number", lambda L, a: [a + 1, a * 2, 3 - a, a + 1.5, a == 1, a > 0.5], (3,), dtypes=ALL)

for name in "exp log1p sqrt sigmoid tanh relu abs neg square reciprocal sin floor".split():
    case(f"{name}_in_place", lambda L, a, name=name: getattr(a * 1.0, name + "_")(), (2, 3), low=0.3)
case("clamp_in_place", lambda L, a: (a * 2).clamp_(-1, 1), (2, 3))
case("clamp_min_in_place", lambda L, a: (a * 2).clamp_min_(0.1), (2, 3))
case("lerp_in_place", lambda L, a, b: (a * 2).lerp_(b, 0.1), (2, 3), (3,))
case("addcmul_in_place", lambda L, a, b: (a * 2).addcmul_(a, b, value=0.5), (2, 3), (3,))
case("addcdiv_in_place", lambda L, a, b: (a * 2).addcdiv_(a, b, value=0.5), (2, 3), (3,), low=0.5)


def floordiv_in_place(L, a):
    a = a.clone()
    a //= 2
    a %= 3
    return a


case("floordiv_in_place", floordiv_in_place, (3,), dtypes=("int64", "float32"), low=0, high=20, grad=False)

raises("exp_number", lambda L: L.exp(1.0))
raises("abs_bool", lambda L: L.abs(L.tensor([True])))
raises("floor_bool", lambda L: L.floor(L.tensor([True])))
raises("frac_int", lambda L: L.frac(L.tensor([1])))
raises("relu_bool", lambda L: L.relu(L.tensor([True])))
raises("positive_bool", lambda L: +L.tensor([True]))
raises("clamp_nothing", lambda L: L.clamp(L.tensor([1.0])))
raises("maximum_number", lambda L: L.maximum(L.tensor([1.0]), 2.0))
raises("maximum_shapes", lambda L: L.maximum(L.ones(2), L.ones(3)))
raises("int_by_zero", lambda L: L.tensor([1]) // 0)
raises("int_by_zero_tensor", lambda L: L.tensor([1, 2]) // L.tensor([1, 0]))
raises("int_remainder_zero", lambda L: L.tensor([1]) % 0)
raises("floor_divide_bool", lambda L: L.tensor([True]) // L.tensor([True]))
raises("rounding_mode", lambda L: L.div(L.tensor([1.0]), 2, rounding_mode="up"))
raises("where_float_condition", lambda L: L.where(L.tensor([1.0]), L.tensor([1.0]), L.tensor([2.0])))
raises("where_shapes", lambda L: L.where(L.tensor([True, False]), L.ones(2), L.ones(3)))
raises("where_condition_shape", lambda L: L.where(L.tensor([True, False]), L.ones(3), L.ones(3)))
raises("lerp_types", lambda L: L.lerp(L.ones(2), L.ones(2).double(), 0.5))
raises("lerp_int", lambda L: L.lerp(L.tensor([1]), L.tensor([2]), 0.5))
raises("addcdiv_int", lambda L: L.addcdiv(L.tensor([1]), L.tensor([2]), L.tensor([2])))
raises("logaddexp_int", lambda L: L.logaddexp(L.tensor([1]), L.tensor([2])))
raises("hypot_int", lambda L: L.hypot(L.tensor([1]), L.tensor([2])))
raises("heaviside_types", lambda L: L.heaviside(L.tensor([1]), L.tensor([2.0])))
raises("exp_in_place_int", lambda L: L.tensor([1]).exp_())
raises("relu_leaf_in_place", lambda L: L.ones(2).requires_grad_().relu_())
