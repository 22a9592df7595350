"""Methods that see, copy or lay out the same elements in another shape."""

from __future__ import annotations

from typing import Any

from ... import dtypes
from ..axes import axis_of
from ..base import settle, wrap
from ..functions.shaping import rearrange, shape, splitting
from ..functions.shaping.shape import given, quick_view, to_shape
from ..views import flat_storage, strides_of
from ..write import check_writable, in_place


class ShapeMethods:
    """Shape methods."""

    array: Any
    clone = shape.clone
    contiguous = shape.contiguous
    is_contiguous = shape.is_contiguous
    view_as = shape.view_as
    reshape_as = shape.reshape_as
    flatten = shape.flatten
    ravel = shape.ravel
    unflatten = shape.unflatten
    squeeze = shape.squeeze
    unsqueeze = shape.unsqueeze
    transpose = shape.transpose
    swapaxes = shape.swapaxes
    swapdims = shape.swapdims
    t = shape.t
    movedim = shape.movedim
    moveaxis = shape.moveaxis
    expand = shape.expand
    expand_as = shape.expand_as

    narrow = splitting.narrow
    select = splitting.select
    def split(self, split_size: Any, dim: int = 0) -> tuple[Any, ...]:
        """Views of equal size, or of the given sizes; see `sparkle.split`."""
        return splitting.split(self, split_size, dim)

    split_with_sizes = splitting.split_with_sizes
    chunk = splitting.chunk
    tensor_split = splitting.tensor_split
    unsafe_split = splitting.unsafe_split
    unsafe_split_with_sizes = splitting.unsafe_split_with_sizes
    unsafe_chunk = splitting.unsafe_chunk
    hsplit = splitting.hsplit
    vsplit = splitting.vsplit
    dsplit = splitting.dsplit
    unbind = splitting.unbind
    unfold = splitting.unfold
    diagonal = splitting.diagonal
    as_strided = splitting.as_strided

    repeat = rearrange.repeat
    tile = rearrange.tile
    repeat_interleave = rearrange.repeat_interleave
    roll = rearrange.roll
    flip = rearrange.flip
    fliplr = rearrange.fliplr
    flipud = rearrange.flipud
    rot90 = rearrange.rot90
    diag = rearrange.diag
    diag_embed = rearrange.diag_embed
    diagflat = rearrange.diagflat
    tril = rearrange.tril
    triu = rearrange.triu
    tril_ = in_place(rearrange.tril)
    triu_ = in_place(rearrange.triu)
    sum_to_size = rearrange.sum_to_size

    def view(self, *size: Any, dtype: Any = None) -> Any:
        """A view in another shape (one size may be -1), or with one dtype as argument, of the bytes as that type.

        Raises RuntimeError where the strides do not allow the shape; `reshape` copies then.

        >>> import sparkle
        >>> sparkle.zeros(2, 6).view(3, -1).shape
        sparkle.Size([3, 4])
        """
        if dtype is None:
            seen = quick_view(self, size)
            if seen is not None:
                return seen
        if dtype is not None or (len(size) == 1 and isinstance(size[0], dtypes.dtype)):
            return splitting.view_dtype(self, size[0] if dtype is None else dtype)
        return shape.in_shape(self, given(size))

    def reshape(self, *shape: Any) -> Any:
        """The same elements in another shape: a view where the strides allow it, a copy otherwise."""
        seen = quick_view(self, shape)
        return to_shape(self, given(shape)) if seen is None else seen

    def broadcast_to(self, *size: Any) -> Any:
        """A view in a larger shape, given as integers or one sequence, that repeats dims of size 1."""
        return shape.broadcast_to(self, given(size))

    def permute(self, *dims: Any) -> Any:
        """A view with the dims in the given order."""
        return shape.permute(self, given(dims))

    @property
    def T(self) -> Any:
        """A view with all dims reversed."""
        return shape.t(self) if self.array.ndim == 2 else shape.permute(self, range(self.array.ndim)[::-1])

    @property
    def mT(self) -> Any:
        """A view of a matrix, or of a stack of them, with the last two dims exchanged."""
        if self.array.ndim < 2:
            raise RuntimeError(
                f"mT: only supported on matrices or batches of matrices, got a {self.array.ndim}-D tensor"
            )
        return shape.transpose(self, -2, -1)

    def __reversed__(self) -> Any:
        """The positions of the first dim in reverse order, as a copy."""
        return rearrange.flip(self, [0]) if self.array.ndim else self

    def stride(self, dim: int | None = None) -> Any:
        """How many elements apart in memory neighbours are, along every dim or along one."""
        strides = strides_of(self.array)
        return strides if dim is None else strides[axis_of(dim, self.array.ndim, "stride")]

    def storage_offset(self) -> int:
        """Where in its memory the tensor begins, in elements."""
        return flat_storage(self.array)[1]

    def unsqueeze_(self, dim: int) -> Any:
        """`unsqueeze` of the tensor itself."""
        return _become(self, "unsqueeze_", shape.unsqueeze, dim)

    def squeeze_(self, dim: Any = None) -> Any:
        """`squeeze` of the tensor itself."""
        return _become(self, "squeeze_", shape.squeeze, dim)

    def transpose_(self, dim0: int, dim1: int) -> Any:
        """`transpose` of the tensor itself."""
        return _become(self, "transpose_", shape.transpose, dim0, dim1)

    swapaxes_ = swapdims_ = transpose_

    def t_(self) -> Any:
        """`t` of the tensor itself."""
        return _become(self, "t_", shape.t)


def _become(x: Any, name: str, function: Any, *args: Any) -> Any:
    """x as the view of itself that the function makes; what it was lives on in the graph only."""
    check_writable(x, name)
    before = wrap(x.array)
    before.__dict__.update(x.__dict__)
    seen = function(before, *args)
    x.array = seen.array
    if seen.node is not None:
        settle(x, seen.node, True)
    if x.view_of is not None:
        x.view_of = seen.view_of
    return x
