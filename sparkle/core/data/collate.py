"""From a list of samples to a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy

from .. import dtypes
from ..tensor.base import TensorBase
from ..tensor.functions.shaping.joining import stack
from ..tensor.making.creation import as_tensor, tensor


def default_collate(batch: Sequence[Any]) -> Any:
    """Stack the samples of a batch along a new first dim, inside whatever structure they have.

    Tensors and arrays are stacked, numbers become a tensor (float64 or int64), strings stay a list, and mappings,
    tuples, named tuples and lists are collated field by field. Raises RuntimeError for samples of unequal size,
    TypeError for what cannot be batched.

    >>> default_collate([{"x": 1, "name": "a"}, {"x": 2, "name": "b"}])
    {'x': tensor([1, 2]), 'name': ['a', 'b']}
    """
    first = batch[0]
    if isinstance(first, TensorBase):
        _check_shapes([x.array.shape for x in batch])
        return stack(batch, 0)
    if isinstance(first, (numpy.ndarray, numpy.generic)):
        if first.dtype.kind not in "biu" + dtypes.FLOATS:
            raise TypeError(f"default_collate: found an array of {first.dtype}, wanted numbers or bool")
        _check_shapes([x.shape for x in batch])
        return as_tensor(numpy.stack(batch))
    if isinstance(first, float):
        return tensor(batch, dtype=dtypes.float64)
    if isinstance(first, int):
        return tensor(batch)
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        fields = {key: default_collate([sample[key] for sample in batch]) for key in first}
        return fields if type(first) is dict else _rebuilt(type(first), fields, fields)
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*[default_collate(column) for column in zip(*batch, strict=True)])
    if isinstance(first, Sequence):
        if any(len(sample) != len(first) for sample in batch):
            raise RuntimeError(f"each element in list of batch should be of equal size, met {[len(s) for s in batch]}")
        columns = [default_collate(column) for column in zip(*batch, strict=True)]
        return columns if isinstance(first, (tuple, list)) else _rebuilt(type(first), columns, columns)
    raise TypeError(
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found "
        f"{type(first).__name__}"
    )


def _check_shapes(shapes: list[tuple[int, ...]]) -> None:
    for i, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise RuntimeError(
                f"default_collate: stack expects each tensor to be equal size, but got {list(shapes[0])} at "
                f"entry 0 and "
                f"{list(shape)} at entry {i}"
            )


def _rebuilt(kind: type, content: Any, otherwise: Any) -> Any:
    """The same kind of container; a plain one where it cannot be made from its content."""
    try:
        return kind(content)
    except TypeError:
        return otherwise
