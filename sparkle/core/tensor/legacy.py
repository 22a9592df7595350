"""The legacy constructors: `FloatTensor(3, 2)`, `LongTensor([1, 2])`, ..."""

from __future__ import annotations

from typing import Any

import numpy

from .. import dtypes


def legacy_array(data: tuple[Any, ...], dtype: dtypes.dtype) -> Any:
    """Sizes give an uninitialised (here: zero) array, a sequence its numbers, nothing an empty one."""
    if len(data) == 1 and not isinstance(data[0], int):
        return numpy.array(data[0], dtype=dtype.numpy)
    return numpy.zeros(data or (0,), dtype=dtype.numpy)
