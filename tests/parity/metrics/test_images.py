"""PSNR and SSIM beside Ignite's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

random = np.random.default_rng(2)


def pair(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    y = random.random(size=shape)
    return (y + 0.2 * random.normal(size=shape)).astype("float32"), y.astype("float32")


DATA = {
    "images": pair(6, 3, 20, 17),
    "doubles": tuple(x.astype(float) for x in pair(6, 1, 20, 17)),
    "bytes": tuple(random.integers(0, 256, size=(6, 3, 20, 20)).astype("uint8") for _ in range(2)),
    "equal": (lambda x: (x, x.copy()))(pair(6, 3, 20, 20)[0]),
    "volumes": pair(4, 2, 12, 13, 14),
}
OPTIONS: list[dict[str, Any]] = [
    {},
    {"kernel_size": 7, "sigma": 0.8},
    {"kernel_size": 5, "gaussian": False},
    {"kernel_size": 3, "k1": 0.1, "k2": 0.2},
]


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("options", [*OPTIONS, {"kernel_size": [3, 9], "sigma": [1.0, 2.5]}], ids=range(5))
def test_ssim(options: dict[str, Any], data: str, ours: Any, theirs: Any, check_same: Any) -> None:
    ndims = DATA[data][0].ndim - 2
    if ndims == 3 and isinstance(options.get("sigma"), list):
        return
    values = []
    for lib in (ours, theirs):
        metric = lib.m.SSIM(255 if data == "bytes" else 1.0, ndims=ndims, **options)
        for parts in zip(*(np.array_split(x, 2) for x in DATA[data]), strict=True):
            metric.update(tuple(lib.tensor(part) for part in parts))
        values.append(metric.compute())
    check_same(*values, 1e-4)


@pytest.mark.parametrize("data", DATA)
def test_psnr(data: str, ours: Any, theirs: Any, check_same: Any) -> None:
    values = []
    for lib in (ours, theirs):
        metric = lib.m.PSNR(255 if data == "bytes" else 1.0)
        for parts in zip(*(np.array_split(x, 2) for x in DATA[data]), strict=True):
            metric.update(tuple(lib.tensor(part) for part in parts))
        values.append(metric.compute())
    check_same(*values)


MISUSE = [
    lambda m, L: m.PSNR(1.0).update((L.zeros(2, 3), L.zeros(2, 4))),
    lambda m, L: m.PSNR(1.0).update((L.zeros(2, 3), L.zeros(2, 3, dtype=L.float64))),
    lambda m, L: m.PSNR(1.0).compute(),
    lambda m, L: m.SSIM(1.0).compute(),
    lambda m, L: m.SSIM(1.0, ndims=1),
    lambda m, L: m.SSIM(1.0, kernel_size=2),
    lambda m, L: m.SSIM(1.0, kernel_size=[3]),
    lambda m, L: m.SSIM(1.0, kernel_size=3.0),
    lambda m, L: m.SSIM(1.0, sigma=-1.0),
    lambda m, L: m.SSIM(1.0, sigma=[1.0]),
    lambda m, L: m.SSIM(1.0).update((L.zeros(2, 3), L.zeros(2, 3))),
    lambda m, L: m.SSIM(1.0).update((L.zeros(2, 3, 20, 20), L.zeros(2, 3, 20, 20, dtype=L.float64))),
]


@pytest.mark.parametrize("misuse", MISUSE, ids=range(len(MISUSE)))
def test_same_errors(misuse: Any, ours: Any, theirs: Any) -> None:
    raised = []
    for lib in (ours, theirs):
        with pytest.raises(Exception) as error:  # noqa: PT011
            misuse(lib.m, lib.L)
        raised.append(error.type.__name__)
    assert raised[0] == raised[1]
