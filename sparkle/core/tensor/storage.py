"""The flat memory behind a tensor and its views."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import backend, devices, dtypes
from .base import TensorBase, wrap
from .views import flat_storage
from .write import touch


class TypedStorage:
    """The elements behind a tensor, in the order in which they lie in memory. Tensors that are views share one.

    Reading and writing an element reads and writes the tensor.
    """

    def __init__(self, owner: TensorBase) -> None:
        self.owner = owner
        self.flat = flat_storage(owner.array)[0]

    dtype = property(lambda self: dtypes.of(self.flat.dtype), doc="The type of the elements.")
    device = property(lambda self: devices.of(self.flat), doc="Where they are.")

    def __len__(self) -> int:
        return int(self.flat.size)

    size = __len__

    def nbytes(self) -> int:
        """The number of bytes."""
        return int(self.flat.nbytes)

    def element_size(self) -> int:
        """The number of bytes of one element."""
        return int(self.flat.itemsize)

    def data_ptr(self) -> int:
        """The address of the first element; equal for tensors that share memory."""
        return backend.address(self.flat)

    def untyped(self) -> UntypedStorage:
        """The same memory as bytes."""
        return UntypedStorage(self.owner)

    def is_shared(self) -> bool:
        """False: memory is not shared between processes."""
        return False

    @property
    def is_cuda(self) -> bool:
        """Is it on a CUDA device?"""
        return self.device.type == "cuda"

    def fill_(self, value: Any) -> Any:
        """Write the value into every element; returns the storage."""
        self.flat[...] = value
        touch(self.owner)
        return self

    def copy_(self, source: TypedStorage, non_blocking: bool = False) -> Any:
        """Write the elements of a storage of the same length into this one; returns it."""
        if len(source) != len(self):
            raise RuntimeError(f"storage.copy_: this one has {len(self)} elements, the source {len(source)}")
        self.flat[...] = backend.move(source.flat, *backend.device_of(self.flat))
        touch(self.owner)
        return self

    def clone(self) -> Any:
        """A storage of its own with the same elements."""
        return type(self)(wrap(self.flat.copy()))

    def cpu(self) -> Any:
        """The storage in host memory: itself where it is there."""
        return type(self)(wrap(backend.to_numpy(self.flat))) if self.is_cuda else self

    def tolist(self) -> list[Any]:
        """The elements as Python numbers."""
        return list(self.flat.tolist())

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            raise RuntimeError("storage: slices are only supported by untyped_storage(); index one element")
        return self.flat[_in_range(index, len(self))].item()

    def __setitem__(self, index: Any, value: Any) -> None:
        self.flat[index if isinstance(index, slice) else _in_range(index, len(self))] = value
        touch(self.owner)

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
        self.flat = self.flat.view("uint8")

    def __getitem__(self, index: Any) -> Any:
        return self.flat[index].tolist() if isinstance(index, slice) else super().__getitem__(index)

    def _describe(self) -> str:
        return f"UntypedStorage(device={self.device})"


def _in_range(index: Any, n: int) -> int:
    if not -n <= index < n:
        raise IndexError(f"out of range: the storage has {n} elements, met index {index}")
    return int(index)
