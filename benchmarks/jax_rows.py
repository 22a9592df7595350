"""Some training rows once more in JAX, whole steps compiled by `jax.jit`: same networks, losses and update rules.

A row gives the loss of (parameters, batch, key), the parameters, the batch and the update rule. JAX is imported only
when a row is prepared. It has no setting for its number of threads: `prepared` confines the process to as many CPUs.
"""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Callable
from typing import Any, NamedTuple

from .sequence_rows import TOKENS

Step = Callable[[], None]
Tree = Any  # nested lists and dicts of arrays


class Problem(NamedTuple):
    loss: Callable[[Tree, Any, Any], Any]
    parameters: Tree
    batch: Any
    # (gradient, parameter, first state, second state, step's number) -> (change, first state, second state)
    rule: Callable[..., tuple[Any, Any, Any]]
    clip: bool = False


def prepared(name: str) -> Step:
    """The function to time: one compiled step, waited for."""
    if hasattr(os, "sched_setaffinity"):
        threads = int(os.environ.get("OMP_NUM_THREADS", "0")) or None
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    jax = importlib.import_module("jax")
    problem = ROWS[name](jax)
    advance, state = compiled(jax, problem)

    def step() -> None:
        nonlocal state
        state = jax.block_until_ready(advance(state, problem.batch))

    return step


def compiled(jax: Any, problem: Problem) -> tuple[Callable[[Tree, Any], Tree], Tree]:
    """A step, from a state (parameters, first, second, number, key) and a batch to the next state; the first state."""
    jnp, tree = jax.numpy, jax.tree_util

    @functools.partial(jax.jit, donate_argnums=0)
    def advance(state: Tree, batch: Any) -> Tree:
        parameters, first, second, number, key = state
        key, used = jax.random.split(key)
        gradients = jax.grad(problem.loss)(parameters, batch, used)
        if problem.clip:
            norm = jnp.sqrt(sum((g * g).sum() for g in tree.tree_leaves(gradients)))
            gradients = tree.tree_map(lambda g: g * jnp.minimum(1.0, 1.0 / (norm + 1e-6)), gradients)
        number = number + 1
        columns = (tree.tree_leaves(part) for part in (gradients, parameters, first, second))
        changed = [problem.rule(jnp, *leaves, number) for leaves in zip(*columns, strict=True)]
        unflatten = functools.partial(tree.tree_unflatten, tree.tree_structure(parameters))
        changes, first, second = (unflatten(column) for column in zip(*changed, strict=True))
        return tree.tree_map(jnp.add, parameters, changes), first, second, number, key

    zeros = functools.partial(tree.tree_map, jnp.zeros_like, problem.parameters)
    return advance, (problem.parameters, zeros(), zeros(), jnp.zeros((), jnp.int32), jax.random.key(0))


def adam(jnp: Any, g: Any, p: Any, m: Any, v: Any, t: Any, lr: float = 1e-3, beta: float = 0.999) -> tuple:
    m, v = 0.9 * m + 0.1 * g, beta * v + (1 - beta) * g * g
    return -lr * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - beta**t)) + 1e-8), m, v


def adamw(jnp: Any, g: Any, p: Any, m: Any, v: Any, t: Any) -> tuple:
    change, m, v = adam(jnp, g, p, m, v, t, beta=0.95)
    return change - 1e-3 * 0.1 * p, m, v


def adadelta(jnp: Any, g: Any, p: Any, square: Any, moved: Any, t: Any) -> tuple:
    square = 0.9 * square + 0.1 * g * g
    change = -jnp.sqrt(moved + 1e-6) / jnp.sqrt(square + 1e-6) * g
    return change, square, 0.9 * moved + 0.1 * change * change


class Maker:
    """Random arrays, each from a key of its own."""

    def __init__(self, jax: Any) -> None:
        self.jax, self.key = jax, jax.random.key(1)

    def __call__(self, *shape: int, scale: float = 1.0) -> Any:
        self.key, used = self.jax.random.split(self.key)
        return scale * self.jax.random.normal(used, shape)

    def integers(self, high: int, *shape: int) -> Any:
        self.key, used = self.jax.random.split(self.key)
        return self.jax.random.randint(used, shape, 0, high)

    def linear(self, inputs: int, outputs: int) -> Tree:
        return [self(inputs, outputs, scale=inputs**-0.5), self.jax.numpy.zeros(outputs)]


def cross_entropy(jax: Any, scores: Any, labels: Any) -> Any:
    logs = jax.nn.log_softmax(scores)
    return -jax.numpy.take_along_axis(logs, labels[..., None], -1).mean()


def mlp(jax: Any, hidden: int, batch: int) -> Problem:
    make = Maker(jax)
    layers = [make.linear(a, b) for a, b in ((784, hidden), (hidden, hidden), (hidden, 10))]

    def loss(layers: Tree, batch: Any, key: Any) -> Any:
        x, labels = batch
        for w, b in layers[:-1]:
            x = jax.nn.relu(x @ w + b)
        w, b = layers[-1]
        return cross_entropy(jax, x @ w + b, labels)

    return Problem(loss, layers, (make(batch, 784), make.integers(10, batch)), adam)


def cnn(jax: Any) -> Problem:
    make = Maker(jax)
    parameters = [make(32, 1, 3, 3, scale=0.3), make(32, 1, 1), make(64, 32, 3, 3, scale=0.06), make(64, 1, 1)]
    parameters += [*make.linear(9216, 128), *make.linear(128, 10)]

    def dropped(x: Any, key: Any, p: float) -> Any:
        return jax.numpy.where(jax.random.bernoulli(key, 1 - p, x.shape), x / (1 - p), 0.0)

    def loss(parameters: Tree, batch: Any, key: Any) -> Any:
        w1, b1, w2, b2, w3, b3, w4, b4 = parameters
        x, labels = batch
        one, two = jax.random.split(key)
        x = jax.nn.relu(jax.lax.conv(x, w1, (1, 1), "VALID") + b1)
        x = jax.nn.relu(jax.lax.conv(x, w2, (1, 1), "VALID") + b2)
        x = jax.lax.reduce_window(x, -jax.numpy.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
        x = dropped(x, one, 0.25).reshape(x.shape[0], -1)
        x = dropped(jax.nn.relu(x @ w3 + b3), two, 0.5)
        return cross_entropy(jax, x @ w4 + b4, labels)

    return Problem(loss, parameters, (make(64, 1, 28, 28), make.integers(10, 64)), adadelta)


def gpt(jax: Any, size: int = 128, heads: int = 4, length: int = 64, batch: int = 16) -> Problem:
    jnp, make = jax.numpy, Maker(jax)

    def norm() -> Tree:
        return [jnp.ones(size), jnp.zeros(size)]

    def block() -> Tree:
        sizes = (size, 3 * size), (size, size), (size, 4 * size), (4 * size, size)
        return {"norms": [norm(), norm()], "linears": [make.linear(*pair) for pair in sizes]}

    parameters = {
        "tokens": make(TOKENS, size), "places": make(length, size),
        "blocks": [block() for _ in range(4)], "norm": norm(),
    }  # fmt: skip

    def normed(x: Any, scale: Any, shift: Any) -> Any:
        x = x - x.mean(-1, keepdims=True)
        return x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-5) * scale + shift

    def attention(x: Any, linears: Tree) -> Any:
        (w, b), (out, shift), *_ = linears
        q, k, v = (part.reshape(batch, length, heads, -1) for part in jnp.split(x @ w + b, 3, -1))
        y = jax.nn.dot_product_attention(q, k, v, is_causal=True)
        return y.reshape(x.shape) @ out + shift

    def loss(parameters: Tree, tokens: Any, key: Any) -> Any:
        x = parameters["tokens"][tokens[:, :-1]] + parameters["places"]
        for block in parameters["blocks"]:
            (before, between), linears = block["norms"], block["linears"]
            x = x + attention(normed(x, *before), linears)
            (w1, b1), (w2, b2) = linears[2:]
            x = x + jax.nn.gelu(normed(x, *between) @ w1 + b1, approximate=False) @ w2 + b2
        return cross_entropy(jax, normed(x, *parameters["norm"]) @ parameters["tokens"].T, tokens[:, 1:])

    return Problem(loss, parameters, make.integers(TOKENS, batch, length + 1), adamw, clip=True)


# Under the names of the rows beside torch that they mirror.
ROWS: dict[str, Callable[[Any], Problem]] = {
    "mlp_small": functools.partial(mlp, hidden=64, batch=32),
    "mlp_medium": functools.partial(mlp, hidden=256, batch=128),
    "mlp_large": functools.partial(mlp, hidden=1024, batch=128),
    "cnn": cnn,
    "gpt": gpt,
}
