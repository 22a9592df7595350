"""The inception score."""

from __future__ import annotations

from typing import Any

import numpy

from ...core.backend import library, to_numpy
from ..exceptions import check_seen
from ..quiet import quiet
from .features import FeatureMetric

__all__ = ["InceptionScore"]

EPS = 1e-16  # keeps the logarithm of 0 finite


class InceptionScore(FeatureMetric):
    """exp(mean over images of KL(p(class | image) || p(class))), 1 to the number of classes (Salimans et al. 2016).

    The feature_extractor gives each image's probabilities of the num_features classes: end it with a softmax. See
    `FeatureMetric` for arguments and errors.

    >>> import sparkle
    >>> score = InceptionScore(num_features=2)
    >>> score.update(sparkle.eye(2))
    >>> round(score.compute(), 9)
    2.0
    """

    required_output_keys = None
    _state_dict_all_req_keys = ("_num_examples", "_prob_total", "_total_kl_d")

    def reset(self) -> None:
        self._num_examples = 0
        self._prob_total: Any = 0.0
        self._total_kl_d: Any = 0.0

    def update(self, output: Any) -> None:
        p = self._features(output)
        with quiet():
            self._prob_total = self._prob_total + self._keep(p.sum(axis=0))
            self._total_kl_d = self._total_kl_d + self._keep((p * library(p).log(p + EPS)).sum(axis=0))
        self._num_examples += len(p)

    def compute(self) -> float:
        check_seen(self, self._num_examples)
        n, total = self._num_examples, to_numpy(self._prob_total)
        with quiet():
            excess = total * numpy.log(total / n + EPS)
            return float(numpy.exp((to_numpy(self._total_kl_d) - excess).sum() / n))
