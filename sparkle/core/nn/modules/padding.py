"""Padding layers: `F.pad` with its modes."""

from __future__ import annotations

from typing import Any

from .. import functional as F
from ..base.module import Module


class _Pad(Module):
    dims = 0
    mode = "constant"

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = tuple(padding) if isinstance(padding, (tuple, list)) else (padding,) * (2 * self.dims)

    def forward(self, input: Any) -> Any:
        """`F.pad`"""
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        """The widths."""
        return str(self.padding)


class _ZeroPad(_Pad):
    value = 0.0


class _ConstantPad(_Pad):
    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Any) -> Any:
        """`F.pad`"""
        return F.pad(input, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        """The widths and the value."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """Value around the last dim; padding: a width, or two for each dim, last first."""

    dims = 1


class ConstantPad2d(_ConstantPad):
    """Value around the last two dims; padding: a width, or two for each dim, last first."""

    dims = 2


class ConstantPad3d(_ConstantPad):
    """Value around the last three dims; padding: a width, or two for each dim, last first."""

    dims = 3


class ZeroPad1d(_ZeroPad):
    """Zeros around the last dim; padding: a width, or two for each dim, last first."""

    dims = 1


class ZeroPad2d(_ZeroPad):
    """Zeros around the last two dims; padding: a width, or two for each dim, last first."""

    dims = 2


class ZeroPad3d(_ZeroPad):
    """Zeros around the last three dims; padding: a width, or two for each dim, last first."""

    dims = 3


class ReflectionPad1d(_Pad):
    """A mirror image around the last dim; padding: a width, or two for each dim, last first."""

    dims = 1
    mode = "reflect"


class ReflectionPad2d(_Pad):
    """A mirror image around the last two dims; padding: a width, or two for each dim, last first."""

    dims = 2
    mode = "reflect"


class ReflectionPad3d(_Pad):
    """A mirror image around the last three dims; padding: a width, or two for each dim, last first."""

    dims = 3
    mode = "reflect"


class ReplicationPad1d(_Pad):
    """The edge repeated around the last dim; padding: a width, or two for each dim, last first."""

    dims = 1
    mode = "replicate"


class ReplicationPad2d(_Pad):
    """The edge repeated around the last two dims; padding: a width, or two for each dim, last first."""

    dims = 2
    mode = "replicate"


class ReplicationPad3d(_Pad):
    """The edge repeated around the last three dims; padding: a width, or two for each dim, last first."""

    dims = 3
    mode = "replicate"


class CircularPad1d(_Pad):
    """The opposite side around the last dim; padding: a width, or two for each dim, last first."""

    dims = 1
    mode = "circular"


class CircularPad2d(_Pad):
    """The opposite side around the last two dims; padding: a width, or two for each dim, last first."""

    dims = 2
    mode = "circular"


class CircularPad3d(_Pad):
    """The opposite side around the last three dims; padding: a width, or two for each dim, last first."""

    dims = 3
    mode = "circular"
