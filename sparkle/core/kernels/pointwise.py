"""Large pointwise ops on the CPU as one compiled pass in threads: the loops read and write each element once."""

from __future__ import annotations

import functools
from typing import Any

import numpy
from numpy import ndarray

from .compiling import loops
from .crew import shared
from .formulas import TABLE, Formulas
from .registry import register

SINGLE, DOUBLE = numpy.dtype("float32"), numpy.dtype("float64")


@functools.cache
def loop(formula: Any, pattern: str, dtype: Any) -> Any:
    """The compiled loop; None where the pattern has none."""
    compiled = loops("pointwise_loops")
    return compiled.compile_loop(formula, pattern, dtype) if pattern in compiled.ARRANGED else None


@functools.cache
def parameters(formula: Any) -> tuple[str, ...]:
    """The names of the formula's parameters, which say what they are."""
    code = formula.__code__
    return code.co_varnames[: code.co_argcount]


class PointwiseKernel:
    """Forward and backward of one class of ops, by its formulas."""

    def __init__(self, op: type) -> None:
        self.op = op

    def formulas(self, op: Any) -> Formulas | None:
        """Those for this op's attributes."""
        found = TABLE[self.op]
        return found if isinstance(found, Formulas) else found(op)

    def forward(self, op: Any, xp: Any, *inputs: Any) -> Any:
        """The result; NotImplemented for small inputs, unlike shapes and types, and without numba."""
        found = self.formulas(op)
        size = max((x.size for x in inputs if type(x) is ndarray), default=0)
        if found is None or size < min(found.least, found.backward) or loops("pointwise_loops") is None:
            return NotImplemented
        if size < found.least:
            return op.forward(xp, *inputs) if inputs[0].dtype in (SINGLE, DOUBLE) else NotImplemented
        names = parameters(found.forward)[len(inputs) :]
        to = inputs[0] if getattr(op, "here", False) else None
        y = evaluated(found.forward, [*inputs, *(getattr(op, name) for name in names)], found.single, to)
        if y is not NotImplemented:
            save(op, found, inputs, y)
        return y

    def backward(self, op: Any, xp: Any, g: Any) -> Any:
        """The gradients by formula where there are any; else by the op."""
        found = self.formulas(op)
        if found is None or found.gradients is None:
            return op.backward(xp, g)
        results = []
        for need, gradient in zip(op.needs, found.gradients, strict=False):
            result = None
            if need and gradient is not None:
                saved = [getattr(op, name) for name in parameters(gradient)[1:]]
                result = evaluated(gradient, [g, *saved], found.single)
                if result is NotImplemented:
                    like = next((x for x in saved if type(x) is ndarray and x.ndim), None)
                    result = evaluated(gradient, [laid_out(g, like), *saved], found.single)
            results.append(result)
        return tuple(results)


def laid_out(g: Any, like: Any) -> Any:
    """A copy of g in the memory order of another array, row-major for None: a sum's gradient is spread, not dense."""
    dense = numpy.empty(g.shape, g.dtype) if like is None else numpy.empty_like(like, dtype=g.dtype)
    dense[...] = g
    return dense


def save(op: Any, found: Formulas, inputs: Any, y: Any) -> None:
    """Keep what the needed gradients read."""
    for need, gradient in zip(op.needs, found.gradients or (), strict=False):
        if need and gradient is not None:
            for name in parameters(gradient)[1:]:
                source = op.saves.get(name)
                if source is not None:
                    setattr(op, name, y if source < 0 else inputs[source])


def evaluated(formula: Any, values: list[Any], single: bool, y: Any = None) -> Any:
    """The formula over arrays of one shape and memory order, and numbers; NotImplemented for others.

    y: one of the arrays, where the result takes its place.
    """
    arrays, numbers, pattern = [], [], ""
    dtype = None
    for x in values:
        if type(x) is ndarray and x.ndim:
            pattern += "A"
            arrays.append(x)
            if x.dtype.kind == "f":
                dtype = x.dtype
        else:
            pattern += "N"
            numbers.append(x)
    flat = in_line(arrays) if arrays else None
    if flat is None or dtype is None or not (dtype is SINGLE or (dtype is DOUBLE and not single)):
        return NotImplemented
    if any(x.dtype is not dtype and x.dtype.kind != "b" for x in arrays):
        return NotImplemented
    if not all(isinstance(n, (int, float)) or (n is not None and n.dtype is dtype) for n in numbers):
        return NotImplemented
    body = loop(formula, pattern.rstrip("N"), dtype)
    if body is None:
        return NotImplemented
    t = tuple([dtype.type(n) for n in numbers])
    y = numpy.empty_like(arrays[0], dtype=dtype) if y is None else y
    (out,) = in_line([y])  # type: ignore[misc]
    shared(body, (out, t, *flat), out.size)
    return y


def in_line(arrays: list[Any]) -> list[Any] | None:
    """The arrays' memory as vectors, where all have one shape and one order of axes and leave nothing out."""
    first = arrays[0]
    if all(x.flags.c_contiguous and x.shape == first.shape for x in arrays):
        return [x.reshape(-1) for x in arrays]
    if any(x.shape != first.shape for x in arrays):
        return None
    order = sorted(range(first.ndim), key=lambda axis: -first.strides[axis])
    turned = [x.transpose(order) for x in arrays]
    return [x.reshape(-1) for x in turned] if all(x.flags.c_contiguous for x in turned) else None


for kind in TABLE:
    register(kind)(PointwiseKernel(kind))  # type: ignore[arg-type]
