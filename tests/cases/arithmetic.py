"""add, sub, mul, div, neg, pow."""

from .case import case, raises

PAIRS = [((3, 4), (3, 4)), ((3, 4), (4,)), ((2, 1, 3), (4, 1)), ((), (3,)), ((), ()), ((0, 3), (1, 3))]
ALL = ("float32", "float64", "int64", "int32", "uint8")

for a, b in PAIRS:
    case("add", lambda L, a, b: L.add(a, b), a, b, dtypes=ALL)
    case("add_alpha", lambda L, a, b: L.add(a, b, alpha=2), a, b, dtypes=ALL)
    case("sub", lambda L, a, b: a - b, a, b, dtypes=ALL)
    case("mul", lambda L, a, b: a * b, a, b, dtypes=ALL)
    case("div", lambda L, a, b: a / b, a, b, low=0.5, dtypes=("float32", "float64"))
    case("div_int", lambda L, a, b: a / b, a, b, low=1, high=9, dtypes=("int64", "int32"), grad=False)
    case("pow", lambda L, a, b: a**b, a, b, low=0.5)

for n in (0, 1, 2, 3, -1, 0.5, 2.5, -2):
    case(f"pow_{n}", lambda L, a, n=n: a**n, (3, 2), low=0.5)
for n in (2, 0.5, 3.7):
    case(f"rpow_{n}", lambda L, a, n=n: n**a, (3, 2))
for shape in [(3, 4), (), (0,)]:
    case("neg", lambda L, a: -a, shape, dtypes=ALL)
    case("number_right", lambda L, a: (a + 1) * 2 - 3, shape, dtypes=ALL)
    case("number_left", lambda L, a: 2 - 3 * (1 + a), shape, dtypes=ALL)
    case("float_number", lambda L, a: a * 1.5 + 0.5, shape, dtypes=ALL)
    case("rdiv", lambda L, a: 2 / a, shape, low=0.5, dtypes=("float32", "float64"))

raises("add_shapes", lambda L: L.tensor([1.0, 2.0]) + L.tensor([1.0, 2.0, 3.0]))
raises("add_text", lambda L: L.tensor([1.0]) + "a")
raises("sub_bool", lambda L: L.tensor([True]) - L.tensor([False]))
raises("neg_bool", lambda L: -L.tensor([True]))
raises("int_negative_power", lambda L: L.tensor([2]) ** -1)
