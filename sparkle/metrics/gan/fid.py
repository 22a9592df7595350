"""The Fréchet inception distance."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy

from ...core.backend import to_numpy
from ...core.tensor.base import TensorBase
from ..exceptions import NotComputableError, check_seen
from ..moments import Moments, combined, moments_of
from ..quiet import quiet
from .features import FeatureMetric

__all__ = ["FID", "fid_score"]


class FID(FeatureMetric):
    """|m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^1/2), of the means m and covariances S of features (Heusel et al. 2017).

    The output is (train, test), two batches of as many images. See `FeatureMetric` for arguments and errors. The value
    needs two examples, else NotComputableError, and is nan, with a warning, where a feature is not finite.

    >>> import sparkle
    >>> fid = FID(num_features=1)
    >>> fid.update((sparkle.tensor([[1.0], [3.0]]), sparkle.tensor([[3.0], [5.0]])))
    >>> round(fid.compute(), 9)
    4.0
    """

    _state_dict_all_req_keys = ("_train", "_test")

    def reset(self) -> None:
        self._train: Any = None  # the moments of the features, from the first batch on
        self._test: Any = None

    def update(self, output: Any) -> None:
        train, test = (self._features(images) for images in output)
        if train.shape != test.shape:
            raise ValueError(
                f"FID: Number of Training Features and Testing Features should be equal ({train.shape} != {test.shape})"
            )
        if not len(train):
            return
        with quiet():
            self._train = combined(self._train, self._moments_of(train))
            self._test = combined(self._test, self._moments_of(test))

    def _moments_of(self, features: Any) -> Moments:
        n, mean, products = moments_of(features)
        return n, self._keep(mean), self._keep(products)

    def _merged(self, key: str, held: Any, other: Any) -> Any:
        if other is None:
            return held
        n, mean, products = other
        with quiet():
            return combined(held, (n, self._keep(mean), self._keep(products)))

    def compute(self) -> float:
        check_seen(self, self._train is not None)
        if self._train[0] < 2:
            raise NotComputableError("FID must have at least two examples before it can be computed: a covariance does")
        (mu1, sigma1), (mu2, sigma2) = (
            (to_numpy(mean), to_numpy(products) / (n - 1)) for n, mean, products in (self._train, self._test)
        )
        value = fid_score(mu1, mu2, sigma1, sigma2)
        if not math.isfinite(value):
            warnings.warn("The product of covariance of train and test features is out of bounds.", stacklevel=2)
        return value


def fid_score(mu1: Any, mu2: Any, sigma1: Any, sigma2: Any, eps: float = 1e-6) -> float:
    """The Fréchet distance of two normal distributions: means (D,), covariances (D, D), tensors or arrays.

    The trace of the root of sigma1 sigma2 is the sum of the roots of the eigenvalues of r sigma2 r, a symmetric matrix,
    where r is the root of sigma1: no complex numbers appear. eps: taken as Ignite takes it, where it is added to
    covariances whose root cannot be found; that of a symmetric matrix always can.

    >>> import sparkle
    >>> fid_score(sparkle.zeros(2), sparkle.ones(2), sparkle.eye(2), sparkle.eye(2))
    2.0
    """
    m1, m2, s1, s2 = (
        to_numpy(x.array if isinstance(x, TensorBase) else x).astype("float64") for x in (mu1, mu2, sigma1, sigma2)
    )
    if not all(numpy.isfinite(x).all() for x in (m1, m2, s1, s2)):
        return math.nan
    values, vectors = numpy.linalg.eigh(s1)
    root = (vectors * numpy.sqrt(numpy.maximum(values, 0.0))) @ vectors.T
    roots = numpy.sqrt(numpy.maximum(numpy.linalg.eigvalsh(root @ s2 @ root), 0.0))
    apart = m1 - m2
    return float(apart @ apart + numpy.trace(s1) + numpy.trace(s2) - 2 * roots.sum())
