"""New tensors of the type and on the device of an existing one."""

from __future__ import annotations

from typing import Any

from ... import devices, dtypes
from ..base import wrap
from ..making import creation, filled, legacy


class MakingMethods:
    """New tensors of the type and on the device of this one, unless given."""

    array: Any

    def new_tensor(self, data: Any, **like: Any) -> Any:
        """A tensor with a copy of the data."""
        return creation.tensor(data, **_like(self, like))

    def new_zeros(self, *args: Any, size: Any = None, **like: Any) -> Any:
        """Zeros of a shape given as integers or one sequence."""
        return filled.zeros(*args, size=size, **_like(self, like))

    def new_ones(self, *args: Any, size: Any = None, **like: Any) -> Any:
        """Ones of a shape given as integers or one sequence."""
        return filled.ones(*args, size=size, **_like(self, like))

    def new_empty(self, *args: Any, size: Any = None, **like: Any) -> Any:
        """A tensor, not initialised, of a shape given as integers or one sequence."""
        return filled.empty(*args, size=size, **_like(self, like))

    def new_full(self, size: Any, fill_value: Any, **like: Any) -> Any:
        """fill_value in a shape given as one sequence."""
        return filled.full(size, fill_value, **_like(self, like))

    def new_empty_strided(self, size: Any, stride: Any, **like: Any) -> Any:
        """A tensor, not initialised, of the given shape and strides."""
        return filled.empty_strided(size, stride, **_like(self, like))

    def new(self, *data: Any) -> Any:
        """Like the legacy constructor of this tensor's type: sizes, or a sequence of numbers."""
        return wrap(legacy.legacy_array(data, dtypes.of(self.array.dtype), devices.of(self.array)))


def _like(x: Any, options: dict[str, Any]) -> dict[str, Any]:
    """The options with the tensor's type and device where none are given."""
    if options.get("dtype") is None:
        options["dtype"] = dtypes.of(x.array.dtype)
    if options.get("device") is None:
        options["device"] = devices.of(x.array)
    return options
