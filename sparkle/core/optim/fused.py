"""Optimizers as rules, and the one pass of a rule over all parameters of a group."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable
from itertools import chain
from operator import attrgetter, is_, itemgetter
from typing import Any, NamedTuple

import numpy

from .. import backend
from ..autograd.half import wide
from ..dtypes import get_default_dtype
from ..kernels import optim as kernels
from ..mode import mode
from ..tensor.base import TensorBase, wrap
from ..tensor.write import touch_all
from .optimizer import Optimizer

_array_of = attrgetter("array")

BLOCK = 1 << 15  # elements that the plain pass takes at a time, so that they and the intermediates stay in cache

# Numba takes longer to load than a short run lasts, so the plain pass works until it has done this much in this
# process: elements, and for each tensor what its calls cost in elements. Both give the same numbers, bit for bit.
PATIENCE = 1_000_000
CALLS = 2_000
FIRST_BLOCK = 1 << 13  # until then: what the intermediates took stays with the process, and compiled loops need none


class _Work:
    done = 0


class Rule(NamedTuple):
    """A formula `f(p, g, *states, *numbers) -> (p, *states)`, or p alone without states, and the states' names.

    It uses operators and NumPy's functions on arrays, makes new arrays, and branches on numbers only: numba compiles
    the same text for single elements. counts: is the number of steps part of the state? kept: names of further numbers
    that each parameter keeps from step to step; such a rule counts.
    """

    formula: Callable[..., Any]
    states: tuple[str, ...] = ()
    counts: bool = True
    kept: tuple[str, ...] = ()

    @property
    def scalars(self) -> tuple[str, ...]:
        """The keys of single numbers in a parameter's state."""
        return ("step", *self.kept) if self.counts else ()

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of a parameter's state."""
        return (*self.scalars, *self.states)


class RuleOptimizer(Optimizer):
    """An optimizer made of a rule and the numbers that it takes at each step."""

    def _clear_passing(self) -> None:
        super()._clear_passing()
        self._bound: dict[int, Bound] = {}

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update all parameters that have a gradient; returns what closure, which evaluates the loss anew, gives."""
        loss = self._evaluate(closure)
        for i, group in enumerate(self.param_groups):
            rule = self._rule(group)
            params = [p for p in group["params"] if p.grad_value is not None]
            bound = self._bound.get(i)
            if bound is None or not bound.holds(rule, params, self.state):
                bound = self._bound[i] = self._bind(rule, params, group)
            for a_pass in bound.passes:
                age = a_pass.advance()
                a_pass.run(self._numbers(group, age))
                a_pass.keep(self._keep(group, age))
            touch_all(params)
        return loss

    def _rule(self, group: dict[str, Any]) -> Rule:
        """The rule for the options of a group."""
        raise NotImplementedError(f"{type(self).__name__}._rule")

    def _numbers(self, group: dict[str, Any], age: Any) -> tuple[float, ...]:
        """The rule's numbers for parameters of one age.

        The age is the number of steps with this one, or (steps, *kept numbers) for a rule that keeps some; for a rule
        that does not count it is 0 in the first step, and 1 afterwards.
        """
        raise NotImplementedError(f"{type(self).__name__}._numbers")

    def _keep(self, group: dict[str, Any], age: Any) -> tuple[Any, ...]:
        """The new values of the kept numbers."""
        return ()

    def _first(self, name: str, group: dict[str, Any]) -> float:
        """The first value of the step count, or of a kept number."""
        return 0.0

    def _fresh(self, p: Any, name: str, group: dict[str, Any]) -> TensorBase:
        """The first value of a state: zeros in the parameter's layout."""
        return wrap(backend.library(p.array).zeros_like(p.array))

    def _prepare(self, p: Any, rule: Rule, group: dict[str, Any]) -> Any:
        """Make the parameter's state where it is missing; parameters with equal answers go through one pass."""
        if not rule.names:
            return 0
        state = self.state[p]
        for name in rule.scalars:
            if state.get(name) is None:
                state[name] = wrap(numpy.array(self._first(name, group), get_default_dtype().numpy))
        missing = [name for name in rule.states if state.get(name) is None]
        for name in missing:
            state[name] = self._fresh(p, name, group)
        if not rule.counts:
            return 0 if missing else 1
        arrays = [state[name].array for name in rule.scalars]
        return tuple((a.dtype.char, a.item()) for a in arrays)

    def _bind(self, rule: Rule, params: list[Any], group: dict[str, Any]) -> Bound:
        """The passes for these parameters: one for those of the same age, which is nearly always all."""
        ages: dict[Any, list[Any]] = {}
        for p in dict.fromkeys(params):
            ages.setdefault(self._prepare(p, rule, group), []).append(p)
        passes = [Pass(rule, [_Row(p, rule, self.state) for p in same], age) for age, same in ages.items()]
        return Bound(rule, params, self.state, passes)


class Bound:
    """The passes of a group, and what they rest on: they are kept from step to step while all of it is the same."""

    def __init__(self, rule: Rule, params: list[Any], state: Any, passes: list[Pass]) -> None:
        self.rule, self.params, self.passes = rule, params, passes
        self.arrays = list(map(_array_of, _tensors(rule, params, state)))

    def holds(self, rule: Rule, params: list[Any], state: Any) -> bool:
        """The same rule, parameters and states, their memory where it was, and in each pass one age?"""
        if rule is not self.rule or not _same(params, self.params):
            return False
        try:
            tensors = _tensors(rule, params, state)
        except KeyError:  # a state was taken away
            return False
        arrays = list(map(_array_of, tensors))
        return _same(arrays, self.arrays) and all(a_pass.is_even() for a_pass in self.passes)


def _tensors(rule: Rule, params: list[Any], state: Any) -> list[Any]:
    names = rule.names
    if not names:
        return params
    entries = [state[p] for p in params]
    values = map(itemgetter(*names), entries)
    return [*params, *(chain.from_iterable(values) if len(names) > 1 else values)]


def _same(a: list[Any], b: list[Any]) -> bool:
    return len(a) == len(b) and all(map(is_, a, b))


class _Row:
    """A parameter, and the arrays of its numbers and states."""

    __slots__ = ("array", "arrays", "p", "scalars")

    def __init__(self, p: Any, rule: Rule, state: Any) -> None:
        self.p, self.array = p, p.array
        self.arrays = [state[p][name].array for name in rule.states]
        self.scalars = [state[p][name] for name in rule.scalars]

    def joins(self) -> bool:
        """Can it be updated together with others: float32 or float64 in host memory, contiguous, all in one layout?"""
        a = self.array
        return (
            type(a) is numpy.ndarray
            and a.dtype.char in "fd"
            and a.dtype.isnative
            and a.size > 0
            and a.flags.forc
            and a.flags.aligned
            and all(_alike(s, a) for s in self.arrays)
        )


class Pass:
    """A rule bound to the memory of parameters of one age."""

    def __init__(self, rule: Rule, rows: list[_Row], age: Any) -> None:
        self.rule = rule
        self.age = age
        self.vectors = [_in_one_vector([row.scalars[k] for row in rows]) for k in range(len(rule.scalars))]
        together: dict[Any, list[_Row]] = {}
        for row in rows:
            if row.joins():
                together.setdefault(row.array.dtype, []).append(row)
        self.batches = [_Batch(rule, joined) for joined in together.values()]
        self.apart = [row for row in rows if row.array.size and not row.joins()]

    def is_even(self) -> bool:
        """Do all parameters still have one number of steps, and the same kept numbers?"""
        values = [vector.tolist() for vector in self.vectors]
        return all(same.count(same[0]) == len(same) for same in values)

    def advance(self) -> Any:
        """Count a step; returns the age that the rule's numbers are for."""
        if not self.vectors:
            before, self.age = self.age, 1
            return before
        steps, *kept = self.vectors
        steps += 1
        return (steps[0].item(), *(vector[0] for vector in kept)) if kept else steps[0].item()

    def keep(self, values: tuple[Any, ...]) -> None:
        """Store the new values of the kept numbers."""
        for vector, value in zip(self.vectors[1:], values, strict=True):
            vector[:] = value

    def run(self, numbers: tuple[float, ...]) -> None:
        """Update the parameters and the states in their memory."""
        for batch in self.batches:
            batch.run(numbers)
        for row in self.apart:
            mode.quiet(_in_whole, self.rule.formula, row, numbers)


def _in_one_vector(scalars: list[Any]) -> Any:
    """Single numbers side by side, so that one call changes all; each tensor becomes a view of its place."""
    vector = numpy.array([scalar.array.item() for scalar in scalars], dtype=scalars[0].array.dtype)
    for i, scalar in enumerate(scalars):
        scalar.array = vector[i : i + 1].reshape(())
    return vector


class _Batch:
    """Rows of one type, in contiguous memory."""

    def __init__(self, rule: Rule, rows: list[_Row]) -> None:
        self.rule, self.rows = rule, rows
        self.dtype = rows[0].array.dtype
        self.places = [(row.p, row.array, row.array.strides) for row in rows]
        self.ends = numpy.cumsum([row.array.size for row in rows])
        self.size = int(self.ends[-1])
        self.work = self.size + CALLS * len(rows)
        self.numbers: tuple[float, ...] = ()
        self.vector = numpy.empty(0, self.dtype)  # of the numbers
        self.addresses = numpy.zeros((2 + len(rule.states), len(rows)), dtype=numpy.int64)
        self.addresses[0] = [_address(row.array) for row in rows]
        for k in range(len(rule.states)):
            self.addresses[2 + k] = [_address(row.arrays[k]) for row in rows]

    def run(self, numbers: tuple[float, ...]) -> None:
        loop, block = None, FIRST_BLOCK
        if _Work.done > PATIENCE:
            block = BLOCK
            loop = kernels.compiled(self.rule.formula, len(self.rule.states), len(numbers))
        gradients = self._gradients()
        if loop is None:
            _Work.done += self.work
            for row, g in zip(self.rows, gradients, strict=True):
                mode.quiet(_in_blocks, self.rule.formula, row, g, numbers, block)
        else:
            self.addresses[1] = list(map(id, gradients))
            if numbers != self.numbers:
                self.numbers, self.vector = numbers, numpy.array(numbers, dtype=self.dtype)
            kernels.run(loop, self.addresses, self.ends, self.vector, self.size)

    def _gradients(self) -> list[Any]:
        """The parameters' gradients in their type and layout: themselves, or else copies."""
        dtype, gradients = self.dtype, []
        for p, array, strides in self.places:
            g = p.grad_value.array
            gradients.append(g if g.dtype is dtype and g.strides == strides else _like(g, array))
        return gradients


def _address(array: Any) -> int:
    try:
        return ctypes.addressof(ctypes.c_char.from_buffer(array))  # a fifth of the time of `array.ctypes`
    except (TypeError, ValueError, BufferError):  # read-only, or not in C order
        return int(array.__array_interface__["data"][0])


def _alike(a: Any, b: Any) -> bool:
    """Are elements of one type in the same places? b is contiguous in some order."""
    return a.dtype == b.dtype and (a.strides == b.strides or (a.flags.c_contiguous and b.flags.c_contiguous))


def _like(g: Any, array: Any) -> Any:
    """The gradient in the array's type and layout."""
    if _alike(g, array):
        return g
    same = numpy.empty_like(array)
    same[...] = g
    return same


def _in_blocks(formula: Callable[..., Any], row: _Row, g: Any, numbers: tuple[float, ...], block: int) -> None:
    """The rule on NumPy arrays, block by block."""
    flat = [a.reshape(-1, order="A") for a in (row.array, g, *row.arrays)]
    for start in range(0, flat[0].size, block):
        parts = [a[start : start + block] for a in flat]
        _store(formula(*parts, *numbers), parts)


def _in_whole(formula: Callable[..., Any], row: _Row, numbers: tuple[float, ...]) -> None:
    """The rule on arrays of any layout, type and library."""
    parts = [row.array, row.p.grad_value.array, *row.arrays]
    _store(formula(*map(wide, parts), *numbers), parts)  # half precision is computed with in float32


def _store(results: Any, parts: Iterable[Any]) -> None:
    """The parameter and the states take their new values; the second part is the gradient."""
    p, _, *states = parts
    for target, value in zip(chain((p,), states), results if isinstance(results, tuple) else (results,), strict=True):
        target[...] = value
