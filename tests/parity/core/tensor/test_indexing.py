"""Random mixtures of integers, slices, None, masks, lists and tensors against torch: read, written, differentiated."""

from __future__ import annotations

import warnings

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import sparkle

SHAPE = (3, 2, 4, 2)


@st.composite
def an_index(draw):
    rows = draw(st.sampled_from([(2,), (2, 1), (1, 2), (3,), ()]))
    parts = []
    axis = 0
    while axis < len(SHAPE) and draw(st.integers(0, 4)):
        n = SHAPE[axis]
        kind = draw(st.sampled_from(["int", "slice", "array", "list", "tensor_0d", "mask", "mask_2d", "none", "bool"]))
        axis += {"none": 0, "bool": 0, "mask_2d": 2 if axis + 1 < len(SHAPE) else 1}.get(kind, 1)
        number = st.integers(-n, n - 1)
        if kind == "int":
            parts.append(draw(number))
        elif kind == "slice":
            parts.append(slice(draw(st.none() | number), draw(st.none() | number), draw(st.none() | st.just(2))))
        elif kind in ("array", "list"):
            flat = draw(st.lists(number, min_size=3, max_size=3))
            array = np.array(flat[: int(np.prod(rows))]).reshape(rows)
            parts.append(array.tolist() if kind == "list" and array.ndim == 1 else ("tensor", array))
        elif kind == "tensor_0d":
            parts.append(("tensor", np.array(draw(number))))
        elif kind.startswith("mask"):
            shape = SHAPE[axis - 2 : axis] if kind == "mask_2d" and axis <= len(SHAPE) and axis >= 2 else (n,)
            if kind == "mask_2d" and shape[0] != n:
                shape = (n,)
            bits = draw(st.lists(st.booleans(), min_size=8, max_size=8))
            parts.append(("tensor", np.array(bits)[: int(np.prod(shape))].reshape(shape)))
        else:
            parts.append(None if kind == "none" else draw(st.booleans()))
    if draw(st.booleans()):
        parts.append(...)
    return parts


def outcome(L, index, write):
    key = tuple(L.from_numpy(p[1].copy()) if isinstance(p, tuple) else p for p in index)
    x = L.from_numpy(np.arange(48.0).reshape(SHAPE)).requires_grad_()
    y = x * 1
    try:
        if write:
            w = L.from_numpy(np.array(3.0)).requires_grad_()
            y[key] = w
        else:
            y = y[key]
        (y * y).sum().backward()
        # Where one place is written twice, which value stays is open, not here: all values are equal.
        return y.detach().numpy().tolist(), x.grad.numpy().tolist()
    except (IndexError, ValueError, TypeError, RuntimeError) as error:
        return type(error).__name__


@settings(max_examples=400, deadline=None)
@given(an_index(), st.booleans())
def test_any_index(index, write):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert outcome(sparkle, index, write) == outcome(torch, index, write)
