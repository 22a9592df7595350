"""Metrics of ranked items."""

from __future__ import annotations

import numpy as np

from sparkle.metrics import rec_sys

from .example import Arrays, N, example


def items(random: np.random.Generator) -> Arrays:
    relevance = random.integers(0, 3, size=(N, 7)) * random.integers(0, 2, size=(N, 7))
    return random.normal(size=(N, 7)).astype("float32"), relevance


for kind in (rec_sys.HitRate, rec_sys.NDCG, rec_sys.MRR, rec_sys.MAP):
    example(lambda k=kind: k(top_k=[1, 3]), items)
    example(lambda k=kind: k(top_k=[2], ignore_zero_hits=False), items, "with all")
