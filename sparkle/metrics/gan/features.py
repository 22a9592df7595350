"""What metrics of generated images share: the features that a network gives of images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core.mode import mode
from ...core.tensor.base import TensorBase
from ..metric import Metric, same

__all__ = ["FeatureMetric"]


class FeatureMetric(Metric):
    """Base of metrics of features: feature_extractor turns a batch of images (N, ...) into (N, num_features).

    feature_extractor: a module, which is moved to device, or any function of a tensor; without one the outputs are
    features already. It is called without recording gradients, in the mode in which it is: call its `eval()` first.

    Raises ValueError without num_features (there is no network that would be fetched), TypeError for an extractor that
    cannot be called, ValueError where it gives something else than (N, num_features). An empty batch adds nothing.
    """

    _not_compared = ("_feature_extractor",)

    def __init__(
        self,
        num_features: int | None = None,
        feature_extractor: Any = None,
        output_transform: Callable[[Any], Any] = same,
        device: Any = None,
    ) -> None:
        name = type(self).__name__
        if num_features is None:
            raise ValueError(
                f"{name}: Argument num_features must be provided, with a feature_extractor that gives as many, for "
                "example an Inception v3 with its own weights"
            )
        if num_features <= 0:
            raise ValueError(f"{name}: Argument num_features must be greater to zero, got: {num_features}")
        if feature_extractor is not None and not callable(feature_extractor):
            raise TypeError(
                f"{name}: Argument feature_extractor must be a module or a function, got "
                f"{type(feature_extractor).__name__}"
            )
        if device is not None and hasattr(feature_extractor, "to"):
            feature_extractor = feature_extractor.to(device)
        self._num_features = num_features
        self._feature_extractor = same if feature_extractor is None else feature_extractor
        super().__init__(output_transform, device)

    def _features(self, images: Any) -> Any:
        """A float64 array (N, num_features)."""
        name, recording = type(self).__name__, mode.grad
        if not isinstance(images, TensorBase):
            raise TypeError(f"{name}: wanted a tensor, met {type(images).__name__}; pass an output_transform")
        mode.grad = False
        try:
            features = self._feature_extractor(images if self._device is None else images.to(self._device))  # type: ignore[attr-defined]
        finally:
            mode.grad = recording
        self._check(features.array.shape)
        return features.array.astype("float64")

    def _check(self, shape: tuple[int, ...]) -> None:
        name = type(self).__name__
        if len(shape) != 2:
            raise ValueError(f"{name}: feature_extractor output must be a tensor of dim 2, got: {len(shape)}")
        if shape[1] != self._num_features:
            raise ValueError(
                f"{name}: num_features returned by feature_extractor should be {self._num_features}, got: {shape[1]}"
            )
