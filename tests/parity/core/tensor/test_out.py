"""`out=` against torch: which types out may have, and what lies in it afterwards."""

from __future__ import annotations

import functools
import inspect
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import sparkle

TYPES = ("bool", "uint8", "int32", "int64", "float16", "float32", "float64")

ONE = """add(x, x) add(i, i) sub(x, 1) mul(x, 2) div(i, i) exp(x) exp(i) abs(x) floor(x) floor(i) round(x)
clamp(x, 0, 1) clip(x, 0) clamp_min(x, 0) clamp_max(x, 0) eq(x, x) gt(i, 1) logical_not(x) logical_and(x, x)
isneginf(x) signbit(x) matmul(x, x) mm(x, x) mv(x, v) dot(v, v) bmm(x[None], x[None]) addmm(x, x, x)
outer(v, v) inner(v, v) kron(x, x)
baddbmm(x[None], x[None], x[None]) addmv(v, x, v) addr(x, v, v) vdot(v, v) tensordot(x, x, 1)
cross(x.new_ones(2, 3), x.new_ones(2, 3), dim=1) sum(x, 1) sum(i, 1) sum(x, 1, dtype=L.float64) mean(x, 1) prod(x, 1)
amax(x, 1) amin(x, 1) all(x, 1) any(x, 1) std(x, 1) var(x, 1) norm(x, 2, 1) logsumexp(x, 1) nansum(x, 1) nanmean(x, 1)
argmax(x, 1) argmin(x, 1) cumsum(x, 1) cumprod(x, 1) logcumsumexp(x, 1) cat([x, x]) stack([x, x]) hstack([x, x])
vstack([x, x]) dstack([x, x]) column_stack([x, x]) concat([x, x]) where(x > 0, x, x) gather(x, 1, i * 0)
index_select(x, 1, k) take(x, k) masked_select(x, x > 0) nonzero(x) take_along_dim(x, i * 0, 1) diag(x) tril(x) triu(x)
histc(x, 4) bucketize(x, v) searchsorted(v, x) searchsorted(v, x, out_int32=True) quantile(x, 0.5) nanquantile(x, 0.5)
lerp(x, x, 0.5) pow(x, 2) addcmul(x, x, x) addcdiv(x, x, x) maximum(x, x) minimum(x, x) fmax(x, x) max(x, x) sign(x)
nan_to_num(x) gcd(i, i) lcm(i, i) bitwise_and(i, i) bitwise_or(i, i) bitwise_not(i) bitwise_left_shift(i, 1) neg(x)
reciprocal(x) remainder(x, 2) fmod(x, 2) floor_divide(x, 2) float_power(x, 2) hypot(x, x) atan2(x, x) copysign(x, x)
logaddexp(x, x) xlogy(x, x) ldexp(x, i) heaviside(x, x) square(x) sqrt(x) rsqrt(x) log2(x) log10(x) log1p(x) expm1(x)
sigmoid(x) tanh(x) erf(x) lgamma(x) digamma(x) i0(x) sinc(x) frac(x) trunc(x) deg2rad(x) logit(x) polygamma(1, x)
mvlgamma(x + 9, 2) igamma(x, x) nextafter(x, x) softmax(x, 1) log_softmax(x, 1) msort(x) argsort(x, stable=False, dim=0)
scatter(x, 1, i * 0, x) isin(x, x) diff(x) zeros(2) zeros(2, 3) ones(2) full((2,), 1) full((2,), 1.5)
zeros(2, dtype=L.float32) arange(3) arange(1, 7, 2) arange(3.0) arange(3, dtype=L.float32) linspace(0, 3, 4)
logspace(0, 2, 3) eye(2) eye(2, 3)"""

SEVERAL = """max(x, 1) min(x, 1) sort(x) topk(x, 1) cummax(x, 1) cummin(x, 0) median(x, 1) nanmedian(x, 1)
kthvalue(x, 1) mode(x, 1)"""

# What is taken here and not by torch: bool where numbers are counted or summed, any type for truth values.
WIDER = ("all(", "any(", "nansum(", "cumsum(", "cumprod(", "linspace(", "logspace(")


def calls(text: str) -> list[str]:
    """The calls in a text, without their closing bracket."""
    found, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter in " \n" and not depth:
            found.append("")
        else:
            found[-1] += letter
    return [call[:-1].rstrip(", ") for call in found]


def outcome(call: str, L: Any, out: Any) -> Any:
    """What is in out, or the class of the error."""
    x, i = L.tensor([[1.5, 2.5], [3.5, 1.0]]), L.tensor([[1, 2], [3, 4]])
    places = {"L": L, "x": x, "i": i, "v": x[0], "k": L.tensor([0]), "out": out}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            made = eval(f"L.{call}, out=out)", places)
        except Exception as error:
            return type(error)
    assert type(made) is tuple or isinstance(made, tuple) or made is out
    return [part.tolist() for part in (out if isinstance(out, tuple) else (out,))]


def check(call: str, make: Any) -> None:
    theirs, ours = outcome(call, torch, make(torch)), outcome(call, sparkle, make(sparkle))
    if isinstance(theirs, list) and isinstance(ours, list):
        for a, b in zip(theirs, ours, strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-6)
    elif isinstance(theirs, list):
        raise AssertionError(f"torch takes it, here it raises {ours}")
    elif not (
        isinstance(ours, list) and call.startswith(WIDER)
    ):  # classes of errors about types differ from function to function in torch; here it is always RuntimeError
        assert ours in (theirs, RuntimeError), f"torch raises {theirs}, here: {ours}"


@pytest.mark.parametrize("call", calls(ONE))
def test_which_types_out_may_have(call):
    for name in TYPES:
        check(call, lambda L, name=name: L.empty(0, dtype=getattr(L, name)))


@pytest.mark.parametrize("call", calls(SEVERAL))
def test_which_types_several_may_have(call):
    for name in TYPES:
        kind = lambda L, name=name: L.empty(0, dtype=getattr(L, name))  # noqa: E731
        check(call, lambda L, kind=kind: (kind(L), L.empty(0, dtype=L.int64)))
        check(call, lambda L, kind=kind: (L.empty(0), kind(L)))


@pytest.mark.parametrize(
    ("call", "name"),
    [
        *(
            ("rand(3", "float32"),
            ("randn(3", "float64"),
            ("randint(0, 5, (3,)", "int64"),
            ("randint(2, (3,)", "float32"),
        ),
        *(("randperm(3", "int32"), ("normal(x, 0.5", "float32"), ("empty(3", "int8"), ("bernoulli(x / 4", "float32")),
        ("multinomial(x, 2", "int64"),
    ],
)
def test_random_numbers_fill_out(call, name):
    theirs = outcome(
        call, torch, torch.empty(3, dtype=getattr(torch, name)).resize_(0 if "normal" not in call else (2, 2))
    )
    assert isinstance(theirs, list), theirs
    ours = outcome(call, sparkle, sparkle.empty(0, dtype=getattr(sparkle, name)))
    assert np.shape(ours) == np.shape(theirs)


NAMES = json.loads((Path(__file__).parents[4] / "docs" / "support_names.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("space", ["torch", "torch.special", "torch.linalg", "torch.fft"])
def test_every_function_that_torch_documents_with_out_takes_it(space):
    home = functools.reduce(getattr, space.split(".")[1:], sparkle)
    there = {name: getattr(home, name, None) for name, takes in NAMES[space].items() if "out" in takes}
    assert [
        name for name, function in there.items() if function and "out" not in inspect.signature(function).parameters
    ] == []
