"""`SummaryWriter`, as in `torch.utils.tensorboard`: tensorboardX's writer, which also takes tensors."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import tensorboardX

from ..core.backend import to_numpy
from ..core.tensor.base import TensorBase

__all__ = ["SummaryWriter"]


def as_arrays(value: Any) -> Any:
    """Tensors, also in lists, tuples and mappings, as NumPy arrays; all else as it is."""
    if isinstance(value, TensorBase):
        return to_numpy(value.array)
    if isinstance(value, Mapping):
        return {key: as_arrays(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(as_arrays, value))
    return value


def _taking_tensors(name: str) -> Callable[..., Any]:
    method = getattr(tensorboardX.SummaryWriter, name)

    @functools.wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return method(self, *map(as_arrays, args), **as_arrays(kwargs))

    return call


class SummaryWriter(tensorboardX.SummaryWriter):  # type: ignore[misc]
    """Writes event files for TensorBoard; the arguments and methods are tensorboardX's.

    >>> import tempfile, sparkle
    >>> with tempfile.TemporaryDirectory() as folder, SummaryWriter(folder) as writer:
    ...     writer.add_scalar("loss", sparkle.tensor(0.5), 1)
    ...     writer.add_histogram("weights", sparkle.randn(100), 1)
    """

    add_scalar = _taking_tensors("add_scalar")
    add_scalars = _taking_tensors("add_scalars")
    add_histogram = _taking_tensors("add_histogram")
    add_image = _taking_tensors("add_image")
    add_images = _taking_tensors("add_images")
    add_image_with_boxes = _taking_tensors("add_image_with_boxes")
    add_video = _taking_tensors("add_video")
    add_audio = _taking_tensors("add_audio")
    add_embedding = _taking_tensors("add_embedding")
    add_pr_curve = _taking_tensors("add_pr_curve")
    add_mesh = _taking_tensors("add_mesh")
