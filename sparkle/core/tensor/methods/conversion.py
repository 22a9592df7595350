"""To other types and devices, to NumPy and to Python."""

from __future__ import annotations

import builtins
import copy
from typing import Any

import numpy
from numpy import ndarray

from ... import backend, devices, dtypes
from ...autograd.op import Version
from ...dtypes import FLOATS
from ...ops.pointwise.conversion import Move
from ...ops.shaping.shape import Cast, Clone
from .. import interchange
from ..base import TensorBase, apply, dtype_of, new, wrap
from ..making import legacy
from ..views import flat_storage
from .making import MakingMethods
from .storage import StorageMethods

# What describes a tensor's place in the graph; all else in an instance's __dict__ was put there by users.
_FIELDS = {
    *("array", "version", "node", "tracked", "grad_value", "view_of"),
    *("leaf_hooks", "keeper"),
}


class ConversionMethods(MakingMethods, StorageMethods):
    """To other types and devices, to NumPy and to Python."""

    array: Any
    tracked: builtins.bool

    def to(self, *args: Any, **kwargs: Any) -> Any:
        """To a type, a device, both, or those of another tensor: `to(dtype)`, `to(device, dtype)`, `to(other)`.

        The tensor itself where nothing changes, unless copy=True. non_blocking is for copies from pinned memory; here
        every copy is finished when the call returns. Gradients flow through, back to the old type and device.

        >>> wrap(numpy.array([1.5])).to(dtypes.int64)
        tensor([1])
        """
        device, dtype, copied, order = _destination(*args, **kwargs)
        x: Any = self
        if device is not None:
            kind, index = backend.device_of(x.array)
            if device.type != kind or (device.index is not None and device.index != index):
                x = apply(Move(device.type, device.index), x)
        if dtype is not None and x.array.dtype != dtype.numpy:
            carries = dtype.is_floating_point or not x.requires_grad  # integers carry no gradient
            x = apply(Cast(dtype.numpy), x if carries else x.detach())
        if copied and x is self:
            x = apply(Clone(), x)
        return x if order is None else x.contiguous(memory_format=order)

    def double(self) -> Any:
        """To float64."""
        return self.to(dtypes.float64)

    def float(self) -> Any:
        """To float32."""
        return self.to(dtypes.float32)

    def half(self) -> Any:
        """To float16."""
        return self.to(dtypes.float16)

    def long(self) -> Any:
        """To int64."""
        return self.to(dtypes.int64)

    def int(self) -> Any:
        """To int32."""
        return self.to(dtypes.int32)

    def short(self) -> Any:
        """To int16."""
        return self.to(dtypes.int16)

    def char(self) -> Any:
        """To int8."""
        return self.to(dtypes.int8)

    def byte(self) -> Any:
        """To uint8."""
        return self.to(dtypes.uint8)

    def bool(self) -> Any:
        """To bool: True for all but zero."""
        return self.to(dtypes.bool)

    def bfloat16(self) -> Any:
        """To bfloat16, which needs the package ml_dtypes: `pip install 'sparkle-engine[bfloat16]'`."""
        return self.to(dtypes.bfloat16)

    def type(self, dtype: Any = None, non_blocking: builtins.bool = False) -> Any:
        """The name of the type, 'sparkle.FloatTensor', or with an argument the tensor converted to that type.

        dtype: a dtype, a legacy constructor such as FloatTensor, or its name.
        """
        if dtype is None:
            return legacy.type_name(self)
        if isinstance(dtype, str):
            dtype = legacy.by_name(dtype)
        if isinstance(dtype, legacy.TensorType):
            return self.to(dtype.kind, dtype.dtype)
        return self.to(dtypes.as_dtype(dtype))

    def type_as(self, other: Any) -> Any:
        """To the type and device of another tensor."""
        return self.to(other)

    def cpu(self, memory_format: Any = None) -> Any:
        """To host memory; the tensor itself where it is there."""
        return self.to("cpu", memory_format=memory_format)

    def cuda(self, device: Any = None, non_blocking: builtins.bool = False, memory_format: Any = None) -> Any:
        """To a CUDA device, by default the current one; RuntimeError where there is none."""
        place = devices.device("cuda") if device is None else devices.as_device(device)
        if place.type != "cuda":
            raise RuntimeError(f"cuda: invalid device, must be a cuda device, met {place}")
        return self.to(place, non_blocking=non_blocking, memory_format=memory_format)

    # To NumPy and other array libraries.

    def numpy(self, *, force: builtins.bool = False) -> ndarray:
        """The elements as a NumPy array that shares the tensor's memory.

        Raises RuntimeError for a tensor that requires grad and TypeError for one on a CUDA device; force=True detaches
        and copies instead.
        """
        if not force:
            if self.requires_grad:
                raise RuntimeError(
                    "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
                )
            if backend.device_of(self.array)[0] != "cpu":
                raise TypeError(
                    f"can't convert {devices.of(self.array)} device type tensor to numpy. Use Tensor.cpu() to copy the "
                    "tensor to host memory first."
                )
        return backend.to_numpy(self.array)

    def __array__(self, dtype: Any = None, copy: builtins.bool | None = None) -> ndarray:
        return numpy.array(self.numpy(), dtype=dtype, copy=copy)

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: builtins.bool = False) -> Any:
        """What NumPy's own functions return for tensors: tensors."""
        return wrap(array)

    def __dlpack__(self, **options: Any) -> Any:
        if self.requires_grad:
            raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
        return interchange.exported(self.array, options)

    def __dlpack_device__(self) -> tuple[Any, ...]:
        return self.array.__dlpack_device__()

    # To Python.

    def item(self) -> Any:
        """The one element as a Python number; RuntimeError where there are several, or none."""
        if self.array.size != 1:
            raise RuntimeError(f"a Tensor with {self.array.size} elements cannot be converted to Scalar")
        return self.array.item()

    def tolist(self) -> Any:
        """Nested lists of Python numbers; a number for a tensor without axes."""
        return self.array.tolist()

    def __float__(self) -> builtins.float:
        return builtins.float(_only(self))

    def __int__(self) -> builtins.int:
        return builtins.int(_only(self))

    def __complex__(self) -> complex:
        return complex(_only(self))

    def __index__(self) -> builtins.int:
        if self.array.size != 1 or self.array.dtype.kind in FLOATS:
            raise TypeError(
                "only integer tensors of a single element can be converted to an index, met "
                f"{self.array.dtype} of shape {tuple(self.array.shape)}"
            )
        return builtins.int(self.array.item())

    def __contains__(self, element: Any) -> builtins.bool:
        if not isinstance(element, (TensorBase, numpy.generic, int, float)):
            raise RuntimeError(f"`in` needs a tensor or a number, met {type(element).__name__}")
        value = element.array if isinstance(element, TensorBase) else element
        return builtins.bool((self.array == value).any())

    def __format__(self, spec: str) -> str:
        if self.array.ndim == 0:
            return format(self.array.item(), spec)
        return object.__format__(self, spec)

    def as_subclass(self, cls: Any) -> Any:
        """The same memory and history as an instance of cls, a subclass of Tensor."""
        if not (isinstance(cls, type) and issubclass(cls, TensorBase)):
            raise RuntimeError(f"as_subclass: cls must be a subclass of Tensor, met {cls!r}")
        out = new(cls)
        out.__dict__.update(self.__dict__)
        return out

    def to_dense(self, dtype: Any = None, *, masked_grad: Any = None) -> Any:
        """The tensor itself, as every tensor is dense; of the type asked for."""
        return self if dtype is None else self.to(dtype)

    # Copies.

    def __copy__(self) -> Any:
        """Another tensor object on the same memory, a leaf."""
        out = _twin(self, self.array, self.version)
        out.grad_value = self.grad_value
        out.__dict__.update(_own_attributes(self))
        return out

    def __deepcopy__(self, memo: dict[builtins.int, Any]) -> Any:
        """A copy with gradient and attributes; RuntimeError for a computed tensor."""
        if id(self) in memo:
            return memo[id(self)]
        if self.node is not None:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol; "
                f"this one was made by {self.node.name()}: use detach().clone()"
            )
        out = memo[id(self)] = _twin(self, *_copied(self.array, memo))  # before its attributes
        out.grad_value = copy.deepcopy(self.grad_value, memo)
        out.__dict__.update(copy.deepcopy(_own_attributes(self), memo))
        return out

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        """Pickles the elements, the device, `requires_grad` and users' attributes; no history and no gradient."""
        array, (kind, index) = backend.to_numpy(self.array), backend.device_of(self.array)
        return _unpickled, (self.__class__, array, kind, index, self.requires_grad, _own_attributes(self))


def _destination(*args: Any, **kwargs: Any) -> tuple[Any, Any, builtins.bool, Any]:
    """What `to` was asked for: device, dtype, copy, memory_format."""
    order = kwargs.pop("memory_format", None)
    first = args[0] if args else None
    if isinstance(first, TensorBase):
        device, dtype, copied = _flags(*args[1:], **kwargs)
        return devices.of(first.array), dtype_of(first), copied, order
    if isinstance(first, dtypes.dtype) or first in (builtins.float, builtins.int, builtins.bool):
        _, _, copied = _flags(*args[1:], **kwargs)
        return None, dtypes.as_dtype(first), copied, order
    device, dtype, copied = _place(*args, **kwargs)
    return device, dtype, copied, order


def _flags(non_blocking: builtins.bool = False, copy: builtins.bool = False) -> tuple[None, None, builtins.bool]:
    if not (isinstance(non_blocking, (bool, int)) and isinstance(copy, (bool, int))):
        raise TypeError(f"to(): after a type or tensor come non_blocking and copy, met {non_blocking!r}, {copy!r}")
    return None, None, builtins.bool(copy)


def _place(
    device: Any = None, dtype: Any = None, non_blocking: builtins.bool = False, copy: builtins.bool = False
) -> tuple[Any, Any, builtins.bool]:
    place = None if device is None else devices.as_device(device)
    return place, None if dtype is None else dtypes.as_dtype(dtype), builtins.bool(copy)


def _only(x: Any) -> Any:
    if x.array.size != 1:
        raise ValueError(
            f"only one element tensors can be converted to Python scalars, met shape {tuple(x.array.shape)}"
        )
    return x.array.item()


def _copied(array: Any, memo: dict[Any, Any]) -> tuple[Any, Version]:
    """The array on a copy of all the memory behind it, which one deepcopy makes once, and the count of its writes."""
    flat, start = flat_storage(array)
    key = ("memory", backend.address(flat))
    if key not in memo:
        memo[key] = flat.view("uint8").copy(), Version(), flat  # flat too, so that its address is not taken again
    memory, version, _ = memo[key]
    size = array.dtype.itemsize
    return backend.window(memory.view(array.dtype), array.shape, array.strides, start * size), version


def _own_attributes(x: Any) -> dict[str, Any]:
    return {name: value for name, value in x.__dict__.items() if name not in _FIELDS}


def _twin(x: Any, array: Any, version: Version) -> Any:
    """A leaf of the same class and with the same `requires_grad`."""
    out = new(x.__class__)
    out.array, out.version, out.tracked = array, version, x.requires_grad
    return out


def _unpickled(
    cls: Any, array: Any, kind: str, index: builtins.int | None, tracked: builtins.bool, own: dict[str, Any]
) -> Any:
    out = new(cls)
    array = array.view(dtypes.of(array.dtype).numpy)  # types are compared by `is`, and unpickling makes a new one
    out.array, out.version, out.tracked = backend.move(array, kind, index), Version(), tracked
    out.__dict__.update(own)
    return out
