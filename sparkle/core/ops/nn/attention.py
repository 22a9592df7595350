"""Attention: values averaged with weights that queries and keys agree on."""

from __future__ import annotations

import math

from ...autograd.op import DERIVED, Op, sum_to
from ...backend import library
from ..linear.linalg import dense


class Attention(Op):
    """softmax(q kᵀ scale + mask) v, and 0 for a query that the mask lets see nothing

    q (..., l, e), k (..., s, e), v (..., s, d), broadcast in front; mask (..., l, s) is added. kept (..., l, s), where
    given, are the weights that dropout leaves, each then multiplied by `grown`. causal: query i sees the keys 0..i.
    """

    saves = {"q": 0, "k": 1, "v": 2, "mask": 3, "kept": 4, "p": DERIVED, "level": DERIVED}  # level: of a faster body

    def __init__(self, scale, grown=1.0, causal=False):
        self.scale, self.grown, self.causal = scale, grown, causal

    def forward(self, xp, q, k, v, mask, kept):
        s = q * self.scale @ xp.swapaxes(k, -1, -2)
        added = with_causal(self, mask, q, k)
        if added is not None:
            s = s + added
        p = softmax(xp, s, mask is not None)
        y = (p if kept is None else p * kept * self.grown) @ v
        if True in self.needs:
            self.q, self.k, self.v, self.mask, self.kept, self.p = q, k, v, mask, kept, p
        return y

    def backward(self, xp, g):
        dq = dk = dv = dmask = None
        g, p, kept = dense(g), self.p, self.kept
        if self.needs[2]:
            used = p if kept is None else p * kept * self.grown
            dv = sum_to(xp, xp.swapaxes(used, -1, -2) @ g, self.v.shape)
        if True in (self.needs[0], self.needs[1], self.needs[3]):
            dp = g @ xp.swapaxes(self.v, -1, -2)
            if kept is not None:
                dp = dp * kept * self.grown
            ds = p * (dp - xp.sum(dp * p, axis=-1, keepdims=True))
            if self.needs[0]:
                dq = sum_to(xp, ds @ self.k * self.scale, self.q.shape)
            if self.needs[1]:
                dk = sum_to(xp, xp.swapaxes(ds, -1, -2) @ self.q * self.scale, self.k.shape)
            if self.needs[3]:
                dmask = sum_to(xp, ds, self.mask.shape)
        return dq, dk, dv, dmask, None

    def explain(self, error, *arrays):
        names = ("query", "key", "value", "attn_mask")
        shapes = ", ".join(f"{n} {tuple(a.shape)}" for n, a in zip(names, arrays, strict=False) if a is not None)
        return RuntimeError(f"scaled_dot_product_attention: the sizes do not fit: {shapes}: {error}")


def with_causal(op, mask, q, k):
    """What is added to the scores: the mask, and -inf for the keys after each query where only the others count."""
    if not op.causal:
        return mask
    array = getattr(q, "array", q)
    xp = library(array)
    later = xp.triu(xp.full((q.shape[-2], k.shape[-2]), -math.inf, array.dtype), 1)
    return later if mask is None else mask + later


def softmax(xp, s, masked):
    """exp(s) over its sum along the last axis; masked: rows may be -inf throughout, and then become 0"""
    if not s.shape[-1]:
        return s
    top = xp.max(s, axis=-1, keepdims=True)
    if masked:
        top = xp.where(top == -math.inf, 0.0, top)
    e = xp.exp(s - top)
    total = xp.sum(e, axis=-1, keepdims=True)
    return e / (total + (total == 0) if masked else total)
