"""Random shapes, strides, broadcasts and arguments for whole families of names, against torch."""

from __future__ import annotations

import math
import warnings

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import sparkle

DTYPES = ("float64", "float64", "float32", "int64", "int32", "uint8", "bool")
UNARY = """abs ceil floor neg sign square trunc exp sin tanh sigmoid relu sqrt log1p reciprocal isnan isfinite
logical_not
signbit round positive frac expm1 atan cos sgn exp2 rsqrt nan_to_num bitwise_not clone contiguous erf""".split()
BINARY = """add sub mul div maximum minimum fmax fmin eq ne lt ge atan2 floor_divide remainder fmod pow
logical_and logical_or
bitwise_and copysign hypot xlogy where_ lerp_ isclose logaddexp""".split()
REDUCTIONS = """sum mean prod amax amin all any var std logsumexp nansum norm count_nonzero argmax argmin max min median
cumsum cumprod cummax cummin logcumsumexp softmax log_softmax sort argsort mode var_mean aminmax nanmean flip
unbind unique_consecutive std_mean nanmedian kthvalue topk diff unsqueeze squeeze""".split()
SHAPES = """reshape flatten permute transpose movedim expand repeat tile roll flip rot90 unfold squeeze unsqueeze narrow
select split chunk tensor_split stack cat diagonal tril triu diag_embed repeat_interleave unflatten swapaxes t_ ravel
view broadcast_to take_along_dim_ fliplr atleast hstack vstack dstack unbind diag""".split()


@st.composite
def layouts(draw, shape):
    """How a tensor of this shape is made from its leaf: the leaf's shape, and steps that see it as another."""
    steps, before = [], list(shape)
    for step in draw(st.lists(st.sampled_from(["transpose", "slice", "expand", "offset"]), max_size=3)):
        if not before:
            break
        axis = draw(st.integers(0, len(before) - 1))
        if step == "transpose":
            other = draw(st.integers(0, len(before) - 1))
            before[axis], before[other] = before[other], before[axis]
            steps.append((step, axis, other))
        elif step == "slice":
            every = draw(st.integers(2, 3))
            steps.append((step, axis, every))
            before[axis] *= every
        elif step == "offset":
            steps.append((step, axis, before[axis]))
            before[axis] += 1
        elif before[axis] > 0:
            steps.append((step, axis, before[axis]))
            before[axis] = 1
    return tuple(before), tuple(reversed(steps))


def laid_out(L, leaf, steps):
    for step, axis, n in steps:
        if step == "transpose":
            leaf = leaf.transpose(axis, n)
        elif step == "slice":
            leaf = leaf[(slice(None),) * axis + (slice(None, None, n),)]
        elif step == "offset":
            leaf = leaf.narrow(axis, 1, n)
        else:
            leaf = leaf.expand([n if i == axis else -1 for i in range(leaf.ndim)])
    return leaf


SIZES = st.lists(st.sampled_from([0, 1, 1, 2, 3]), max_size=3).map(tuple)


@st.composite
def tensors(draw, shape=None, dtype=None):
    """(dtype, the leaf's values, the steps of its layout)"""
    shape = draw(SIZES) if shape is None else shape
    dtype = dtype or draw(st.sampled_from(DTYPES))
    before, steps = draw(layouts(shape))
    random = np.random.default_rng(draw(st.integers(0, 50)))
    values = np.asarray(random.integers(0 if dtype == "uint8" else -3, 4, before))
    if dtype.startswith("float") and draw(st.booleans()):
        values = np.asarray(values + random.random(before))
    return dtype, values.astype(dtype), steps


def made(L, tensor):
    dtype, values, steps = tensor
    leaf = L.from_numpy(values.copy())
    if dtype.startswith("float"):
        leaf.requires_grad_()
    return leaf, laid_out(L, leaf, steps)


def outcome(L, call, given):
    """Results and gradients, or the error."""
    pairs = [made(L, tensor) for tensor in given]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            result = call(L, *[x for _, x in pairs])
            results = list(result) if isinstance(result, (tuple, list)) else [result]
            tracked = [r for r in results if r.requires_grad]
            if tracked:
                total = sum((r * (L.arange(r.numel(), dtype=r.dtype).reshape(r.shape) + 1)).sum() for r in tracked)
                total.backward()
        except Exception as error:
            return error
    return results, [leaf.grad for leaf, _ in pairs]


def check(call, given, what):
    ours, theirs = (outcome(L, call, given) for L in (sparkle, torch))
    if isinstance(theirs, Exception):
        lacking = "not implemented for" in str(theirs) or "not supported" in str(theirs) or "derivative" in str(theirs)
        assert isinstance(ours, Exception) or lacking, f"{what}: {ours}, torch: {theirs!r}"
        return
    if isinstance(ours, NotImplementedError) and all(x.numel() == 0 for x in theirs[0]):
        return  # torch looks for a kernel only where there are elements
    assert not isinstance(ours, Exception), f"{what}: {ours!r}, torch gives {theirs}"
    assert len(ours[0]) == len(theirs[0]), f"{what}: {ours}, torch: {theirs}"
    for mine, other in zip([*ours[0], *ours[1]], [*theirs[0], *theirs[1]], strict=True):
        text = f"{what}: {mine}, torch: {other}"
        assert (mine is None) == (other is None), text
        if other is None:
            continue
        assert str(mine.dtype)[8:] == str(other.dtype)[6:], text
        assert tuple(mine.shape) == tuple(other.shape), text
        assert mine.requires_grad == other.requires_grad, text
        rtol = 1e-9 if mine.dtype == sparkle.float64 else 2e-4
        np.testing.assert_allclose(
            mine.detach().numpy(), other.numpy(force=True), rtol=rtol, atol=rtol * 1e-1, err_msg=text
        )


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_unary(data):
    name = data.draw(st.sampled_from(UNARY))
    given = [data.draw(tensors())]
    check(lambda L, x: getattr(x, name)(), given, (name, given))


def binary(name, L, a, b):
    if name == "where_":
        return L.where(a > b, a, b)
    if name == "lerp_":
        return L.lerp(a, b, 0.3)
    if name == "atan2":  # torch's rule negates a uint8
        a, b = a * 1.0, b * 1.0
    return getattr(L, name)(a, b)


@settings(max_examples=800, deadline=None)
@given(st.data())
def test_binary(data):
    name = data.draw(st.sampled_from(BINARY))
    shape = data.draw(SIZES)
    other = list(shape[data.draw(st.integers(0, 2)) :])
    other = tuple(1 if data.draw(st.integers(0, 3)) == 0 else n for n in other)
    given = [data.draw(tensors(shape)), data.draw(tensors(other))]
    if data.draw(st.booleans()):
        given.reverse()
    check(lambda L, a, b: binary(name, L, a, b), given, (name, given))


def reduced(name, L, x, dim, keepdim):
    if name in ("all", "any", "sum", "mean", "amax", "amin", "var", "std", "logsumexp", "nansum", "norm", "std_mean"):
        return getattr(L, name)(x, dim=dim, keepdim=keepdim)
    if name in ("var_mean", "nanmean"):
        return getattr(L, name)(x, dim=dim, keepdim=keepdim)
    if name == "count_nonzero":
        return L.count_nonzero(x, dim)
    if name == "flip":
        return L.flip(x, dim if isinstance(dim, tuple) else (dim,))
    if name == "aminmax":
        return L.aminmax(x, dim=dim, keepdim=keepdim)
    if name in ("prod", "argmax", "argmin", "mode"):
        return getattr(L, name)(x, dim, keepdim)
    if name in ("max", "min", "median", "nanmedian"):  # of several equal ones the index is one or the other
        return getattr(L, name)(x.clone(), dim, keepdim).values.detach()
    if name in ("kthvalue", "topk"):
        return getattr(L, name)(x, 1, dim).values.detach()
    if name == "sort":
        return L.sort(x, dim=dim, stable=True, descending=keepdim)
    if name == "argsort":
        return L.argsort(x, dim=dim, stable=True, descending=keepdim)
    if name == "diff":
        return L.diff(x, 1 + keepdim, dim)
    return getattr(L, name)(x, dim=dim)


SEVERAL = (
    "sum mean amax amin all any var std logsumexp nansum norm count_nonzero var_mean std_mean nanmean flip"
).split()


@settings(max_examples=900, deadline=None)
@given(st.data())
def test_reduction(data):
    name = data.draw(st.sampled_from(REDUCTIONS))
    x = data.draw(tensors())
    n = max(1, _ndim(x))
    dim = st.integers(-n, n - 1)
    if name in SEVERAL and data.draw(st.booleans()):
        dim = st.lists(dim, min_size=1, max_size=2, unique_by=lambda d: d % n).map(tuple)
    dim, keepdim = data.draw(dim), data.draw(st.booleans())
    check(lambda L, x: reduced(name, L, x, dim, keepdim), [x], (name, dim, keepdim, x))


def _ndim(tensor):
    return tensor[1].ndim


def factor(data, shape):
    """Another shape with as many elements."""
    total = math.prod(shape)
    if total == 0:
        return data.draw(st.permutations(shape))
    found = []
    for p in (2, 3):
        while total % p == 0:
            total //= p
            found.insert(data.draw(st.integers(0, len(found))), p)
    if len(found) > 1 and data.draw(st.booleans()):
        found[:2] = [found[0] * found[1]]
    if found and data.draw(st.booleans()):
        found[data.draw(st.integers(0, len(found) - 1))] = -1
    return [*found, 1] if data.draw(st.booleans()) else found


def reshaped(name, data, shape):
    """The call of a shape function with drawn arguments."""
    n = len(shape)
    dim = st.integers(-n, n - 1) if n else st.sampled_from([-1, 0])
    a, b, k = data.draw(dim), data.draw(dim), data.draw(st.integers(-2, 3))
    size = shape[a] if n else 1
    if name in ("reshape", "view"):
        sizes = factor(data, shape)
        return lambda L, x: getattr(x, name)(tuple(sizes))
    if name == "permute":
        order = data.draw(st.permutations(range(n)))
        return lambda L, x: x.permute(tuple(order))
    if name in ("expand", "broadcast_to"):
        sizes = [3 if m == 1 else m for m in shape]
        sizes = [2, *sizes] if k > 0 else sizes
        return lambda L, x: getattr(x, name)(sizes)
    if name in ("repeat", "tile"):
        counts = data.draw(st.lists(st.integers(0, 2), min_size=n if name == "repeat" else 0, max_size=n + 1))
        return lambda L, x: getattr(x, name)(tuple(counts))
    if name == "narrow":
        start = data.draw(st.integers(0, size))
        return lambda L, x: x.narrow(a, start, data_length(size, start, k))
    if name == "select":
        return lambda L, x: x.select(a, k)
    if name == "unflatten":
        sizes = [-1, size] if size else [0, 3]
        return lambda L, x: x.unflatten(a, sizes)
    calls = {
        "flatten": lambda L, x: x.flatten(min(a % max(n, 1), b % max(n, 1)), max(a % max(n, 1), b % max(n, 1))),
        "transpose": lambda L, x: x.transpose(a, b),
        "swapaxes": lambda L, x: L.swapaxes(x, a, b),
        "movedim": lambda L, x: x.movedim(a, b),
        "roll": lambda L, x: x.roll(k, a) if k else x.roll(2),
        "flip": lambda L, x: x.flip(a),
        "rot90": lambda L, x: x.rot90(k, [a, b]),
        "unfold": lambda L, x: x.unfold(a, abs(k), 2),
        "squeeze": lambda L, x: x.squeeze(a) if k else x.squeeze(),
        "unsqueeze": lambda L, x: x.unsqueeze(a),
        "split": lambda L, x: x.split(k, a),
        "chunk": lambda L, x: x.chunk(k, a),
        "tensor_split": lambda L, x: x.tensor_split(k, a) if k > 0 else x.tensor_split([1, 2], a),
        "stack": lambda L, x: L.stack([x, x * 2], a),
        "cat": lambda L, x: L.cat([x, x * 2, x], a),
        "diagonal": lambda L, x: x.diagonal(k, a, b),
        "tril": lambda L, x: x.tril(k),
        "triu": lambda L, x: x.triu(k),
        "diag_embed": lambda L, x: x.diag_embed(k),
        "diag": lambda L, x: x.diag(k),
        "repeat_interleave": lambda L, x: x.repeat_interleave(abs(k), a),
        "t_": lambda L, x: x.t(),
        "ravel": lambda L, x: x.ravel(),
        "take_along_dim_": lambda L, x: x.take_along_dim(x.detach().argsort(dim=a, stable=True), a),
        "fliplr": lambda L, x: x.fliplr(),
        "atleast": lambda L, x: [L.atleast_1d(x), L.atleast_2d(x), L.atleast_3d(x)],
        "hstack": lambda L, x: L.hstack([x, x]),
        "vstack": lambda L, x: L.vstack([x, x]),
        "dstack": lambda L, x: L.dstack([x, x]),
        "unbind": lambda L, x: x.unbind(a),
    }
    return calls[name]


def data_length(size, start, k):
    return max(0, min(size - start, abs(k)))


@settings(max_examples=900, deadline=None)
@given(st.data())
def test_shape(data):
    name = data.draw(st.sampled_from(SHAPES))
    shape = data.draw(SIZES)
    x = data.draw(tensors(shape))
    check(reshaped(name, data, shape), [x], (name, shape, x))
