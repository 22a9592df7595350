"""Metrics of images."""

from __future__ import annotations

import numpy as np

import sparkle.metrics as m

from .example import Arrays, N, example


def images(random: np.random.Generator) -> Arrays:
    y = random.random(size=(N, 2, 7, 6)).astype("float32")
    return y + 0.1 * random.normal(size=y.shape).astype("float32"), y


def volumes(random: np.random.Generator) -> Arrays:
    y = random.random(size=(N, 1, 5, 4, 6))
    return y + 0.1 * random.normal(size=y.shape), y


example(lambda: m.PSNR(1.0), images)
example(lambda: m.SSIM(1.0, kernel_size=5), images)
example(lambda: m.SSIM(1.0, kernel_size=3, gaussian=False, ndims=3), volumes, "of volumes")
