"""Small helpers for tensors in nested containers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..core.backend import library
from ..core.tensor.base import TensorBase, wrap


def apply_to_type(x: Any, input_type: Any, func: Callable[[Any], Any]) -> Any:
    """The same nesting of mappings, tuples, named tuples and lists with func applied to every item of that type.

    Strings are kept as they are; TypeError for items of other types.
    """
    if isinstance(x, input_type):
        return func(x)
    if isinstance(x, (str, bytes)):
        return x
    if isinstance(x, Mapping):
        return type(x)({key: apply_to_type(item, input_type, func) for key, item in x.items()})  # type: ignore[call-arg]
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*(apply_to_type(item, input_type, func) for item in x))
    if isinstance(x, Sequence):
        return type(x)([apply_to_type(item, input_type, func) for item in x])  # type: ignore[call-arg]
    raise TypeError(
        f"apply_to_type: item is of type {type(x).__name__}; wanted {input_type.__name__}, a mapping or a sequence"
    )


def apply_to_tensor(x: Any, func: Callable[[Any], Any]) -> Any:
    """`apply_to_type` for tensors."""
    return apply_to_type(x, TensorBase, func)


def convert_tensor(x: Any, device: Any = None, non_blocking: bool = False) -> Any:
    """Tensors in any nesting of mappings and sequences, moved to a device.

    >>> import sparkle
    >>> convert_tensor({"x": sparkle.ones(2), "name": "a"}, device="cpu")
    {'x': tensor([1., 1.]), 'name': 'a'}
    """
    return apply_to_tensor(x, lambda t: t if device is None else t.to(device=device, non_blocking=non_blocking))


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
