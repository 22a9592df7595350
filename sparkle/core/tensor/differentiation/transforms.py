"""Functions made from functions: gradients, Jacobians and products with them, as `torch.func` has them.

Arguments and results may be nestings of tensors in tuples, lists and dicts.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ...autograd.op import Op
from ...mode import mode
from ..base import TensorBase, wrap
from ..functions.shaping.joining import stack
from ..switches import enable_grad
from . import gradients
from .trees import leaves, mapped, rebuilt

Argnums = int | tuple[int, ...]


def grad(func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that gives the gradient of func, which has one number as its result, by the arguments at argnums.

    It has the nesting of that argument, or is a tuple where argnums is one. has_aux: func returns (result, more), and
    the gradient function (gradient, more). `grad(grad(func))` works.

    >>> import sparkle
    >>> grad(lambda x: x**3)(sparkle.tensor(2.0)), grad(grad(lambda x: x**3))(sparkle.tensor(2.0))
    (tensor(12.), tensor(12.))
    """

    @functools.wraps(func)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        slope, value = grad_and_value(func, argnums, has_aux)(*args, **kwargs)
        return (slope, value[1]) if has_aux else slope

    return gradient


def grad_and_value(func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """As `grad`; the function gives (gradient, result), or with has_aux (gradient, (result, more)).

    >>> import sparkle
    >>> grad_and_value(lambda x: x**3)(sparkle.tensor(2.0))
    (tensor(12.), tensor(8.))
    """

    @functools.wraps(func)
    def both(*args: Any, **kwargs: Any) -> Any:
        with _Level("grad_and_value") as level:
            args = level.enter(args, argnums)
            y, aux = _split(func(*args, **kwargs), has_aux, "grad_and_value")
            if not isinstance(y, TensorBase):
                raise RuntimeError(f"grad: expected f(*args) to return a tensor, got {type(y).__name__}")
            if y.array.size != 1 or y.array.ndim:
                raise RuntimeError(
                    f"grad: expected f(*args) to return a scalar tensor, got one of shape {tuple(y.array.shape)}"
                )
            chosen = _chosen(args, argnums)
            slope = rebuilt(chosen, _pull([y], leaves(chosen), [None]))
            return level.leave((slope, (y, aux) if has_aux else y))

    return both


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """(func(*primals), pull), where pull(cotangents) multiplies the Jacobian from the left: a tuple over primals.

    With has_aux also what func returned beside its result, as the third.

    >>> import sparkle
    >>> y, pull = vjp(lambda x: x * x, sparkle.tensor([1.0, 3.0]))
    >>> y, pull(sparkle.ones(2))
    (tensor([1., 9.]), (tensor([2., 6.]),))
    """
    level = _Level("vjp")
    with level:
        args = level.enter(primals, tuple(range(len(primals))))
        y, aux = _split(func(*args), has_aux, "vjp")

    def pull(cotangents: Any) -> Any:
        with level:
            found = rebuilt(args, _pull(leaves(y), leaves(args), leaves(cotangents)))
            return level.leave(found)

    shown, more = level.leave(y), level.leave(aux)
    return (shown, pull, more) if has_aux else (shown, pull)


def jvp(
    func: Callable[..., Any], primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False
) -> tuple[Any, ...]:
    """(func(*primals), the Jacobian times the tangents), by two reverse walks; with has_aux also what func adds.

    >>> import sparkle
    >>> jvp(lambda x: x * x, (sparkle.tensor([1.0, 3.0]),), (sparkle.ones(2),))
    (tensor([1., 9.]), tensor([2., 6.]))
    """
    if not isinstance(primals, tuple) or not isinstance(tangents, tuple) or len(primals) != len(tangents):
        raise RuntimeError("jvp: expected primals and tangents to be tuples of the same length")
    with _Level("jvp") as level:
        args = level.enter(primals, tuple(range(len(primals))))
        y, aux = _split(func(*args), has_aux, "jvp")
        outputs = leaves(y)
        us = [_zeros(o).requires_grad_() for o in outputs]
        gs = _pull(outputs, leaves(args), us, strict=strict)
        pairs = [(g, t) for g, t in zip(gs, leaves(tangents), strict=True) if g.requires_grad]
        found = _pull([g for g, _ in pairs], us, [t for _, t in pairs])
        result = level.leave((y, rebuilt(y, found), aux))
    return tuple(result) if has_aux else tuple(result[:2])


def jacrev(
    func: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False, chunk_size: int | None = None
) -> Callable[..., Any]:
    """The function that gives all derivatives of func by the arguments at argnums, row by row.

    For an output of shape A and an argument of shape B they have the shape A + B, in the nesting of the outputs and,
    in it, that of the argument. chunk_size, how many rows torch computes at once, changes nothing here.

    >>> import sparkle
    >>> jacrev(lambda x: x * x)(sparkle.tensor([1.0, 3.0]))
    tensor([[2., 0.],
            [0., 6.]])
    """

    @functools.wraps(func)
    def jacobian(*args: Any, **kwargs: Any) -> Any:
        with _Level("jacrev") as level:
            args = level.enter(args, argnums)
            y, aux = _split(func(*args, **kwargs), has_aux, "jacrev")
            chosen = _chosen(args, argnums)
            found = mapped(lambda o: rebuilt(chosen, _rows(o, leaves(chosen))), y)
            return level.leave((found, aux) if has_aux else found)

    return jacobian


def hessian(func: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The function that gives all second derivatives of func by the arguments at argnums.

    >>> import sparkle
    >>> hessian(lambda x: (x**3).sum())(sparkle.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    return jacrev(jacrev(func, argnums), argnums)


class _Level:
    """One transformation under way: recording is on, and what it marked as its own is known."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.own: set[Any] = set()

    def __enter__(self) -> _Level:
        self.outer = bool(mode.grad)
        self.recording = enable_grad()
        self.recording.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.recording.__exit__(*exc)

    def enter(self, args: tuple[Any, ...], argnums: Argnums) -> tuple[Any, ...]:
        """The arguments, with those at argnums as ends, or as continuations of an outer graph."""
        places = {i if i >= 0 else i + len(args) for i in ((argnums,) if isinstance(argnums, int) else argnums)}
        for i in places:
            if not 0 <= i < len(args):
                raise RuntimeError(f"{self.name}: got argnum={i}, but only {len(args)} positional inputs")
        return tuple(mapped(self._marked, a) if i in places else a for i, a in enumerate(args))

    def _marked(self, x: Any) -> Any:
        if not isinstance(x, TensorBase):
            raise ValueError(f"{self.name}: expected all inputs to be Tensors, but got {type(x).__name__}")
        if self.outer and x.requires_grad:  # type: ignore[attr-defined]
            return x.view_as(x)  # type: ignore[attr-defined]
        end = x.detach().requires_grad_()  # type: ignore[attr-defined]
        self.own.add(end)
        return end

    def leave(self, tree: Any) -> Any:
        """The results, without history unless they depend on something outside."""
        return mapped(self._released, tree)

    def _released(self, x: Any) -> Any:
        if not isinstance(x, TensorBase) or not x.requires_grad:  # type: ignore[attr-defined]
            return x
        return x if self.outer and self._reaches_out(x) else x.detach()  # type: ignore[attr-defined]

    def _reaches_out(self, x: Any) -> bool:
        seen: set[Any] = set()
        waiting = [x.node or x]
        while waiting:
            edge = waiting.pop()
            if edge is None or edge in seen:
                continue
            if not isinstance(edge, Op) and edge not in self.own:
                return True
            seen.add(edge)
            waiting += edge.edges if isinstance(edge, Op) else ()
        return False


def _chosen(args: tuple[Any, ...], argnums: Argnums) -> Any:
    return args[argnums] if isinstance(argnums, int) else tuple(args[i] for i in argnums)


def _split(result: Any, has_aux: bool, name: str) -> tuple[Any, Any]:
    if not has_aux:
        return result, None
    if not isinstance(result, tuple) or len(result) != 2:
        raise RuntimeError(f"{name}: with has_aux=True the function must return a tuple (result, aux)")
    return result


def _pull(ys: list[Any], xs: list[Any], weights: list[Any], strict: bool = False) -> list[Any]:
    """Gradients with a graph; zeros for whatever does not depend, or with strict an error."""
    pairs = [(y, w) for y, w in zip(ys, weights, strict=True) if y.requires_grad]
    gs: Any = (None,) * len(xs)
    if pairs:
        gs = gradients.grad([y for y, _ in pairs], xs, [w for _, w in pairs], create_graph=True, allow_unused=True)
    if strict and any(g is None for g in gs):
        raise RuntimeError("jvp: the outputs are independent of an input, which is not allowed with strict=True")
    return [_zeros(x) if g is None else g for g, x in zip(gs, xs, strict=True)]


def _rows(y: Any, xs: list[Any]) -> list[Any]:
    found: list[list[Any]] = [[] for _ in xs]
    for k in range(y.array.size):
        weight = _zeros(y)
        weight.array.reshape(-1)[k] = 1
        for rows, g in zip(found, _pull([y], xs, [weight]), strict=True):
            rows.append(g)
    shape = tuple(y.array.shape)
    return [stack(rows).reshape(shape + tuple(x.array.shape)) for rows, x in zip(found, xs, strict=True)]


def _zeros(x: Any) -> Any:
    zeros = x.array.copy(order="C")
    zeros[...] = 0
    return wrap(zeros)
