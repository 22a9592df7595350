"""Tensors that modules own: parameters and buffers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from .. import dtypes
from ..tensor.base import TensorBase, wrap
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
