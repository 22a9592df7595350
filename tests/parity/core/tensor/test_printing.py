"""repr of tensors against torch's, character by character."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import sparkle

DEFAULT = {"profile": "default"}
OPTIONS = [
    DEFAULT,
    {"profile": "short"},
    {"profile": "full"},
    {"precision": 2},
    {"precision": 7, "linewidth": 120},
    {"linewidth": 30},
    {"threshold": 5, "edgeitems": 1},
    {"threshold": 5, "edgeitems": 0},
    {"sci_mode": True},
    {"sci_mode": False},
]


def both(array: np.ndarray, options: dict, change=lambda L, x: x) -> tuple[str, str]:
    """The two texts; line breaks before suffixes are left out, for the libraries' names differ in length."""
    texts = []
    for L in (torch, sparkle):
        L.set_printoptions(**DEFAULT)
        L.set_printoptions(**options)
        try:
            text = repr(change(L, L.from_numpy(array.copy())))
        finally:
            L.set_printoptions(**DEFAULT)
        text = text.replace("torch.", "sparkle.")
        texts.append(re.sub(r",\s+(dtype|grad_fn|requires_grad|size)=", r", \1=", text))
    return texts[0], texts[1]


random = np.random.default_rng(0)
ARRAYS = {
    "whole": np.array([1.0, 2.0, -3.0], np.float32),
    "fractions": np.array([1.5, -2.25, 1000.125], np.float32),
    "wide": np.array([1e-5, 1.0], np.float32),
    "large": np.array([1e9], np.float32),
    "limit": np.array([1e8, 1e8 + 8], np.float32),
    "nan": np.array([np.nan, 1.0, np.inf, -np.inf], np.float32),
    "nan_only": np.array([np.nan, np.inf], np.float32),
    "whole_and_nan": np.array([np.nan, 100.0], np.float64),
    "zeros": np.zeros((2, 3), np.float32),
    "minus_zero": np.array([-0.0, 0.5], np.float32),
    "half": np.array([0.1, 65504.0], np.float16),
    "empty": np.zeros(0, np.float32),
    "empty_int": np.zeros(0, np.int64),
    "empty_2d": np.zeros((0, 3), np.float64),
    "scalar": np.array(3.5, np.float32),
    "scalar_int": np.array(-7, np.int64),
    "bools": np.array([[True, False], [False, True]]),
    "uint8": np.arange(12, dtype=np.uint8).reshape(3, 4),
    "long_line": np.arange(60, dtype=np.int64) * 1000,
    "3d": random.standard_normal((2, 3, 4)).astype(np.float32),
    "4d": random.standard_normal((2, 1, 2, 3)),
    "summary": np.arange(2000, dtype=np.float32),
    "summary_2d": random.standard_normal((50, 50)).astype(np.float32),
    "summary_3d": random.integers(-99, 99, (20, 4, 30)),
    "summary_thin": random.standard_normal((2000, 1)),
    "float64": np.array([1 / 3, 2 / 3]),
}


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", ARRAYS)
def test_equals_torch(name, options):
    theirs, ours = both(ARRAYS[name], options)
    assert ours == theirs


def _negated(L, x):
    return -x.requires_grad_()


@pytest.mark.parametrize("name", [name for name, a in ARRAYS.items() if a.dtype.kind == "f"])
def test_history_equals_torch(name):
    for change in (lambda L, x: x.requires_grad_(), lambda L, x: x.requires_grad_() * 2, _negated):
        theirs, ours = both(ARRAYS[name], DEFAULT, change)
        assert ours == theirs


def test_default_dtype_decides_the_suffix():
    try:
        for L in (torch, sparkle):
            L.set_default_dtype(L.float64)
        for array in (np.zeros(2), np.zeros(2, np.float32), np.zeros((0, 2))):
            theirs, ours = both(array, DEFAULT)
            assert ours == theirs
    finally:
        for L in (torch, sparkle):
            L.set_default_dtype(L.float32)


SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=12)
KINDS = st.sampled_from([np.float32, np.float64, np.float16, np.int64, np.int8, np.uint8, np.bool_])


@settings(max_examples=200, deadline=None)
@given(array=KINDS.flatmap(lambda kind: hnp.arrays(kind, SHAPES)), options=st.sampled_from(OPTIONS))
def test_any_array_equals_torch(array, options):
    theirs, ours = both(array, options)
    assert ours == theirs
