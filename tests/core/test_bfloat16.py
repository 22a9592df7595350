"""bfloat16: the type itself, the package behind it, and half precision computed in float32."""

from __future__ import annotations

import copy
import io
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import sparkle

HALVES = (sparkle.float16, sparkle.bfloat16)


@pytest.fixture(autouse=True)
def _needs_package(request: pytest.FixtureRequest) -> None:
    if "without" not in request.node.name:
        pytest.importorskip("ml_dtypes")


def _python(text: str) -> str:
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout


def test_type_without_the_package() -> None:
    text = """
import sys
sys.modules["ml_dtypes"] = None  # as if it were not installed
import sparkle
d = sparkle.bfloat16
print(d, d.itemsize, d.is_floating_point, d.is_signed, sparkle.finfo(d).eps, sparkle.promote_types(d, sparkle.int64))
print(sparkle.ones(2).half().sum())
for call in (lambda: sparkle.ones(2, dtype=d), lambda: sparkle.ones(2).bfloat16(), lambda: sparkle.autocast("cpu")):
    try:
        call()
    except ImportError as error:
        print(error)
"""
    first, second, *errors = _python(text).splitlines()
    assert first == "sparkle.bfloat16 2 True True 0.0078125 sparkle.bfloat16"
    assert second == "tensor(2., dtype=sparkle.float16)"
    assert len(errors) == 3
    assert all("pip install 'sparkle-engine[bfloat16]'" in error for error in errors)


def test_import_is_lazy_without_use() -> None:
    text = "import sparkle, sys; sparkle.ones(2) + 1; print(sparkle.autograd.graph and 'ml_dtypes' in sys.modules)"
    assert _python(text).strip() == "False"


def test_float32_pays_nothing_until_a_half_type_is_used() -> None:
    text = """
import sparkle
from sparkle.core.autograd.op import Version
sparkle.ones(2).exp(); print(Version.alerts)
sparkle.ones(2).half(); print(Version.alerts)
sparkle.ones(2).bfloat16(); print(Version.alerts)
"""
    assert _python(text).split() == ["0", "1", "1"]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("float16", "bfloat16", "float32"),
        ("bfloat16", "float32", "float32"),
        ("bfloat16", "float64", "float64"),
        ("int64", "bfloat16", "bfloat16"),
        ("bool", "bfloat16", "bfloat16"),
        ("bfloat16", "bfloat16", "bfloat16"),
    ],
)
def test_promotion(a: str, b: str, expected: str) -> None:
    types = getattr(sparkle, a), getattr(sparkle, b)
    assert sparkle.promote_types(*types) is sparkle.promote_types(*types[::-1]) is getattr(sparkle, expected)
    x, y = (sparkle.ones(2, dtype=t) for t in types)
    assert (x + y).dtype is getattr(sparkle, expected)
    assert sparkle.cat([x, y]).dtype is getattr(sparkle, expected)


@pytest.mark.parametrize("dtype", HALVES, ids=str)
def test_numbers_keep_the_type(dtype: Any) -> None:
    x = sparkle.ones(3, dtype=dtype)
    for y in (x + 1.5, 2 * x, x**2, x**0.5, 1 / x, x - 1, x.clamp(0.5, 2), x % 2, x // 2, sparkle.where(x > 0, x, 0.5)):
        assert y.dtype is dtype
    assert (x > 0.5).dtype is sparkle.bool
    assert sparkle.result_type(x, 1.5) is dtype
    assert (sparkle.full((2,), 0.1, dtype=dtype) == 0.1).tolist() == [True, True]


def test_values_are_rounded_to_nearest_even() -> None:
    x = sparkle.tensor([1 + 2**-8, 1 + 3 * 2**-8, 3.14159, 1e39, -0.0, float("nan")], dtype=sparkle.bfloat16)
    assert x.tolist()[:5] == [1.0, 1.015625, 3.140625, float("inf"), 0.0]
    assert x[5].isnan()
    assert repr(x[2]) == "tensor(3.1406, dtype=sparkle.bfloat16)"
    assert (x.element_size(), x.type(), x.is_floating_point()) == (2, "sparkle.BFloat16Tensor", True)


@pytest.mark.parametrize("dtype", HALVES, ids=str)
def test_sums_are_taken_in_float32(dtype: Any) -> None:
    x = sparkle.full((4096,), 0.25, dtype=dtype)
    for value, expected in ((x.sum(), 1024), (x.mean(), 0.25), (x @ x, 256), (x.cumsum(0)[-1], 1024)):
        assert value.dtype is dtype
        assert value.item() == expected
    assert x.softmax(0).sum().item() == pytest.approx(1, rel=1e-3)
    w = sparkle.zeros(1, dtype=dtype, requires_grad=True)
    (w + x).sum().backward()
    assert w.grad.dtype is dtype
    assert w.grad.item() == 4096


def test_rounded_once_and_not_at_every_step() -> None:
    random = np.random.default_rng(0)
    values = random.standard_normal((8, 300)).astype(np.float32)
    x = sparkle.tensor(values).bfloat16()
    exact = sparkle.nn.functional.layer_norm(x.float(), (300,))
    assert (sparkle.nn.functional.layer_norm(x, (300,)) == exact.bfloat16()).all()


@pytest.mark.parametrize("dtype", HALVES, ids=str)
def test_views_share_memory_and_are_written(dtype: Any) -> None:
    x = sparkle.zeros(2, 3, dtype=dtype)
    x.t()[1] = 2.5
    x[0].add_(1)
    x[:, 2:].fill_(7)
    x[sparkle.tensor([1])] *= 2
    assert x.tolist() == [[1, 3.5, 7], [0, 5, 14]]
    x += sparkle.ones(3)
    assert x.dtype is dtype


def test_gradients_of_gradients() -> None:
    x = sparkle.tensor([1.5, -2.0], dtype=sparkle.bfloat16, requires_grad=True)
    (g,) = sparkle.autograd.grad((x**3).sum(), x, create_graph=True)
    (gg,) = sparkle.autograd.grad(g.sum(), x)
    assert (g.dtype, gg.dtype) == (sparkle.bfloat16, sparkle.bfloat16)
    assert (g.tolist(), gg.tolist()) == ([6.75, 12.0], [9.0, -12.0])
    y = x.tanh()
    (g,) = sparkle.autograd.grad(y.sum(), x, create_graph=True)
    g.sum().backward()
    assert x.grad.dtype is sparkle.bfloat16
    expected = -2 * np.tanh([1.5, -2.0]) * (1 - np.tanh([1.5, -2.0]) ** 2)
    np.testing.assert_allclose(x.grad.float().numpy(), expected, rtol=0.05)


def test_graph_is_as_for_float32() -> None:
    x = sparkle.ones(2, dtype=sparkle.bfloat16, requires_grad=True)
    y = x * x
    assert y.grad_fn.name() == "MulBackward0"
    y.register_hook(lambda g: g * 3)
    y.sum().backward()
    assert x.grad.tolist() == [6, 6]
    y = x.exp()
    with sparkle.no_grad():
        y.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()
    with sparkle.inference_mode():
        assert (x + 1.5).dtype is sparkle.bfloat16
    with sparkle.no_grad():
        assert not (x * 2).requires_grad


def test_copies_and_files() -> None:
    x = sparkle.tensor([[1.5, -2.25], [0.1, 3e38]], dtype=sparkle.bfloat16)
    file = io.BytesIO()
    sparkle.save({"x": x, "half": x.half(), "p": sparkle.nn.Parameter(x), "d": sparkle.bfloat16}, file)
    file.seek(0)
    read = sparkle.load(file)
    assert read["d"] is sparkle.bfloat16
    assert read["half"].dtype is sparkle.float16
    for again in (read["x"], read["p"], copy.deepcopy(x), pickle.loads(pickle.dumps(x)), sparkle.from_dlpack(x)):
        assert again.dtype is sparkle.bfloat16
        assert sparkle.equal(again, x)
        assert (again + x).dtype is sparkle.bfloat16
    assert pickle.loads(pickle.dumps(sparkle.bfloat16)) is sparkle.bfloat16
    shared = sparkle.from_numpy(x.numpy())
    shared[0, 0] = 9
    assert x[0, 0].item() == 9


def test_random_numbers() -> None:
    x = sparkle.rand(20000, dtype=sparkle.bfloat16)
    assert 0 <= x.min().item() < 0.01
    assert 0.99 < x.max().item() < 1
    assert x.float().mean().item() == pytest.approx(0.5, abs=0.02)
    assert sparkle.randn(20000, dtype=sparkle.bfloat16).float().std().item() == pytest.approx(1, abs=0.03)
    assert sparkle.empty(9, dtype=sparkle.bfloat16).random_().max().item() <= 256


@pytest.mark.parametrize("name", ["bfloat16", "half"])
def test_module_and_optimizer(name: str) -> None:
    dtype = {"bfloat16": sparkle.bfloat16, "half": sparkle.float16}[name]
    model = getattr(
        sparkle.nn.Sequential(sparkle.nn.Linear(4, 8), sparkle.nn.BatchNorm1d(8), sparkle.nn.Linear(8, 1)), name
    )()
    assert {p.dtype for p in model.parameters()} == {dtype}
    assert {b.dtype for b in model.buffers()} == {dtype, sparkle.int64}
    optimizer = sparkle.optim.Adam(model.parameters(), lr=0.05)
    x = sparkle.randn(32, 4).to(dtype)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = ((model(x) - x[:, :1]) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 3
    p = next(model.parameters())
    assert (optimizer.state[p]["exp_avg"].dtype, optimizer.state[p]["step"].dtype) == (dtype, sparkle.float32)


def test_refusals() -> None:
    x = sparkle.ones(2, 2, dtype=sparkle.bfloat16)
    with pytest.raises(RuntimeError, match="same dtype"):
        x @ sparkle.ones(2, 2)
    with pytest.raises(NotImplementedError, match="bfloat16"):
        sparkle.linalg.inv(x)
    with pytest.raises(TypeError, match="iinfo"):
        sparkle.iinfo(sparkle.bfloat16)
    with pytest.raises(TypeError, match="V2"):
        sparkle.from_numpy(np.zeros(2, "V2"))
