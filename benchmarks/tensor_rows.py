"""What tensors cost apart from any network: views and indexing, large pointwise ops, large reductions.

Each row is one sum over everyday operations, so that no single fast one can carry it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Step = Callable[[], None]


def indexing(L: Any) -> Step:
    """Views and basic indexing of a 64x64 tensor: 16 kinds"""
    x = L.rand(64, 64)

    def step() -> None:
        x[3]
        x[3, 5]
        x[-1]
        x[2:9]
        x[:, 4]
        x[1:9, ::2]
        x[None]
        x[..., 0]
        x.view(-1)
        x.reshape(32, 128)
        x.t()
        x.transpose(0, 1)
        x.unsqueeze(0)
        x.expand(2, 64, 64)
        x.flatten()
        x.permute(1, 0)

    return step


def pointwise(L: Any) -> Step:
    """Pointwise ops on 4 M floats: add, mul, div, sqrt, exp, log, tanh, sigmoid, relu, gelu, clamp, where"""
    x, y = (L.rand(2000, 2000) + 0.1 for _ in range(2))
    mask = x > 0.5
    gelu = L.nn.functional.gelu

    def step() -> None:
        x + y
        x * y
        x / y
        x.sqrt()
        x.exp()
        x.log()
        x.tanh()
        x.sigmoid()
        x.relu()
        gelu(x)
        x.clamp(0.2, 0.8)
        L.where(mask, x, y)

    return step


def reductions(L: Any) -> Step:
    """Reductions of 4 M floats: sum, mean, var, norm, max, argmax, softmax and logsumexp, of all and along a dim"""
    x = L.rand(2000, 2000)

    def step() -> None:
        x.sum()
        x.sum(0)
        x.sum(1)
        x.mean()
        x.mean(1)
        x.var()
        x.var(1)
        x.norm()
        x.max()
        x.amax(1)
        x.argmax(1)
        x.softmax(1)
        x.logsumexp(1)

    return step


ROWS: dict[str, Callable[[Any], Step]] = {row.__name__: row for row in (indexing, pointwise, reductions)}
