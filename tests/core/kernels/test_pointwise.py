"""Each compiled formula against the plain body of its op: values, gradients, second gradients, layouts, odd numbers."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle
import sparkle.nn.functional as F
from sparkle.core.kernels import formulas, pointwise
from sparkle.core.tensor import base, quick

pytest.importorskip("numba")


def dropped(a):
    sparkle.manual_seed(0)
    return F.dropout(a, 0.3)


# op -> what runs it, with how many inputs
CASES = {
    "Add": (lambda a, b: a + b, 2),
    "Add-number": (lambda a: a + 2.5, 1),
    "Sub": (lambda a, b: a - b, 2),
    "Sub-number": (lambda a: 2.5 - a, 1),
    "Mul": (lambda a, b: a * b, 2),
    "Mul-number": (lambda a: a * 3, 1),
    "Mul-0d": (lambda a: a * sparkle.tensor(3.0, dtype=a.dtype), 1),
    "Div": (lambda a, b: a / b, 2),
    "Div-number": (lambda a: a / 3, 1),
    "Div-under": (lambda a: 3 / a, 1),
    "Neg": (lambda a: -a, 1),
    "PowNumber-2": (lambda a: a**2, 1),
    "PowNumber-3": (lambda a: a**3, 1),
    "PowNumber-other": (lambda a: a.abs() ** 1.5, 1),
    "Lerp": (lambda a, b: sparkle.lerp(a, b, 0.3), 2),
    "Lerp-tensor": (lambda a, b, w: sparkle.lerp(a, b, w), 3),
    "Abs": (lambda a: a.abs(), 1),
    "Square": (lambda a: a.square(), 1),
    "Sqrt": (lambda a: a.sqrt(), 1),
    "Rsqrt": (lambda a: a.rsqrt(), 1),
    "Reciprocal": (lambda a: a.reciprocal(), 1),
    "Relu": (lambda a: a.relu(), 1),
    "Exp": (lambda a: a.exp(), 1),
    "Log": (lambda a: a.log(), 1),
    "Log1p": (lambda a: a.log1p(), 1),
    "Sigmoid": (lambda a: a.sigmoid(), 1),
    "Tanh": (lambda a: a.tanh(), 1),
    "Erf": (lambda a: a.erf(), 1),
    "Silu": (F.silu, 1),
    "Gelu": (F.gelu, 1),
    "GeluTanh": (lambda a: F.gelu(a, approximate="tanh"), 1),
    "Mish": (F.mish, 1),
    "Softplus": (lambda a: F.softplus(a, 2, 3), 1),
    "LogSigmoid": (F.logsigmoid, 1),
    "LeakyRelu": (lambda a: F.leaky_relu(a, 0.2), 1),
    "Dropout": (dropped, 1),
    "Where": (lambda a, b: sparkle.where(a > 0.5, a, b), 2),
    "Clamp": (lambda a: a.clamp(-0.5, 1.0), 1),
    "Clamp-open": (lambda a: a.clamp(max=1.0), 1),
    "ClampMin": (lambda a, b: a.clamp(b), 2),
    "Maximum": (lambda a, b: sparkle.maximum(a, b), 2),
    "Minimum": (lambda a, b: sparkle.minimum(a, b), 2),
}
LAYOUTS = {
    "plain": lambda x: x,
    "transposed": lambda x: np.ascontiguousarray(x.T).T,
    "strided": lambda x: np.repeat(x, 2, 1)[:, ::2],
    "expanded": lambda x: np.lib.stride_tricks.as_strided(x, x.shape, (0, x.strides[1])),
    "none": lambda x: x[:0],
}
ODD = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 100.0, -100.0, 1e-30, -1e-30, 0.5, -0.5])


def test_every_formula_has_a_case():
    assert {name.split("-")[0] for name in CASES} == {kind.__name__ for kind in formulas.TABLE}


@pytest.fixture
def forced(monkeypatch):
    """A switch that sends arrays of every size to the kernels."""

    def force(on):
        for module in (base, quick):
            monkeypatch.setattr(module, "SMALL", 0 if on else 1 << 60)
        for kind, row in list(formulas.TABLE.items()):
            if isinstance(row, formulas.Formulas):
                monkeypatch.setitem(formulas.TABLE, kind, row._replace(least=0 if on else 1 << 60))
        for n, row in list(formulas.POWERS.items()):
            monkeypatch.setitem(formulas.POWERS, n, row._replace(least=0 if on else 1 << 60))

    return force


def outcome(call, arrays, second):
    """The result, the gradients, and those of the gradients' squares."""
    xs = [sparkle.from_numpy(a).requires_grad_() for a in arrays]
    y = call(*xs)
    weights = sparkle.from_numpy(np.random.default_rng(1).standard_normal(y.shape).astype(arrays[0].dtype))
    grads = sparkle.autograd.grad((y * weights).sum(), xs, create_graph=second, allow_unused=True)
    found = [y, *grads]
    if second and any(g is not None and g.requires_grad for g in grads):
        total = sum((g * g).sum() for g in grads if g is not None)
        found += sparkle.autograd.grad(total, xs, allow_unused=True)
    return [None if t is None else t.detach().numpy() for t in found], y.grad_fn


def arrays_for(count, dtype, layout="plain"):
    rng = np.random.default_rng(0)
    return [LAYOUTS[layout](rng.standard_normal((7, 40)).astype(dtype)) for _ in range(count)]


def compare(fast, plain, dtype):
    for a, b in zip(fast, plain, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            assert a.dtype == b.dtype == dtype
            tolerance = (2e-6, 1e-6) if dtype == "float32" else (1e-13, 1e-14)
            np.testing.assert_allclose(a, b, rtol=tolerance[0] * 4, atol=tolerance[1])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_formula_equals_op(name, dtype, forced):
    call, count = CASES[name]
    arrays = arrays_for(count, dtype)
    for second in (False, True):
        forced(False)
        plain, node = outcome(call, arrays, second)
        assert node.kernel is None
        forced(True)
        fast, node = outcome(call, arrays, second)
        expected = formulas.TABLE.get(getattr(type(node), "__mro__", [None])[0])
        single = isinstance(expected, formulas.Formulas) and expected.single
        if name not in ("PowNumber-other", "Clamp-open") and (dtype == "float32" or not single):
            assert isinstance(node.kernel, pointwise.PointwiseKernel), node
        compare(fast, plain, dtype)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["Mul", "Relu", "Gelu", "Where", "Sub-number", "Lerp-tensor"])
def test_layouts(name, layout, forced):
    call, count = CASES[name]
    arrays = arrays_for(count, "float32", layout)
    forced(False)
    plain, _ = outcome(call, arrays, False)
    forced(True)
    fast, _ = outcome(call, arrays, False)
    compare(fast, plain, "float32")
    assert [a.strides for a in fast[:1]] == [a.strides for a in plain[:1]]


@pytest.mark.parametrize("layout", ["plain", "transposed"])
@pytest.mark.parametrize("name", CASES)
def test_gradients_that_are_spread(name, layout, forced):
    """That of a sum is one number in the place of all."""
    call, count = CASES[name]
    arrays = [np.abs(a) + 0.1 for a in arrays_for(count, "float32", layout)]
    found = []
    for on in (False, True):
        forced(on)
        xs = [sparkle.from_numpy(a).requires_grad_() for a in arrays]
        call(*xs).sum().backward()
        found.append([x.grad.numpy() for x in xs])
    compare(found[1], found[0], "float32")


def test_unlike_layouts_and_broadcasting_go_to_the_op(forced):
    forced(True)
    a, b = arrays_for(2, "float32")
    x = sparkle.from_numpy(a)
    for other in (LAYOUTS["transposed"](b), b[:1], b[:, :1], b[0], b.astype("float64")):
        y = sparkle.from_numpy(other)
        np.testing.assert_array_equal((x * y).numpy(), a * other)
        np.testing.assert_array_equal((y * x).numpy(), a * other)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_odd_numbers(name, forced):
    """nan, the infinities and zeros become what the op makes of them, forward and backward."""
    call, count = CASES[name]
    arrays = [np.repeat(ODD, len(ODD)), np.tile(ODD, len(ODD)), np.tile(ODD[::-1], len(ODD))][:count]
    arrays = [a.astype("float32") for a in arrays]
    forced(False)
    plain, _ = outcome(call, arrays, False)
    forced(True)
    fast, _ = outcome(call, arrays, False)
    if name in ("Silu", "Mish", "Gelu", "GeluTanh", "Lerp", "Lerp-tensor"):  # where 0 x infinity comes in another order
        fast, plain = fast[:1], plain[:1]
    for a, b in zip(fast, plain, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-6, atol=2e-38)


@pytest.mark.parametrize("name", ["exp", "log", "log1p", "tanh", "erf"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_functions_are_right_to_a_few_units_in_the_last_place(name):
    x = np.concatenate(
        [np.linspace(-110, 110, 40_001), np.linspace(-1, 1, 20_001), 10.0 ** np.linspace(-37, 38, 20_001)]
    ).astype("float32")
    formula = {
        "exp": lambda x: formulas.exp(x), "log": lambda x: formulas.log(x), "log1p": lambda x: formulas.log1p(x),
        "tanh": lambda x: formulas.tanh(x), "erf": lambda x: formulas.erf(x),
    }[name]  # fmt: skip
    found = formulas.TABLE[next(kind for kind in formulas.TABLE if kind.__name__.lower() == name)]
    exact = formula(x.astype("float64"))
    y = pointwise.evaluated(found.forward, [x], True)
    expected = exact.astype("float32")
    np.testing.assert_array_equal(np.isnan(y), np.isnan(expected))
    np.testing.assert_array_equal(np.isinf(y), np.isinf(expected))
    usual = np.isfinite(expected) & (np.abs(expected) > 1.2e-38)
    error = np.abs(y[usual] - exact[usual]) / np.spacing(np.abs(expected[usual]))
    assert error.max() < (5 if name == "erf" else 3)


def test_a_write_to_what_a_kernel_saved_is_found(forced):
    forced(True)
    x = sparkle.ones(4, 4, requires_grad=True)
    y = (x * 2).sigmoid()
    y.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_numbers_do_not_depend_on_threads(monkeypatch):
    from sparkle.core.kernels import crew

    x = sparkle.randn(1 << 20)
    one = F.gelu(x)
    monkeypatch.setattr(crew, "_held", [crew.Crew(3)])
    assert sparkle.equal(one, F.gelu(x))


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_gradients_alone_may_be_compiled(dtype, monkeypatch):
    Relu = next(kind for kind in formulas.TABLE if kind.__name__ == "Relu")
    (array,) = arrays_for(1, dtype)
    for module in (base, quick):
        monkeypatch.setattr(module, "SMALL", 0)
    seen = []
    for backward in (0, 1 << 60):
        monkeypatch.setitem(formulas.TABLE, Relu, formulas.TABLE[Relu]._replace(least=1 << 60, backward=backward))
        found, node = outcome(lambda a: a.relu(), [array], False)
        assert isinstance(node.kernel, pointwise.PointwiseKernel) == (backward == 0 and dtype != "float16")
        seen.append(found)
    for a, b in zip(*seen, strict=True):
        np.testing.assert_array_equal(a, b)
