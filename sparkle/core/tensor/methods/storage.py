"""Facts about type, place and memory."""

from __future__ import annotations

from typing import Any

from ... import backend, devices
from ..base import wrap
from ..making.strided import layout, strided
from ..storage import TypedStorage, UntypedStorage
from .memory import MemoryMethods


class StorageMethods(MemoryMethods):
    """Facts about type, place and memory."""

    array: Any

    @property
    def is_cuda(self) -> bool:
        """Is it on a CUDA device?"""
        return backend.device_of(self.array)[0] == "cuda"

    @property
    def is_cpu(self) -> bool:
        """Is it in host memory?"""
        return backend.device_of(self.array)[0] == "cpu"

    def get_device(self) -> int:
        """The index of its CUDA device, -1 in host memory."""
        index = backend.device_of(self.array)[1]
        return -1 if index is None else index

    @property
    def layout(self) -> layout:
        """`strided`, the only kind of storage."""
        return strided

    is_sparse = False
    is_quantized = False
    is_meta = False
    is_nested = False
    is_sparse_csr = False
    is_mkldnn = False
    is_mps = False
    is_xpu = False

    @property
    def _base(self) -> Any:
        """The tensor that this one is a view of, or None."""
        seen = self.view_of  # type: ignore[attr-defined]
        while seen is not None and seen[0].view_of is not None:
            seen = seen[0].view_of
        return None if seen is None else seen[0]

    def is_same_size(self, other: Any) -> bool:
        """Has the other tensor the same shape?"""
        return bool(self.array.shape == other.array.shape)

    def is_set_to(self, tensor: Any) -> bool:
        """Has the other tensor the same memory, shape and strides?"""
        a, b = self.array, tensor.array
        return bool(backend.address(a) == backend.address(b) and a.shape == b.shape and a.strides == b.strides)

    def element_size(self) -> int:
        """The number of bytes of one element."""
        return int(self.array.itemsize)

    @property
    def itemsize(self) -> int:
        """The number of bytes of one element."""
        return int(self.array.itemsize)

    @property
    def nbytes(self) -> int:
        """The number of bytes of all elements."""
        return int(self.array.nbytes)

    def data_ptr(self) -> int:
        """The address of the first element."""
        return backend.address(self.array)

    def storage(self) -> TypedStorage:
        """The flat memory behind this tensor and its views.

        >>> import sparkle
        >>> points = sparkle.tensor([[1.0, 4.0], [2.0, 1.0]])
        >>> points.storage()[1] = 7.0; points[0].tolist()
        [1.0, 7.0]
        """
        return TypedStorage(self)  # type: ignore[arg-type]

    def untyped_storage(self) -> UntypedStorage:
        """The bytes behind this tensor and its views."""
        return UntypedStorage(self)  # type: ignore[arg-type]

    def is_pinned(self) -> bool:
        """Can CUDA devices read its host memory directly?"""
        root = self.array
        while hasattr(root, "base") and root.base is not None:
            root = root.base
        return type(root).__name__ == "PinnedMemoryPointer"

    def pin_memory(self) -> Any:
        """A copy in memory that CUDA devices read directly; RuntimeError where there is no such device."""
        if not self.is_cpu:
            raise RuntimeError(f"pin_memory: only tensors in host memory can be pinned, met {devices.of(self.array)}")
        return self if self.is_pinned() else wrap(backend.pinned(self.array))

    def is_shared(self) -> bool:
        """False: tensors are not shared between processes."""
        return False

    def share_memory_(self) -> Any:
        """Not supported: tensors are copied when they go to another process."""
        raise NotImplementedError("share_memory_: tensors are not shared between processes; they are copied when sent")

