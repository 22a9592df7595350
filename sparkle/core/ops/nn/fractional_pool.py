"""Where the largest elements of randomly placed windows are."""

from __future__ import annotations

import itertools

from ...autograd.op import Op
from .pool import channels_flat


class FractionalPlaces(Op):
    """The place of the largest x of each window in its flattened channel; windows begin at the samples' places"""

    differentiable = False

    def __init__(self, kernel, out):
        self.kernel, self.out = kernel, out

    def forward(self, xp, x, samples):
        dims, size = len(self.out), x.shape[2:]
        begins = []
        for i in range(dims):
            sample = samples[..., i if dims == 3 else 1 - i]  # of images x comes first, of volumes z, as in torch
            begins.append(self.begins(xp, sample.astype(x.dtype), size[i], self.kernel[i], self.out[i]))
        flat = channels_flat(x)
        best = best_at = None
        for point in itertools.product(*map(range, self.kernel)):
            at = channels_flat(self.places(begins, point, size))
            value = xp.take_along_axis(flat, at, axis=-1)
            if best is None:
                best, best_at = value, at
            else:
                better = (value > best) | xp.isnan(value)
                best, best_at = xp.where(better, value, best), xp.where(better, at, best_at)
        return best_at.reshape(*x.shape[:2], *self.out)

    @staticmethod
    def begins(xp, sample, n, k, m):
        """(n, c, m): where windows begin, (n - k) / (m - 1) apart but for rounding, the last at n - k"""
        begins = xp.full((*sample.shape, m), n - k, "int64")
        if m > 1:
            step = sample.dtype.type((n - k) / (m - 1))
            i = xp.arange(m - 1).astype(sample.dtype)
            begins[..., :-1] = ((i + sample[..., None]) * step).astype("int64")
            begins[..., :-1] -= (sample[..., None] * step).astype("int64")
        return begins

    @staticmethod
    def places(begins, point, size):
        """The flattened places of one point of all windows."""
        dims, total = len(size), 0
        for i, (begin, offset, n) in enumerate(zip(begins, point, size, strict=True)):
            shape = [1] * dims
            shape[i] = begin.shape[2]
            total = total * n + (begin + offset).reshape(*begin.shape[:2], *shape)
        return total
