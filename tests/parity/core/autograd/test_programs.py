"""Programs around the graph: what they come to in sparkle is what they come to in torch, or errors of one class."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
import torch.utils.checkpoint

import sparkle
from tests.parity.core.autograd import (
    checkpoint_programs,
    func_programs,
    function_programs,
    functional_programs,
    graph_programs,
    hook_programs,
    mode_programs,
)

FILES = [
    checkpoint_programs,
    func_programs,
    function_programs,
    functional_programs,
    graph_programs,
    hook_programs,
    mode_programs,
]


@cache
def outcomes(file: ModuleType, L: Any) -> dict[str, Any]:
    """Program -> what it comes to and notes on the way."""
    found: dict[str, Any] = {}
    notes: list[Any] = []

    def show(name: str, program: Callable[[], Any]) -> None:
        notes.clear()
        name = name if name not in found else f"{name} again"
        assert name not in found
        try:
            value = plain(program(), L)
        except Exception as error:
            value = next(c for c in type(error).__mro__ if c.__module__ == "builtins")
        found[name] = [value, *notes]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        file.programs(L, show, lambda *values: notes.append(plain(values, L)))
        torch.set_num_threads(threads)
    return found


def plain(value: Any, L: Any) -> Any:
    """The value in terms that both libraries share."""
    if isinstance(value, L.Tensor):
        return [str(value.dtype).split(".")[-1], tuple(value.shape), value.requires_grad, value.detach().numpy().copy()]
    if isinstance(value, (tuple, list)):
        return [plain(v, L) for v in value]
    if isinstance(value, dict):
        return {key: plain(v, L) for key, v in value.items()}
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return re.sub(r"0x[0-9a-f]+", "", str(value)).replace("torch.", "L.").replace("sparkle.", "L.")


def close(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return np.allclose(a, b, rtol=1e-5, equal_nan=True)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(close, a, b))
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(close(a[key], b[key]) for key in a)
    if isinstance(a, type):
        return a is b
    return type(a) is type(b) and (bool(a == b) or (isinstance(a, float) and np.isclose(a, b)))


CASES = [(file, name) for file in FILES for name in outcomes(file, torch)]


@pytest.mark.parametrize(("file", "name"), CASES, ids=[f"{f.__name__.split('.')[-1]}-{n}" for f, n in CASES])
def test_program(file: ModuleType, name: str) -> None:
    theirs, ours = outcomes(file, torch)[name], outcomes(file, sparkle)[name]
    assert close(theirs, ours), f"\ntorch:   {theirs}\nsparkle: {ours}"
