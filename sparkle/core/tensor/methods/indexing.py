"""Indexing, assignment, and writing at positions given by tensors, as methods."""

from __future__ import annotations

from typing import Any

from ... import backend
from ...ops.shaping.indexing import MaskedFill
from ..base import wrap
from ..functions.reductions import searching
from ..functions.shaping import getitem, indexing, scattering, shape, splitting
from ..functions.shaping.getitem import put_in
from ..views import strides_of
from ..write import OVERLAP, in_place, overwrite


class IndexingMethods:
    """Indexing and assignment."""

    array: Any
    tracked: bool

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
    scatter_reduce = scattering.scatter_reduce
    scatter_reduce_ = in_place(scattering.scatter_reduce)
    index_reduce = scattering.index_reduce
    index_reduce_ = in_place(scattering.index_reduce)
    select_scatter = scattering.select_scatter
    slice_scatter = scattering.slice_scatter
    diagonal_scatter = scattering.diagonal_scatter
    as_strided_scatter = scattering.as_strided_scatter
    nonzero = searching.nonzero
    nonzero_static = searching.nonzero_static
    argwhere = searching.argwhere

    def copy_(self, src: Any, non_blocking: bool = False) -> Any:
        """Write the elements of src, broadcast and converted, into this tensor; returns it."""
        if isinstance(src, (int, float)):
            src = wrap(backend.library(self.array).asarray(src))
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

    def fill_diagonal_(self, fill_value: float, wrap: bool = False) -> Any:
        """Write a number along the main diagonal; with wrap again below where a tall matrix ends; returns the tensor.

        Raises RuntimeError for fewer than 2 dims, or more with different sizes.
        """
        sizes = self.array.shape
        if len(sizes) < 2 or (len(sizes) > 2 and len(set(sizes)) > 1):
            wanted = "at least 2 dims" if len(sizes) < 2 else "all dims of equal length"
            raise RuntimeError(f"fill_diagonal_: wanted {wanted}, met shape {list(sizes)}")
        value = indexing.scalar_for(self, fill_value, "fill_diagonal_")
        if not self.array.size:
            return self
        if len(sizes) > 2:
            put_in(splitting.as_strided(self, (sizes[0],), (sum(strides_of(self.array)),)), value, "fill_diagonal_")
            return self
        rows, columns = sizes
        for first in range(0, rows if wrap else 1, columns + 1):
            put_in(splitting.diagonal(self, -first), value, "fill_diagonal_")
        return self

    def apply_(self, callable: Any) -> Any:
        """Write callable(number) over each number, one after the other in Python: slow; returns the tensor."""
        return self._each(callable, "apply_")

    def map_(self, tensor: Any, callable: Any) -> Any:
        """Write callable(number, other number) over each number, with a tensor that broadcasts; returns the tensor."""
        return self._each(callable, "map_", tensor)

    def map2_(self, x: Any, y: Any, callable: Any) -> Any:
        """Write callable(number, of x, of y) over each number, with tensors that broadcast; returns the tensor."""
        return self._each(callable, "map2_", x, y)

    def _each(self, function: Any, name: str, *others: Any) -> Any:
        if self.tracked:
            raise RuntimeError(f"{name}: no gradient passes through a Python function; use detach().{name}(...)")
        columns = [shape.expanded(x, self.array.shape).reshape(-1).tolist() for x in (self, *others)]
        made = backend.library(self.array).asarray([function(*row) for row in zip(*columns, strict=True)])
        return put_in(self, wrap(made.astype(self.array.dtype).reshape(self.array.shape)), name)

    def scatter_(self, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None) -> Any:
        """`scatter` into this tensor; returns it."""
        if reduce == "multiply":
            return _scatter_anew(self, dim, index, src, value=value, reduce=reduce)
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


_scatter_anew = in_place(indexing.scatter)


def _not_overlapping(x: Any) -> Any:
    """x, unless it is an expanded view, whose elements share places."""
    if not x.array.flags.writeable:
        raise RuntimeError(OVERLAP)
    return x


def _written(x: Any, op: Any, *others: Any, name: str) -> Any:
    op.here = True
    return overwrite(_not_overlapping(x), op, *others, name=name)
