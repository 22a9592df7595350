"""The flat memory behind a tensor and its views."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import backend, devices, dtypes
from .base import TensorBase
from .views import flat_storage
from .write import touch


class TypedStorage:
    """The elements behind a tensor, in the order in which they lie in memory. Tensors that are views share one.

    Reading and writing an element reads and writes the tensor.
    """

    def __init__(self, owner: TensorBase) -> None:
        self._owner = owner
        self._flat = flat_storage(owner.array)[0]

    dtype = property(lambda self: dtypes.of(self._flat.dtype), doc="The type of the elements.")
    device = property(lambda self: devices.of(self._flat), doc="Where they are.")

    def __len__(self) -> int:
        return int(self._flat.size)

    size = __len__

    def nbytes(self) -> int:
        """The number of bytes."""
        return int(self._flat.nbytes)

    def element_size(self) -> int:
        """The number of bytes of one element."""
        return int(self._flat.itemsize)

    def data_ptr(self) -> int:
        """The address of the first element; equal for tensors that share memory."""
        return backend.address(self._flat)

    def untyped(self) -> UntypedStorage:
        """The same memory as bytes."""
        return UntypedStorage(self._owner)

    def tolist(self) -> list[Any]:
        """The elements as Python numbers."""
        return list(self._flat.tolist())

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            raise RuntimeError("storage: slices are only supported by untyped_storage(); index one element")
        return self._flat[_in_range(index, len(self))].item()

    def __setitem__(self, index: Any, value: Any) -> None:
        self._flat[index if isinstance(index, slice) else _in_range(index, len(self))] = value
        touch(self._owner)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def __repr__(self) -> str:
        lines = "".join(f" {value}\n" for value in self.tolist())
        return f"{lines}[sparkle.storage.{self._describe()} of size {len(self)}]"

    def _describe(self) -> str:
        return f"TypedStorage(dtype={self.dtype}, device={self.device})"


class UntypedStorage(TypedStorage):
    """The bytes behind a tensor."""

    def __init__(self, owner: TensorBase) -> None:
        super().__init__(owner)
        self._flat = self._flat.view("uint8")

    def __getitem__(self, index: Any) -> Any:
        return self._flat[index].tolist() if isinstance(index, slice) else super().__getitem__(index)

    def _describe(self) -> str:
        return f"UntypedStorage(device={self.device})"


def _in_range(index: Any, n: int) -> int:
    if not -n <= index < n:
        raise IndexError(f"out of range: the storage has {n} elements, met index {index}")
    return int(index)
