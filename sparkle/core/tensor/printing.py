"""How a tensor prints."""

from __future__ import annotations

from typing import Any

import numpy


def describe(x: Any) -> str:
    """The text of repr(x)."""
    return f"tensor({numpy.array2string(x.array, separator=', ', prefix='tensor(')})"
