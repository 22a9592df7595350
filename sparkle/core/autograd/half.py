"""Half precision on libraries that have little of it: float16 and bfloat16 arrays are computed with in float32.

Each op rounds its results once, as torch's do; NumPy's own float16 rounds at every step of a sum, and is slow.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from ..backend import is_array
from ..dtypes import FLOATS, HALVES
from .op import Op, sum_to


def half_of(op: Op, arrays: list[Any]) -> Any:
    """The half type of the result: that of the first floating point array; None where it is no half type.

    None also for ops that do not widen.
    """
    for a in arrays if op.widens and not op.is_view else ():
        if is_array(a) and a.dtype.kind in FLOATS:
            return a.dtype if a.dtype.char in HALVES else None
    return None


def wide(a: Any) -> Any:
    """An array of half precision as float32; anything else as it is."""
    return a.astype("float32") if _type_of(a) is not None else a


def narrow(a: Any, half: Any) -> Any:
    """A float32 array in the half type, if there is one; others as they are."""
    return a.astype(half) if half is not None and a.dtype.char == "f" else a


def _type_of(a: Any) -> Any:
    return a.dtype if is_array(a) and a.dtype.char in HALVES else None


class Widened:
    """Stands in `op.kernel` of an op that ran in float32 on half precision.

    kernel: the faster body that it used, if any. types: for each input its half type, or None. half: the result's.
    """

    def __init__(self, kernel: Any, arrays: list[Any], half: Any) -> None:
        self.kernel, self.half = kernel, half
        self.types = [_type_of(a) for a in arrays]

    def backward(self, op: Op, xp: ModuleType, g: Any) -> list[Any]:
        """The gradients in the inputs' types, summed to their shapes before they are rounded."""
        g = [wide(one) for one in g] if type(g) is list else wide(g)
        dxs = op.backward(xp, g) if self.kernel is None else self.kernel.backward(op, xp, g)
        if op.shapes is not None:
            dxs = [d if d is None or s is None else sum_to(xp, d, s) for d, s in zip(dxs, op.shapes, strict=True)]
        return [d if d is None else narrow(d, t) for d, t in zip(dxs, self.types, strict=True)]
