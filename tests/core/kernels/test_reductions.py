"""Each compiled reduction against the plain body of its op, over rows, columns and all elements."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle
from sparkle.core.kernels import reductions
from sparkle.core.tensor import base, quick

pytest.importorskip("numba")

CASES = {
    "sum": lambda x, **o: x.sum(**o),
    "mean": lambda x, **o: x.mean(**o),
    "var": lambda x, **o: x.var(**o),
    "std": lambda x, **o: x.std(correction=0, **o),
    "norm": lambda x, **o: x.norm(**o),
    "norm1": lambda x, **o: x.norm(p=1, **o),
    "norm3": lambda x, **o: x.norm(p=3, **o),
}
ALONG = {
    "prod": lambda x, dim: x.prod(dim),
    "logsumexp": lambda x, dim: x.logsumexp(dim),
    "softmax": lambda x, dim: x.softmax(dim),
    "log_softmax": lambda x, dim: x.log_softmax(dim),
    "cumsum": lambda x, dim: x.cumsum(dim),
}
DIMS = [None, -1, 0, 1, (1, 2), (0, 1), (0, 2), (0, 1, 2)]


@pytest.fixture
def forced(monkeypatch):
    def force(on):
        for module in (base, quick):
            monkeypatch.setattr(module, "SMALL", 0 if on else 1 << 60)
        monkeypatch.setattr(reductions, "LARGE", 0)
        monkeypatch.setattr(reductions, "PIECE", 50)  # so that 3 x 5 x 70 elements are several pieces and a rest

    return force


def outcome(call, array):
    x = sparkle.from_numpy(array).requires_grad_()
    y = call(x)
    weights = sparkle.from_numpy(np.random.default_rng(1).standard_normal(tuple(y.shape)).astype(array.dtype))
    (grad,) = sparkle.autograd.grad((y * weights).sum(), [x])
    return y.detach().numpy(), grad.numpy(), y.grad_fn


def compare(call, array, forced):
    forced(False)
    plain = outcome(call, array)
    forced(True)
    fast = outcome(call, array)
    assert plain[2].kernel is None
    for a, b in zip(fast[:2], plain[:2], strict=True):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        tolerance = (1e-5, 1e-5) if array.dtype == "float32" else (1e-12, 1e-13)
        np.testing.assert_allclose(a, b, rtol=tolerance[0], atol=tolerance[1])
    return fast[2].kernel


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("dim", DIMS, ids=str)
@pytest.mark.parametrize("name", CASES)
def test_kernel_equals_op(name, dim, dtype, forced):
    array = np.random.default_rng(0).standard_normal((3, 5, 70)).astype(dtype)
    for options in [{}] if dim is None else [{"dim": dim}, {"dim": dim, "keepdim": True}]:
        kernel = compare(lambda x, o=options: CASES[name](x, **o), array, forced)
        if dim in (None, -1, (1, 2)) and name != "norm3":
            assert kernel is not None


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("dim", [-1, 0, 1])
@pytest.mark.parametrize("name", ALONG)
def test_along_one_axis(name, dim, dtype, forced):
    array = np.random.default_rng(0).standard_normal((3, 5, 70)).astype(dtype)
    kernel = compare(lambda x: ALONG[name](x, dim), array, forced)
    assert (kernel is not None) == (dim == -1)


@pytest.mark.parametrize("name", [*CASES, *ALONG])
def test_strided_and_expanded_arrays_go_to_the_op(name, forced):
    array = np.random.default_rng(0).standard_normal((6, 70)).astype("float32")
    call = {
        **{k: lambda x, k=k: CASES[k](x, dim=1) for k in CASES},
        **{k: lambda x, k=k: ALONG[k](x, 1) for k in ALONG},
    }
    for view in (array[:, ::2], array.T, np.lib.stride_tricks.as_strided(array, (6, 70), (0, 4))):
        forced(True)
        assert outcome(call[name], view)[2].kernel is None


@pytest.mark.parametrize("name", ["sum", "mean", "var", "norm"])
def test_long_sums_are_as_exact_as_pairwise_ones(name):
    rng = np.random.default_rng(0)
    x = (rng.random(1 << 20) + 1000).astype("float32")
    exact = {"sum": np.sum, "mean": np.mean, "norm": np.linalg.norm, "var": lambda a: a.var(ddof=1)}[name]
    ours = CASES[name](sparkle.from_numpy(x)).item()
    assert ours == pytest.approx(exact(x.astype("float64")), rel=1e-4 if name == "var" else 3e-7)


ODD = np.array(
    [[1.0, np.nan, 2.0], [np.inf, 1.0, 2.0], [-np.inf, 1.0, 2.0], [-np.inf] * 3, [np.inf, -np.inf, 0.0], [100.0] * 3],
    "float32",
)


@pytest.mark.parametrize(
    "name", ["sum", "mean", "var", "norm", "prod", "logsumexp", "softmax", "log_softmax", "cumsum"]
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_odd_numbers(name, forced):
    call = (lambda x: CASES[name](x, dim=1)) if name in CASES else lambda x: ALONG[name](x, 1)
    found = []
    for on in (False, True):
        forced(on)
        found.append(call(sparkle.from_numpy(ODD)).numpy())
    np.testing.assert_allclose(*found, rtol=1e-6)


def test_numbers_do_not_depend_on_threads(monkeypatch):
    from sparkle.core.kernels import crew

    x = sparkle.randn(1000, 1000)
    calls = (lambda: x.sum(), lambda: x.mean(0), lambda: x.var(1), lambda: x.softmax(1), lambda: x.norm())
    monkeypatch.setattr(crew, "_held", [crew.Crew(1)])
    one = [call() for call in calls]
    monkeypatch.setattr(crew, "_held", [crew.Crew(3)])
    assert all(sparkle.equal(a, call()) for a, call in zip(one, calls, strict=True))
