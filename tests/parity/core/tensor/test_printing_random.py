"""Random tensors print as torch prints them, to the letter, under random options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import sparkle

SHAPES: list[tuple[int, ...]] = [
    *[(), (1,), (3,), (7,), (40,), (100,), (1100,), (0,), (0, 3), (2, 0), (1, 1), (2, 3), (3, 30), (8, 8), (50, 50)],
    *[(1, 2000), (2000, 1), (2, 3, 4), (12, 12, 12), (2, 1, 2, 3)],
]
OPTIONS: list[dict[str, Any]] = [
    *[{}, {}, {}, {"precision": 2}, {"precision": 0}, {"threshold": 5}, {"edgeitems": 1, "threshold": 10}],
    *[{"edgeitems": 0, "threshold": 3}, {"linewidth": 40}, {"linewidth": 5}, {"sci_mode": True}, {"sci_mode": False}],
    *[{"profile": "short"}, {"profile": "full"}, {"precision": 8, "linewidth": 120}],
]
KINDS = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
FLOATS = [
    lambda rng, a: a,
    lambda rng, a: np.round(a * 10),
    lambda rng, a: a * 10.0 ** rng.integers(-8, 9),
    lambda rng, a: a * 10.0 ** rng.integers(-6, 6, a.shape),
    lambda rng, a: np.where(rng.random(a.shape) < 0.3, rng.choice([np.nan, np.inf, -np.inf, -0.0, 0.0]), a),
    lambda rng, a: np.round(a * 1000) * 10.0 ** rng.integers(0, 4),
    lambda rng, a: np.where(rng.random(a.shape) < 0.5, np.round(a), np.nan),
    lambda rng, a: np.full(a.shape, rng.choice([np.nan, np.inf, -np.inf, -0.0])),
    lambda rng, a: a * rng.choice([1e-40, 1e-310, 1e30, 1e300]),
]


def random_array(rng: np.random.Generator) -> np.ndarray:
    shape, kind = SHAPES[rng.integers(len(SHAPES))], rng.choice(KINDS)
    if kind == "bool":
        return np.asarray(rng.integers(0, 2, shape)).astype(bool)
    if not kind.startswith("float"):
        info = np.iinfo(kind)
        low, high = (info.min if rng.random() < 0.3 else max(info.min, -5)), (info.max if rng.random() < 0.3 else 20)
        return np.asarray(rng.integers(low, high, shape)).astype(kind)
    with np.errstate(all="ignore"):
        return np.asarray(FLOATS[rng.integers(len(FLOATS))](rng, np.asarray(rng.standard_normal(shape)))).astype(kind)


def varied(x: Any, way: int) -> Any:
    """The tensor strided, expanded, or with a history."""
    if x.ndim > 1 and way == 1:
        return x.transpose(0, -1)
    if x.ndim and way == 2:
        return x[::2]
    if x.ndim and way == 3:
        return x[None].expand(2, *x.shape)
    if x.is_floating_point() and way == 4:
        return x.requires_grad_()
    return x.requires_grad_() * 1 if x.is_floating_point() and way == 5 else x


def unwrapped(text: str) -> str:
    """Where lines break before a dtype depends on the length of the library's name."""
    return re.sub(r",\n +(?=[a-z])", ", ", text) if "dtype" in text else text


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    for L in (torch, sparkle):
        L.set_printoptions(profile="default")


@pytest.mark.parametrize("seed", range(8))
def test_the_same_text(seed):
    rng = np.random.default_rng(seed)
    for _ in range(60):
        options, array, way = OPTIONS[rng.integers(len(OPTIONS))], random_array(rng), rng.integers(7)
        for L in (torch, sparkle):
            L.set_printoptions(profile="default", sci_mode=None)
            L.set_printoptions(**options)
        wanted = repr(varied(torch.from_numpy(array.copy()), way)).replace("torch.", "sparkle.")
        text = repr(varied(sparkle.from_numpy(array.copy()), way))
        assert unwrapped(text) == unwrapped(wanted), (options, array.dtype, array.shape, way)


@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")
@pytest.mark.parametrize(
    "expression",
    [
        *[
            "L.max(m, 1)",
            "L.min(m, 1)",
            "L.sort(m)",
            "L.topk(m, 1)",
            "L.mode(m)",
            "L.median(m, 0)",
            "L.nanmedian(m, 0)",
        ],
        *["L.kthvalue(m, 1)", "L.cummax(m, 0)", "L.cummin(m, 0)", "L.aminmax(m)", "L.frexp(m)", "L.histogram(m, 2)"],
        *["L.finfo(L.float16)", "L.finfo(L.float32)", "L.finfo(L.float64)", "L.iinfo(L.int8)", "L.iinfo(L.int64)"],
        *["L.iinfo(L.int32)", "L.nn.Parameter(m)", "L.nn.Parameter(m, requires_grad=False)", "L.Size([1, 2])"],
        *["L.device('cpu')", "L.device('cuda', 1)", "L.strided", "L.channels_last", "[L.float16, L.bool, L.long]"],
        *["m.storage()", "{'a': m}", "m.requires_grad_()[0]", "m.requires_grad_().t()", "m.requires_grad_().sum()"],
    ],
)
def test_the_same_text_of_other_things(expression):
    texts = [repr(eval(expression, {"L": L, "m": L.tensor([[1.0, 2.5], [0.5, 2.0]])})) for L in (torch, sparkle)]
    assert texts[1] == texts[0].replace("torch.", "sparkle.")
