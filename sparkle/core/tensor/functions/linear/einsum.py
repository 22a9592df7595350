"""`einsum`: sums of products after Einstein's convention, as products of matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ...base import TensorBase
from ..pointwise import arithmetic
from ..reductions import reduction
from ..shaping.shape import permute, to_shape
from ..shaping.splitting import diagonal
from .linalg import matmul

Label = str | int  # letters; the dims of an ellipsis are counted from the right: -1, -2, ...


def einsum(*args: Any) -> Any:
    """Sums of products of the operands: "ij,jk->ik" is the matrix product.

    equation: letters for the dims of each operand, commas between them, optionally "->" and the dims of the result;
    without it the result has the letters that appear once, sorted. "..." stands for further dims, which broadcast.
    Instead of an equation, lists of numbers may follow the operands: einsum(a, [0, 1], b, [1, 2], [0, 2]).
    Operands are multiplied two by two, the pair with the smallest result first, each as one (stacked) matrix product.
    Raises RuntimeError where the equation does not fit the operands.

    >>> import sparkle
    >>> sparkle.einsum("bij,bjk->bik", sparkle.ones(2, 3, 4), sparkle.ones(2, 4, 5)).shape
    sparkle.Size([2, 3, 5])
    """
    terms, output, operands = _read(args)
    if not operands:
        raise RuntimeError("einsum: must provide at least one operand")
    if len(terms) != len(operands):
        raise RuntimeError(f"einsum: the equation has {len(terms)} operands, {len(operands)} were given")
    labelled = [_labels(term, x, i) for i, (term, x) in enumerate(zip(terms, operands, strict=True))]
    sizes = _sizes(labelled, operands)
    out = _output(output, labelled, sizes)
    pairs = [_without_repeats(x, labels) for x, labels in zip(operands, labelled, strict=True)]
    while len(pairs) > 1:
        i, j = _cheapest(pairs, out, sizes)
        b, a = pairs.pop(j), pairs.pop(i)
        kept = {label for _, labels in pairs for label in labels} | set(out)
        pairs.append(_product(*a, *b, kept))
    x, labels = _summed(*pairs[0], set(out))
    return permute(x, tuple([labels.index(label) for label in out if label in labels]))


def _read(args: tuple[Any, ...]) -> tuple[list[list[str]], Any, list[Any]]:
    """The terms, the output (or None) and the operands."""
    if not isinstance(args[0], str):
        rest = len(args) % 2
        terms = [_letters(numbers) for numbers in args[1 : len(args) - rest : 2]]
        return terms, _letters(args[-1]) if rest else None, list(args[: len(args) - rest : 2])
    operands = list(args[1]) if len(args) == 2 and isinstance(args[1], (list, tuple)) else list(args[1:])
    text = args[0].replace(" ", "")
    left, arrow, right = text.partition("->")
    for c in left.replace("...", "").replace(",", "") + right.replace("...", ""):
        if not (c.isascii() and c.isalpha()):
            raise RuntimeError(f"einsum: invalid subscript given in {args[0]!r}: {c!r}; subscripts must be in [a-zA-Z]")
    return [_split(term) for term in left.split(",")], _split(right) if arrow else None, operands


def _split(term: str) -> list[str]:
    before, dots, after = term.partition("...")
    return [*before, *(["..."] if dots else []), *after]


def _letters(numbers: Sequence[Any]) -> list[str]:
    """0, 1, ... 51 as A..Z, a..z."""
    found = []
    for n in numbers:
        if n is not ... and not 0 <= n < 52:
            raise RuntimeError(f"einsum: subscripts must be within the range [0, 52), met {n}")
        found.append("..." if n is ... else chr(65 + n) if n < 26 else chr(71 + n))
    return found


def _labels(term: Sequence[str], x: Any, number: int) -> list[Label]:
    """A label for every dim of an operand."""
    if not isinstance(x, TensorBase):
        raise TypeError(f"einsum: operand {number} must be a tensor, not {type(x).__name__}")
    more = x.array.ndim - len(term) + ("..." in term)
    if more < 0 or (more and "..." not in term):
        raise RuntimeError(
            f"einsum: the number of subscripts in the equation ({len(term)}) does not match the number of dimensions "
            f"({x.array.ndim}) for operand {number}" + ("" if "..." in term else " and no ellipsis was given")
        )
    labels: list[Label] = []
    for label in term:
        labels += range(-more, 0) if label == "..." else [label]
    return labels


def _sizes(labelled: list[list[Label]], operands: list[Any]) -> dict[Label, int]:
    sizes: dict[Label, int] = {}
    for number, (labels, x) in enumerate(zip(labelled, operands, strict=True)):
        for label, n in zip(labels, x.array.shape, strict=True):
            if sizes.get(label, 1) != n and 1 not in (n, sizes.get(label, 1)):
                raise RuntimeError(
                    f"einsum: subscript {label} has size {n} for operand {number} which does not broadcast with "
                    f"previously seen size {sizes[label]}"
                )
            sizes[label] = n if sizes.get(label, 1) == 1 else sizes[label]
    return sizes


def _output(output: Any, labelled: list[list[Label]], sizes: dict[Label, int]) -> list[Label]:
    dots = sorted(label for label in sizes if isinstance(label, int))
    if output is None:
        every = [label for labels in labelled for label in labels]
        return [*dots, *sorted(label for label in sizes if isinstance(label, str) and every.count(label) == 1)]
    out: list[Label] = []
    for label in output:
        out += dots if label == "..." else [label]
    for label in out:
        if label not in sizes:
            raise RuntimeError(
                f"einsum: output subscript {label} does not appear in the equation for any input operand"
            )
        if out.count(label) > 1:
            raise RuntimeError(f"einsum: output subscript {label} appears more than once in the output")
    return out


def _without_repeats(x: Any, labels: list[Label]) -> tuple[Any, list[Label]]:
    """Diagonals for labels that an operand has twice."""
    labels = list(labels)
    for label in [label for label in dict.fromkeys(labels) if labels.count(label) > 1]:
        while labels.count(label) > 1:
            i = labels.index(label)
            j = labels.index(label, i + 1)
            if x.array.shape[i] != x.array.shape[j]:
                raise RuntimeError(
                    f"einsum: subscript {label} is repeated for an operand but the sizes don't match, "
                    f"{x.array.shape[j]} != {x.array.shape[i]}"
                )
            x = diagonal(x, 0, i, j)
            del labels[j], labels[i]
            labels.append(label)
    return x, labels


def _cheapest(pairs: list[tuple[Any, list[Label]]], out: list[Label], sizes: dict[Label, int]) -> tuple[int, int]:
    """The two operands whose product is smallest."""
    if len(pairs) == 2:
        return 0, 1
    best, chosen = math.inf, (0, 1)
    for i in range(len(pairs)):
        for j in range(i + 1, len(pairs)):
            kept = {label for k, (_, labels) in enumerate(pairs) if k not in (i, j) for label in labels} | set(out)
            size = math.prod(sizes[label] for label in {*pairs[i][1], *pairs[j][1]} & kept)
            if size < best:
                best, chosen = size, (i, j)
    return chosen


def _summed(x: Any, labels: list[Label], kept: set[Label]) -> tuple[Any, list[Label]]:
    """Summed over the labels that nothing needs any more."""
    gone = [i for i, label in enumerate(labels) if label not in kept]
    if not gone:
        return x, labels
    return reduction.sum(x, gone), [label for label in labels if label in kept]


def _product(a: Any, la: list[Label], b: Any, lb: list[Label], kept: set[Label]) -> tuple[Any, list[Label]]:
    """The product of two operands, summed over what is not kept."""
    a, la = _summed(*_narrowed(a, la, b, lb), kept | set(lb))
    b, lb = _summed(*_narrowed(b, lb, a, la), kept | set(la))
    shared = [label for label in la if label in lb]
    stack, summed = [label for label in shared if label in kept], [label for label in shared if label not in kept]
    left, right = [label for label in la if label not in lb], [label for label in lb if label not in la]
    size = dict(zip(la + lb, a.array.shape + b.array.shape, strict=True))
    shape = {name: [size[label] for label in labels] for name, labels in (("s", stack), ("l", left), ("r", right))}
    result = (*shape["s"], *shape["l"], *shape["r"])
    if not summed:
        x = to_shape(_ordered(a, la, stack + left), (*shape["s"], *shape["l"], *[1] * len(right)))
        y = to_shape(_ordered(b, lb, stack + right), (*shape["s"], *[1] * len(left), *shape["r"]))
        return arithmetic.mul(x, y), stack + left + right
    k = math.prod([size[label] for label in summed])
    batch = [math.prod(shape["s"])] if stack else []
    x = to_shape(_ordered(a, la, stack + left + summed), (*batch, math.prod(shape["l"]), k))
    y = to_shape(_ordered(b, lb, stack + summed + right), (*batch, k, math.prod(shape["r"])))
    return to_shape(matmul(x, y), result), stack + left + right


def _ordered(x: Any, labels: list[Label], wanted: list[Label]) -> Any:
    return x if labels == wanted else permute(x, tuple([labels.index(label) for label in wanted]))


def _narrowed(a: Any, la: list[Label], b: Any, lb: list[Label]) -> tuple[Any, list[Label]]:
    """Without the dims of size one that broadcast against larger ones of the other operand."""
    gone = [
        i for i, label in enumerate(la) if a.array.shape[i] == 1 and label in lb and b.array.shape[lb.index(label)] != 1
    ]
    if not gone:
        return a, la
    shape = tuple([n for i, n in enumerate(a.array.shape) if i not in gone])
    return to_shape(a, shape), [label for i, label in enumerate(la) if i not in gone]
