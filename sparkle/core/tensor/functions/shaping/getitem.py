"""`x[index]` and `x[index] = value`.

Integers, slices, None and the ellipsis give a view. Masks, lists and tensors of integers are applied to that view,
as in torch (NumPy counts integers among them, which puts dims elsewhere): `x[0, :, [1, 2]]` has shape (n, 2).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy

from .... import backend, dtypes
from ....dtypes import FLOATS
from ....mode import mode
from ....ops.shaping.indexing import Index, IndexPut, Overwrite, at
from ....ops.shaping.shape import Cast, Select, Slice
from ...base import TensorBase, apply, dtype_of, wrap
from ...operands import fitting
from ...views import seen, view
from ...write import OVERLAP, overwrite, touch, write
from .shape import expanded, to_shape

BASIC = frozenset((int, slice, type(None), type(Ellipsis)))
KINDS = "only integers, slices (`:`), ellipsis (`...`), None and long or byte tensors are valid indices"


def getitem(input: Any, index: Any) -> Any:
    """`input[index]`: a view for integers, slices, None and ellipsis; a copy for tensors, lists and masks."""
    if type(index) is int:
        key: Any = index, ...
    else:
        key = basic_key(index)
        if key is None:
            if _is_mask_of(index, input) and not (input.tracked or input.version.rebased > 0):
                return wrap(input.array[index.array])
            return _Parsed(input, index).get()
    array = input.array
    try:
        part = array[key]
    except IndexError as error:
        raise _index_error(input, error) from None
    return seen(input, part, Select if type(index) is int else Slice, key, array.shape)


def basic_key(index: Any) -> Any:
    """The index as NumPy takes it for a view, or None where more than integers, slices, None and ellipsis take part."""
    kind = type(index)
    if kind is tuple:
        dots = False
        for part in index:
            kind = type(part)
            if kind not in BASIC:
                return None
            if kind is slice and part.step is not None:
                _check_step(part)
            elif part is ...:
                dots = True
        return index if dots else (*index, ...)
    if kind not in BASIC:
        return None
    if kind is slice and index.step is not None:
        _check_step(index)
    return index if index is ... else (index, ...)


def _check_step(part: slice) -> None:
    if part.step < 0:
        raise ValueError(f"step must be greater than zero, met {part.step}; use flip to reverse a dim")


def _index_error(x: Any, error: Exception) -> IndexError:
    """NumPy's complaint in the words of tensors."""
    said = str(error)
    if "too many indices" in said:
        if not x.array.ndim:
            return IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` to convert a 0-dim tensor to a number"
            )
        return IndexError(f"too many indices for tensor of dimension {x.array.ndim}")
    if "broadcast" in said:
        return IndexError(said.replace("indexing arrays", "indexing tensors"))
    return IndexError(said.replace("axis", "dimension"))


class _Parsed:
    """An index taken apart: a basic key for a view, and what is applied to the view's dims."""

    def __init__(self, x: Any, index: Any) -> None:
        self.x = x
        parts = [_plain(part) for part in (_as_tuple(index) if type(index) is not tuple else index)]
        named = sum([_dims_named(part) for part in parts])
        if named > x.array.ndim:
            raise IndexError(f"too many indices for tensor of dimension {x.array.ndim}")
        self.key: list[Any] = []
        self.pattern: list[int | None] = []
        self.arrays: list[Any] = []
        self.masks: list[Any] = []
        self.dim = 0  # of x, that the next part is for
        for part in parts:
            self._take(part, x.array.ndim - named)

    def _take(self, part: Any, left: int) -> None:
        if part is ...:
            self.key += [slice(None)] * left
            self.pattern += [None] * left
            self.dim += left
        elif type(part) is bool:
            self.key.append(None)
            self._place(numpy.zeros(int(part), numpy.int64))
        elif part is None:
            self.key.append(None)
            self.pattern.append(None)
        elif type(part) is int:
            self.key.append(part)
            self.dim += 1
        elif type(part) is slice:
            if part.step is not None:
                _check_step(part)
            self.key.append(part)
            self.pattern.append(None)
            self.dim += 1
        else:
            self._take_array(part)

    def _take_array(self, part: Any) -> None:
        array = part.array if isinstance(part, TensorBase) else part
        if array.dtype.kind != "b" and array.dtype != numpy.uint8:
            self.key.append(slice(None))
            self._place(part)
            self.dim += 1
            return
        sizes = self.x.array.shape[self.dim : self.dim + array.ndim]
        if tuple(array.shape) != tuple(sizes):
            raise IndexError(
                f"The shape of the mask {list(array.shape)} at index {self.dim} does not match the shape of the "
                f"indexed tensor {list(self.x.array.shape)} at index {self.dim}"
            )
        self.masks.append(array)
        for positions in array.nonzero():
            self.key.append(slice(None))
            self._place(positions)
        self.dim += array.ndim

    def _place(self, positions: Any) -> None:
        self.pattern.append(len(self.arrays))
        if not isinstance(positions, TensorBase):
            positions = backend.move(positions, *backend.device_of(self.x.array))
        self.arrays.append(positions)

    def seen(self) -> Any:
        """The view that the arrays are applied to."""
        if all(type(part) is slice and part == slice(None) for part in self.key):
            return self.x
        try:
            return view(Slice((*self.key, ...)), self.x)
        except IndexError as error:
            raise _index_error(self.x, error) from None

    def get(self) -> Any:
        """What the index names."""
        part = self.seen()
        if not self.arrays:
            return part if part is not self.x else view(Slice(...), part)
        try:
            op = Index(self._pattern())
            op.distinct = len(self.masks) == 1 and len(self.arrays) == self.masks[0].ndim
            return apply(op, part, *self.arrays)
        except IndexError as error:
            raise _index_error(part, error) from None

    def _pattern(self) -> tuple[int | None, ...]:
        last = max(i for i, k in enumerate(self.pattern) if k is not None)
        return tuple(self.pattern[: last + 1])

    def put(self, value: Any) -> None:
        """Assign the value to what the index names."""
        part = self.seen()
        if not self.arrays:
            put_in(part, value)
            return
        if not part.array.flags.writeable:
            raise RuntimeError(OVERLAP)
        op = IndexPut(self._pattern())
        op.here = True
        if isinstance(value, TensorBase):
            value = self._fitting(part, value)
        try:
            if isinstance(value, TensorBase) or _recorded(part, value):
                overwrite(part, op, value, *self.arrays, name="setitem")
            else:
                _store(part, at(op.pattern, [k.array if isinstance(k, TensorBase) else k for k in self.arrays]), value)
        except IndexError as error:
            raise _index_error(part, error) from None

    def _fitting(self, part: Any, value: Any) -> Any:
        """The value in the part's type, without leading dims of size one; RuntimeError where types differ."""
        have, to = dtype_of(value), dtype_of(part)
        if have is not to:
            if self.masks and not value.array.ndim:
                return apply(Cast(to.numpy), value)
            raise RuntimeError(
                f"setitem: index put requires the source and destination dtypes match, got {to} for the destination "
                f"and {have} for the source"
            )
        shapes = [(k.array if isinstance(k, TensorBase) else k).shape for k in self.arrays]
        try:
            places = numpy.broadcast_shapes(*shapes)
        except ValueError:
            raise IndexError(
                "shape mismatch: indexing tensors could not be broadcast together with shapes "
                f"{', '.join(str(list(shape)) for shape in shapes)}"
            ) from None
        return _stripped(value, len(places) + part.array.ndim - len(shapes))


def _as_tuple(index: Any) -> tuple[Any, ...]:
    """A short list with sequences, tensors, slices or None in it stands for a tuple, as in torch."""
    if isinstance(index, list) and len(index) < 32:
        odd = (Sequence, TensorBase, slice, type(None), type(...), numpy.ndarray)
        if any(isinstance(part, odd) and not isinstance(part, (str, bytes)) for part in index):
            warnings.warn(
                "using a non-tuple sequence for multidimensional indexing is deprecated; use x[tuple(seq)] instead "
                "of x[seq]",
                UserWarning,
                stacklevel=5,
            )
            return tuple(index)
    return (index,)


def _plain(part: Any) -> Any:
    """One part of an index as an int, a bool, a slice, None, ..., an array or a tensor of integers or a mask."""
    if type(part) in BASIC or type(part) is bool:
        return part
    if isinstance(part, (list, tuple, range)):
        part = numpy.asarray(_nested(part))
        if part.size == 0:
            part = part.astype(numpy.int64)
    elif isinstance(part, numpy.generic):
        part = part.item()
        if isinstance(part, (int, bool)):
            return part
    array = part.array if isinstance(part, TensorBase) else part
    if not backend.is_array(array):
        if hasattr(part, "__index__"):
            return part.__index__()
        error = TypeError if isinstance(part, str) else IndexError
        raise error(f"{KINDS} (got {type(part).__name__})")
    if array.dtype not in INDEX_TYPES:
        raise IndexError(f"tensors used as indices must be long, int, byte or bool tensors, met {array.dtype}")
    if array.ndim == 0:
        return bool(array) if array.dtype.kind in "bu" else int(array)
    return part


INDEX_TYPES = tuple(numpy.dtype(name) for name in ("int64", "int32", "uint8", "bool"))


def _nested(part: Any) -> Any:
    """Lists with the tensors in them as arrays."""
    if isinstance(part, TensorBase):
        return backend.to_numpy(part.array)
    return [_nested(p) for p in part] if isinstance(part, (list, tuple)) else part


def _dims_named(part: Any) -> int:
    if part is None or part is ... or type(part) is bool:
        return 0
    if type(part) in (int, slice):
        return 1
    array = part.array if isinstance(part, TensorBase) else part
    return int(array.ndim) if array.dtype.kind in "bu" else 1


# ---------------------------------------------------------------- assignment


def setitem(input: Any, index: Any, value: Any) -> None:
    """`input[index] = value`, for a number or a tensor that broadcasts to the part; recorded where gradients are."""
    tensor = isinstance(value, TensorBase)
    if not tensor:
        _check_number(input, value)
        value = _number(input.array, value)
    recorded = _recorded(input, value)
    key = (index, ...) if type(index) is int else basic_key(index)
    if key is None and not tensor and not recorded and _is_mask_of(index, input):
        key = index.array
    if key is None:
        if index is not False:  # which names nothing
            _Parsed(input, index).put(value)
    elif recorded:
        put_in(getitem(input, index), value)
    else:
        _store(input, key, value.array if tensor else value)


def _store(x: Any, key: Any, value: Any) -> None:
    """x[key] = value in memory, for a key as NumPy takes it and a value that is a number or an array."""
    try:
        x.array[key] = value
    except IndexError as error:
        raise _index_error(x, error) from None
    except (ValueError, OverflowError) as error:
        raise _value_error(x.array[key], value, error) from None
    touch(x)


def _is_mask_of(index: Any, x: Any) -> bool:
    """Is it one mask of the whole tensor?"""
    return isinstance(index, TensorBase) and index.array.dtype == bool and index.array.shape == x.array.shape != ()


def _check_number(x: Any, value: Any) -> None:
    if isinstance(value, (int, float)) or (isinstance(value, numpy.generic) and value.dtype.kind in "biu" + FLOATS):
        return
    raise TypeError(f"can't assign a {type(value).__name__} to a tensor of {dtype_of(x)}; wanted a number or a tensor")


def _number(array: Any, value: Any) -> Any:
    """A number as the array can hold it; RuntimeError where it cannot."""
    if array.dtype.kind in FLOATS and -1e4 < value < 1e4:
        return value
    if array.dtype.kind not in FLOATS and isinstance(value, int) and abs(value) >= 1 << 63:
        raise ValueError(f"setitem: {value} does not fit into 64 bits")
    return fitting(value, dtypes.of(array.dtype), "setitem")


def _recorded(x: Any, value: Any) -> bool:
    """May the history of x, or of its base, change by writing the value?"""
    if x.version.inference:
        return True
    if not mode.grad:
        return False
    if x.tracked or (isinstance(value, TensorBase) and value.tracked) or x.version.rebased > 0:
        return True
    while x.view_of is not None:
        x = x.view_of[0]
        if x.tracked:
            return True
    return False


def put_in(part: Any, value: Any, name: str = "setitem") -> Any:
    """All of a tensor, or of a view, becomes the value; returns the tensor."""
    if not part.array.flags.writeable:
        raise RuntimeError(OVERLAP)
    value = _as_written(part, value)
    if part.view_of is None and _recorded(part, value):
        return overwrite(part, Overwrite(), value, name=name)
    return write(part, value, name)


def _as_written(part: Any, value: Any) -> Any:
    """The value as a tensor of the part's shape and type."""
    array = part.array
    if not isinstance(value, TensorBase):
        value = wrap(backend.library(array).full((), _number(array, value), array.dtype))
    to = dtype_of(part)
    if dtype_of(value) is not to:
        value = apply(Cast(to.numpy), value)
    if value.array.shape != array.shape:
        value = expanded(_stripped(value, array.ndim), array.shape)
    return value


def _stripped(value: Any, ndim: int) -> Any:
    """Without leading dims of size one beyond ndim."""
    shape = value.array.shape
    extra = len(shape) - ndim
    if extra <= 0 or any(n != 1 for n in shape[:extra]):
        return value
    return to_shape(value, shape[extra:])


def _value_error(part: Any, value: Any, error: Exception) -> Exception:
    """Why the value, a number or an array, does not go into this part of an array."""
    if "read-only" in str(error):
        return RuntimeError(OVERLAP)
    if backend.is_array(value):
        return RuntimeError(
            f"setitem: the expanded size of the tensor {list(part.shape)} must match the existing size "
            f"{list(value.shape)} at non-singleton dimensions. Target sizes: {list(part.shape)}. Tensor sizes: "
            f"{list(value.shape)}"
        )
    return error
