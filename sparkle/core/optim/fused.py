"""One pass of a rule over all parameters of a group."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy

from .. import backend
from ..kernels import optim as kernels
from ..mode import mode
from ..tensor.base import TensorBase, wrap
from ..tensor.write import touch
from .optimizer import Optimizer

BLOCK = 1 << 15  # elements that the plain pass takes at a time, so that they and the intermediates stay in cache

# Numba takes longer to load than a short run lasts, so the plain pass works until it has done this much in this
# process: elements, and for each tensor what its calls cost in elements. Both give the same numbers, bit for bit.
PATIENCE = 1_000_000
CALLS = 2_000


class _Work:
    done = 0


class Rule(NamedTuple):
    """A formula `f(p, g, *states, *numbers) -> (p, *states)`, or p alone without states, and the states' names.

    It uses operators and NumPy's functions on arrays, makes new arrays, and branches on numbers only: numba compiles
    the same text for single elements.
    """

    formula: Callable[..., Any]
    states: tuple[str, ...] = ()


class RuleOptimizer(Optimizer):
    """An optimizer made of a rule and the numbers that it takes at each step."""

    def _clear_passing(self) -> None:
        super()._clear_passing()
        self._passes: dict[tuple[int, int], Pass] = {}

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update all parameters that have a gradient; returns what closure, which evaluates the loss anew, gives."""
        loss = self._evaluate(closure)
        for i, group in enumerate(self.param_groups):
            rule = self._rule(group)
            for j, (age, params) in enumerate(self._by_age(group, rule).items()):
                self._pass(i, j, rule, params).run(self._numbers(group, age))
                for p in params:
                    touch(p)
        return loss

    def _rule(self, group: dict[str, Any]) -> Rule:
        """The rule for the options of a group."""
        raise NotImplementedError

    def _numbers(self, group: dict[str, Any], age: Any) -> tuple[float, ...]:
        """The rule's numbers for parameters of one age."""
        raise NotImplementedError

    def _age(self, p: Any, rule: Rule, group: dict[str, Any]) -> Any:
        """Count and return the parameter's steps, this one included."""
        step = self._state_of(p, rule, group)["step"].array
        step += 1
        return step.item()

    def _state_of(self, p: Any, rule: Rule, group: dict[str, Any]) -> dict[str, Any]:
        """The parameter's state, made where it is missing."""
        state: dict[str, Any] = self.state[p]
        if "step" not in state:
            state["step"] = wrap(numpy.zeros((), numpy.float32))
        for name in rule.states:
            if name not in state:
                state[name] = self._fresh(p, name, group)
        return state

    def _fresh(self, p: Any, name: str, group: dict[str, Any]) -> TensorBase:
        """The first value of a state: zeros in the parameter's layout."""
        return wrap(backend.library(p.array).zeros_like(p.array))

    def _by_age(self, group: dict[str, Any], rule: Rule) -> dict[Any, list[Any]]:
        """The parameters that have a gradient, by their number of steps: usually all in one list."""
        ages: dict[Any, list[Any]] = {}
        params = group["params"]
        for p in params if len(set(params)) == len(params) else dict.fromkeys(params):
            if p.grad is not None:
                ages.setdefault(self._age(p, rule, group), []).append(p)
        return ages

    def _pass(self, i: int, j: int, rule: Rule, params: list[Any]) -> Pass:
        found = self._passes.get((i, j))
        if found is None or not found.fits(rule, params, self.state):
            found = self._passes[i, j] = Pass(rule, params, self.state)
        return found


class Pass:
    """A rule bound to the memory of parameters and their states, kept from step to step while these stay the same."""

    def __init__(self, rule: Rule, params: list[Any], state: Any) -> None:
        self.rule = rule
        self.rows = [_Row(p, [state[p][name] for name in rule.states] if rule.states else []) for p in params]
        together: dict[Any, list[_Row]] = {}
        self.apart = []
        for row in self.rows:
            if row.joins():
                together.setdefault(row.array.dtype, []).append(row)
            elif row.array.size:
                self.apart.append(row)
        self.batches = [_Batch(rule, rows) for rows in together.values()]

    def fits(self, rule: Rule, params: list[Any], state: Any) -> bool:
        """Are these the parameters, and is their memory where it was?"""
        if rule is not self.rule or len(params) != len(self.rows):
            return False
        for p, row in zip(params, self.rows, strict=True):
            if p is not row.p or p.array is not row.array:
                return False
            held = state[p] if rule.states else ()
            for name, tensor, array in zip(rule.states, row.tensors, row.arrays, strict=True):
                if held[name] is not tensor or tensor.array is not array:
                    return False
        return True

    def run(self, numbers: tuple[float, ...]) -> None:
        """Update the parameters and the states in their memory."""
        for batch in self.batches:
            batch.run(numbers)
        for row in self.apart:
            mode.quiet(_in_whole, self.rule.formula, row, numbers)


class _Row:
    """A parameter and its states, and their arrays when the pass was made."""

    __slots__ = ("array", "arrays", "p", "tensors")

    def __init__(self, p: Any, tensors: list[Any]) -> None:
        self.p, self.tensors = p, tensors
        self.array, self.arrays = p.array, [t.array for t in tensors]

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


class _Batch:
    """Rows of one type, in contiguous memory."""

    def __init__(self, rule: Rule, rows: list[_Row]) -> None:
        self.rule, self.rows = rule, rows
        self.dtype = rows[0].array.dtype
        self.ends = numpy.cumsum([row.array.size for row in rows])
        self.work = int(self.ends[-1]) + CALLS * len(rows)
        self.addresses = numpy.zeros((2 + len(rule.states), len(rows)), dtype=numpy.int64)
        self.addresses[0] = [_address(row.array) for row in rows]
        for k in range(len(rule.states)):
            self.addresses[2 + k] = [_address(row.arrays[k]) for row in rows]

    def run(self, numbers: tuple[float, ...]) -> None:
        loop = None
        if _Work.done > PATIENCE:
            loop = kernels.compiled(self.rule.formula, len(self.rule.states), len(numbers))
        gradients = [_like(row.p.grad.array, row.array) for row in self.rows]
        if loop is None:
            _Work.done += self.work
            for row, g in zip(self.rows, gradients, strict=True):
                mode.quiet(_in_blocks, self.rule.formula, row, g, numbers)
        else:
            self.addresses[1] = [_address(g) for g in gradients]
            kernels.run(loop, self.addresses, self.ends, numpy.array(numbers, dtype=self.dtype))


def _address(array: Any) -> int:
    return array.__array_interface__["data"][0]  # type: ignore[no-any-return]


def _alike(a: Any, b: Any) -> bool:
    """Do both hold the same elements' places in the same order, in one type? b is contiguous in some order."""
    if a.dtype is not b.dtype and a.dtype != b.dtype:
        return False
    return a.strides == b.strides or (a.flags.c_contiguous and b.flags.c_contiguous)


def _like(g: Any, array: Any) -> Any:
    """The gradient in the array's type and layout."""
    if _alike(g, array):
        return g
    same = numpy.empty_like(array)
    same[...] = g
    return same


def _in_blocks(formula: Callable[..., Any], row: _Row, g: Any, numbers: tuple[float, ...]) -> None:
    """The rule on NumPy arrays, block by block."""
    flat = [a.reshape(-1, order="A") for a in (row.array, g, *row.arrays)]
    for start in range(0, flat[0].size, BLOCK):
        parts = [a[start : start + BLOCK] for a in flat]
        _store(formula(*parts, *numbers), parts)


def _in_whole(formula: Callable[..., Any], row: _Row, numbers: tuple[float, ...]) -> None:
    """The rule on arrays of any layout, type and library."""
    parts = [row.array, row.p.grad.array, *row.arrays]
    _store(formula(*parts, *numbers), parts)


def _store(results: Any, parts: list[Any]) -> None:
    """The parameter and the states take their new values; parts[1] is the gradient."""
    if not isinstance(results, tuple):
        results = (results,)
    for target, value in zip(itertools.chain(parts[:1], parts[2:]), results, strict=True):
        target[...] = value
