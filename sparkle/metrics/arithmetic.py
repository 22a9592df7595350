"""Arithmetic with metrics, before they have values."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable
from operator import methodcaller
from typing import Any


class Arithmetic(ABC):
    """Operators, indexing and a few methods that give a new metric, computed from the values of the old ones.

    >>> import sparkle
    >>> from sparkle.metrics import Precision, Recall
    >>> p, r = Precision(), Recall()
    >>> f1 = 2 * p * r / (p + r)
    >>> for metric in (p, r):
    ...     metric.update((sparkle.tensor([1, 1, 0, 1]), sparkle.tensor([1, 0, 0, 1])))
    >>> round(f1.compute(), 3)
    0.8
    """

    @abstractmethod
    def _derived(self, function: Callable[..., Any], *args: Any) -> Any:
        """The metric whose value is function of the args, those that are metrics replaced by their values."""

    def __add__(self, other: Any) -> Any:
        return self._derived(operator.add, self, other)

    def __radd__(self, other: Any) -> Any:
        return self._derived(operator.add, other, self)

    def __sub__(self, other: Any) -> Any:
        return self._derived(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Any:
        return self._derived(operator.sub, other, self)

    def __mul__(self, other: Any) -> Any:
        return self._derived(operator.mul, self, other)

    def __rmul__(self, other: Any) -> Any:
        return self._derived(operator.mul, other, self)

    def __truediv__(self, other: Any) -> Any:
        return self._derived(operator.truediv, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._derived(operator.truediv, other, self)

    def __floordiv__(self, other: Any) -> Any:
        return self._derived(operator.floordiv, self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return self._derived(operator.floordiv, other, self)

    def __mod__(self, other: Any) -> Any:
        return self._derived(operator.mod, self, other)

    def __rmod__(self, other: Any) -> Any:
        return self._derived(operator.mod, other, self)

    def __pow__(self, other: Any) -> Any:
        return self._derived(operator.pow, self, other)

    def __rpow__(self, other: Any) -> Any:
        return self._derived(operator.pow, other, self)

    def __neg__(self) -> Any:
        return self._derived(operator.neg, self)

    def __getitem__(self, index: Any) -> Any:
        return self._derived(operator.getitem, self, index)

    # `metric[0]` would make Python iterate over any metric, without end.
    __iter__ = None

    # The methods of tensors that reduce a value by class. Others: MetricsLambda(lambda value: value.std(), metric).

    def mean(self, *args: Any, **kwargs: Any) -> Any:
        """The mean of the value, a tensor; as `Tensor.mean`."""
        return self._derived(methodcaller("mean", *args, **kwargs), self)

    def sum(self, *args: Any, **kwargs: Any) -> Any:
        """The sum of the value, a tensor; as `Tensor.sum`."""
        return self._derived(methodcaller("sum", *args, **kwargs), self)

    def min(self, *args: Any, **kwargs: Any) -> Any:
        """The least of the value, a tensor; as `Tensor.min`."""
        return self._derived(methodcaller("min", *args, **kwargs), self)

    def max(self, *args: Any, **kwargs: Any) -> Any:
        """The greatest of the value, a tensor; as `Tensor.max`."""
        return self._derived(methodcaller("max", *args, **kwargs), self)

    def diag(self) -> Any:
        """The diagonal of the value, a matrix."""
        return self._derived(methodcaller("diag"), self)

    def item(self) -> Any:
        """The value, a tensor with one element, as a number."""
        return self._derived(methodcaller("item"), self)
