"""What tensors cost apart from any network: tiny ops, an optimizer, views, large pointwise ops, large reductions.

Rows of many ops are one sum over everyday operations, so that no single fast one can carry it.
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


def tiny_ops(L: Any) -> Step:
    """100 ops on 10 numbers, forward and backward"""
    x, w, b = (L.rand(10, requires_grad=True) for _ in range(3))

    def step() -> None:
        x.grad = w.grad = b.grad = None
        y = x
        for _ in range(25):
            y = (y * w + b).tanh() - x
        y.backward(ones)

    ones = L.ones(10)
    return step


def adam(L: Any) -> Step:
    """Adam over 200 tensors of 20,000: step"""
    parameters = [L.nn.Parameter(L.randn(20_000)) for _ in range(200)]
    for parameter in parameters:
        parameter.grad = L.randn(20_000)
    optimizer = L.optim.Adam(parameters)

    def step() -> None:
        optimizer.step()

    return step


def cross_entropy(L: Any) -> Step:
    """Cross-entropy of 256 rows over 32,000 classes, forward and backward"""
    scores, labels = L.randn(256, 32_000, requires_grad=True), L.randint(0, 32_000, (256,))

    def step() -> None:
        scores.grad = None
        L.nn.functional.cross_entropy(scores, labels).backward()

    return step


ROWS: dict[str, Callable[[Any], Step]] = {
    row.__name__: row for row in (tiny_ops, indexing, pointwise, reductions, adam, cross_entropy)
}
