"""Whole derivatives of functions of tensors: Jacobians, Hessians, and their products with vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...backend import library
from ..base import TensorBase, wrap
from ..functions.shaping.joining import stack
from ..switches import enable_grad
from .gradients import grad

Tensors = tuple[Any, ...]


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """All first derivatives of func at the inputs: for an output of shape A and an input of shape B, a tensor A + B.

    inputs: a tensor or a tuple. Returns one tensor, a tuple over several inputs (or several outputs), or a tuple over
    outputs of tuples over inputs. strict: RuntimeError where an output does not depend on an input, instead of zeros.
    vectorize and strategy change how torch computes, not what; rows are computed one after another here.

    >>> import sparkle
    >>> jacobian(lambda x: x * x, sparkle.tensor([1.0, 3.0]))
    tensor([[2., 0.],
            [0., 6.]])
    """
    _check_strategy("jacobian", strategy, vectorize, strict)
    with enable_grad():
        several_in, xs = _as_tuple(inputs, "inputs", "jacobian")
        xs = _fresh(xs, create_graph)
        several_out, ys = _as_tuple(func(*xs), "outputs of the user-provided function", "jacobian")
        _check_tracked(ys, "outputs", strict, "jacobian")
        result = tuple(_rows(y, i, xs, create_graph, strict) for i, y in enumerate(ys))
    plain = result if create_graph else tuple(tuple(j.detach() for j in row) for row in result)
    rows = plain if several_in else tuple(row[0] for row in plain)
    return rows if several_out else rows[0]


def _rows(y: Any, place: int, xs: Tensors, create_graph: bool, strict: bool) -> Tensors:
    """The derivatives of one output with respect to each input."""
    found: list[list[Any]] = [[] for _ in xs]
    for k in range(y.array.size):
        weight = wrap(y.array * 0)
        weight.array.reshape(-1)[k] = 1
        gs = _grad((y,), xs, (weight,), create_graph=create_graph)
        for i, (g, x) in enumerate(zip(gs, xs, strict=True)):
            if strict and g is None:
                raise RuntimeError(
                    f"jacobian: Output {place} of the user-provided function is independent of input {i}. This is not "
                    "allowed in strict mode."
                )
            if strict and create_graph and not g.requires_grad:
                raise RuntimeError(
                    f"jacobian: the jacobian of output {place} with respect to input {i} is independent of the inputs. "
                    "This is not allowed in strict mode when create_graph=True."
                )
            found[i].append(_zeros(x) if g is None else g)
    shape = tuple(y.array.shape)
    return tuple(
        stack(gs).reshape(shape + tuple(x.array.shape)) if gs else _nothing(x, shape)
        for gs, x in zip(found, xs, strict=True)
    )


def _nothing(x: Any, shape: tuple[int, ...]) -> Any:
    """The derivatives of an output without elements."""
    return wrap(library(x.array).empty(shape + tuple(x.array.shape), dtype=x.array.dtype))


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """All second derivatives of a function with one number as its result.

    Returns a tensor of shape B + B for an input of shape B, a tuple of tuples for a tuple of inputs.

    >>> import sparkle
    >>> hessian(lambda x: (x**3).sum(), sparkle.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    several, _ = _as_tuple(inputs, "inputs", "hessian")
    _check_strategy("hessian", outer_jacobian_strategy, vectorize, strict)

    def first(*xs: Any) -> Any:
        rows = jacobian(lambda *inner: _single(func(*inner), "hessian"), xs, create_graph=True, strict=strict)
        return rows if several else rows[0]

    return jacobian(first, inputs, create_graph=create_graph, strict=strict)


def vjp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(inputs), v times the Jacobian); v has the shapes of the outputs, and may be left out for one number.

    >>> import sparkle
    >>> vjp(lambda x: x * x, sparkle.tensor([1.0, 3.0]), sparkle.ones(2))
    (tensor([1., 9.]), tensor([2., 6.]))
    """
    with enable_grad():
        several_in, xs = _as_tuple(inputs, "inputs", "vjp")
        xs = _fresh(xs, create_graph)
        several_out, ys = _as_tuple(func(*xs), "outputs of the user-provided function", "vjp")
        _check_tracked(ys, "outputs", strict, "vjp")
        vs = _vector(v, ys, "the user-provided function returns")
        gs = _grad(ys, xs, vs, create_graph=create_graph)
        found = _filled(gs, xs, strict, create_graph, "vjp")
    return _given(ys, several_out, create_graph), _given(found, several_in, create_graph)


def jvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(inputs), the Jacobian times v); v has the shapes of the inputs, and may be left out for one number.

    The product with v is linear in the weights u of a product u times Jacobian, and so it is the derivative of that by
    u: two reverse walks.

    >>> import sparkle
    >>> jvp(lambda x: x * x, sparkle.tensor([1.0, 3.0]), sparkle.ones(2))
    (tensor([1., 9.]), tensor([2., 6.]))
    """
    with enable_grad():
        _, xs = _as_tuple(inputs, "inputs", "jvp")
        xs = _fresh(xs, create_graph)
        vs = _vector(v, xs, "the input to the user-provided function is")
        several, ys = _as_tuple(func(*xs), "outputs of the user-provided function", "jvp")
        _check_tracked(ys, "outputs", strict, "jvp")
        us = tuple(_zeros(y).requires_grad_() for y in ys)
        gs = _grad(ys, xs, us, create_graph=True)
        _check_tracked(gs, "grad_input", strict, "jvp")
        found = _filled(_grad(gs, us, vs, create_graph=create_graph), ys, strict, create_graph, "jvp")
    return _given(ys, several, create_graph), _given(found, several, create_graph)


def vhp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(inputs), v times the Hessian) of a function with one number as its result.

    >>> import sparkle
    >>> vhp(lambda x: (x**3).sum(), sparkle.tensor([1.0, 2.0]), sparkle.ones(2))
    (tensor(9.), tensor([ 6., 12.]))
    """
    return _second(func, inputs, v, create_graph, strict, "vhp")


def hvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(inputs), the Hessian times v); the Hessian is symmetric, so that this is `vhp`."""
    return _second(func, inputs, v, create_graph, strict, "hvp")


def _second(
    func: Callable[..., Any], inputs: Any, v: Any, create_graph: bool, strict: bool, name: str
) -> tuple[Any, Any]:
    with enable_grad():
        several, xs = _as_tuple(inputs, "inputs", name)
        xs = _fresh(xs, create_graph)
        vs = _vector(v, xs, "the input to the user-provided function is")
        y = _single(func(*xs), name)
        _check_tracked((y,), "outputs", strict, name)
        gs = _grad((y,), xs, (None,), create_graph=True)
        _check_tracked(gs, "jacobian", strict, name)
        found = _filled(_grad(gs, xs, vs, create_graph=create_graph), xs, strict, create_graph, name)
    return _given((y,), False, create_graph), _given(found, several, create_graph)


def _check_strategy(name: str, strategy: str, vectorize: bool, strict: bool) -> None:
    if strategy not in ("reverse-mode", "forward-mode"):
        raise ValueError(f'{name}: expected strategy to be either "reverse-mode" or "forward-mode", got "{strategy}"')
    if strategy == "forward-mode" and not vectorize:
        raise NotImplementedError(f'{name}: strategy="forward-mode" needs vectorize=True')
    if strict and vectorize:
        raise RuntimeError(f"{name}: `strict=True` and `vectorize=True` are not supported together")


def _as_tuple(values: Any, what: str, name: str) -> tuple[bool, Tensors]:
    """Is it several tensors? And the tensors."""
    several = isinstance(values, tuple)
    found = values if several else (values,)
    for x in found:
        if not isinstance(x, TensorBase):
            raise TypeError(f"{name}: the {what} must be either a Tensor or a tuple of Tensors, met {type(x).__name__}")
    return several, found


def _fresh(xs: Tensors, create_graph: bool) -> Tensors:
    """The inputs as new ends of the graph, or with create_graph as continuations of the old one."""
    return tuple(x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_() for x in xs)


def _grad(ys: Sequence[Any], xs: Tensors, weights: Sequence[Any], create_graph: bool) -> Tensors:
    """Gradients, with None for whatever does not depend."""
    pairs = [(y, w) for y, w in zip(ys, weights, strict=True) if y is not None and y.requires_grad]
    if not pairs:
        return (None,) * len(xs)
    outputs, seeds = zip(*pairs, strict=True)
    return grad(outputs, xs, seeds, retain_graph=True, create_graph=create_graph, allow_unused=True)


def _single(y: Any, name: str) -> Any:
    if not isinstance(y, TensorBase):
        if isinstance(y, tuple):
            raise RuntimeError(f"The function given to {name} should return a single Tensor")
        _as_tuple(y, "outputs of the user-provided function", name)
    if y.array.size != 1:
        raise RuntimeError(f"The Tensor returned by the function given to {name} should contain a single element")
    return y.reshape(())


def _vector(v: Any, like: Tensors, what: str) -> Tensors:
    """The tensors of v, of the shapes of those they are multiplied with."""
    if v is None:
        if len(like) != 1 or like[0].array.size != 1:
            raise RuntimeError(f"The vector v can only be None if {what} a single Tensor with a single element.")
        return (wrap(like[0].array * 0 + 1).reshape(tuple(like[0].array.shape)),)
    _, vs = _as_tuple(v, "vector v", "v")
    if len(vs) != len(like):
        raise RuntimeError(f"v is a tuple of invalid length: should be {len(like)} but got {len(vs)}.")
    for i, (one, x) in enumerate(zip(vs, like, strict=True)):
        if one.array.shape != x.array.shape:
            raise RuntimeError(f"Entry {i} in v has invalid size: should be {x.shape} but got {one.shape}.")
    return vs


def _check_tracked(xs: Tensors, what: str, strict: bool, name: str) -> None:
    for i, x in enumerate(xs if strict else ()):
        if x is None or not x.requires_grad:
            raise RuntimeError(
                f"{name}: {what} {i} of the user-provided function is independent of the input. This is not allowed in "
                "strict mode."
            )


def _filled(gs: Tensors, like: Tensors, strict: bool, create_graph: bool, name: str) -> Tensors:
    """Zeros where there is no gradient; RuntimeError for these in strict mode."""
    for i, g in enumerate(gs if strict else ()):
        if g is None or (create_graph and not g.requires_grad):
            raise RuntimeError(
                f"{name}: the result with respect to input {i} is independent of it, which strict mode does not allow"
            )
    return tuple(_zeros(x) if g is None else g for g, x in zip(gs, like, strict=True))


def _zeros(x: Any) -> Any:
    zeros = x.array.copy()
    zeros[...] = 0
    return wrap(zeros)


def _given(xs: Tensors, several: bool, create_graph: bool) -> Any:
    found = xs if create_graph else tuple(x.detach() for x in xs)
    return found if several else found[0]
