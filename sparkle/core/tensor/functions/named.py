"""The named tuples that functions with several results return; `sparkle.return_types` to users."""

from __future__ import annotations

from collections import namedtuple


class Named:
    """Prints a named tuple as torch does."""

    __slots__ = ()

    def __repr__(self) -> str:
        names = self._fields  # type: ignore[attr-defined]
        fields = ",\n".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"sparkle.return_types.{type(self).__name__}(\n{fields})"


class Found(Named, namedtuple("Found", ["values", "indices"])):
    """Elements, and where they were along the dim."""

    __slots__ = ()


class max(Found):
    """The largest elements along a dim."""

    __slots__ = ()


class min(Found):
    """The smallest elements along a dim."""

    __slots__ = ()


class sort(Found):
    """The elements in order."""

    __slots__ = ()


class topk(Found):
    """The k largest or smallest elements."""

    __slots__ = ()


class kthvalue(Found):
    """The k-th smallest elements."""

    __slots__ = ()


class median(Found):
    """The medians along a dim."""

    __slots__ = ()


class nanmedian(Found):
    """The medians along a dim of what is not nan."""

    __slots__ = ()


class mode(Found):
    """The most frequent elements."""

    __slots__ = ()


class cummax(Found):
    """The largest elements so far."""

    __slots__ = ()


class cummin(Found):
    """The smallest elements so far."""

    __slots__ = ()


class aminmax(Named, namedtuple("aminmax", ["min", "max"])):
    """The smallest and the largest elements."""

    __slots__ = ()


class frexp(Named, namedtuple("frexp", ["mantissa", "exponent"])):
    """mantissa * 2 ** exponent"""

    __slots__ = ()


class histogram(Named, namedtuple("histogram", ["hist", "bin_edges"])):
    """Counts, and the edges of the bins."""

    __slots__ = ()


class histogramdd(Named, namedtuple("histogramdd", ["hist", "bin_edges"])):
    """Counts, and the edges of the bins along every dim."""

    __slots__ = ()
