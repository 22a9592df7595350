"""What ops on matrices share: the error, transposes and triangles on arrays and tensors, and what to do on failure."""

from __future__ import annotations

import itertools

from ...autograd.op import run
from ...backend import FACTORIZATION_FAILED, factorizing, library
from ..nn.rearrange import Tril, Triu


class LinAlgError(RuntimeError):
    """No result for this matrix: it is singular, not positive-definite, or the iteration did not converge."""


def transposed(xp, x):
    """Each matrix of a stack transposed."""
    return xp.swapaxes(x, -1, -2)


def lower(xp, x, k=0):
    """Zeros above a diagonal."""
    return run(xp, Tril(k), x)


def upper(xp, x, k=0):
    """Zeros below a diagonal."""
    return run(xp, Triu(k), x)


def array_of(x):
    """The array of a tensor; an array as it is."""
    return getattr(x, "array", x)


def identity(x):
    """The identity of x's last axis, as a plain array (on the right of an operator also for tensors)."""
    array = array_of(x)
    return library(array).eye(array.shape[-1], dtype=array.dtype)


def stacked_shape(a, b):
    """The leading axes of two stacks together; ValueError where they do not broadcast."""
    shape = []
    for m, n in itertools.zip_longest(a.shape[-3::-1], b.shape[-3::-1], fillvalue=1):
        if m != n and 1 not in (m, n):
            raise ValueError(f"stacks of {tuple(a.shape[:-2])} and {tuple(b.shape[:-2])} matrices do not broadcast")
        shape.insert(0, n if m == 1 else m)
    return tuple(shape)


def is_recorded(xp):
    """Does the rule run on Tensors, for a double backward?"""
    return "apply" in xp.__dict__


def factors(xp, op, *inputs):
    """The results of a decomposition: `compute` on arrays, on Tensors the op once more, so that they have a graph."""
    return run(xp, op.again(), *inputs) if is_recorded(xp) else op.compute(xp, *inputs)


def guarded(xp, function, otherwise, *arrays):
    """function(*arrays); otherwise(xp, *arrays) where it fails on one of the matrices."""
    try:
        with factorizing(xp):
            return function(*arrays)
    except FACTORIZATION_FAILED:
        return otherwise(xp, *arrays)


def fails(xp, function, *matrices):
    """Does the function fail on a matrix?"""
    return guarded(xp, lambda *m: function(*m) is None, lambda xp, *m: True, *matrices)


def places(a):
    """The index of each matrix of a stack."""
    return itertools.product(*map(range, a.shape[:-2]))


def first_failing(xp, function, a):
    """Position in the stack, and the matrix, where the function fails first."""
    for number, place in enumerate(places(a)):
        if fails(xp, function, a[place]):
            return number, a[place]
    return 0, a


def element(a, number):
    """The matrix of a stack in words, nothing where there is one."""
    return f"(Batch element {number}): " if a.ndim > 2 else ""


def each(xp, function, *stacks):
    """The function on one matrix of each stack at a time, in the last one's shape; nan where it fails."""
    results = xp.full(stacks[-1].shape, xp.nan, dtype=stacks[-1].dtype)
    for place in places(stacks[0]):
        part = guarded(xp, function, lambda xp, *matrices: None, *(x[place] for x in stacks))
        if part is not None:
            results[place] = part
    return results
