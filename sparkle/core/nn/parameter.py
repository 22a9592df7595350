"""Tensors that modules own: parameters and buffers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from .. import devices, dtypes
from ..tensor.base import TensorBase, wrap
from ..tensor.making.filled import empty
from ..tensor.tensor import Tensor


class _Owned(Tensor):
    """A tensor of its own class around the memory of another."""

    def __init__(self, data: Any) -> None:
        if data is None:
            data = wrap(numpy.empty((0,), dtypes.get_default_dtype().numpy))
        if not isinstance(data, TensorBase):
            raise TypeError(f"{type(self).__name__}: wanted a Tensor or None for data, met {type(data).__name__}")
        self.array = data.array
        self.version = data.version

    def _arguments(self) -> tuple[Any, ...]:
        """What makes a twin, after the data."""
        raise NotImplementedError

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            memo[id(self)] = type(self)(wrap(self.array.copy()), *self._arguments())
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return type(self), (wrap(self.array), *self._arguments())


class Parameter(_Owned):
    """A tensor that a `Module` lists among its parameters when it becomes an attribute.

    data: a tensor, whose memory it shares; requires_grad: True unless said otherwise.

    >>> import sparkle
    >>> Parameter(sparkle.tensor([1.0, 2.0]))
    Parameter containing:
    tensor([1., 2.], requires_grad=True)
    """

    def __init__(self, data: Any = None, requires_grad: bool = True) -> None:
        super().__init__(data)
        self.requires_grad = requires_grad

    def _arguments(self) -> tuple[Any, ...]:
        return (self.requires_grad,)

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()


class Buffer(_Owned):
    """A tensor that a `Module` lists among its buffers when it becomes an attribute.

    persistent: is it part of the module's state dict?
    """

    def __init__(self, data: Any = None, persistent: bool = True) -> None:
        super().__init__(data)
        self.persistent = persistent

    def _arguments(self) -> tuple[Any, ...]:
        return (self.persistent,)


class UninitializedTensorMixin:
    """A tensor of a type and a place, without a shape yet; `materialize` gives it one.

    It may be cast and moved; RuntimeError for its shape, ValueError for any other use.
    """

    _becomes: type[Tensor]
    requires_grad: bool

    def _start(self, requires_grad: bool, device: Any, dtype: Any) -> None:
        self.data = empty(0, device=device, dtype=dtype)
        self.requires_grad = requires_grad

    @property
    def array(self) -> Any:
        """ValueError: there are no numbers yet."""
        raise ValueError(
            f"Attempted to use an uninitialized parameter ({type(self).__name__}). This error happens when you are "
            "using a `LazyModule` or a tensor of that class by itself. Call `forward` with a dummy batch to initialize "
            "the parameters before calling functions on them"
        )

    @property
    def data(self) -> Any:
        """An empty tensor of the type and on the device."""
        return empty(0, device=self.device, dtype=self.dtype)

    @data.setter
    def data(self, value: Any) -> None:
        self.__dict__.update(_dtype=value.dtype, _device=value.device)

    @property
    def dtype(self) -> dtypes.dtype:
        """The type that the elements will have."""
        return self.__dict__["_dtype"]  # type: ignore[no-any-return]

    @property
    def device(self) -> devices.device:
        """Where the elements will be."""
        return self.__dict__["_device"]  # type: ignore[no-any-return]

    @property
    def shape(self) -> Any:
        """RuntimeError: it is not known yet."""
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in "
            "`load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call `forward` "
            "to initialize the parameters before accessing their attributes."
        )

    def materialize(self, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Become a plain parameter or buffer of that shape, with any numbers in it.

        device, dtype: others than it was made with.
        """
        array = empty(shape, device=self.device if device is None else device, dtype=dtype or self.dtype).array
        for name in ("_dtype", "_device", "persistent"):
            self.__dict__.pop(name, None)
        self.__class__ = self._becomes  # type: ignore[assignment]
        self.__dict__["array"] = array

    def to(self, *args: Any, **kwargs: Any) -> Any:
        """One of another type or on another device, as `Tensor.to`."""
        moved = self.data.to(*args, **kwargs)
        return self._twin(moved.device, moved.dtype)

    def is_floating_point(self) -> bool:
        """Will it have a floating point type?"""
        return self.dtype.is_floating_point

    def share_memory_(self) -> Any:
        """RuntimeError: there is no memory yet."""
        raise RuntimeError(
            "Can't share memory on an uninitialized parameter or buffer. Call `forward` to initialize the parameters "
            "before calling `module.share_memory()`."
        )

    def _refuse(self, *args: Any, **kwargs: Any) -> Any:
        """ValueError, also from those that need no numbers to answer."""
        return self.array

    requires_grad_ = detach = numpy = _refuse

    def _twin(self, device: Any, dtype: Any) -> Any:
        raise NotImplementedError

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            memo[id(self)] = self._twin(self.device, self.dtype)
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _remade, (type(self), self.requires_grad, str(self.device), self.dtype)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class UninitializedParameter(UninitializedTensorMixin, Parameter):
    """A parameter whose shape is not known yet: what the lazy layers have until their first forward.

    >>> import sparkle
    >>> weight = UninitializedParameter()
    >>> weight.materialize((2, 3))
    >>> type(weight).__name__, weight.shape
    ('Parameter', sparkle.Size([2, 3]))
    """

    _becomes = Parameter

    def __init__(self, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> None:
        self._start(requires_grad, device, dtype)

    def _twin(self, device: Any, dtype: Any) -> Any:
        return type(self)(self.requires_grad, device, dtype)


class UninitializedBuffer(UninitializedTensorMixin, Buffer):
    """A buffer whose shape is not known yet; see `UninitializedParameter`."""

    _becomes = Tensor

    def __init__(
        self, requires_grad: bool = False, device: Any = None, dtype: Any = None, persistent: bool = True
    ) -> None:
        self._start(requires_grad, device, dtype)
        self.persistent = persistent

    def _twin(self, device: Any, dtype: Any) -> Any:
        return type(self)(self.requires_grad, device, dtype, self.persistent)


def _remade(kind: Any, requires_grad: bool, device: str, dtype: dtypes.dtype) -> Any:
    return kind(requires_grad, device, dtype)


def is_lazy(param: Any) -> bool:
    """Is it a parameter or buffer whose shape is not known yet?

    >>> is_lazy(UninitializedParameter()), is_lazy(Parameter())
    (True, False)
    """
    return isinstance(param, UninitializedTensorMixin)
