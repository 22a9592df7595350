"""Ops on bfloat16 and float16 against torch's: types, values and gradients within a rounding of the type."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

import sparkle

pytest.importorskip("ml_dtypes")

HALVES = {"bfloat16": 2.0**-7, "float16": 2.0**-10}  # the distance of neighbours at 1
INDEX = np.array([2, 0, 1])
LABELS = np.array([1, 0, 3])
MASK = np.arange(12).reshape(3, 4) % 3 > 0


class Call(NamedTuple):
    """A call of the library on tensors of the type under test in the given shapes, uniform in low..high."""

    name: str
    call: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...]
    low: float = -2.0
    high: float = 2.0


def c(name: str, call: Callable[..., Any], *shapes: tuple[int, ...], **options: Any) -> Call:
    return Call(name, call, shapes, **options)


def functional(name: str, *shapes: tuple[int, ...], **kwargs: Any) -> Call:
    bounds = {k: kwargs.pop(k) for k in ("low", "high") if k in kwargs}
    return Call(f"{name}{kwargs or ''}", lambda L, *x: getattr(L.nn.functional, name)(*x, **kwargs), shapes, **bounds)


UNARY = (
    "abs acos asin atan cos cosh erf erfc exp exp2 expm1 floor ceil round sign sigmoid sin sinh square tan tanh trunc"
)
POSITIVE = "log log10 log1p log2 rsqrt sqrt reciprocal lgamma digamma"
BINARY = "add sub mul div maximum minimum atan2 hypot fmod remainder logaddexp fmax fmin"
COMPARISONS = "eq ne lt le gt ge isclose"
REDUCTIONS = "sum mean var std amax amin logsumexp cumsum argmax"
PRODUCTS = "prod cumprod"  # short ones: torch rounds at each step
ACTIVATIONS = "gelu silu relu elu selu celu leaky_relu softplus mish hardswish hardsigmoid hardtanh logsigmoid softsign"
LOSSES = "mse_loss l1_loss smooth_l1_loss huber_loss poisson_nll_loss"

CALLS = [
    *(c(n, lambda L, x, n=n: getattr(L, n)(x), (3, 4), low=-0.9, high=0.9) for n in UNARY.split()),
    *(c(n, lambda L, x, n=n: getattr(L, n)(x), (3, 4), low=0.5) for n in POSITIVE.split()),
    *(c(n, lambda L, x, y, n=n: getattr(L, n)(x, y), (3, 4), (4,), low=0.5) for n in BINARY.split()),
    *(c(n, lambda L, x, y, n=n: getattr(L, n)(x, y), (3, 4), (4,)) for n in COMPARISONS.split()),
    *(c(n, lambda L, x, n=n: getattr(L, n)(x, dim=1), (3, 40), low=0.5) for n in REDUCTIONS.split()),
    *(c(n, lambda L, x, n=n: getattr(L, n)(x, dim=1), (3, 3), low=0.5) for n in PRODUCTS.split()),
    *(
        c(f"{n} all", lambda L, x, n=n: getattr(L, n)(x), (40, 40))
        for n in ("sum", "mean", "max", "min", "std", "norm")
    ),
    *(functional(n, (3, 4)) for n in ACTIVATIONS.split()),
    *(functional(n, (3, 4), (3, 4), low=0.1, high=0.9, reduction=r) for n in LOSSES.split() for r in ("mean", "none")),
    c("nan_to_num", lambda L, x: L.nan_to_num(x / (x > 0)), (3, 4)),
    c("overflow", lambda L, x: x * 3e38 * 2, (3, 4)),
    c("x + 1.1", lambda L, x: x + 1.1, (3, 4)),
    c("x * 1.1", lambda L, x: x * 1.1, (3, 4)),
    c("1.1 / x", lambda L, x: 1.1 / x, (3, 4), low=0.5),
    c("x ** 3", lambda L, x: x**3, (3, 4)),
    c("x ** 2.5", lambda L, x: x**2.5, (3, 4), low=0.5),
    c("2 ** x", lambda L, x: 2**x, (3, 4)),
    c("x > 0.1", lambda L, x: x > 0.1, (3, 4)),
    c("x == 0.1", lambda L, x: L.full_like(x, 0.1) == 0.1, (3, 4)),
    c("x + float32", lambda L, x: x + L.ones(4), (3, 4)),
    c("x + float32 0-d", lambda L, x: x + L.tensor(1.5), (3, 4)),
    c("x + int", lambda L, x: x + L.arange(4), (3, 4)),
    c("int / x", lambda L, x: L.arange(1, 5) / x, (3, 4), low=0.5),
    c("in place", lambda L, x: (x * 1).add_(1.3).mul_(x), (3, 4)),
    c("add alpha", lambda L, x, y: L.add(x, y, alpha=1.7), (3, 4), (3, 4)),
    c("addcmul", lambda L, x, y, z: L.addcmul(x, y, z, value=0.3), (3, 4), (3, 4), (3, 4)),
    c("lerp", lambda L, x, y: L.lerp(x, y, 0.3), (3, 4), (3, 4)),
    c("clamp", lambda L, x: x.clamp(-0.55, 0.77), (3, 4)),
    c("where", lambda L, x, y: L.where(_mask(L), x, y), (3, 4), (3, 4)),
    c("where number", lambda L, x: L.where(_mask(L), x, 0.3), (3, 4)),
    c("masked_fill", lambda L, x: x.masked_fill(_mask(L), 0.3), (3, 4)),
    c("matmul", lambda L, x, y: x @ y, (3, 40), (40, 5)),
    c("matmul vector", lambda L, x, y: x @ y, (40,), (40,)),
    c("bmm", lambda L, x, y: L.bmm(x, y), (2, 3, 4), (2, 4, 5)),
    c("addmm", lambda L, x, y, z: L.addmm(x, y, z), (5,), (3, 4), (4, 5)),
    c("einsum", lambda L, x, y: L.einsum("ij,kj->ik", x, y), (3, 4), (5, 4)),
    c("outer", lambda L, x, y: L.outer(x, y), (3,), (4,)),
    c("softmax", lambda L, x: x.softmax(1), (3, 40)),
    c("log_softmax", lambda L, x: x.log_softmax(1), (3, 40)),
    c("cat", lambda L, x, y: L.cat([x, y]), (3, 4), (2, 4)),
    c("cat float32", lambda L, x: L.cat([x, L.ones(2, 4)]), (3, 4)),
    c("stack", lambda L, x, y: L.stack([x, y]), (3, 4), (3, 4)),
    c("index", lambda L, x: x[_index(L)], (3, 4)),
    c("slice", lambda L, x: x[1:, ::2], (3, 4)),
    c("mask", lambda L, x: x[_mask(L)], (3, 4)),
    c("gather", lambda L, x: x.gather(0, _index(L)[:, None]), (3, 4)),
    c("index_add", lambda L, x, y: x.index_add(0, _index(L), y), (3, 4), (3, 4)),
    c("scatter_add", lambda L, x, y: x.scatter_add(0, _index(L)[:, None], y), (3, 4), (3, 1)),
    c("sort", lambda L, x: x.sort(1).values, (3, 4)),
    c("topk", lambda L, x: x.topk(2).values, (3, 4)),
    c("max dim", lambda L, x: x.max(1).values, (3, 4)),
    c("view", lambda L, x: x.t().reshape(2, 6)[:, 1:].unsqueeze(0), (3, 4)),
    c("expand", lambda L, x: x.expand(3, 4) * 1.5, (1, 4)),
    c("to float32", lambda L, x: x.float() * 1.1, (3, 4)),
    c("double", lambda L, x: x.double() * 1.1, (3, 4)),
    c("sum dtype", lambda L, x: x.sum(dtype=L.float32), (3, 4)),
    functional("linear", (3, 40), (5, 40), (5,)),
    functional("conv1d", (2, 3, 8), (4, 3, 3), (4,)),
    functional("conv2d", (2, 3, 6, 6), (4, 3, 3, 3), (4,), padding=1),
    functional("conv_transpose2d", (2, 3, 4, 4), (3, 2, 3, 3), (2,), stride=2),
    functional("layer_norm", (3, 40), normalized_shape=(40,)),
    functional("group_norm", (2, 4, 5), num_groups=2),
    functional("rms_norm", (3, 40), normalized_shape=(40,)),
    functional("instance_norm", (2, 3, 9)),
    c("layer_norm affine", lambda L, x, w, b: L.nn.functional.layer_norm(x, (40,), w, b), (3, 40), (40,), (40,)),
    c("batch_norm", lambda L, x: L.nn.BatchNorm1d(4).to(x.dtype)(x), (5, 4, 3)),
    c("batch_norm float32", lambda L, x: L.nn.BatchNorm1d(4)(x), (5, 4, 3)),
    functional("max_pool2d", (2, 3, 6, 6), kernel_size=2),
    functional("avg_pool2d", (2, 3, 6, 6), kernel_size=2),
    functional("adaptive_avg_pool2d", (2, 3, 6, 6), output_size=2),
    functional("interpolate", (2, 3, 4, 4), scale_factor=2),
    functional("interpolate", (2, 3, 4, 4), scale_factor=2, mode="bilinear"),
    functional("pad", (2, 3, 4), pad=(1, 2)),
    functional("pad", (2, 3, 4), pad=(1, 2), mode="reflect"),
    functional("normalize", (3, 4)),
    functional("cosine_similarity", (3, 4), (3, 4)),
    functional("glu", (3, 4)),
    functional("scaled_dot_product_attention", (2, 5, 8), (2, 5, 8), (2, 5, 8)),
    c("embedding", lambda L, w: L.nn.functional.embedding(_index(L), w), (5, 4)),
    c("cross_entropy", lambda L, x: L.nn.functional.cross_entropy(x, _labels(L)), (3, 40)),
    c("cross_entropy soft", lambda L, x: L.nn.functional.cross_entropy(x, (x.detach() * 0).softmax(1)), (3, 40)),
    c("kl_div", lambda L, x, y: L.nn.functional.kl_div(x, y, reduction="sum"), (3, 4), (3, 4), low=0.1),
    c("soft_margin_loss", lambda L, x: L.nn.functional.soft_margin_loss(x, x.detach().sign()), (3, 4)),
    c("nll_loss", lambda L, x: L.nn.functional.nll_loss(x, _labels(L)), (3, 40)),
    c("bce", lambda L, x, y: L.nn.functional.binary_cross_entropy_with_logits(x, y), (3, 4), (3, 4), low=0.1, high=0.9),
    c("float from int", lambda L, x: L.arange(12).reshape(3, 4).to(x.dtype) * x, (3, 4)),
    c("pairwise_distance", lambda L, x, y: L.nn.functional.pairwise_distance(x, y), (3, 4), (3, 4)),
]


def _mask(L: Any) -> Any:
    return L.tensor(MASK)


def _index(L: Any) -> Any:
    return L.tensor(INDEX)


def _labels(L: Any) -> Any:
    return L.tensor(LABELS)


def _outcome(L: Any, call: Call, dtype: str) -> tuple[str, np.ndarray, list[np.ndarray | None]]:
    """The result's type and values, and the gradients of a weighted sum of it."""
    random = np.random.default_rng(3)
    arrays = [random.uniform(call.low, call.high, shape) for shape in call.shapes]
    leaves = [L.tensor(a, dtype=getattr(L, dtype)).requires_grad_() for a in arrays]
    y = call.call(L, *leaves)
    gradients: list[np.ndarray | None] = []
    if y.requires_grad:
        weights = L.tensor(random.uniform(0.5, 1.5, tuple(y.shape)), dtype=y.dtype)
        y.backward(weights)
        for leaf in leaves:
            assert leaf.grad is None or leaf.grad.dtype == leaf.dtype
            gradients.append(None if leaf.grad is None else leaf.grad.double().numpy())
    return str(y.dtype).split(".")[-1], y.detach().double().numpy(), gradients


def _close(a: np.ndarray, b: np.ndarray, eps: float) -> None:
    """Within a few roundings, relative to the array's scale where terms cancel."""
    scale = float(np.abs(b[np.isfinite(b)]).max(initial=0)) if b.size else 0.0
    np.testing.assert_allclose(a, b, rtol=2 * eps, atol=eps * scale + 1e-6)


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_op_in_half_precision(call: Call, dtype: str) -> None:
    ours, theirs = _outcome(sparkle, call, dtype), _outcome(torch, call, dtype)
    assert ours[0] == theirs[0]
    _close(ours[1], theirs[1], HALVES[dtype])
    for mine, yours in zip(ours[2], theirs[2], strict=True):
        assert (mine is None) == (yours is None)
        if mine is not None and yours is not None:
            _close(mine, yours, HALVES[dtype])


VALUES = [1.5, -2.25, 3.14159, 1e-8, 3e38, -0.0]


def test_files_go_both_ways() -> None:
    from safetensors import torch as files

    ours, theirs = (L.tensor(VALUES, dtype=L.bfloat16) for L in (sparkle, torch))
    file = io.BytesIO()
    sparkle.save(ours, file)
    (read,) = files.load(file.getvalue()).values()
    assert read.dtype is torch.bfloat16
    assert torch.equal(read, theirs)
    back = sparkle.load(io.BytesIO(files.save({"w": theirs})))["w"]
    assert back.dtype is sparkle.bfloat16
    assert sparkle.equal(back, ours)


def test_memory_is_shared_both_ways() -> None:
    ours = sparkle.ones(2, 3, dtype=sparkle.bfloat16)
    theirs = torch.from_dlpack(ours.t())
    theirs[0, 1] = 5
    assert (theirs.dtype, tuple(theirs.shape), ours[1, 0].item()) == (torch.bfloat16, (3, 2), 5)
    theirs = torch.ones(3, dtype=torch.bfloat16)
    sparkle.from_dlpack(theirs)[1] = 7
    assert theirs.tolist() == [1, 7, 1]


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize(
    "make",
    [
        lambda L, d: L.tensor(VALUES[:3], dtype=d),
        lambda L, d: L.tensor(VALUES[2], dtype=d),
        lambda L, d: L.arange(5, dtype=d) / 3,
        lambda L, d: L.linspace(0, 1, 5, dtype=d),
        lambda L, d: L.full((2, 2), 1e-3, dtype=d, requires_grad=True),
        lambda L, d: L.finfo(d),
        lambda L, d: L.ones(2, dtype=d).type(),
        lambda L, d: L.ones(2, dtype=d).view(L.int16),
        lambda L, d: L.result_type(L.ones(2, dtype=d), 1.5),
        lambda L, d: L.promote_types(d, L.uint8),
        lambda L, d: L.can_cast(d, L.int32),
        lambda L, d: L.eye(2, dtype=d) * 1.1,
    ],
)
def test_prints_as_torch_does(make: Callable[..., Any], dtype: str) -> None:
    ours, theirs = (repr(make(L, getattr(L, dtype))) for L in (sparkle, torch))
    assert ours.replace("sparkle.", "torch.") == theirs


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize(
    "name", "SGD Adam AdamW NAdam RAdam Adamax Adadelta Adagrad RMSprop Rprop ASGD Adafactor".split()
)
def test_optimizers_keep_the_types_of_states(name: str, dtype: str) -> None:
    results = []
    for L in (sparkle, torch):
        p = L.nn.Parameter(L.tensor(np.linspace(-1, 1, 12).reshape(3, 4), dtype=getattr(L, dtype)))
        optimizer = getattr(L.optim, name)([p], lr=0.05)
        for _ in range(5):
            optimizer.zero_grad()
            ((p - 0.3) ** 2).sum().backward()
            optimizer.step()
        states = {k: str(v.dtype).split(".")[-1] for k, v in optimizer.state[p].items() if hasattr(v, "dtype")}
        results.append((states, str(p.dtype).split(".")[-1], p.detach().float().numpy()))
    assert results[0][:2] == results[1][:2]
    np.testing.assert_allclose(results[0][2], results[1][2], atol=4 * HALVES[dtype])


MISUSE = {
    "product of two types": lambda L: L.ones(2, 2).bfloat16() @ L.ones(2, 2),
    "linear of two types": lambda L: L.nn.functional.linear(L.ones(1, 2).bfloat16(), L.ones(1, 2)),
    "inverse": lambda L: L.linalg.inv(L.eye(2).bfloat16()),
    "index by it": lambda L: L.ones(2)[L.ones(1).bfloat16()],
    "bits": lambda L: L.ones(2).bfloat16() & 1,
    "iinfo": lambda L: L.iinfo(L.bfloat16),
    "into integers": lambda L: L.ones(2, dtype=L.int64).add_(L.ones(2).bfloat16()),
    "float32 weights of a cell": lambda L: L.nn.LSTMCell(2, 2)(L.ones(1, 2).bfloat16()),
    "spectrum": lambda L: L.fft.rfft(L.ones(4).bfloat16()),
}


@pytest.mark.parametrize("name", MISUSE)
def test_misuse(name: str) -> None:
    errors = []
    for L in (sparkle, torch):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - torch says which
            MISUSE[name](L)
        errors.append(caught.type)
    assert issubclass(errors[0], errors[1])
