"""Comparisons, tests, logical and bitwise operations."""

import numpy as np

from .case import case, raises

EVERY = ("float32", "float64", "int64", "int32", "uint8", "bool")
PAIRS = [((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2,)), ((), ()), ((0, 2), (1, 2))]
BITS = ("int64", "int32", "uint8", "bool")

for a, b in PAIRS:
    for name in "eq ne lt le gt ge".split():
        case(
            name,
            lambda L, a, b, name=name: [getattr(L, name)(a, b), getattr(a, name)(b)],
            a,
            b,
            dtypes=EVERY,
            grad=False,
        )
    case(
        "comparison_operators",
        lambda L, a, b: [a == b, a != b, a < b, a <= b, a > b, a >= b],
        a,
        b,
        dtypes=EVERY,
        grad=False,
    )
    for name in "logical_and logical_or logical_xor".split():
        case(name, lambda L, a, b, name=name: getattr(L, name)(a, b), a, b, dtypes=EVERY, grad=False)
    case("bitwise", lambda L, a, b: [a & b, a | b, a ^ b, ~a], a, b, low=0, high=9, dtypes=BITS, grad=False)
    case(
        "shifts", lambda L, a, b: [a << b, a >> b], a, b, low=0, high=6, dtypes=("int64", "int32", "uint8"), grad=False
    )
    case("isclose", lambda L, a, b: L.isclose(a, b, rtol=0.5), a, b, dtypes=EVERY, grad=False)

for shape in [(2, 3), (), (0,)]:
    case("compare_number", lambda L, a: [a < 1, a >= 0.5, a < 1, a == 0, a != 1], shape, dtypes=EVERY, grad=False)
    case("logical_not", lambda L, a: L.logical_not(a), shape, dtypes=EVERY, grad=False)
    case(
        "tests",
        lambda L, a: [L.isnan(a), L.isinf(a), L.isfinite(a), L.signbit(a), L.isreal(a)],
        shape,
        dtypes=EVERY,
        grad=False,
    )
    case(
        "equal",
        lambda L, a: [L.equal(a, a), a.equal(a + 1), L.allclose(a, a)],
        shape,
        dtypes=("float32", "int64"),
        grad=False,
    )
    case(
        "bits_and_number",
        lambda L, a: [a & 3, 3 | a, a ^ 1, 2 & a, 1 << a, 9 >> a],
        shape,
        low=0,
        high=6,
        dtypes=("int64",),
        grad=False,
    )

SPECIAL = np.array([float("nan"), float("inf"), -float("inf"), 1.0])
case(
    "isclose_special",
    lambda L, a: [L.isclose(a, a), L.isclose(a, a, equal_nan=True), L.isclose(a, a + 1)],
    SPECIAL,
    grad=False,
)
case(
    "mixed_types",
    lambda L, a, b: [a < b, a == b, L.logical_and(a, b)],
    (2,),
    np.array([1, 0]),
    dtypes=("float32", "int32"),
    grad=False,
)
case("equal_shapes", lambda L, a: [L.equal(a, a[:1]), L.equal(a, a.long())], (2,), grad=False)
case(
    "isin",
    lambda L, a, t: [L.isin(a, t), L.isin(a, t, invert=True), L.isin(a, 1), L.isin(1, t)],
    np.array([[1, 2], [3, 1]]),
    np.array([1, 5]),
)
case("compare_none_and_text", lambda L, a: [a == None, a != None, a == "x"], (2,), grad=False)  # noqa: E711


def in_place(L, a):
    a = a.clone()
    a &= 6
    a |= 1
    a ^= 2
    a <<= 1
    a >>= 1
    return [a, a.clone().eq_(a), a.clone().logical_not_(), a.clone().lt_(3)]


case("bits_in_place", in_place, (3,), low=0, high=9, dtypes=("int64", "uint8"), grad=False)

raises("compare_shapes", lambda L: L.ones(2) < L.ones(3))
raises("eq_shapes", lambda L: L.ones(2) == L.ones(3))
raises("less_than_text", lambda L: L.ones(2) < "a")
raises("less_than_none", lambda L: L.ones(2) < None)
raises("and_float", lambda L: L.ones(2) & L.ones(2))
raises("invert_float", lambda L: ~L.ones(2))
raises("shift_bool", lambda L: L.tensor([True]) << L.tensor([True]))
raises("logical_and_number", lambda L: L.logical_and(L.ones(2), 1))
raises("isclose_types", lambda L: L.isclose(L.ones(2), L.ones(2).double()))
raises("isclose_negative", lambda L: L.isclose(L.ones(2), L.ones(2), rtol=-1))
raises("equal_number", lambda L: L.equal(L.ones(2), 1))
raises("isnan_number", lambda L: L.isnan(1.0))
