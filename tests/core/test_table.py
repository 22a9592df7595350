"""Every differentiable row of the table of names against finite differences, and which names the table holds."""

from __future__ import annotations

import inspect
import warnings

import pytest

import sparkle
from sparkle.core.tensor.differentiation.gradcheck import gradcheck, gradgradcheck
from tests.cases.table import ROWS
from tests.cases.untabled import UNTABLED

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)]
DIFFERENTIABLE = [row for row in ROWS if row.grad and "float64" in row.dtypes and row.forms(sparkle)]
SPACES = ("linalg", "fft", "special", "signal.windows")


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("row", DIFFERENTIABLE, ids=lambda row: row.name)
def test_gradients_equal_finite_differences(row, device):
    leaves = [leaf.detach().to(device) for leaf, _ in row.inputs(sparkle, "float64", "contiguous", False)]
    for leaf in leaves:
        leaf.requires_grad_(leaf.is_floating_point())
    assert any(leaf.requires_grad for leaf in leaves), "a differentiable row needs an input to differentiate"
    form = row.forms(sparkle)[0]

    def call(*tensors):
        arguments, keywords = row.filled(sparkle, "float64", tensors)
        return row.call(sparkle, form, arguments, keywords)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert gradcheck(call, leaves)
        if row.gradgrad:
            assert gradgradcheck(call, leaves, atol=1e-4)


def functions(space, prefix=""):
    """The public names of functions in a namespace."""
    names = [name for name in dir(space) if not name.startswith("_")]
    return {prefix + name for name in names if inspect.isroutine(getattr(space, name))}


def test_every_function_and_method_has_a_row():
    """A name is claimed once it is public; then the table compares it, or UNTABLED says which test does."""
    told = {row.name for row in ROWS} | set(UNTABLED)
    claimed = {name.rstrip("_") for name in functions(sparkle) | functions(sparkle.Tensor)}
    for space in SPACES:
        home = sparkle
        for part in space.split("."):
            home = getattr(home, part)
        claimed |= functions(home, f"{space}.")
    assert not claimed - told, f"neither a row nor an exemption: {sorted(claimed - told)}"


def test_no_exemption_is_stale():
    assert not set(UNTABLED) & {row.name for row in ROWS}
