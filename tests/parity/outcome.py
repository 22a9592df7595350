"""What an expression comes to in sparkle and in torch: a value to compare, or the class of an error."""

from __future__ import annotations

import copy
import functools
import math
import operator
import pickle
import warnings
from typing import Any

import numpy as np
import pytest
import torch

import sparkle


def names(L: Any) -> dict[str, Any]:
    """Tensors that expressions may use besides L and np: the same in both libraries."""
    x, m = L.tensor([1.0, 2.0]), L.arange(6.0).reshape(2, 3)
    i, r = L.tensor([1, 2, 3]), L.tensor([1.0, 2.0], requires_grad=True)
    modules = {"L": L, "np": np, "copy": copy, "pickle": pickle, "math": math, "operator": operator}
    kinds = {
        "b": L.tensor([True, False]),
        "h": x.half(),
        "u": x.to(L.uint8),
        "s": L.tensor(2.5),
        "c4": L.zeros(2, 3, 4, 5),
    }
    tensors = {"x": x, "m": m, "i": i, "r": r, "y": r * 2, **kinds}
    return {**modules, **tensors, "f64": np.float64(2.5), "functools": functools}


def evaluate(expression: str, L: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return eval(expression, names(L))


def plain(value: Any, L: Any) -> Any:
    """The value in terms that both libraries share."""
    if isinstance(value, L.Tensor):
        return str(value.dtype).split(".")[-1], tuple(value.shape), value.requires_grad, value.is_leaf, value.tolist()
    if isinstance(value, L.dtype):
        return str(value).split(".")[-1]
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, value.tolist()
    if isinstance(value, str):
        return value.replace("torch.", "sparkle.")
    if type(value) in (int, float, bool, complex, range, type(None)):
        return value
    if isinstance(value, tuple):
        return tuple(plain(item, L) for item in value)
    return str(value).replace("torch.", "sparkle.")


def check_same(expression: str, rel: float = 1e-6) -> None:
    """The same value, or an error of the same class."""
    try:
        theirs = plain(evaluate(expression, torch), torch)
    except Exception as error:
        wanted = RuntimeError if type(error) is AssertionError else type(error)  # torch asserts that CUDA is there
        with pytest.raises(wanted, match=r".{10}"):
            evaluate(expression, sparkle)
        return
    ours = plain(evaluate(expression, sparkle), sparkle)
    if isinstance(theirs, tuple) and theirs and isinstance(theirs[-1], list):
        assert ours[:-1] == theirs[:-1]
        np.testing.assert_allclose(ours[-1], theirs[-1], rtol=rel)
    else:
        assert ours == theirs
