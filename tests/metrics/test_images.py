"""PSNR and SSIM beside loops over pixels."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import sparkle
from sparkle.metrics import PSNR, SSIM, NotComputableError
from tests.cases.metric import SITUATIONS, MetricRow, check

random = np.random.default_rng(2)


def pair(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    y = random.random(size=shape)
    return (y + 0.2 * random.normal(size=shape)).astype("float32"), y.astype("float32")


def psnr(data_range: float) -> Any:
    def value(y_pred: np.ndarray, y: np.ndarray) -> float:
        errors = [np.mean((a.astype(float) - b) ** 2) for a, b in zip(y_pred, y, strict=True)]
        return float(np.mean([10 * np.log10(data_range**2 / (e + 1e-10)) for e in errors]))

    return value


def ssim(sizes: tuple[int, ...], sigmas: Any, gaussian: bool, data_range: float = 1.0) -> Any:
    """By the formula, at each pixel, with a mirrored neighbourhood."""
    weights = np.ones(())
    for size, sigma in zip(sizes, sigmas, strict=True):
        one = np.exp(-((np.arange(size) - size // 2) ** 2) / (2 * sigma**2)) if gaussian else np.ones(size)
        weights = np.multiply.outer(weights, one / one.sum())
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2

    def of_channel(a: np.ndarray, b: np.ndarray) -> float:
        edges = [(size // 2, size // 2) for size in sizes]
        padded, found = [np.pad(x, edges, mode="reflect") for x in (a, b)], []
        for place in product(*map(range, a.shape)):
            window = tuple(slice(i, i + size) for i, size in zip(place, sizes, strict=True))
            u, v = (x[window] for x in padded)
            mu, mv = (weights * u).sum(), (weights * v).sum()
            var = (weights * (u - mu) ** 2).sum() + (weights * (v - mv) ** 2).sum()
            cov = (weights * (u - mu) * (v - mv)).sum()
            found.append((2 * mu * mv + c1) * (2 * cov + c2) / ((mu * mu + mv * mv + c1) * (var + c2)))
        return float(np.mean(found))

    return lambda y_pred, y: float(
        np.mean([of_channel(a, b) for p, t in zip(y_pred, y, strict=True) for a, b in zip(p, t, strict=True)])
    )


def doubles(arrays: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    return tuple(x.astype(float) for x in arrays)


IMAGES, VOLUMES, VECTORS = pair(5, 2, 8, 7), pair(5, 1, 4, 5, 6), pair(9, 4)
BYTES = tuple(random.integers(0, 256, size=(5, 3, 8, 8)).astype("uint8") for _ in range(2))
FAR = tuple(x.astype(float) + 1e6 for x in IMAGES)


def row(name: str, make: Any, arrays: tuple[np.ndarray, ...], value: Any, rel: float = 1e-9) -> MetricRow:
    return MetricRow(name, make, arrays, value(*doubles(arrays)), rel=rel)


ROWS = [
    row("psnr", lambda: PSNR(1.0), IMAGES, psnr(1.0)),
    row("psnr bytes", lambda: PSNR(255), BYTES, psnr(255)),
    row("psnr vectors", lambda: PSNR(2.0), VECTORS, psnr(2.0)),
    row("psnr numbers", lambda: PSNR(2.0), tuple(x[:, 0] for x in VECTORS), psnr(2.0)),
    row("psnr equal", lambda: PSNR(1.0), (IMAGES[0], IMAGES[0]), psnr(1.0)),
    row("ssim", lambda: SSIM(1.0, 5), IMAGES, ssim((5, 5), (1.5, 1.5), True)),
    row("ssim of 11", lambda: SSIM(1.0), pair(5, 1, 9, 8), ssim((11, 11), (1.5, 1.5), True)),
    row("ssim uniform", lambda: SSIM(1.0, 7, gaussian=False), IMAGES, ssim((7, 7), (1, 1), False)),
    row("ssim oblong", lambda: SSIM(1.0, [3, 5], [0.8, 2.0]), IMAGES, ssim((3, 5), (0.8, 2.0), True)),
    row("ssim bytes", lambda: SSIM(255, 3), BYTES, ssim((3, 3), (1.5, 1.5), True, 255)),
    row("ssim far", lambda: SSIM(1.0, 5), FAR, ssim((5, 5), (1.5, 1.5), True), rel=1e-6),
    row("ssim volumes", lambda: SSIM(1.0, 3, ndims=3), VOLUMES, ssim((3, 3, 3), (1.5,) * 3, True)),
    row(
        "ssim oblong volumes", lambda: SSIM(1.0, (1, 3, 5), (1.0, 2.0, 3.0), ndims=3), VOLUMES,
        ssim((1, 3, 5), (1.0, 2.0, 3.0), True),
    ),
]  # fmt: skip


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_value(row: MetricRow, situation: str) -> None:
    check(SITUATIONS[situation](row), row.value, row.rel, row.abs)


MAKES = [lambda: PSNR(1.0), lambda: SSIM(1.0, 3)]


@pytest.mark.parametrize("make", MAKES, ids=["psnr", "ssim"])
def test_nothing_was_seen(make: Any) -> None:
    metric = make()
    for _ in range(2):
        with pytest.raises(NotComputableError, match=f"{type(metric).__name__} must have at least one example"):
            metric.compute()
        metric.update((sparkle.zeros(0, 1, 4, 4), sparkle.zeros(0, 1, 4, 4)))


@pytest.mark.parametrize("make", MAKES, ids=["psnr", "ssim"])
def test_nan_makes_the_value_nan(make: Any) -> None:
    metric, images = make(), sparkle.ones(2, 1, 4, 4)
    images[0, 0, 1, 1] = float("nan")
    metric.update((images, sparkle.ones(2, 1, 4, 4)))
    metric.update((sparkle.ones(2, 1, 4, 4), sparkle.ones(2, 1, 4, 4)))
    assert np.isnan(metric.compute())


@pytest.mark.parametrize("make", MAKES, ids=["psnr", "ssim"])
def test_wrong_outputs(make: Any) -> None:
    with pytest.raises(TypeError, match="to have the same data type"):
        make().update((sparkle.zeros(1, 1, 4, 4), sparkle.zeros(1, 1, 4, 4, dtype=sparkle.float64)))
    with pytest.raises(ValueError, match="to have the same shape"):
        make().update((sparkle.zeros(1, 1, 4, 4), sparkle.zeros(1, 1, 4, 5)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ndims": 4}, "ndims to be 2 or 3"),
        ({"kernel_size": 4}, "odd positive number"),
        ({"kernel_size": -1}, "odd positive number"),
        ({"kernel_size": [3, 3, 3]}, "kernel_size to have length of 2. Got 3"),
        ({"kernel_size": 3.0}, "Argument kernel_size should be"),
        ({"sigma": -1.0}, "sigma to have positive number"),
        ({"sigma": [1.0], "ndims": 3}, "sigma to have length of 3"),
        ({"sigma": "1"}, "Argument sigma should be"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SSIM(1.0, **arguments)


def test_images_that_are_too_small_or_of_other_dims() -> None:
    for shape, message in (((1, 4, 4), "BxCxHxW"), ((1, 1, 4, 4, 4), "BxCxHxW"), ((1, 1, 4, 9), "to mirror")):
        with pytest.raises(ValueError, match=f"SSIM: .*{message}"):
            SSIM(1.0, 9).update((sparkle.zeros(*shape), sparkle.zeros(*shape)))
