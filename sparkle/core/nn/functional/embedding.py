"""Tables of vectors, and indices as vectors."""

from __future__ import annotations

from typing import Any

from ... import dtypes
from ...backend import library
from ...ops.nn.embedding import Embedding
from ...tensor.base import apply, dtype_of, wrap
from ...tensor.functions.pointwise.unary import check_tensor
from ...tensor.write import touch


def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """The rows of weight (rows, d) that input, integers of any shape (*), names: (*, d).

    padding_idx: the row that gets no gradient. max_norm: rows with a larger norm_type-norm are scaled down to it, in
    place, before they are read. scale_grad_by_freq: divide a row's gradient by the number of its uses.
    IndexError for an index outside the table; NotImplementedError for sparse=True.

    >>> import sparkle
    >>> embedding(sparkle.tensor([1, 0]), sparkle.tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor([[3., 4.],
            [1., 2.]])
    """
    check_tensor(input, "embedding")
    check_tensor(weight, "embedding", "weight")
    if sparse:
        raise NotImplementedError("embedding: sparse=True is not supported: gradients are dense")
    index, w = input.array, weight.array
    if index.dtype.kind not in "iu":
        raise RuntimeError(f"embedding: expected integer indices, met {dtype_of(input)}")
    if w.ndim != 2:
        raise RuntimeError(f"embedding: 'weight' must be 2-D, met shape {tuple(w.shape)}")
    rows = w.shape[0]
    if index.size and not (int(index.min()) >= 0 and int(index.max()) < rows):
        raise IndexError(
            f"embedding: index out of range: indices {int(index.min())}..{int(index.max())}, table of {rows} rows"
        )
    if padding_idx is not None:
        if not -rows <= padding_idx < rows:
            raise RuntimeError(f"embedding: padding_idx {padding_idx} must be within the {rows} rows of weight")
        padding_idx %= rows
    if max_norm is not None:
        _shrink(weight, index, max_norm, norm_type)
    return apply(Embedding(padding_idx, bool(scale_grad_by_freq)), weight, input)


def _shrink(weight: Any, index: Any, max_norm: float, norm_type: float) -> None:
    """Scale the named rows down to the norm, in place."""
    xp, w = library(weight.array), weight.array
    used = xp.unique(index)
    norms = xp.linalg.norm(w[used], ord=norm_type, axis=1)
    large = norms > max_norm
    if bool(large.any()):
        w[used[large]] *= (max_norm / (norms[large] + 1e-7)).astype(w.dtype)[:, None]
        touch(weight)


def one_hot(tensor: Any, num_classes: int = -1) -> Any:
    """int64 zeros with a one at each index, in a new last dim; num_classes -1: one more than the largest index.

    RuntimeError for a negative index, or one that is no class.

    >>> import sparkle
    >>> one_hot(sparkle.tensor([2, 0]), 3)
    tensor([[0, 0, 1],
            [1, 0, 0]])
    """
    check_tensor(tensor, "one_hot", "tensor")
    index = tensor.array
    if dtype_of(tensor) is not dtypes.int64:
        raise RuntimeError(f"one_hot: is only applicable to index tensor of type int64, met {dtype_of(tensor)}")
    if not index.size:
        if num_classes <= 0:
            raise RuntimeError("one_hot: can not infer total number of classes from empty tensor")
        return wrap(library(index).zeros((*index.shape, num_classes), "int64"))
    if int(index.min()) < 0:
        raise RuntimeError(f"one_hot: class values must be non-negative, met {int(index.min())}")
    classes = int(index.max()) + 1 if num_classes == -1 else num_classes
    if int(index.max()) >= classes:
        raise RuntimeError(
            f"one_hot: class values must be smaller than num_classes {num_classes}, met {int(index.max())}"
        )
    return wrap((index[..., None] == library(index).arange(classes)).astype("int64"))
