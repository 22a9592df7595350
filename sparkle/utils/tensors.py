"""Small helpers for tensors in nested containers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..core.backend import library
from ..core.tensor.base import TensorBase, wrap


def apply_to_type(value: Any, kind: Any, function: Callable[[Any], Any]) -> Any:
    """The same nesting of mappings, tuples, named tuples and lists with function applied to every item of that type.

    Strings are kept as they are; TypeError for items of other types.
    """
    if isinstance(value, kind):
        return function(value)
    if isinstance(value, (str, bytes)):
        return value
    if isinstance(value, Mapping):
        return type(value)({key: apply_to_type(item, kind, function) for key, item in value.items()})  # type: ignore[call-arg]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(apply_to_type(item, kind, function) for item in value))
    if isinstance(value, Sequence):
        return type(value)([apply_to_type(item, kind, function) for item in value])  # type: ignore[call-arg]
    raise TypeError(
        f"apply_to_type: item is of type {type(value).__name__}; wanted {kind.__name__}, a mapping or a sequence"
    )


def apply_to_tensor(value: Any, function: Callable[[Any], Any]) -> Any:
    """`apply_to_type` for tensors."""
    return apply_to_type(value, TensorBase, function)


def convert_tensor(value: Any, device: Any = None, non_blocking: bool = False) -> Any:
    """Tensors in any nesting of mappings and sequences, moved to a device.

    >>> import sparkle
    >>> convert_tensor({"x": sparkle.ones(2), "name": "a"}, device="cpu")
    {'x': tensor([1., 1.]), 'name': 'a'}
    """
    return apply_to_tensor(value, lambda x: x if device is None else x.to(device=device, non_blocking=non_blocking))


def to_onehot(indices: Any, num_classes: int) -> Any:
    """Class indices (N, ...) as uint8 indicators (N, num_classes, ...).

    Raises RuntimeError for indices out of range.

    >>> import sparkle
    >>> to_onehot(sparkle.tensor([0, 2]), 3)
    tensor([[1, 0, 0],
            [0, 0, 1]], dtype=sparkle.uint8)
    """
    array = indices.array
    if array.dtype.kind not in "iu":
        raise RuntimeError(f"to_onehot: wanted integer class indices, met {indices.dtype}")
    if array.size and (array.min() < 0 or array.max() >= num_classes):
        raise RuntimeError(
            f"to_onehot: index out of range: indices are {int(array.min())}..{int(array.max())}, num_classes is "
            f"{num_classes}"
        )
    classes = array[:, None] if array.ndim else array[None, None]
    shape = [1] * classes.ndim
    shape[1] = num_classes
    return wrap((classes == library(array).arange(num_classes).reshape(shape)).astype("uint8"))
