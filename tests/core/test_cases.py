"""Every case of the table against finite differences, and the op contract."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle
from sparkle.core.autograd import CONSTANT
from sparkle.core.tensor.differentiation.gradcheck import gradcheck, gradgradcheck
from tests.cases import CASES
from tests.cases.case import RAISES

DIFFERENTIABLE = [c for c in CASES if c.grad and "float64" in c.dtypes]
TWICE = [c for c in DIFFERENTIABLE if c.gradgrad]


DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)]


def inputs(case, strided=False, device="cpu"):
    out = []
    for array, wanted in case.arrays("float64"):
        if strided and array.ndim and wanted:
            wide = np.full((*array.shape[:-1], 2 * array.shape[-1]), np.nan)
            wide[..., ::2] = array
            array = wide[..., ::2]
        x = sparkle.from_numpy(array).to(device)
        out.append(x.requires_grad_() if wanted else x)
    return out


def as_list(y):
    return [t for t in (y if isinstance(y, (tuple, list)) else [y]) if isinstance(t, sparkle.Tensor)]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_gradient_equals_finite_differences(case, device):
    assert gradcheck(lambda *xs: case.call(sparkle, *xs), inputs(case, device=device))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("case", TWICE, ids=str)
def test_second_gradient_equals_finite_differences(case, device):
    assert gradgradcheck(lambda *xs: case.call(sparkle, *xs), inputs(case, device=device), atol=1e-4)


@pytest.mark.parametrize("case", [c for c in CASES if "float64" in c.dtypes], ids=str)
def test_strided_inputs_give_the_same(case):
    for a, b in zip(
        as_list(case.call(sparkle, *inputs(case))),
        as_list(case.call(sparkle, *inputs(case, strided=True))),
        strict=True,
    ):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_op_declares_what_it_saves(case):
    seen = set()
    stack = [y.grad_fn for y in as_list(case.call(sparkle, *inputs(case))) if y.requires_grad]
    while stack:
        node = stack.pop()
        if node is None or node in seen or not hasattr(node, "edges"):
            continue
        seen.add(node)
        held = {k for k, v in vars(node).items() if isinstance(v, np.ndarray)}
        assert held <= set(node.saves), f"{type(node).__name__} keeps {held - set(node.saves)} without declaring it"
        for name in held:
            assert node.saves[name] >= CONSTANT - 1
        stack.extend(node.edges)


@pytest.mark.parametrize(("name", "call"), RAISES, ids=[name for name, _ in RAISES])
def test_misuse_raises_with_a_message(name, call):
    with pytest.raises((RuntimeError, ValueError, TypeError, IndexError, NotImplementedError)) as caught:
        call(sparkle)
    assert len(str(caught.value)) > 15
