"""Recurrent layers over a whole sequence, one direction of one layer an op.

The rows of all time steps stand below one another: `sizes[t]` rows for step t, never more than for the step before, so
that sequences of different lengths, longest first, need no padding. `x` is what the inputs add to the gates, made
for all steps by one matrix product; `w` (gates, hidden) is what the hidden state adds. The results are the outputs of
all steps (rows, hidden) and the last state of every sequence.

What backward reads of each step is kept in one array for all steps, made anew where backward is recorded.
"""

from __future__ import annotations

import itertools

from ...autograd.op import DERIVED, Op, run
from ..pointwise.elementwise import Relu, Sigmoid
from ..pointwise.trigonometry import Tanh


class Unrolled(Op):
    """A loop over the steps; `reverse`: from the last one to the first."""

    several = True

    def __init__(self, sizes, reverse):
        self.sizes, self.reverse = sizes, reverse

    def steps(self):
        """(first row, rows) of each step, in the order in which they run."""
        starts = itertools.accumulate(self.sizes[:-1], initial=0)
        steps = list(zip(starts, self.sizes, strict=True))
        return steps[::-1] if self.reverse else steps

    def below(self, xp, parts, backwards=False):
        """The steps' parts, in the order they ran (or against it), below one another in the order of the rows."""
        if len(parts) == 1:
            return parts[0]
        return xp.concatenate(parts if self.reverse == backwards else parts[::-1])

    def explain(self, error, *arrays):
        shapes = ", ".join(str(tuple(a.shape)) for a in arrays if a is not None)
        return RuntimeError(f"{self.label()}: {self.sizes[0]} sequences, {len(self.sizes)} steps, {shapes}: {error}")


def first(state, n):
    """The state of the first n sequences."""
    return state if n == state.shape[0] else state[:n]


def updated(xp, new, state):
    """The state with new rows in the place of its first ones: the other sequences have ended, or not yet begun."""
    n = new.shape[0]
    return new if n == state.shape[0] else xp.concatenate((new, state[n:]))


def or_zeros(xp, g, like):
    """The gradient, or zeros where there is none."""
    return xp.zeros_like(like) if g is None else g


def columns(x, size):
    """The gates' parts of x, `size` columns each."""
    return [x[:, i : i + size] for i in range(0, x.shape[1], size)]


class Rnn(Unrolled):
    """h = act(x + h wᵀ), where act is tanh or relu"""

    saves = {"x": 0, "h": 1, "w": 2, "before": DERIVED, "y": DERIVED}

    def __init__(self, sizes, reverse, relu):
        super().__init__(sizes, reverse)
        self.relu = relu

    def forward(self, xp, x, h, w):
        before, after = [], []
        start, turned = h, xp.ascontiguousarray(w.T)
        for a, n in self.steps():
            live = first(h, n)
            new = run(xp, Relu() if self.relu else Tanh(), x[a : a + n] + live @ turned)
            before.append(live)
            after.append(new)
            h = updated(xp, new, h)
        if True in self.needs:
            self.x, self.h, self.w = x, start, w
            self.before, self.y = self.below(xp, before), xp.copy(self.below(xp, after))
        return self.below(xp, after), xp.copy(h)

    def backward(self, xp, g):
        dh = or_zeros(xp, g[1], self.h)
        dxs = []
        for a, n in reversed(self.steps()):
            y = self.y[a : a + n]
            live = first(dh, n) if g[0] is None else first(dh, n) + g[0][a : a + n]
            dx = live * (y > 0) if self.relu else live * (1 - y * y)
            dxs.append(dx)
            dh = updated(xp, dx @ self.w, dh)
        dx = self.below(xp, dxs, True)
        return dx, dh, dx.T @ self.before if self.needs[2] else None


class Lstm(Unrolled):
    """i, f, g, o = x + h wᵀ;  c = σ(f) c + σ(i) tanh(g);  h = σ(o) tanh(c), and times rᵀ where r is given"""

    saves = {
        "x": 0,
        "h": 1,
        "c": 2,
        "w": 3,
        "r": 4,
        "before": DERIVED,
        "cells": DERIVED,
        "gates": DERIVED,
        "bent": DERIVED,
    }

    def forward(self, xp, x, h, c, w, r=None):
        before, after, cells, gates, bents = [], [], [], [], []
        start, first_cell, turned, size = h, c, xp.ascontiguousarray(w.T), c.shape[1]
        for a, n in self.steps():
            live, cell = first(h, n), first(c, n)
            z = x[a : a + n] + live @ turned
            i, f = columns(run(xp, Sigmoid(), z[:, : 2 * size]), size)
            new_gate, o = run(xp, Tanh(), z[:, 2 * size : 3 * size]), run(xp, Sigmoid(), z[:, 3 * size :])
            new_cell = f * cell + i * new_gate
            bent = run(xp, Tanh(), new_cell)
            new = o * bent if r is None else (o * bent) @ r.T
            for kept, part in ((before, live), (cells, cell), (bents, bent), (after, new)):
                kept.append(part)
            if True in self.needs:
                gates.append(xp.concatenate((i, f, new_gate, o), axis=1))
            h, c = updated(xp, new, h), updated(xp, new_cell, c)
        if gates:
            self.x, self.h, self.c, self.w, self.r = x, start, first_cell, w, r
            self.before, self.cells = self.below(xp, before), self.below(xp, cells)
            self.gates, self.bent = self.below(xp, gates), self.below(xp, bents)
        return self.below(xp, after), xp.copy(h), c

    def backward(self, xp, g):
        dh, dc = or_zeros(xp, g[1], self.h), or_zeros(xp, g[2], self.c)
        dxs, lives = [], []
        for a, n in reversed(self.steps()):
            live = first(dh, n) if g[0] is None else first(dh, n) + g[0][a : a + n]
            lives.append(live)
            dz, dcell = self.one_back(xp, slice(a, a + n), live if self.r is None else live @ self.r, first(dc, n))
            dxs.append(dz)
            dh, dc = updated(xp, dz @ self.w, dh), updated(xp, dcell, dc)
        dx, dr = self.below(xp, dxs, True), None
        if self.r is not None and self.needs[4]:
            dr = self.below(xp, lives, True).T @ (self.gates[:, 3 * dc.shape[1] :] * self.bent)
        dw = dx.T @ self.before if self.needs[3] else None
        return dx, dh, dc, dw, dr

    def one_back(self, xp, rows, dh, dc):
        """The gradients of one step's gates, before they were bent, and of the cell that it started from."""
        i, f, new_gate, o = columns(self.gates[rows], dc.shape[1])
        bent = self.bent[rows]
        dc = dc + dh * o * (1 - bent * bent)
        di, df = dc * new_gate * i * (1 - i), dc * self.cells[rows] * f * (1 - f)
        dg, do = dc * i * (1 - new_gate * new_gate), dh * bent * o * (1 - o)
        return xp.concatenate((di, df, dg, do), axis=1), dc * f


class Gru(Unrolled):
    """r, z, q = h wᵀ + b;  r, z = σ(x + ·);  n = tanh(x + r q);  h = n + z (h - n)"""

    saves = {
        "x": 0,
        "h": 1,
        "w": 2,
        "b": 3,
        "before": DERIVED,
        "gates": DERIVED,
        "drawn": DERIVED,
        "inner": DERIVED,
    }

    def forward(self, xp, x, h, w, b=None):
        before, after, gates, drawn, inner = [], [], [], [], []
        start, turned, size = h, xp.ascontiguousarray(w.T), h.shape[1]
        for a, n in self.steps():
            live = first(h, n)
            q = live @ turned if b is None else live @ turned + b
            both = run(xp, Sigmoid(), x[a : a + n, : 2 * size] + q[:, : 2 * size])
            (r, z), q = columns(both, size), q[:, 2 * size :]
            new_gate = run(xp, Tanh(), x[a : a + n, 2 * size :] + r * q)
            new = new_gate + z * (live - new_gate)
            for kept, part in ((before, live), (gates, both), (drawn, new_gate), (inner, q), (after, new)):
                kept.append(part)
            h = updated(xp, new, h)
        if True in self.needs:
            self.x, self.h, self.w, self.b = x, start, w, b
            self.before, self.gates = self.below(xp, before), self.below(xp, gates)
            self.drawn, self.inner = self.below(xp, drawn), self.below(xp, inner)
        return self.below(xp, after), xp.copy(h)

    def backward(self, xp, g):
        dh = or_zeros(xp, g[1], self.h)
        dxs, dqs = [], []
        for a, n in reversed(self.steps()):
            live = first(dh, n) if g[0] is None else first(dh, n) + g[0][a : a + n]
            dx, dq, direct = self.one_back(xp, slice(a, a + n), live)
            dxs.append(dx)
            dqs.append(dq)
            dh = updated(xp, direct + dq @ self.w, dh)
        dq = self.below(xp, dqs, True)
        dw = dq.T @ self.before if self.needs[2] else None
        db = xp.sum(dq, axis=0) if self.b is not None and self.needs[3] else None
        return self.below(xp, dxs, True), dh, dw, db

    def one_back(self, xp, rows, dh):
        """The gradients of one step's x, of its h wᵀ + b, and of the state that it started from, past w."""
        (r, z), n, q = columns(self.gates[rows], dh.shape[1]), self.drawn[rows], self.inner[rows]
        dn = dh * (1 - z) * (1 - n * n)
        dz, dr = dh * (self.before[rows] - n) * z * (1 - z), dn * q * r * (1 - r)
        return xp.concatenate((dr, dz, dn), axis=1), xp.concatenate((dr, dz, dn * r), axis=1), dh * z
