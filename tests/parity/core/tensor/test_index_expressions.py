"""Random index expressions, read and assigned, against torch: values, shapes, sharing of memory, gradients, errors."""

from __future__ import annotations

import math
import warnings

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import sparkle

# A part of an index is described by data, ("kind", ...), from which either library's object is made.


def made(part, L):
    """The described part of an index, for library L."""
    kind, *values = part
    if kind == "tensor":
        return L.tensor(np.asarray(values[0]).tolist(), dtype=getattr(L, values[1])).reshape(np.shape(values[0]))
    if kind == "array":
        return np.asarray(values[0], dtype=values[1])
    if kind == "bound":
        return slice(*[L.tensor(v) if v is not None else None for v in values])
    simple = {"int": int, "slice": slice, "bool": bool, "list": list, "range": range, "tuple": tuple, "numpy": np.int64}
    return None if kind == "none" else Ellipsis if kind == "dots" else simple[kind](*values)


def places(n, *, wrong=0):
    """Positions of a dim of size n, now and then one that is out of range."""
    return st.integers(-n - wrong, n - 1 + wrong) if n or wrong else st.just(0)


@st.composite
def parts(draw, shape):
    """An index for a tensor of this shape, mostly a sound one."""
    found, dim, broadcast = [], 0, draw(st.sampled_from([(), (1,), (2,), (2,), (3,), (2, 1), (2, 3), (0,)]))
    while True:
        kind = draw(st.sampled_from(KINDS))
        if kind == "end" or len(found) > 4:
            break
        if kind == "none":
            found.append(("none",))
        elif kind == "bool":
            found.append(("bool", draw(st.booleans())))
        elif kind == "dots":
            if ("dots",) not in found:
                found.append(("dots",))
                dim = max(dim, len(shape) - draw(st.integers(0, 2)))
        elif kind == "mask":
            covered = draw(st.integers(0, 2))
            sizes = tuple(shape[dim : dim + covered])
            if draw(st.integers(0, 30)) == 0:
                sizes = (*sizes, 2)
            values = draw(st.lists(st.booleans(), min_size=math.prod(sizes), max_size=math.prod(sizes)))
            values = np.array(values, dtype=bool).reshape(sizes)
            ways = ["tensor bool", "tensor uint8"] + ["array bool"] * (math.prod(sizes) > 0 and len(sizes) == 1)
            kind = draw(st.sampled_from(ways)).split()
            found.append((kind[0], values.astype(int) if kind[1] == "uint8" else values, kind[1]))
            dim += len(sizes)
        else:
            n = shape[dim] if dim < len(shape) else 1
            found.append(draw(along(kind, n, broadcast)))
            dim += 1
    return found[0] if len(found) == 1 and draw(st.booleans()) else tuple(found)


KINDS = ["end", "end", "int", "int", "slice", "slice", "slice", "none", "bool", "dots", "mask", "tensor", "tensor"]
KINDS += ["list", "flags", "nested", "bound", "range", "numpy", "0-d", "array", "tuple", "int32", "odd"]


@st.composite
def along(draw, kind, n, broadcast):
    """A part that names positions of one dim of size n."""
    wrong = int(draw(st.integers(0, 40)) == 0)
    if kind == "int":
        return ("int", draw(places(n, wrong=wrong)))
    if kind == "numpy":
        return ("numpy", draw(places(n)))
    if kind == "slice":
        edge = st.none() | st.integers(-n - 2, n + 2)
        return ("slice", draw(edge), draw(edge), draw(st.sampled_from([None, None, 1, 2, 3] + [-1, 0] * wrong)))
    if kind == "bound":
        return ("bound", draw(st.integers(0, n)), draw(st.none() | st.integers(0, n)))
    if kind == "range":
        return ("range", draw(st.integers(0, n)))
    if kind == "0-d":
        return ("tensor", draw(places(n)), draw(st.sampled_from(["int64", "int32"])))
    if kind == "odd":
        dtype = draw(st.sampled_from(["float32", "int8", "int16", "uint8"] if wrong else ["int64"]))
        return ("tensor", [draw(places(n)) for _ in range(2)] if n else [], dtype)
    if kind == "flags":
        return ("list", draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    if kind == "nested":
        return ("list", [draw(st.lists(places(n), min_size=2, max_size=2)) for _ in range(2)] if n else [[], []])
    if kind in ("list", "tuple"):
        return (kind, draw(st.lists(places(n, wrong=wrong), max_size=3)) if n else [])
    shape = broadcast if draw(st.booleans()) else (1,) * len(broadcast)
    size = math.prod(shape)
    values = np.array(draw(st.lists(places(n, wrong=wrong), min_size=size, max_size=size)) if n else [0] * size)
    values = values.reshape(shape).astype(int)
    return ("array", values, "int64") if kind == "array" else ("tensor", values, kind if kind == "int32" else "int64")


def index(description, L):
    if isinstance(description, tuple) and description and isinstance(description[0], str):
        return made(description, L)
    return tuple([made(part, L) for part in description])


def leaf(L, shape, dtype="float64", start=1):
    values = np.arange(start, start + math.prod(shape)).reshape(shape)
    x = L.from_numpy(values.astype(dtype))
    return x.requires_grad_() if dtype == "float64" else x


def read(L, shape, description):
    """Value, memory after a write to the part, gradient."""
    x = leaf(L, shape)
    y = x[index(description, L)]
    weights = L.arange(1.0, y.numel() + 1, dtype=L.float64).reshape(y.shape)
    (y * weights).sum().backward()
    memory = x.detach().clone()
    memory[index(description, L)].fill_(-1)
    return y.detach().numpy().copy(), memory.numpy(), x.grad.numpy()


def assigned(L, shape, description, value):
    """The tensor after the assignment, and the gradients of what was there and of the value."""
    x = leaf(L, shape)
    y = x * 1
    v = value if not isinstance(value, tuple) else leaf(L, *value, start=100)
    y[index(description, L)] = v
    weights = L.arange(1.0, y.numel() + 1, dtype=L.float64).reshape(y.shape)
    (y * weights).sum().backward()
    gradient = v.grad.numpy() if getattr(v, "grad", None) is not None else None
    return y.detach().numpy(), x.grad.numpy(), gradient


def outcome(function, *arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return function(*arguments)
        except (IndexError, TypeError, ValueError, RuntimeError) as error:
            return error


def compare(ours, theirs, what):
    """The same, apart from what torch lets pass: places out of range where nothing is read or written."""
    if isinstance(theirs, Exception):
        assert isinstance(ours, Exception) or "boolean masks" in str(theirs), f"{what}: {ours}, torch: {theirs!r}"
        return
    if isinstance(ours, IndexError) and "out of bounds" in str(ours):
        assert theirs[0].size == 0 or np.array_equal(theirs[0], leaf(torch, what[0]).detach()), what
        return
    assert not isinstance(ours, Exception), f"{what}: {ours!r}, torch gives {theirs[0]}"
    for a, b in zip(ours, theirs, strict=True):
        assert (a is None) == (b is None), what
        if b is not None:
            assert a.dtype == b.dtype, what
            np.testing.assert_array_equal(a, b, err_msg=str(what))


SHAPES = st.sampled_from([(3,), (2, 3), (3, 1, 2), (2, 3, 4), (0, 3), (2, 0), (), (2, 1, 3, 2)])


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_read(data):
    shape = data.draw(SHAPES)
    description = data.draw(parts(shape))
    compare(*(outcome(read, L, shape, description) for L in (sparkle, torch)), (shape, description))


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_assign(data):
    shape = data.draw(SHAPES)
    description = data.draw(parts(shape))
    part = outcome(lambda: tuple(torch.zeros(shape)[index(description, torch)].shape))
    value = data.draw(st.sampled_from(["number", "same", "0-d", "ones", "lead", "type", "wrong"]))
    sizes = (2,) if isinstance(part, Exception) else part
    values = {
        "number": 7.5,
        "same": (sizes,),
        "0-d": ((),),
        "ones": (tuple(1 if data.draw(st.booleans()) else n for n in sizes[data.draw(st.integers(0, 2)) :]),),
        "lead": ((1, *sizes),),
        "type": (sizes, data.draw(st.sampled_from(["int64", "float32", "bool"]))),
        "wrong": ((*sizes, 5),),
    }
    what = (shape, description, values[value])
    compare(*(outcome(assigned, L, shape, description, values[value]) for L in (sparkle, torch)), what)
