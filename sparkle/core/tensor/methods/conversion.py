"""To other types, devices and Python."""

from __future__ import annotations

from typing import Any

from ...ops.shape import Cast
from ..base import apply
from ... import backend, dtypes


class ConversionMethods:
    """To other types, devices and Python."""

    array: Any

    def to(self, dtype: Any = None) -> Any:
        """To another type."""
        d = dtypes.as_dtype(dtype).numpy
        return self if self.array.dtype == d else apply(Cast(d), self)

    def double(self) -> Any:
        return self.to(dtypes.float64)

    def long(self) -> Any:
        return self.to(dtypes.int64)

    def float(self) -> Any:
        return self.to(dtypes.float32)

    def item(self) -> Any:
        """The one element as a Python number."""
        return self.array.item()

    def tolist(self) -> Any:
        """Nested lists of numbers."""
        return self.array.tolist()
