"""Sparkle and Ignite as two values of one argument."""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

with warnings.catch_warnings():  # torch.jit warns of itself while ignite is imported
    warnings.simplefilter("ignore")
    import ignite.engine
    import ignite.metrics

import sparkle
import sparkle.engine
import sparkle.metrics


def to_numpy(value: Any) -> Any:
    """Tensors of either library as arrays, in any nesting."""
    if isinstance(value, (tuple, list)):
        return type(value)(to_numpy(item) for item in value)
    if isinstance(value, dict):
        return {key: to_numpy(item) for key, item in value.items()}
    return value.numpy() if isinstance(value, (torch.Tensor, sparkle.Tensor)) else value


def same(ours: Any, theirs: Any, rel: float = 1e-6) -> None:
    """Equal values, of the same structure and shapes; a number and a tensor without dims are alike."""
    ours, theirs = to_numpy(ours), to_numpy(theirs)
    if isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        ours, theirs = list(ours.values()), list(theirs.values())
    if isinstance(theirs, (tuple, list)):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            same(a, b, rel)
    elif theirs is None or isinstance(theirs, str):
        assert ours == theirs
    else:
        assert np.shape(ours) == np.shape(theirs)
        np.testing.assert_allclose(np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float), rtol=rel, atol=1e-7)


SPARKLE = SimpleNamespace(name="sparkle", L=sparkle, tensor=sparkle.from_numpy, e=sparkle.engine, m=sparkle.metrics)
IGNITE = SimpleNamespace(name="ignite", L=torch, tensor=torch.from_numpy, e=ignite.engine, m=ignite.metrics)


@pytest.fixture
def ours() -> SimpleNamespace:
    return SPARKLE


@pytest.fixture
def theirs() -> SimpleNamespace:
    return IGNITE


@pytest.fixture
def check_same() -> Any:
    return same
