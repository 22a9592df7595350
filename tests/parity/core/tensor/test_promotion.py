"""All pairs of types, as tensors, 0-d tensors and numbers, through everything that promotes, against torch."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
import torch

import sparkle

DTYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")
TENSORS = [(dtype, shape) for dtype in DTYPES for shape in ((3,), ())]
NUMBERS = (True, False, 0, 3, -2, 300, 2.5, -0.5, float("nan"), float("inf"))

FUNCTIONS = """add sub mul div true_divide floor_divide remainder fmod pow float_power eq ne lt le gt ge maximum minimum
fmax fmin atan2 copysign hypot logaddexp logaddexp2 xlogy logical_and logical_or logical_xor bitwise_and bitwise_or
bitwise_xor bitwise_left_shift bitwise_right_shift gcd lcm heaviside ldexp nextafter rsub isclose clamp_min clamp_max
result_type""".split()
OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "<<": lambda a, b: a << b,
    ">>": lambda a, b: a >> b,
    "<": lambda a, b: a < b,
    "==": lambda a, b: a == b,
}
OTHERS = {
    "where": lambda L, a, b: L.where(L.tensor([True, False, True]), a, b),
    "where_0d": lambda L, a, b: L.where(L.tensor(True), a, b),
    "cat": lambda L, a, b: L.cat([a.reshape(-1), b.reshape(-1)]),
    "stack": lambda L, a, b: L.stack([a.expand(3), b.expand(3)]),
    "div_floor": lambda L, a, b: L.div(a, b, rounding_mode="floor"),
    "div_trunc": lambda L, a, b: L.div(a, b, rounding_mode="trunc"),
    "add_alpha": lambda L, a, b: L.add(a, b, alpha=2),
    "add_alpha_fraction": lambda L, a, b: L.add(a, b, alpha=0.5),
    "sub_alpha": lambda L, a, b: L.sub(a, b, alpha=2),
    "addcmul": lambda L, a, b: L.addcmul(a, b, b, value=2),
    "addcdiv": lambda L, a, b: L.addcdiv(a, b, b + 1, value=2),
    "lerp": lambda L, a, b: L.lerp(a, b, 0.5),
    "clamp": lambda L, a, b: L.clamp(a, b, b),
    "clamp_method": lambda L, a, b: a.clamp(max=b),
    "masked_fill": lambda L, a, b: a.masked_fill(L.tensor([True, False, True]), b),
    "fill_": lambda L, a, b: a.clone().fill_(b),
    "copy_": lambda L, a, b: a.clone().copy_(b),
    "set": lambda L, a, b: put(a.clone(), ..., b),
    "set_mask": lambda L, a, b: put(a.clone().reshape(-1), a.reshape(-1) == a.reshape(-1), b),
    "isin": lambda L, a, b: L.isin(a, b),
    "searchsorted": lambda L, a, b: L.searchsorted(L.sort(a.reshape(-1)).values, abs(b)),
    "equal": lambda L, a, b: L.equal(a, b),
    "allclose": lambda L, a, b: L.allclose(a, b),
    "outer": lambda L, a, b: L.outer(a.expand(3), b.expand(3)),
    "mul_": lambda L, a, b: a.clone().mul_(b),
    **{
        f"{name}_": lambda L, a, b, name=name: getattr(a.clone(), f"{name}_")(b)
        for name in "add sub div floor_divide remainder fmod pow eq lt copysign atan2 bitwise_and logical_or "
        "bitwise_left_shift gcd xlogy heaviside float_power hypot nextafter ldexp clamp_min".split()
    },
}
CALLS = {
    **{name: lambda L, a, b, name=name: getattr(L, name)(a, b) for name in FUNCTIONS},
    **{f"a {name} b": lambda L, a, b, f=f: f(a, b) for name, f in OPERATORS.items()},
    **OTHERS,
}
# What torch says when it lacks only the kernel; a result here is then no difference.
NO_KERNEL = ("not implemented for", "not supported for", "Could not run")


def put(x, key, value):
    x[key] = value
    return x


def operand(L, what, swap):
    if not isinstance(what, tuple):
        return what
    dtype, shape = what
    values = np.array([1, 2, 3] if swap else [3, 1, 5]) if shape else np.array(2 if swap else 3)
    return L.from_numpy(np.asarray((values % 2 == 0) if dtype == "bool" else values).astype(dtype))


def pairs():
    yield from itertools.product(TENSORS, TENSORS)
    yield from itertools.product(TENSORS, NUMBERS)
    yield from itertools.product(NUMBERS, TENSORS)


def outcome(L, call, a, b):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return call(L, operand(L, a, False), operand(L, b, True))
        except Exception as error:
            return error


def difference(ours, theirs):
    """What differs, in words; None where nothing does."""
    if isinstance(theirs, Exception):
        if any(text in str(theirs) for text in NO_KERNEL):
            return None
        same = isinstance(ours, type(theirs)) or (isinstance(ours, Exception) and isinstance(theirs, type(ours)))
        return None if same else f"{ours!r}, torch: {theirs!r}"
    if isinstance(ours, Exception):
        return f"{ours!r}, torch gives {theirs}"
    if not isinstance(theirs, torch.Tensor):
        a, b = (str(value).split(".")[-1] for value in (ours, theirs))
        return None if a == b else f"{a}, torch: {b}"
    if not isinstance(ours, sparkle.Tensor):
        return f"{ours!r}, torch gives a tensor"
    if str(ours.dtype)[8:] != str(theirs.dtype)[6:] or tuple(ours.shape) != tuple(theirs.shape):
        return f"{ours.dtype} {ours.shape}, torch: {theirs.dtype} {theirs.shape}"
    rtol = 1e-2 if theirs.dtype == torch.float16 else 1e-6
    same = np.allclose(ours.numpy(), theirs.numpy(), rtol=rtol, equal_nan=True)
    return None if same else f"{ours.tolist()}, torch: {theirs.tolist()}"


@pytest.mark.parametrize("name", CALLS)
def test_pairs(name):
    found = []
    for a, b in pairs():
        text = difference(*(outcome(L, CALLS[name], a, b) for L in (sparkle, torch)))
        if text:
            found.append(f"{a}, {b}: {text}")
    assert not found, f"{len(found)} differ\n" + "\n".join(found[:20])


@pytest.mark.parametrize("name", ["promote_types", "can_cast"])
def test_types(name):
    for a, b in itertools.product(DTYPES, DTYPES):
        ours, theirs = (str(getattr(L, name)(getattr(L, a), getattr(L, b))) for L in (sparkle, torch))
        assert ours.split(".")[-1] == theirs.split(".")[-1], (a, b)
