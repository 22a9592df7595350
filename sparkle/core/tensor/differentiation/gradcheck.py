"""Gradients against finite differences."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy

from ...backend import device_of, move, to_numpy
from ...dtypes import FLOATS
from ..base import TensorBase, wrap
from .gradients import grad


class GradcheckError(RuntimeError):
    """A gradient does not agree with the finite difference."""


class _Options(NamedTuple):
    eps: float
    atol: float
    rtol: float
    nondet_tol: float
    undefined: bool
    dtypes: bool
    fast: bool


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Do the gradients of func agree with central differences at these inputs?

    inputs: float64 tensors (others are passed through, with a warning where they require grad); those that require grad
    are checked. nondet_tol: by how much a second backward may differ. check_undefined_grad: leave out the gradients of
    other outputs, instead of giving zeros. check_grad_dtypes: gradients must have their inputs' types. fast_mode: one
    direction for each input, not every element. masked is for sparse tensors, which there are none of. Batched
    gradients and forward mode are not supported.

    Returns True, or raises GradcheckError (a RuntimeError) with both numbers; with raise_exception=False returns False.

    >>> import sparkle
    >>> x = sparkle.tensor([0.5, 2.0], dtype=sparkle.float64, requires_grad=True)
    >>> gradcheck(lambda x: x * x, x)
    True
    """
    _check_modes("gradcheck", check_batched_grad or check_batched_forward_grad, check_forward_ad, check_backward_ad)
    inputs = [inputs] if isinstance(inputs, TensorBase) else list(inputs)
    options = _Options(eps, atol, rtol, nondet_tol, check_undefined_grad, check_grad_dtypes, fast_mode)
    checked = _checked(inputs)
    try:
        _check_all(func, inputs, checked, options)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    gen_non_contig_grad_outputs: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    **options: Any,
) -> bool:
    """Do the gradients of the gradients of func agree with central differences at these inputs?

    grad_outputs: the weights of the outputs, random where left out; gen_non_contig_grad_outputs: with strides. Other
    options are those of `gradcheck`.

    >>> import sparkle
    >>> x = sparkle.tensor([0.5, 2.0], dtype=sparkle.float64, requires_grad=True)
    >>> gradgradcheck(lambda x: x**3, x)
    True
    """
    _check_modes("gradgradcheck", False, check_fwd_over_rev, check_rev_over_rev)
    inputs = [inputs] if isinstance(inputs, TensorBase) else list(inputs)
    checked = _checked(inputs)
    outputs = _outputs(func, inputs)
    if grad_outputs is None:
        weights = [_weight(i, y, gen_non_contig_grad_outputs) for i, y in enumerate(outputs)]
    else:
        weights = [grad_outputs] if isinstance(grad_outputs, TensorBase) else list(grad_outputs)
    weights = [w if w.requires_grad else w.detach().requires_grad_() for w in weights]

    def first(*everything: Any) -> tuple[Any, ...]:
        xs, ws = everything[: len(inputs)], everything[len(inputs) :]
        wanted = [xs[i] for i in checked]
        gs = grad(_outputs(func, xs), wanted, ws, create_graph=True, allow_unused=True)
        return tuple(g for g in gs if g is not None and g.tracked)

    return gradcheck(first, [*inputs, *weights], **options)


def _check_modes(name: str, batched: bool, forward: bool, backward: bool) -> None:
    if batched:
        raise NotImplementedError(f"{name}: batched gradients are not supported; leave check_batched_* out")
    if forward:
        raise NotImplementedError(f"{name}: forward mode is not supported; leave check_forward_ad out")
    if not backward:
        raise ValueError(f"{name}: Expected at least one of check_forward_ad and check_backward_ad to be True")


def _checked(inputs: list[Any]) -> list[int]:
    """The numbers of the inputs that require grad."""
    found = [i for i, x in enumerate(inputs) if isinstance(x, TensorBase) and x.tracked]
    if not found:
        raise ValueError("gradcheck expects at least one input tensor to require gradient, but no input requires grad")
    for i in found:
        if inputs[i].array.dtype != numpy.float64:
            warnings.warn(
                f"gradcheck: input {i} requires gradient and is {inputs[i].array.dtype}; differences need float64",
                stacklevel=3,
            )
    return found


def _tensors(func: Callable[..., Any], inputs: Sequence[Any]) -> list[Any]:
    y = func(*inputs)
    return [t for t in (y if isinstance(y, (tuple, list)) else [y]) if isinstance(t, TensorBase)]


def _outputs(func: Callable[..., Any], inputs: Sequence[Any]) -> list[Any]:
    """The differentiable results of func."""
    return [t for t in _tensors(func, inputs) if t.tracked]


def _beside(values: numpy.ndarray, y: Any) -> Any:
    """Values as a tensor on the device of y, of its type."""
    return wrap(move(values.astype(y.array.dtype), *device_of(y.array)))


def _weight(seed: int, y: Any, strided: bool) -> Any:
    random = numpy.random.default_rng(seed)
    if strided and y.array.ndim:
        return _beside(random.standard_normal((*y.array.shape, 2)), y)[..., 0]
    return _beside(random.standard_normal(y.array.shape), y)


def _check_all(func: Callable[..., Any], inputs: list[Any], checked: list[int], options: _Options) -> None:
    outputs = _outputs(func, inputs)
    if not outputs:
        _check_flat(func, inputs, checked, options.eps)
    for k in range(len(outputs)):
        for i in checked:
            _check_pair(func, inputs, i, k, options)


def _check_flat(func: Callable[..., Any], inputs: list[Any], checked: list[int], eps: float) -> None:
    """A function whose results have no gradient must not change with its inputs."""
    for i in checked:
        for place in numpy.ndindex(*inputs[i].array.shape):
            up, down = (_tensors(func, _moved(inputs, i, place, step)) for step in (eps, -eps))
            if any((a.array != b.array).any() for a, b in zip(up, down, strict=True) if a.array.dtype.kind in FLOATS):
                raise GradcheckError("gradcheck: Numerical gradient for function expected to be zero")


def _moved(inputs: list[Any], i: int, place: Any, step: Any) -> list[Any]:
    """The inputs with one of them, or its element at a place, moved by a step."""
    array = inputs[i].array.copy()
    array[place] += step
    twin = wrap(array)
    twin.requires_grad_()
    return [*inputs[:i], twin, *inputs[i + 1 :]]


def _check_pair(func: Callable[..., Any], inputs: list[Any], i: int, k: int, options: _Options) -> None:
    """d output k / d input i, contracted with one random direction on the side of the output."""
    x, outputs = inputs[i], _outputs(func, inputs)
    weight = numpy.random.default_rng(k).standard_normal(outputs[k].array.shape)
    g = _gradient(outputs, k, weight, x, options)
    analytic = numpy.zeros(x.array.shape) if g is None else to_numpy(g.array)
    if options.dtypes and analytic.dtype != x.array.dtype and g is not None:
        raise GradcheckError(f"gradcheck: input {i} is {x.array.dtype}, its gradient {analytic.dtype}")

    def slope(place: Any, direction: Any) -> float:
        values = []
        for step in (options.eps, -options.eps):
            result = _outputs(func, _moved(inputs, i, place, step * direction))[k]
            values.append(float((to_numpy(result.array) * weight).sum()))
        return (values[0] - values[1]) / (2 * options.eps)

    if options.fast:
        direction = numpy.random.default_rng(i).standard_normal(x.array.shape)
        numeric = numpy.asarray(slope(..., _beside(direction, x).array))
        analytic = numpy.asarray((analytic * direction).sum())
    else:
        numeric = numpy.zeros(x.array.shape)
        for place in numpy.ndindex(*x.array.shape):
            numeric[place] = slope(place, 1.0)
    close = analytic.shape == numeric.shape and numpy.allclose(
        analytic, numeric, atol=options.atol, rtol=options.rtol, equal_nan=True
    )
    if not close:
        raise GradcheckError(
            f"gradcheck: output {k} with respect to input {i}, of shape {tuple(x.array.shape)}:\nnumerical:\n{numeric}"
            f"\nanalytical:\n{analytic}\nat input:\n{x.array}"
        )


def _gradient(outputs: list[Any], k: int, weight: numpy.ndarray, x: Any, options: _Options) -> Any:
    """The analytic gradient; GradcheckError where a second backward gives another."""
    seeds = [_beside(weight if j == k else numpy.zeros(y.array.shape), y) for j, y in enumerate(outputs)]
    ys = outputs
    if options.undefined:
        ys, seeds = [outputs[k]], [seeds[k]]
    first, second = (grad(ys, x, seeds, retain_graph=True, allow_unused=True)[0] for _ in range(2))
    if first is not None and not numpy.allclose(
        to_numpy(first.array), to_numpy(second.array), rtol=0, atol=options.nondet_tol, equal_nan=True
    ):
        raise GradcheckError(
            "gradcheck: Backward is not reentrant, i.e., running backward with same input and grad_output multiple "
            f"times gives different values, although analytical gradient matches: more than nondet_tol = "
            f"{options.nondet_tol} apart"
        )
    return first
