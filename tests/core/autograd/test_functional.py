"""autograd.functional and func: derivatives of functions, against closed forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle import func
from sparkle.autograd import functional

X, Y = [1.0, 2.0], [[3.0, 1.0], [2.0, 5.0]]


def tensors() -> tuple[Any, Any]:
    return sparkle.tensor(X, dtype=sparkle.float64), sparkle.tensor(Y, dtype=sparkle.float64)


def product(x: Any, y: Any) -> Any:
    return y @ x, (x * x).sum(), y[:0]


def test_jacobian_of_several_inputs_and_outputs() -> None:
    x, y = tensors()
    (yx, yy), (sx, sy), (nx, ny) = functional.jacobian(product, (x, y))
    assert yx.tolist() == Y
    assert yy.tolist() == [[X, [0.0, 0.0]], [[0.0, 0.0], X]]
    assert sx.tolist() == [2.0, 4.0]
    assert sy.tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert (nx.shape, ny.shape) == ((0, 2, 2), (0, 2, 2, 2))
    assert not yx.requires_grad
    assert functional.jacobian(lambda x: x * x, x, vectorize=True, strategy="forward-mode").diag().tolist() == [2, 4]


def test_hessian_and_products_agree() -> None:
    x, _ = tensors()

    def f(x: Any) -> Any:
        return (x**3).sum() * x[0]

    whole = functional.hessian(f, x)
    assert whole.tolist() == [[12.0, 12.0], [12.0, 12.0]]
    v = sparkle.tensor([1.0, -2.0], dtype=sparkle.float64)
    for product_of in (functional.hvp, functional.vhp):
        value, found = product_of(f, x, v)
        assert value.item() == 9.0
        assert found.tolist() == (whole @ v).tolist()
    a, b = functional.hessian(lambda a, b: (a * a * b).sum(), (x, x))
    assert a[0].diag().tolist() == [2.0, 4.0]
    assert b[1].tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_vjp_and_jvp_are_products_with_the_jacobian() -> None:
    x, y = tensors()
    whole = functional.jacobian(lambda x: y @ (x * x), x)
    v = sparkle.tensor([1.0, -2.0], dtype=sparkle.float64)
    assert functional.vjp(lambda x: y @ (x * x), x, v)[1].tolist() == (v @ whole).tolist()
    assert functional.jvp(lambda x: y @ (x * x), x, v)[1].tolist() == (whole @ v).tolist()
    values, (gx, gy) = functional.vjp(lambda x, y: (y @ x, x), (x, y), (v, v))
    assert [t.tolist() for t in values] == [[5.0, 12.0], X]
    assert gx.tolist() == [0.0, -11.0]
    assert gy.tolist() == [[1.0, 2.0], [-2.0, -4.0]]


def test_create_graph_and_strict() -> None:
    x = sparkle.tensor(X, requires_grad=True)
    j = functional.jacobian(lambda t: t**3, x, create_graph=True)
    j.sum().backward()
    assert x.grad.tolist() == [6.0, 12.0]
    with sparkle.no_grad():
        assert functional.jacobian(lambda t: t**2, x).diag().tolist() == [2.0, 4.0]


REFUSED: dict[str, tuple[Callable[[Any], Any], type[Exception]]] = {
    "strict jacobian": (lambda x: functional.jacobian(lambda t: sparkle.ones(2), x, strict=True), RuntimeError),
    "strict input": (lambda x: functional.jacobian(lambda a, b: a * 2, (x, x), strict=True), RuntimeError),
    "strict hessian": (lambda x: functional.hessian(lambda t: t.sum(), x, strict=True), RuntimeError),
    "strict vectorize": (lambda x: functional.jacobian(lambda t: t, x, strict=True, vectorize=True), RuntimeError),
    "strategy": (lambda x: functional.jacobian(lambda t: t, x, strategy="sideways"), ValueError),
    "forward mode": (lambda x: functional.jacobian(lambda t: t, x, strategy="forward-mode"), NotImplementedError),
    "no tensor": (lambda x: functional.jacobian(lambda t: 3, x), TypeError),
    "inputs": (lambda x: functional.jacobian(lambda t: t, [x]), TypeError),
    "hessian of many": (lambda x: functional.hessian(lambda t: t, x), RuntimeError),
    "hessian of two": (lambda x: functional.hessian(lambda t: (t.sum(), t.sum()), x), RuntimeError),
    "v missing": (lambda x: functional.vjp(lambda t: t, x), RuntimeError),
    "v shape": (lambda x: functional.vjp(lambda t: t, x, sparkle.ones(3)), RuntimeError),
    "v count": (lambda x: functional.jvp(lambda t: t, x, (x, x)), RuntimeError),
    "argnums": (lambda x: func.grad(lambda t: t.sum(), argnums=3)(x), RuntimeError),
    "many": (lambda x: func.grad(lambda t: t)(x), RuntimeError),
    "number": (lambda x: func.grad(lambda t: t)(3.0), ValueError),
    "result": (lambda x: func.grad(lambda t: 3)(x), RuntimeError),
    "integers": (lambda x: func.grad(lambda t: t.sum())(sparkle.tensor([1])), RuntimeError),
    "aux": (lambda x: func.grad(lambda t: t.sum(), has_aux=True)(x), RuntimeError),
    "tangents": (lambda x: func.jvp(lambda t: t, (x,), (x, x)), RuntimeError),
    "tangent shape": (lambda x: func.jvp(lambda t: t, (x,), (sparkle.ones(3),)), RuntimeError),
    "strict jvp": (lambda x: func.jvp(lambda t: sparkle.ones(2), (x,), (x,), strict=True), RuntimeError),
    "keys": (lambda x: func.functional_call(sparkle.nn.Linear(2, 1), {}, x, strict=True), RuntimeError),
    "twice": (lambda x: func.functional_call(sparkle.nn.Linear(2, 1), [{"bias": x}] * 2, x), ValueError),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    call, error = REFUSED[name]
    with pytest.raises(error, match=r".{10}"):
        call(sparkle.tensor(X))


# func.


def test_gradients_of_gradients() -> None:
    x = sparkle.tensor(2.0)
    f = func.grad(func.grad(func.grad(lambda t: t**4)))
    assert f(x).item() == 48.0
    assert not f(x).requires_grad
    assert func.jacrev(func.jacrev(lambda t: (t**3).sum()))(sparkle.tensor(X)).tolist() == [[6.0, 0.0], [0.0, 12.0]]
    assert func.hessian(lambda a, b: (a * b).sum(), argnums=(0, 1))(x, x)[0][1].item() == 1.0


def test_nestings_of_arguments() -> None:
    x, y = sparkle.tensor(X), sparkle.tensor([5.0, 6.0])
    p = {"w": x, "b": [y, (x,)]}
    found = func.grad(lambda p: (p["w"] * p["b"][0]).sum() + p["b"][1][0].sum())(p)
    assert found["w"].tolist() == [5.0, 6.0]
    assert found["b"][0].tolist() == X
    assert found["b"][1][0].tolist() == [1.0, 1.0]
    assert [g.tolist() for g in func.grad(lambda a, b: (a * b).sum(), argnums=(0, -1))(x, y)] == [[5.0, 6.0], X]
    rows = func.jacrev(lambda a, b: {"sum": (a * b).sum(), "product": a * b}, argnums=1)(x, y)
    assert rows["sum"].tolist() == X
    assert rows["product"].tolist() == [[1.0, 0.0], [0.0, 2.0]]


def test_values_and_more() -> None:
    x = sparkle.tensor(X)
    slope, (value, more) = func.grad_and_value(lambda t: ((t**2).sum(), t * 3), has_aux=True)(x)
    assert (slope.tolist(), value.item(), more.tolist()) == ([2.0, 4.0], 5.0, [3.0, 6.0])
    y, pull, more = func.vjp(lambda t: (t**2, t * 3), x, has_aux=True)
    assert (y.tolist(), more.tolist()) == ([1.0, 4.0], [3.0, 6.0])
    assert [pull(sparkle.ones(2))[0].tolist() for _ in range(2)] == [[2.0, 4.0]] * 2
    (a, b), (da, db) = func.jvp(lambda s, t: (s * t, s.sin()), (x, x), (sparkle.ones(2), x))
    assert (a.tolist(), da.tolist()) == ([1.0, 4.0], [2.0, 6.0])
    np.testing.assert_allclose(db.numpy(), np.cos(X), rtol=1e-6)
    assert not b.requires_grad


def test_what_comes_from_outside_stays_in_the_graph() -> None:
    w = sparkle.tensor([1.0, 3.0], requires_grad=True)
    g = func.grad(lambda t: (t**2 * w).sum())(sparkle.tensor(X))
    g.sum().backward()
    assert w.grad.tolist() == [2.0, 4.0]
    g = func.grad(lambda t: (t**3).sum())(w)
    assert g.requires_grad
    with sparkle.no_grad():
        assert not func.grad(lambda t: (t**3).sum())(w).requires_grad


def test_functional_call() -> None:
    layer = sparkle.nn.Linear(2, 1)
    own = layer.weight
    given = {"weight": sparkle.tensor([[1.0, 2.0]]), "bias": sparkle.tensor([0.5])}
    x = sparkle.tensor(X)
    assert func.functional_call(layer, given, x).tolist() == [5.5]
    assert func.functional_call(layer, [given], (), {"input": x}).tolist() == [5.5]
    found = func.grad(lambda p: func.functional_call(layer, p, (x,)).sum())(given)
    assert found["weight"].tolist() == [X]
    with pytest.raises(RuntimeError):
        func.functional_call(layer, given, sparkle.ones(3))
    assert layer.weight is own
    tied = sparkle.nn.Sequential(sparkle.nn.Linear(2, 2, bias=False), sparkle.nn.Linear(2, 2, bias=False))
    tied[1].weight = tied[0].weight
    twice = {"0.weight": sparkle.eye(2) * 2}
    assert func.functional_call(tied, twice, x).tolist() == [4.0, 8.0]
    with pytest.raises(ValueError, match="tied"):
        func.functional_call(tied, {"0.weight": sparkle.eye(2), "1.weight": sparkle.ones(2, 2)}, x)
