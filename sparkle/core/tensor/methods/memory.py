"""Methods that give a tensor another shape on its memory, or other memory."""

from __future__ import annotations

import math
from typing import Any

from ...autograd.op import Version
from ...ops.shaping.shape import windows
from ..base import TensorBase
from ..functions.shaping import splitting
from ..layout import contiguous_format
from ..resize import resize
from ..size import sizes_of
from ..storage import TypedStorage, UntypedStorage
from ..views import strides_of
from ..write import check_writable, touch


class MemoryMethods:
    """Another shape on the same memory, or other memory."""

    array: Any
    version: Version

    def resize_(self, *sizes: Any, memory_format: Any = contiguous_format) -> Any:
        """Change the shape to sizes; the elements stay in memory in their order, and what is added is not initialised.

        Other views keep the old memory where it is too small for the new shape. RuntimeError for tensors that require
        grad.

        >>> import sparkle
        >>> sparkle.tensor([[1, 2], [3, 4]]).resize_(3)
        tensor([1, 2, 3])
        """
        if self.requires_grad:  # type: ignore[attr-defined]
            raise RuntimeError("resize_: cannot resize variables that require grad")
        shape = sizes_of(sizes, None, "resize_")
        if shape != self.array.shape:
            self.array = resize(self.array, shape, memory_format)
            touch(self)  # type: ignore[arg-type]
        return self

    def resize_as_(self, the_template: Any, memory_format: Any = contiguous_format) -> Any:
        """`resize_` to the shape of another tensor."""
        return self.resize_(tuple(the_template.array.shape), memory_format=memory_format)

    def set_(self, source: Any = None, storage_offset: int = 0, size: Any = None, stride: Any = None) -> Any:
        """Take over the memory, shape and strides of another tensor of the same type; without arguments, no memory.

        source: a tensor, or a storage, of which storage_offset, size and stride (all in elements) name the part: all
        of it unless given. RuntimeError where the part reaches beyond the storage.
        """
        check_writable(self, "set_")  # type: ignore[arg-type]
        array, version = _part_of(self, source, storage_offset, size, stride)
        if array.dtype != self.array.dtype:
            raise RuntimeError(f"set_: could not set memory of type {array.dtype} to a tensor of {self.array.dtype}")
        self.array, self.version = array, version
        return self

    def as_strided_(self, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
        """`as_strided` of the tensor itself."""
        check_writable(self, "as_strided_")  # type: ignore[arg-type]
        if self.requires_grad:  # type: ignore[attr-defined]
            raise RuntimeError("as_strided_: not supported for tensors that require grad; use as_strided()")
        self.array = splitting.as_strided(self, size, stride, storage_offset).array
        return self

    def dim_order(self) -> tuple[int, ...]:
        """The dims in the order of memory, from the one whose neighbours are furthest apart to the densest.

        >>> import sparkle
        >>> sparkle.zeros(2, 3).t().dim_order()
        (1, 0)
        """
        strides = strides_of(self.array)
        return tuple(sorted(range(len(strides)), key=lambda dim: -strides[dim]))


def _part_of(x: Any, source: Any, offset: int, size: Any, stride: Any) -> tuple[Any, Version]:
    """The array that set_ asks for, and the count of writes that goes with its memory."""
    if source is None:
        return x.array.ravel()[:0].copy(), Version()
    if isinstance(source, TensorBase):
        if size is None and stride is None and not offset:
            return source.array, source.version
        source = source.storage()  # type: ignore[attr-defined]
    if not isinstance(source, TypedStorage):
        raise TypeError(f"set_(): argument 'source' must be a Tensor or a storage, not {type(source).__name__}")
    flat = source.flat.view(x.array.dtype) if isinstance(source, UntypedStorage) else source.flat
    shape = (flat.size - offset,) if size is None else sizes_of((size,), None, "set_")
    strides = _dense(shape) if stride is None else tuple(stride)
    last = offset + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
    if offset < 0 or (0 not in shape and last >= flat.size):
        raise RuntimeError(
            f"set_: sizes {list(shape)}, strides {list(strides)} and offset {offset} require {last + 1} elements, the "
            f"storage has {flat.size}"
        )
    return windows(flat, shape, strides, offset), source.owner.version


def _dense(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of an array in row-major order."""
    return tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))
