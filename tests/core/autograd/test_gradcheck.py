"""gradcheck and gradgradcheck: what they find, and their options."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle import autograd
from sparkle.autograd import GradcheckError, gradcheck, gradgradcheck


def leaf(*values: float, dtype: Any = sparkle.float64) -> Any:
    return sparkle.tensor(list(values), dtype=dtype, requires_grad=True)


class Wrong(autograd.Function):
    """x * x with a wrong gradient."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x * x

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g


class WrongTwice(autograd.Function):
    """x * x with a right gradient, whose own gradient is wrong."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x.detach())
        return x * x

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g * 2 * ctx.saved_tensors[0].detach()


class Unsteady(autograd.Function):
    """The identity; the gradient changes a little at each call."""

    calls = 0

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        Unsteady.calls += 1
        return g + 1e-9 * Unsteady.calls


class NeedsBoth(autograd.Function):
    """Two results; backward cannot do without one of their gradients."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.set_materialize_grads(False)
        return x * 2, x * 3

    @staticmethod
    def backward(ctx: Any, a: Any, b: Any) -> Any:
        return a * 2 + b * 3


@pytest.mark.parametrize("fast", [False, True])
def test_finds_a_wrong_gradient(fast: bool) -> None:
    assert gradcheck(lambda x: x * x, leaf(1.5, 2.0), fast_mode=fast)
    with pytest.raises(GradcheckError, match="numerical"):
        gradcheck(Wrong.apply, leaf(1.5, 2.0), fast_mode=fast)
    assert not gradcheck(Wrong.apply, leaf(1.5), raise_exception=False, fast_mode=fast)


def test_finds_a_wrong_second_gradient() -> None:
    assert gradcheck(WrongTwice.apply, leaf(1.5))
    with pytest.raises(GradcheckError):
        gradgradcheck(WrongTwice.apply, leaf(1.5))
    assert gradgradcheck(lambda x: x**3, leaf(1.5, 2.0), gen_non_contig_grad_outputs=True)
    assert gradgradcheck(lambda x: x**3, leaf(1.5), leaf(2.0))


def test_nondet_tol() -> None:
    with pytest.raises(GradcheckError, match="not reentrant"):
        gradcheck(Unsteady.apply, leaf(1.0))
    assert gradcheck(Unsteady.apply, leaf(1.0), nondet_tol=1e-6)


def test_check_undefined_grad() -> None:
    with pytest.raises(TypeError):
        gradcheck(NeedsBoth.apply, leaf(1.0))
    assert gradcheck(NeedsBoth.apply, leaf(1.0), check_undefined_grad=False)


def test_tolerances() -> None:
    def slightly_wrong(x: Any) -> Any:
        return x * x + (x * 1e-3 - (x * 1e-3).detach())

    with pytest.raises(GradcheckError):
        gradcheck(slightly_wrong, leaf(0.1), rtol=1e-6)
    assert gradcheck(slightly_wrong, leaf(0.1), atol=1e-2)
    assert gradcheck(lambda x: x * x, leaf(0.1), eps=1e-3)


def test_results_without_gradient_must_not_change() -> None:
    assert gradcheck(lambda x: x.detach() * 0, leaf(1.0))
    with pytest.raises(GradcheckError, match="expected to be zero"):
        gradcheck(lambda x: x.detach() * 2, leaf(1.0))


def test_check_grad_dtypes() -> None:
    x = leaf(1.0)
    assert gradcheck(lambda x: x * 2, x, check_grad_dtypes=True)


REFUSED = {
    "batched": ({"check_batched_grad": True}, NotImplementedError),
    "batched forward": ({"check_batched_forward_grad": True}, NotImplementedError),
    "forward": ({"check_forward_ad": True}, NotImplementedError),
    "neither": ({"check_backward_ad": False}, ValueError),
    "unknown": ({"no_such_option": True}, TypeError),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_options(name: str) -> None:
    options, error = REFUSED[name]
    with pytest.raises(error):
        gradcheck(lambda x: x * 2, leaf(1.0), **options)


def test_refused_inputs() -> None:
    with pytest.raises(ValueError, match="at least one input"):
        gradcheck(lambda x: x, sparkle.tensor([1.0]))
    with pytest.warns(UserWarning, match="float64"):
        gradcheck(lambda x: x * 2, leaf(1.0, dtype=sparkle.float32), eps=1e-2, atol=1e-2)
    with pytest.raises(NotImplementedError):
        gradgradcheck(lambda x: x * 2, leaf(1.0), check_fwd_over_rev=True)


def test_other_inputs_are_passed_through() -> None:
    scale = np.float64(3.0)
    assert gradcheck(lambda x, k, y: x * k + y, [leaf(1.0), scale, sparkle.ones(1)])
