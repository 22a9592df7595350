"""Indexing, assignment, and writing at positions given by tensors, as methods."""

from __future__ import annotations

from typing import Any

from ...ops.indexing import MaskedFill
from ..functions import getitem, indexing, searching
from ..functions.getitem import put_in
from ..write import OVERLAP, in_place, overwrite


class IndexingMethods:
    """Indexing and assignment."""

    array: Any

    __getitem__ = getitem.getitem
    __setitem__ = getitem.setitem

    gather = indexing.gather
    scatter = indexing.scatter
    scatter_add = indexing.scatter_add
    take_along_dim = indexing.take_along_dim
    index_select = indexing.index_select
    index_add = indexing.index_add
    index_copy = indexing.index_copy
    index_fill = indexing.index_fill
    index_put = indexing.index_put
    take = indexing.take
    put = indexing.put
    masked_fill = indexing.masked_fill
    masked_select = indexing.masked_select
    masked_scatter = indexing.masked_scatter
    put_ = in_place(indexing.put)
    masked_scatter_ = in_place(indexing.masked_scatter)
    nonzero = searching.nonzero
    argwhere = searching.argwhere

    def copy_(self, src: Any, non_blocking: bool = False) -> Any:
        """Write the elements of src, broadcast and converted, into this tensor; returns it."""
        return put_in(self, src, "copy_")

    def fill_(self, value: Any) -> Any:
        """Write a number, or a 0-d tensor, everywhere; returns the tensor."""
        if getattr(getattr(value, "array", None), "ndim", 0):
            raise RuntimeError(
                f"fill_: only supports 0-dimension value tensor but got tensor with {value.array.ndim} dimensions"
            )
        return put_in(self, indexing.scalar_for(self, value, "fill_"), "fill_")

    def zero_(self) -> Any:
        """Write 0 everywhere; returns the tensor."""
        return put_in(self, 0, "zero_")

    def scatter_(self, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None) -> Any:
        """`scatter` into this tensor; returns it."""
        op, source = indexing.scatter_op(self, dim, index, value if src is None else src, reduce)
        return _written(self, op, source, index, name="scatter_")

    def scatter_add_(self, dim: int, index: Any, src: Any) -> Any:
        """`scatter_add` into this tensor; returns it."""
        op, source = indexing.scatter_op(self, dim, index, src, "add")
        return _written(self, op, source, index, name="scatter_add_")

    def index_add_(self, dim: int, index: Any, source: Any, *, alpha: float = 1) -> Any:
        """`index_add` into this tensor; returns it."""
        op, places = indexing.along_dim(self, dim, index, source, "index_add")
        op.accumulate = True
        return _written(self, op, source if alpha == 1 else source * alpha, places, name="index_add_")

    def index_copy_(self, dim: int, index: Any, source: Any) -> Any:
        """`index_copy` into this tensor; returns it."""
        op, places = indexing.along_dim(self, dim, index, source, "index_copy")
        return _written(self, op, source, places, name="index_copy_")

    def index_fill_(self, dim: int, index: Any, value: Any) -> Any:
        """`index_fill` into this tensor; returns it."""
        op, places = indexing.along_dim(self, dim, index, None, "index_fill", negative=True)
        return _written(self, op, indexing.scalar_for(self, value, "index_fill_"), places, name="index_fill_")

    def index_put_(self, indices: Any, values: Any, accumulate: bool = False) -> Any:
        """`index_put` into this tensor; returns it."""
        op, places = indexing.index_put_op(self, indices, values, accumulate)
        return _written(self, op, values, *places, name="index_put_")

    def masked_fill_(self, mask: Any, value: Any) -> Any:
        """`masked_fill` into this tensor; returns it."""
        array = indexing.check_mask(mask, "masked_fill_")
        lead = array.ndim - self.array.ndim
        if lead > 0 or any(
            n not in (1, m)
            for n, m in zip(array.shape, self.array.shape[-lead:] if lead else self.array.shape, strict=False)
        ):
            raise RuntimeError(
                f"masked_fill_: output with shape {list(self.array.shape)} doesn't match the broadcast shape with a "
                f"mask of shape {list(array.shape)}"
            )
        return _written(self, MaskedFill(), indexing.scalar_for(self, value, "masked_fill_"), mask, name="masked_fill_")


def _not_overlapping(x: Any) -> Any:
    """x, unless it is an expanded view, whose elements share places."""
    if not x.array.flags.writeable:
        raise RuntimeError(OVERLAP)
    return x


def _written(x: Any, op: Any, *others: Any, name: str) -> Any:
    op.here = True
    return overwrite(_not_overlapping(x), op, *others, name=name)
