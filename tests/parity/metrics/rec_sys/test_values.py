"""Metrics of ranked items beside Ignite's and scikit-learn's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import label_ranking_average_precision_score, ndcg_score

import sparkle
from sparkle.metrics.rec_sys import MAP, NDCG

random = np.random.default_rng(2)
SCORES = random.normal(size=(30, 9)).astype("float32")
RELEVANCE = (random.integers(0, 4, size=(30, 9)) * random.integers(0, 2, size=(30, 9))).astype("float32")
RELEVANCE[::6] = 0
MADE: list[tuple[str, dict[str, Any]]] = [
    *(("HitRate", {"top_k": k, "ignore_zero_hits": ignore}) for k in (1, [3, 1, 9]) for ignore in (True, False)),
    *(
        ("NDCG", {"top_k": [2, 9, 20], "ignore_zero_hits": i, "relevance_threshold": t, "gain_function": g})
        for i in (True, False)
        for t in (0.0, 1.0, 2.5)
        for g in ("exp_rank", "linear_rank")
    ),
]


@pytest.mark.parametrize(("name", "options"), MADE)
def test_as_ignite(name: str, options: dict[str, Any], ours: Any, theirs: Any, check_same: Any) -> None:
    values = []
    for lib in (ours, theirs):
        metric = getattr(lib.m.rec_sys, name)(**options)
        for parts in zip(np.array_split(SCORES, 4), np.array_split(RELEVANCE, 4), strict=True):
            metric.update(tuple(lib.tensor(part) for part in parts))
        values.append(metric.compute())
    check_same(*values)


def test_ndcg_as_sklearn() -> None:
    metric = NDCG([3, 9], ignore_zero_hits=False, relevance_threshold=0.0, gain_function="linear_rank")
    metric.update((sparkle.tensor(SCORES), sparkle.tensor(RELEVANCE)))
    wanted = [ndcg_score(RELEVANCE, SCORES, k=k, ignore_ties=True) for k in (3, 9)]
    assert metric.compute() == pytest.approx(wanted)


def test_map_of_all_as_sklearn() -> None:
    some = RELEVANCE.max(axis=1) > 0
    metric = MAP(top_k=9)
    metric.update((sparkle.tensor(SCORES), sparkle.tensor(RELEVANCE)))
    wanted = label_ranking_average_precision_score(RELEVANCE[some] > 0, SCORES[some])
    assert metric.compute() == pytest.approx([wanted])


MISUSE = [
    lambda lib: lib.m.rec_sys.HitRate(top_k="1"),
    lambda lib: lib.m.rec_sys.HitRate(top_k=[]),
    lambda lib: lib.m.rec_sys.HitRate(top_k=[0]),
    lambda lib: lib.m.rec_sys.NDCG(top_k=[-1]),
    lambda lib: lib.m.rec_sys.NDCG(top_k=[1], gain_function="x"),
    lambda lib: lib.m.rec_sys.NDCG(top_k=[1]).update((lib.L.zeros(2, 3), lib.L.zeros(2, 4))),
    lambda lib: lib.m.rec_sys.HitRate(top_k=[1]).update((lib.L.zeros(2, 3), lib.L.zeros(2, 4))),
    lambda lib: lib.m.rec_sys.HitRate(top_k=[1]).compute(),
]


@pytest.mark.parametrize("misuse", MISUSE, ids=range(len(MISUSE)))
def test_same_errors(misuse: Any, ours: Any, theirs: Any) -> None:
    raised = []
    for lib in (ours, theirs):
        with pytest.raises(Exception) as error:  # noqa: PT011
            misuse(lib)
        raised.append(error.type.__name__)
    assert raised[0] == raised[1]
