"""Products of vectors, matrices and stacks of matrices."""

from __future__ import annotations

import math
from typing import Any

from ....dtypes import FLOATS
from ....kernels.registry import MANY
from ....mode import mode
from ....ops.linear.linalg import AddMatMul, Dot, Folded, MatMul, MatVec, Mm, VecMat, matmul_error
from ....ops.shaping.shape import Cast
from ...autocast import in_float32, uncast
from ...axes import axis_of
from ...base import TensorBase, apply, dtype_of
from ...out import into
from ...quick import pair
from ..pointwise import arithmetic
from ..reductions import reduction
from ..shaping import rearrange
from ..shaping.shape import clone, expanded, permute, to_shape
from ..shaping.splitting import diagonal

BOOL = "?"


def matmul(input: Any, other: Any, *, out: Any = None) -> Any:
    """The matrix product: vectors, matrices and stacks of matrices with broadcasting, as in NumPy.

    Raises RuntimeError where the sizes do not fit or the types differ.

    >>> import sparkle
    >>> sparkle.matmul(sparkle.ones(2, 3), sparkle.ones(3))
    tensor([3., 3.])
    """
    if out is not None:
        return into(out, matmul, input, other)
    if mode.autocast is not None:
        return mode.autocast.lower(matmul, input, other)
    if not isinstance(other, TensorBase):
        raise TypeError(f"matmul: argument 'other' must be a tensor, not {type(other).__name__}")
    a, b = input.array, other.array
    kind = a.dtype
    if kind is not b.dtype or kind.char == BOOL:
        return _unusual(input, other, matmul)
    n, m = a.ndim, b.ndim
    if n == 2 and m == 2:
        return (pair if a.size * b.shape[1] < MANY else apply)(Mm(), input, other)
    if n == 0 or m == 0:
        raise RuntimeError(f"matmul: both arguments to matmul need to be at least 1D, but they are {n}D and {m}D")
    if n + m <= 3:
        return apply(Dot() if n == m else MatVec() if n == 2 else VecMat(), input, other)
    if a.shape[-1] != b.shape[-2 if m > 1 else -1]:
        raise matmul_error(a, b, "matmul")
    if m == 1:
        return to_shape(apply(Folded(), input, to_shape(other, (-1, 1) if b.size else (0, 1))), a.shape[:-1])
    if m == 2:
        return apply(Folded(), input, other)
    if n == 1:
        out = apply(MatMul(), to_shape(input, (1, a.size)), other)
        return to_shape(out, (*b.shape[:-2], b.shape[-1]))
    return apply(MatMul(), input, other)


def _unusual(a: Any, b: Any, function: Any) -> Any:
    """Types that are refused, and one type that two objects name."""
    if a.array.dtype != b.array.dtype:
        name = function.__name__
        raise RuntimeError(f"{name}: expected both to have the same dtype, but got: {dtype_of(a)} != {dtype_of(b)}")
    if a.array.dtype.char == BOOL:
        raise NotImplementedError(f"{function.__name__}: not implemented for bool; convert with .to(int) or .float()")
    return function(a, apply(Cast(a.array.dtype), b))


def _wanted(where: str, **tensors: tuple[Any, int]) -> None:
    """Tensors of so many dims? RuntimeError naming the first that is not."""
    for name, (x, ndim) in tensors.items():
        if not isinstance(x, TensorBase):
            raise TypeError(f"{where}: argument '{name}' must be a tensor, not {type(x).__name__}")
        if x.array.ndim != ndim:
            raise RuntimeError(
                f"{where}: {name} must be a {ndim}D tensor, met {x.array.ndim}D of shape {list(x.array.shape)}"
            )


def mm(input: Any, mat2: Any, *, out: Any = None) -> Any:
    """The product of two matrices."""
    if out is not None:
        return into(out, mm, input, mat2)
    _wanted("mm", input=(input, 2), mat2=(mat2, 2))
    return matmul(input, mat2)


def bmm(input: Any, mat2: Any, *, out: Any = None) -> Any:
    """The products of two stacks of as many matrices."""
    if out is not None:
        return into(out, bmm, input, mat2)
    _wanted("bmm", batch1=(input, 3), batch2=(mat2, 3))
    a, b = input.array.shape, mat2.array.shape
    if a[0] != b[0] or a[2] != b[1]:
        raise RuntimeError(
            f"bmm: expected size for first two dimensions of batch2 tensor to be: [{a[0]}, {a[2]}] but got: [{b[0]}, "
            f"{b[1]}]"
        )
    return matmul(input, mat2)


@uncast
def mv(input: Any, vec: Any, *, out: Any = None) -> Any:
    """The product of a matrix and a vector."""
    if out is not None:
        return into(out, mv, input, vec)
    _wanted("mv", input=(input, 2), vec=(vec, 1))
    return matmul(input, vec)


@uncast
def dot(input: Any, tensor: Any, *, out: Any = None) -> Any:
    """The sum of products of two vectors of one length."""
    if out is not None:
        return into(out, dot, input, tensor)
    _wanted("dot", input=(input, 1), tensor=(tensor, 1))
    return matmul(input, tensor)


def vdot(input: Any, other: Any, *, out: Any = None) -> Any:
    """The sum of products of two vectors: `dot`, as no types are complex."""
    if out is not None:
        return into(out, vdot, input, other)
    return dot(input, other)


@uncast
def inner(input: Any, other: Any, *, out: Any = None) -> Any:
    """The sums of products along the last dim of both; the product where one is 0-d."""
    if out is not None:
        return into(out, inner, input, other)
    if not input.array.ndim or not other.array.ndim:
        return arithmetic.mul(input, other)
    if input.array.shape[-1] != other.array.shape[-1]:
        raise RuntimeError(
            "inner: the last dimension must match on both input tensors but got shapes "
            f"{list(input.array.shape)} and {list(other.array.shape)}"
        )
    return tensordot(input, other, ([-1], [-1]))


def outer(input: Any, vec2: Any, *, out: Any = None) -> Any:
    """The products of every element of one vector with every element of another.

    >>> import sparkle
    >>> sparkle.outer(sparkle.tensor([1, 2]), sparkle.tensor([3, 4])).tolist()
    [[3, 4], [6, 8]]
    """
    if out is not None:
        return into(out, outer, input, vec2)
    _wanted("outer", input=(input, 1), vec2=(vec2, 1))
    return arithmetic.mul(to_shape(input, (input.array.size, 1)), vec2)


def ger(input: Any, vec2: Any, *, out: Any = None) -> Any:
    """The products of every element of one vector with every element of another: `outer`."""
    if out is not None:
        return into(out, ger, input, vec2)
    return outer(input, vec2)


def addmm(input: Any, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1, out: Any = None) -> Any:
    """beta input + alpha mat1 mat2; input broadcasts to the product."""
    if out is not None:
        return into(out, addmm, input, mat1, mat2, beta=beta, alpha=alpha)
    _wanted("addmm", mat1=(mat1, 2), mat2=(mat2, 2))
    return _added(input, mat1, mat2, beta, alpha, "addmm")


def baddbmm(input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1, out: Any = None) -> Any:
    """beta input + alpha batch1 batch2 for two stacks of as many matrices; input broadcasts to the products."""
    if out is not None:
        return into(out, baddbmm, input, batch1, batch2, beta=beta, alpha=alpha)
    _wanted("baddbmm", batch1=(batch1, 3), batch2=(batch2, 3))
    if batch1.array.shape[0] != batch2.array.shape[0]:
        raise RuntimeError(f"baddbmm: batch1 holds {batch1.array.shape[0]} matrices, batch2 {batch2.array.shape[0]}")
    return _added(input, batch1, batch2, beta, alpha, "baddbmm")


def _added(input: Any, a: Any, b: Any, beta: float, alpha: float, where: str) -> Any:
    if mode.autocast is not None:
        return mode.autocast.lower(_added, input, a, b, beta, alpha, where)
    if a.array.shape[-1] != b.array.shape[-2]:
        raise matmul_error(a.array, b.array, where)
    if not input.array.dtype == a.array.dtype == b.array.dtype:
        raise RuntimeError(
            f"{where}: self and the matrices must have the same dtype, but got {dtype_of(input)}, {dtype_of(a)} and "
            f"{dtype_of(b)}"
        )
    shape = (*a.array.shape[:-1], b.array.shape[-1])
    have = input.array.shape
    if len(have) > len(shape) or any(n not in (1, m) for n, m in zip(have[::-1], shape[::-1], strict=False)):
        raise RuntimeError(
            f"{where}: input of shape {list(have)} must be expandable to the product's shape {list(shape)}"
        )
    if a.array.dtype.char == BOOL:
        raise NotImplementedError(f"{where}: not implemented for bool")
    return apply(AddMatMul(_number(beta, a), _number(alpha, a)), input, a, b)


def _number(value: Any, x: Any) -> Any:
    """beta or alpha as a number that keeps x's type."""
    if x.array.dtype.kind in FLOATS:
        return float(value)
    if isinstance(value, float):
        raise RuntimeError(
            f"for integral input tensors, argument beta and alpha must not be a floating point number: {value}"
        )
    return int(value)


@uncast
def addmv(input: Any, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1, out: Any = None) -> Any:
    """beta input + alpha mat vec."""
    if out is not None:
        return into(out, addmv, input, mat, vec, beta=beta, alpha=alpha)
    return _weighted(input, mv(mat, vec), beta, alpha)


def addr(input: Any, vec1: Any, vec2: Any, *, beta: float = 1, alpha: float = 1, out: Any = None) -> Any:
    """beta input + alpha times the outer product of two vectors."""
    if out is not None:
        return into(out, addr, input, vec1, vec2, beta=beta, alpha=alpha)
    return _weighted(input, outer(vec1, vec2), beta, alpha)


def addbmm(input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1, out: Any = None) -> Any:
    """beta input + alpha times the sum of the products of two stacks of as many matrices."""
    if out is not None:
        return into(out, addbmm, input, batch1, batch2, beta=beta, alpha=alpha)
    _wanted("addbmm", batch1=(batch1, 3), batch2=(batch2, 3))
    (n, rows, k), (m, inner_size, columns) = batch1.array.shape, batch2.array.shape
    if n != m or k != inner_size:
        raise RuntimeError(
            f"addbmm: batch1 is {[n, rows, k]}, batch2 is {[m, inner_size, columns]}: the stacks do not fit"
        )
    # The sum over the stack is one product of matrices laid side by side.
    wide = to_shape(permute(batch1, (1, 0, 2)), (rows, n * k))
    return addmm(input, wide, to_shape(batch2, (n * k, columns)), beta=beta, alpha=alpha)


def _weighted(input: Any, product: Any, beta: float, alpha: float) -> Any:
    scaled = product if alpha == 1 else arithmetic.mul(product, _number(alpha, product))
    shape = product.array.shape
    if beta == 0:
        return scaled
    wide = input if input.array.shape == shape else expanded(input, shape)
    return arithmetic.add(wide if beta == 1 else arithmetic.mul(wide, _number(beta, product)), scaled)


@uncast
def tensordot(a: Any, b: Any, dims: Any = 2, *, out: Any = None) -> Any:
    """The sums of products over dims of both: the last n of a and the first n of b, or two lists of dims.

    >>> import sparkle
    >>> sparkle.tensordot(sparkle.ones(2, 3, 4), sparkle.ones(4, 3, 5), ([1, 2], [1, 0])).shape
    sparkle.Size([2, 5])
    """
    if out is not None:
        return into(out, tensordot, a, b, dims)
    n, m = a.array.ndim, b.array.ndim
    if isinstance(dims, TensorBase):
        dims = dims.array.tolist()
    if isinstance(dims, int):
        if not 0 <= dims <= min(n, m):
            raise RuntimeError(
                f"tensordot: expects dims >= 0 and at most the number of dims of both, but got dims={dims}"
            )
        dims = list(range(n - dims, n)), list(range(dims))
    first, second = ([d] if isinstance(d, int) else list(d) for d in dims)
    if len(first) != len(second):
        raise RuntimeError(f"tensordot: both dimension lists should have same length, met {first} and {second}")
    first = [axis_of(d, n, "tensordot") for d in first]
    second = [axis_of(d, m, "tensordot") for d in second]
    sizes = [a.array.shape[d] for d in first]
    if sizes != [b.array.shape[d] for d in second]:
        raise RuntimeError(
            f"tensordot: contracted dimensions need to match, but {list(a.array.shape)} has sizes {sizes} in dims "
            f"{first} and {list(b.array.shape)} has sizes {[b.array.shape[d] for d in second]} in dims {second}"
        )
    left, right = [d for d in range(n) if d not in first], [d for d in range(m) if d not in second]
    rows, columns = [a.array.shape[d] for d in left], [b.array.shape[d] for d in right]
    k = math.prod(sizes)
    x = to_shape(permute(a, (*left, *first)), (math.prod(rows), k))
    y = to_shape(permute(b, (*second, *right)), (k, math.prod(columns)))
    return to_shape(matmul(x, y), (*rows, *columns))


def kron(input: Any, other: Any, *, out: Any = None) -> Any:
    """The Kronecker product: every element of input times all of other, as one block each."""
    if out is not None:
        return into(out, kron, input, other)
    n = max(input.array.ndim, other.array.ndim)
    a = (*[1] * (n - input.array.ndim), *input.array.shape)
    b = (*[1] * (n - other.array.ndim), *other.array.shape)
    x = to_shape(input, tuple([size for pair in a for size in (pair, 1)]))
    y = to_shape(other, tuple([size for pair in b for size in (1, pair)]))
    return to_shape(arithmetic.mul(x, y), tuple([i * j for i, j in zip(a, b, strict=True)]))


@in_float32
def trace(input: Any) -> Any:
    """The sum of the diagonal of a matrix."""
    if input.array.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {input.array.ndim}")
    return reduction.sum(diagonal(input))


def cross(input: Any, other: Any, dim: int | None = None, *, out: Any = None) -> Any:
    """The cross product along a dim of size 3; without dim along the first such dim. Other dims broadcast."""
    if out is not None:
        return into(out, cross, input, other, dim)
    if input.array.ndim != other.array.ndim:
        raise RuntimeError(
            f"cross: inputs must have the same number of dimensions, met {input.array.ndim} and {other.array.ndim}"
        )
    shape = input.array.shape
    if dim is None:
        if 3 not in shape:
            raise RuntimeError(f"cross: no dimension of size 3 in input of shape {list(shape)}")
        dim = shape.index(3)
    axis = axis_of(dim, len(shape), "cross")
    if shape[axis] != 3 or other.array.shape[axis] != 3:
        raise RuntimeError(
            f"cross: inputs dimension {dim} must have length 3. Got {shape[axis]} and {other.array.shape[axis]}"
        )
    a1, a2 = (rearrange.roll(input, -n, axis) for n in (1, 2))
    b1, b2 = (rearrange.roll(other, -n, axis) for n in (1, 2))
    return arithmetic.sub(arithmetic.mul(a1, b2), arithmetic.mul(a2, b1))


def chain_matmul(*matrices: Any, out: Any = None) -> Any:
    """The product of several matrices in the cheapest order: `linalg.multi_dot`."""
    if out is not None:
        return into(out, chain_matmul, *matrices)
    for i, x in enumerate(matrices):
        if x.array.ndim != 2:
            raise RuntimeError(f"chain_matmul: matrix {i} has shape {tuple(x.array.shape)}, two dims are wanted")
    return clone(matrices[0]) if len(matrices) == 1 else multi_dot(matrices)


def multi_dot(tensors: Any, *, out: Any = None) -> Any:
    """The product of two or more matrices in the order that needs the fewest multiplications.

    The first and the last may be vectors. Raises RuntimeError for other sizes.
    """
    if out is not None:
        return into(out, multi_dot, tensors)
    parts = list(tensors)
    if len(parts) < 2:
        raise RuntimeError(f"multi_dot: expects at least 2 tensors but got {len(parts)}")
    for i, x in enumerate(parts):
        if x.array.ndim != 2 and (x.array.ndim != 1 or i not in (0, len(parts) - 1)):
            raise RuntimeError(f"multi_dot: tensor {i} must be a matrix, or first or last a vector: {x.array.shape}")
    first, last = parts[0].array, parts[-1].array
    sizes = [first.shape[0] if first.ndim == 2 else 1, *[x.array.shape[0] for x in parts[1:]]]
    sizes.append(last.shape[1] if last.ndim == 2 else 1)
    split = _cheapest_splits(tuple(sizes))

    def product(i: int, j: int) -> Any:
        return parts[i] if i == j else matmul(product(i, split[i, j]), product(split[i, j] + 1, j))

    return product(0, len(parts) - 1)


def _cheapest_splits(sizes: tuple[int, ...]) -> dict[tuple[int, int], int]:
    """For every run of matrices i..j, matrix k of size sizes[k] by sizes[k + 1], after which one to split it first."""
    count = len(sizes) - 1
    cost = {(i, i): 0 for i in range(count)}
    split = {}
    for length in range(1, count):
        for i in range(count - length):
            j = i + length
            ways = [(cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)]
            cost[i, j], split[i, j] = min(ways)
    return split
