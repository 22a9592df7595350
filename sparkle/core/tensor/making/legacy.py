"""The legacy constructors: `FloatTensor(3, 2)`, `LongTensor([1, 2])`, ..., and `Variable`."""

from __future__ import annotations

import warnings
from typing import Any

import numpy

from ... import backend, devices, dtypes
from ..base import TensorBase, dtype_of, wrap
from ..size import Size, sizes_of
from .creation import array_from


def legacy_array(data: tuple[Any, ...], dtype: dtypes.dtype, device: devices.device | None = None) -> Any:
    """The array for `Tensor(*data)`: sizes give an uninitialised one, a sequence its numbers, nothing an empty one.

    A tensor gives its own array. TypeError for a single number that is no integer.
    """
    place = devices.CPU if device is None else device
    only = data[0] if len(data) == 1 else None
    if isinstance(only, TensorBase):
        return only.array
    if isinstance(only, (list, tuple, range, numpy.ndarray)) and not isinstance(only, Size) and _axes(only):
        return backend.move(array_from(only, dtype.numpy, copy=True), place.type, place.index)
    if len(data) == 1 and not hasattr(only, "__index__") and not isinstance(only, Size):
        if isinstance(only, str):
            raise TypeError("new(): invalid data type 'str'")
        raise TypeError(f"new(): data must be a sequence (got {type(only).__name__})")
    shape = sizes_of(data or (0,), None, "new")
    with backend.on(place.type, place.index) as xp:
        return xp.empty(shape, dtype.numpy)


def _axes(data: Any) -> bool:
    return not isinstance(data, numpy.ndarray) or data.ndim > 0


class TensorType(type):
    """The class of FloatTensor and its kin: they make ordinary tensors, and are recognised by `isinstance`."""

    dtype: dtypes.dtype
    kind: str

    def __call__(cls, *data: Any) -> Any:
        if len(data) == 1 and isinstance(data[0], TensorBase) and dtype_of(data[0]) is not cls.dtype:
            raise TypeError(f"{cls.__name__}: expected a tensor of {cls.dtype}, met {dtype_of(data[0])}; use .to()")
        return wrap(legacy_array(data, cls.dtype, devices.device(cls.kind)))

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, TensorBase) and dtype_of(x) is cls.dtype and backend.device_of(x.array)[0] == cls.kind

    def __repr__(cls) -> str:
        return f"<class '{_prefix(cls.kind)}{cls.__name__}'>"


class FloatTensor(metaclass=TensorType):
    """float32: `FloatTensor(2, 3)` not initialised, `FloatTensor([1, 2])` from numbers.

    >>> FloatTensor([1, 2])
    tensor([1., 2.])
    """

    dtype, kind = dtypes.float32, "cpu"


class DoubleTensor(metaclass=TensorType):
    """float64, made as FloatTensor is."""

    dtype, kind = dtypes.float64, "cpu"


class HalfTensor(metaclass=TensorType):
    """float16, made as FloatTensor is."""

    dtype, kind = dtypes.float16, "cpu"


class BFloat16Tensor(metaclass=TensorType):
    """bfloat16, made as FloatTensor is."""

    dtype, kind = dtypes.bfloat16, "cpu"


class LongTensor(metaclass=TensorType):
    """int64, made as FloatTensor is."""

    dtype, kind = dtypes.int64, "cpu"


class IntTensor(metaclass=TensorType):
    """int32, made as FloatTensor is."""

    dtype, kind = dtypes.int32, "cpu"


class ShortTensor(metaclass=TensorType):
    """int16, made as FloatTensor is."""

    dtype, kind = dtypes.int16, "cpu"


class CharTensor(metaclass=TensorType):
    """int8, made as FloatTensor is."""

    dtype, kind = dtypes.int8, "cpu"


class ByteTensor(metaclass=TensorType):
    """uint8, made as FloatTensor is."""

    dtype, kind = dtypes.uint8, "cpu"


class BoolTensor(metaclass=TensorType):
    """bool, made as FloatTensor is."""

    dtype, kind = dtypes.bool, "cpu"


ALL = (
    *(FloatTensor, DoubleTensor, HalfTensor, BFloat16Tensor),
    *(LongTensor, IntTensor, ShortTensor, CharTensor, ByteTensor, BoolTensor),
)
_NAMES = {t.dtype: t.__name__ for t in ALL}
_ON_CUDA = {t.__name__: TensorType(t.__name__, (), {"dtype": t.dtype, "kind": "cuda"}) for t in ALL}
_ON_CPU = {t.__name__: t for t in ALL}


def _prefix(kind: str) -> str:
    return "sparkle." if kind == "cpu" else "sparkle.cuda."


def type_name(x: Any) -> str:
    """The legacy name of a tensor's type: 'sparkle.FloatTensor', 'sparkle.cuda.LongTensor'."""
    return _prefix(backend.device_of(x.array)[0]) + _NAMES[dtype_of(x)]


def by_name(name: str) -> TensorType:
    """The constructor of that name, with the library's name (sparkle, or torch in older scripts) before it or not."""
    parts = name.removeprefix("torch.").removeprefix("sparkle.").split(".")
    found = _ON_CUDA.get(parts[1]) if parts[0] == "cuda" and len(parts) == 2 else _ON_CPU.get(name.split(".")[-1])
    if found is None or len(parts) > 2:
        raise ValueError(f"invalid type: {name!r}; the names are {', '.join(_ON_CPU)}")
    return found


def set_default_tensor_type(t: Any) -> None:
    """Make the type of a legacy constructor, or of its name, the default; TypeError unless it is floating point.

    Prefer set_default_dtype.
    """
    chosen = by_name(t) if isinstance(t, str) else t
    if not isinstance(chosen, TensorType):
        raise TypeError(f"set_default_tensor_type: wanted a type such as FloatTensor, or its name, met {t!r}")
    if chosen.kind != "cpu":
        raise NotImplementedError("set_default_tensor_type: new tensors are made on the CPU; pass device='cuda'")
    dtypes.set_default_dtype(chosen.dtype)


class _VariableType(type):
    """Tensors are variables: `isinstance(x, Variable)`."""

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, TensorBase)

    def __call__(cls, data: Any = None, requires_grad: bool = False, volatile: Any = None) -> Any:
        if not isinstance(data, TensorBase):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        if volatile is not None:
            warnings.warn(
                "volatile was removed and now has no effect. Use `with no_grad():` instead.", UserWarning, stacklevel=2
            )
        out: Any = wrap(data.array)
        out.version = data.version
        out.requires_grad = requires_grad
        return out


class Variable(metaclass=_VariableType):
    """The tensor's memory as a new leaf: once needed for gradients, today `tensor.detach().requires_grad_()`."""
