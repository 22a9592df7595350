"""Programs that are run with sparkle and with torch, and leave traces to compare: values, names, classes of errors."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch

import sparkle

LIBRARIES = (sparkle, torch)


def numbers(lib: Any, *shape: int, seed: int = 0, dtype: Any = None) -> Any:
    """The same normal numbers in both libraries."""
    values = np.random.default_rng(seed).standard_normal(shape)
    return lib.tensor(values.tolist(), dtype=dtype or lib.float64)


def filled(lib: Any, module: Any) -> Any:
    """The module in float64, with the same parameters and buffers in both libraries."""
    module = module.double()
    with lib.no_grad():
        for i, tensor in enumerate([*module.parameters(), *module.buffers()]):
            if tensor.is_floating_point():
                tensor.copy_(numbers(lib, *tensor.shape, seed=i))
    return module


def gradients(module: Any) -> dict[str, Any]:
    """Name -> gradient of all parameters."""
    return {name: p.grad for name, p in module.named_parameters()}


def plain(x: Any) -> Any:
    """A trace in terms that both libraries share; tensors become (dtype, requires_grad, array)."""
    if isinstance(x, (sparkle.Tensor, torch.Tensor)):
        return str(x.dtype).split(".")[-1], bool(x.requires_grad), x.detach().numpy()
    if isinstance(x, Mapping):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (sparkle.Size, torch.Size)):
        return tuple(x)
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    return x.replace("torch.", "sparkle.") if isinstance(x, str) else x


def check_equal(ours: Any, theirs: Any, rtol: float = 1e-10, atol: float = 1e-12, where: str = "") -> None:
    """AssertionError that names the place where two traces part."""
    assert type(ours) is type(theirs), f"{where}: {ours!r} and {theirs!r}"
    if isinstance(theirs, np.ndarray):
        np.testing.assert_allclose(ours, theirs, rtol, atol, err_msg=where)
    elif isinstance(theirs, dict):
        assert list(ours) == list(theirs), where
        for key in theirs:
            check_equal(ours[key], theirs[key], rtol, atol, f"{where}[{key!r}]")
    elif isinstance(theirs, (list, tuple)):
        assert len(ours) == len(theirs), f"{where}: {ours!r} and {theirs!r}"
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            check_equal(a, b, rtol, atol, f"{where}[{i}]")
    elif isinstance(theirs, float):
        np.testing.assert_allclose(ours, theirs, rtol, atol, err_msg=where)
    else:
        assert ours == theirs, where


def check_program(program: Callable[[Any], Any], rtol: float = 1e-10, atol: float = 1e-12) -> None:
    """The program's traces are equal in both libraries."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours, theirs = (plain(program(lib)) for lib in LIBRARIES)
    check_equal(ours, theirs, rtol, atol)


def check_misuse(call: Callable[[Any], Any]) -> None:
    """Both libraries raise, and of the same class."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever torch raises is the oracle
            call(torch)
        with pytest.raises(theirs.type) as ours:
            call(sparkle)
    assert len(str(ours.value)) > 5
