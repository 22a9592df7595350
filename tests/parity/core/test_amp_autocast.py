"""autocast against torch's on the CPU: the type of every result, values and gradients of models, and misuse."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import sparkle

pytest.importorskip("ml_dtypes")

KINDS = ("float32", "bfloat16", "float16", "float64")
LEFT, RIGHT, SQUARE = (2, 3), (3, 2), (2, 2)

# name -> (call of the function and the library on tensors of the type under test, their shapes)
Row = tuple[Callable[..., Any], tuple[tuple[int, ...], ...]]
ROWS: dict[str, Row] = {}


def plain(names: str, *shapes: tuple[int, ...], **kwargs: Any) -> None:
    """The functions of these tensors."""
    for name in names.split():
        ROWS[name] = (lambda L, *x, name=name: _found(L, name)(*x, **kwargs), shapes)


def row(name: str, call: Callable[..., Any], *shapes: tuple[int, ...]) -> None:
    ROWS[name] = (call, shapes)


def _found(L: Any, path: str) -> Any:
    for part in path.split("."):
        L = getattr(L, part)
    return L


def _index(L: Any) -> Any:
    return L.tensor([0, 1])


F = "nn.functional."
plain("mm matmul linalg.matmul", LEFT, RIGHT)
plain("bmm", (1, 2, 3), (1, 3, 2))
plain("mv", LEFT, (3,))
plain("dot inner outer linalg.vecdot", (3,), (3,))
plain("addmm", SQUARE, LEFT, RIGHT)
plain("addmv", (2,), LEFT, (3,))
plain("addbmm baddbmm", SQUARE, (1, 2, 3), (1, 3, 2))
plain("addr", SQUARE, (2,), (2,))
plain("tensordot kron", SQUARE, SQUARE)
row("linalg.multi_dot", lambda L, *x: L.linalg.multi_dot(list(x)), LEFT, RIGHT, SQUARE)
row("linalg.matrix_power", lambda L, x: L.linalg.matrix_power(x, 3), SQUARE)
row("operator @", lambda L, a, b: a @ b, LEFT, RIGHT)
row("einsum", lambda L, a, b: L.einsum("ij,jk->ik", a, b), LEFT, RIGHT)
row("addmm_", lambda L, a, b, c: (a * 1).addmm_(b, c), SQUARE, SQUARE, SQUARE)
plain(F + "linear", (2, 3), (4, 3), (4,))
plain(F + "bilinear", (2, 3), (2, 3), (4, 3, 3))
for _dims in (1, 2, 3):
    _image, _kernel = (1, 2) + (6,) * _dims, (2, 2) + (3,) * _dims
    plain(f"{F}conv{_dims}d {F}conv_transpose{_dims}d", _image, _kernel)
    for _name in ("avg_pool", "max_pool", "adaptive_avg_pool", "adaptive_max_pool"):
        row(f"{_name}{_dims}d", lambda L, x, n=f"{F}{_name}{_dims}d": _found(L, n)(x, 2), _image)
    row(f"lp_pool{_dims}d", lambda L, x, n=f"{F}lp_pool{_dims}d": _found(L, n)(x, 2, 2), _image)
    row(
        f"max_unpool{_dims}d",
        lambda L, x, d=_dims: _found(L, f"{F}max_unpool{d}d")(
            *_found(L, f"{F}max_pool{d}d")(x, 2, return_indices=True), 2
        ),
        _image,
    )
    for _mode in ("replicate", "circular", "constant", *(["reflect"] if _dims < 3 else [])):
        row(f"pad {_mode} {_dims}", lambda L, x, d=_dims, m=_mode: L.nn.functional.pad(x, (1, 1) * d, mode=m), _image)
row("fractional_max_pool2d", lambda L, x: L.nn.functional.fractional_max_pool2d(x, 2, 2), (1, 2, 6, 6))
row("fractional_max_pool3d", lambda L, x: L.nn.functional.fractional_max_pool3d(x, 2, 2), (1, 2, 6, 6, 6))
plain(F + "scaled_dot_product_attention", *[(1, 2, 4, 8)] * 3)
row("prelu", lambda L, x: L.nn.functional.prelu(x, L.ones(1, dtype=x.dtype)), (3,))
plain("prod trace inverse pinverse linalg.inv linalg.svdvals linalg.norm linalg.vector_norm linalg.cond", SQUARE)
plain("linalg.qr linalg.svd svd qr linalg.matrix_rank triu", SQUARE)
plain(f"cdist dist atan2 linalg.cross {F}pairwise_distance {F}cosine_similarity", LEFT, LEFT)
plain("linalg.solve linalg.lstsq", SQUARE, SQUARE)
plain("exp sum mean std var rsqrt erfinv norm cov", (4,))
row("quantile", lambda L, x: L.quantile(x, 0.5), (5,))
row("nanquantile", lambda L, x: L.nanquantile(x, 0.5), (5,))
row("pow", lambda L, x: L.pow(x.abs(), 2.5), (5,))
row("softmax", lambda L, x: L.softmax(x, 0), (5,))
row("log_softmax", lambda L, x: L.log_softmax(x, 0), (5,))
row("logsumexp", lambda L, x: L.logsumexp(x, 0), (5,))
row("cumsum", lambda L, x: L.cumsum(x, 0), (5,))
plain(f"{F}softplus {F}gelu {F}silu", (5,))
plain(" ".join(F + n for n in "mse_loss l1_loss smooth_l1_loss huber_loss poisson_nll_loss".split()), (5,), (5,))
plain(" ".join(F + n for n in "soft_margin_loss hinge_embedding_loss".split()), (5,), (5,))
plain(F + "margin_ranking_loss", (5,), (5,), (5,))
plain(f"{F}triplet_margin_loss {F}triplet_margin_with_distance_loss", LEFT, LEFT, LEFT)
plain(F + "binary_cross_entropy_with_logits", (5,), (5,))
row("kl_div", lambda L, x, y: L.nn.functional.kl_div(x, y.abs(), reduction="sum"), (5,), (5,))
row("gaussian_nll_loss", lambda L, x, y: L.nn.functional.gaussian_nll_loss(x, y, x.abs() + 1), (5,), (5,))
row("binary_cross_entropy", lambda L, x, y: L.nn.functional.binary_cross_entropy(x.sigmoid(), y.sigmoid()), (5,), (5,))
row("cross_entropy", lambda L, x: L.nn.functional.cross_entropy(x, _index(L)), LEFT)
row("nll_loss", lambda L, x: L.nn.functional.nll_loss(x, _index(L)), LEFT)
row("multi_margin_loss", lambda L, x: L.nn.functional.multi_margin_loss(x, _index(L)), LEFT)
row(
    "multilabel_margin_loss",
    lambda L, x: L.nn.functional.multilabel_margin_loss(x, L.zeros(2, 3, dtype=L.int64)),
    LEFT,
)
row(
    "multilabel_soft_margin_loss",
    lambda L, x: L.nn.functional.multilabel_soft_margin_loss(x, x.sigmoid().round()),
    LEFT,
)
row("cosine_embedding_loss", lambda L, x, y: L.nn.functional.cosine_embedding_loss(x, y, L.ones(2)), LEFT, LEFT)
row(
    "ctc_loss",
    lambda L, x: L.nn.functional.ctc_loss(x.log_softmax(-1), L.tensor([[1, 2]]), L.tensor([5]), L.tensor([2])),
    (5, 1, 3),
)
row("layer_norm", lambda L, x: L.nn.functional.layer_norm(x, (3,)), LEFT)
row("group_norm", lambda L, x: L.nn.functional.group_norm(x, 2), (2, 4, 3))
row("normalize", lambda L, x: L.nn.functional.normalize(x), LEFT)
row("interpolate", lambda L, x: L.nn.functional.interpolate(x, scale_factor=2, mode="bilinear"), (1, 1, 4, 4))
row("grid_sample", lambda L, x: L.nn.functional.grid_sample(x, x[..., :2], align_corners=False), (1, 4, 4, 4))
row("affine_grid", lambda L, x: L.nn.functional.affine_grid(x, (1, 1, 4, 4), align_corners=False), (1, 2, 3))
row("embedding", lambda L, x: L.nn.functional.embedding(_index(L), x), LEFT)
row("cat", lambda L, x: L.cat([x, L.ones(2)]), (2,))
row("stack", lambda L, x: L.stack([x, L.ones(2)]), (2,))
row("index_copy", lambda L, x: x.index_copy(0, _index(L), x.float() if x.dtype != L.float64 else x), (2,))
row("where", lambda L, x: L.where(x > 0, x, L.ones(2)), (2,))
for _module, _shape in {"LSTM": (5, 1, 3), "GRU": (5, 1, 3), "RNN": (5, 1, 3)}.items():
    row(_module, lambda L, x, n=_module: getattr(L.nn, n)(3, 4)(x)[0], _shape)
    row(_module + "Cell", lambda L, x, n=_module + "Cell": getattr(L.nn, n)(3, 4)(x), (5, 3))
row("MultiheadAttention", lambda L, x: L.nn.MultiheadAttention(4, 2)(x, x, x)[0], (3, 1, 4))
row("TransformerEncoderLayer", lambda L, x: L.nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)(x), (1, 3, 4))
row("BatchNorm2d", lambda L, x: L.nn.BatchNorm2d(2)(x), (3, 2, 4, 4))
row("Linear", lambda L, x: L.nn.Linear(3, 2)(x), LEFT)
row("Conv2d", lambda L, x: L.nn.Conv2d(2, 2, 3)(x), (1, 2, 5, 5))


def _type(L: Any, name: str, kind: str, **options: Any) -> str:
    """The type of the result, or the class of the error."""
    call, shapes = ROWS[name]
    random = np.random.default_rng(0)
    xs = [L.tensor(random.standard_normal(shape), dtype=getattr(L, kind)) for shape in shapes]
    with warnings.catch_warnings(), L.autocast("cpu", **options):
        warnings.simplefilter("ignore")
        try:
            y = call(L, *xs)
        except Exception as error:
            return type(error).__name__
    y = y[0] if isinstance(y, tuple) else y
    return str(y.dtype).split(".")[-1]


# One half type under autocast to the other: torch's cat and its like raise there, and its LSTM gives float32.
TWO_HALVES = ("cat", "stack", "index_copy", "LSTM")


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for name in ROWS for kind in KINDS if kind != "float16" or name not in TWO_HALVES],
)
def test_type_of_the_result(name: str, kind: str) -> None:
    assert _type(sparkle, name, kind) == _type(torch, name, kind)


@pytest.mark.parametrize("name", ["mm", "exp", "cat", "Linear", "cross_entropy"])
def test_type_with_float16(name: str) -> None:
    ours, theirs = (_type(L, name, "float32", dtype=L.float16) for L in (sparkle, torch))
    assert ours == theirs


@pytest.mark.parametrize("name", ["mm", "Linear", "cross_entropy"])
def test_type_when_not_enabled(name: str) -> None:
    assert _type(sparkle, name, "float32", enabled=False) == _type(torch, name, "float32", enabled=False) == "float32"


def _network(L: Any) -> Any:
    nn = L.nn
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 16),
        nn.LayerNorm(16),
        nn.GELU(),
        nn.Linear(16, 3),
    )


def _trained(L: Any, weights: dict[str, np.ndarray], steps: int, kind: str) -> tuple[list[float], list[np.ndarray]]:
    """Losses and last gradients of a network trained under autocast, with a scaled loss."""
    model = _network(L)
    model.load_state_dict({k: L.tensor(v) for k, v in weights.items()})
    optimizer = L.optim.Adam(model.parameters(), lr=1e-2)
    scaler = L.amp.GradScaler("cpu", init_scale=1024.0)
    random, losses = np.random.default_rng(1), []
    x = L.tensor(random.standard_normal((16, 1, 8, 8)), dtype=L.float32)
    y = L.tensor(random.integers(0, 3, 16))
    for _ in range(steps):
        optimizer.zero_grad()
        with L.autocast("cpu", dtype=getattr(L, kind)):
            loss = L.nn.functional.cross_entropy(model(x), y)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        losses.append(loss.item())
    return losses, [p.grad.numpy() for p in model.parameters()]


@pytest.mark.parametrize(("kind", "bound"), [("bfloat16", 0.1), ("float16", 0.02)])
def test_training_follows_torch(kind: str, bound: float) -> None:
    torch.manual_seed(0)
    weights = {k: v.numpy() for k, v in _network(torch).state_dict().items()}
    ours, gradients = _trained(sparkle, weights, 1, kind)
    theirs, expected = _trained(torch, weights, 1, kind)
    assert ours == pytest.approx(theirs, rel=bound / 4)
    largest = max(float(np.abs(g).max()) for g in expected)
    for mine, yours in zip(gradients, expected, strict=True):
        assert mine.dtype == yours.dtype == np.float32
        np.testing.assert_allclose(mine, yours, rtol=0, atol=bound * largest / 4)
    ours, theirs = (_trained(L, weights, 8, kind)[0] for L in (sparkle, torch))
    # Adam turns roundings of tiny gradients into steps.
    assert ours == pytest.approx(theirs, rel=2 * bound, abs=2 * bound)
    assert ours[-1] < ours[0]


MISUSE: dict[str, Callable[[Any], Any]] = {
    "no device": lambda L: L.autocast(),
    "number as device": lambda L: L.autocast(3),
    "unknown device": lambda L: L.autocast("toaster"),
    "device object": lambda L: L.autocast(L.device("cpu")),
    "is_autocast_enabled of nothing": lambda L: L.is_autocast_enabled("toaster"),
    "get_autocast_dtype of nothing": lambda L: L.get_autocast_dtype("toaster"),
    "is_autocast_available of nothing": lambda L: L.amp.is_autocast_available("toaster"),
    "custom_fwd without device": lambda L: L.amp.custom_fwd(lambda ctx: ctx),
    "custom_fwd number": lambda L: L.amp.custom_fwd(device_type=3),
    "custom_bwd object": lambda L: L.amp.custom_bwd(device_type=L.device("cpu")),
    "float32": lambda L: L.autocast("cpu", L.float32),
    "cuda without one": lambda L: L.autocast("cuda"),
    "cpu.amp": lambda L: L.cpu.amp.autocast(),
    "cuda.amp.custom_fwd": lambda L: L.cuda.amp.custom_fwd(lambda ctx: ctx),
    "cpu.amp.GradScaler": lambda L: L.cpu.amp.GradScaler(),
    "matmul of float64 and float32": lambda L: _under(L, lambda: L.ones(2, 2).double() @ L.ones(2, 2)),
    "mm of sizes": lambda L: _under(L, lambda: L.mm(L.ones(2, 3), L.ones(2, 3))),
    "linear of numbers": lambda L: _under(L, lambda: L.nn.functional.linear(1, 2)),
    "conv of sizes": lambda L: _under(L, lambda: L.nn.functional.conv2d(L.ones(1, 2, 3, 3), L.ones(1, 1, 3, 3))),
    "out of another type": lambda L: _under(L, lambda: L.mm(L.ones(2, 2), L.ones(2, 2), out=L.ones(2, 2).half())),
}


def _under(L: Any, call: Callable[[], Any]) -> Any:
    with L.autocast("cpu"):
        return call()


def _complaints(L: Any, call: Callable[[Any], Any]) -> list[type]:
    """The classes of the warnings, and of the error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            call(L)
        except Exception as error:
            return [*(w.category for w in caught), type(error)]
    return [w.category for w in caught]


@pytest.mark.parametrize("name", MISUSE)
def test_misuse(name: str) -> None:
    ours, theirs = (_complaints(L, MISUSE[name]) for L in (sparkle, torch))
    assert ours == theirs
    assert ours


def test_switches_and_defaults() -> None:
    for L in (sparkle, torch):
        assert not L.is_autocast_enabled("cpu")
        with L.autocast("cpu", dtype=L.float16):
            assert L.is_autocast_enabled("cpu")
            assert not L.is_autocast_enabled()
            assert not L.is_autocast_enabled("cuda")
            assert L.get_autocast_dtype("cpu") is L.float16
            with L.autocast("cpu", enabled=False):
                assert not L.is_autocast_enabled("cpu")
                assert (L.ones(2, 2) @ L.ones(2, 2)).dtype is L.float32
                with L.autocast("cpu"):
                    assert (L.ones(2, 2) @ L.ones(2, 2)).dtype is L.float16
            assert (L.ones(2, 2) @ L.ones(2, 2)).dtype is L.float16
        assert L.get_autocast_dtype("cpu") is L.bfloat16
        assert L.get_autocast_dtype("cuda") is L.float16
        assert not L.is_autocast_enabled("cpu")
        assert L.is_autocast_cache_enabled()
        with L.autocast("cpu", cache_enabled=False):
            assert not L.is_autocast_cache_enabled()


def test_custom_function() -> None:
    for L in (sparkle, torch):
        seen: list[Any] = []

        class Product(L.autograd.Function):  # type: ignore[name-defined, misc]
            @staticmethod
            @L.amp.custom_fwd(device_type="cpu")
            def forward(ctx: Any, a: Any, b: Any) -> Any:
                ctx.save_for_backward(a, b)
                return a @ b

            @staticmethod
            @L.amp.custom_bwd(device_type="cpu")
            def backward(ctx: Any, g: Any) -> Any:
                a, b = ctx.saved_tensors
                seen.append(str((g @ b.t()).dtype).split(".")[-1])  # noqa: B023
                return g.float() @ b.t().float(), a.t().float() @ g.float()

        class Wide(L.autograd.Function):  # type: ignore[name-defined, misc]
            @staticmethod
            @L.amp.custom_fwd(device_type="cpu", cast_inputs=L.float32)
            def forward(ctx: Any, a: Any) -> Any:
                seen.append(str(a.dtype).split(".")[-1])  # noqa: B023
                seen.append(str((a @ a).dtype).split(".")[-1])  # noqa: B023
                return a * 1

            @staticmethod
            @L.amp.custom_bwd(device_type="cpu")
            def backward(ctx: Any, g: Any) -> Any:
                return g

        a = L.ones(2, 2, requires_grad=True)
        with L.autocast("cpu"):
            y = Product.apply(a, a)
            Wide.apply(a.bfloat16())
        y.float().sum().backward()
        assert seen == ["float32", "float32", "bfloat16"]
        assert a.grad.tolist() == [[4.0, 4.0], [4.0, 4.0]]
