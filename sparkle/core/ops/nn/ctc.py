"""Connectionist temporal classification: the loss and its slope, by forward and backward recursions in logarithms."""

from __future__ import annotations

import math

from ...autograd.op import CONSTANT, Op, run


def shifted(xp, a, by):
    """a moved along its last axis, with -inf where nothing came from."""
    moved = xp.full_like(a, -math.inf)
    if by > 0:
        moved[..., by:] = a[..., :-by]
    else:
        moved[..., :by] = a[..., -by:]
    return moved


def emitted(xp, log_probs, labels):
    """(T, N, S): the log-probability of each label of the path at each time."""
    return xp.take_along_axis(log_probs, xp.broadcast_to(labels, (len(log_probs), *labels.shape)), axis=2)


def may_skip(xp, labels):
    """(N, S): can the path come from two labels before? Not to a blank, and not between equal labels."""
    skip = xp.zeros(labels.shape, bool)
    skip[:, 2:] = labels[:, 2:] != labels[:, :-2]
    return skip


class CtcLoss(Op):
    """-log of the probability of all paths through the labels (Graves et al., 2006), for each of a batch

    alpha_t(s) = (alpha_{t-1}(s) + alpha_{t-1}(s - 1) + alpha_{t-1}(s - 2) where a blank may be skipped) p_t(label s)

    x (T, N, C) log-probabilities; labels (N, 2 S + 1), blanks between the targets; lengths of inputs and targets (N,).
    """

    saves = {"x": 0, "labels": 1, "steps": 2, "sizes": 3, "alpha": CONSTANT, "loss": CONSTANT}

    def __init__(self, zero_infinity):
        self.zero_infinity = zero_infinity

    def forward(self, xp, x, labels, steps, sizes):
        alpha = self.forwards(xp, emitted(xp, x, labels), may_skip(xp, labels))
        loss = self.ends(xp, alpha, steps, sizes)
        if self.needs[0]:
            self.x, self.labels, self.steps, self.sizes = x, labels, steps, sizes
            self.alpha, self.loss = alpha, loss
        return xp.where(xp.isinf(loss), 0, loss).astype(x.dtype) if self.zero_infinity else loss

    @staticmethod
    def forwards(xp, log_p, skip):
        """alpha, for all times"""
        alpha = xp.full_like(log_p, -math.inf)
        if len(alpha):
            alpha[0, :, :2] = log_p[0, :, :2]
        for t in range(1, len(alpha)):
            before = alpha[t - 1]
            paths = xp.logaddexp(before, shifted(xp, before, 1))
            paths = xp.logaddexp(paths, xp.where(skip, shifted(xp, before, 2), -math.inf))
            alpha[t] = paths + log_p[t]
        return alpha

    @staticmethod
    def ends(xp, alpha, steps, sizes):
        """The losses: of paths that end in the last label or the blank after it; without time only for no target."""
        n = xp.arange(len(steps))
        if not len(alpha):
            return xp.where(sizes == 0, 0.0, math.inf).astype(alpha.dtype)
        last = alpha[xp.maximum(steps - 1, 0), n]
        label = xp.where(sizes > 0, last[n, xp.maximum(2 * sizes - 1, 0)], -math.inf)
        loss = -xp.logaddexp(last[n, 2 * sizes], label)
        return xp.where(steps > 0, loss, xp.where(sizes == 0, 0.0, math.inf)).astype(alpha.dtype)

    def backward(self, xp, g):
        saved = (self.x, self.labels, self.steps, self.sizes, self.alpha, self.loss)
        return run(xp, CtcSlope(self.zero_infinity), g, *saved), None, None, None

    def label(self):
        return "ctc_loss"


class CtcSlope(Op):
    """g (exp(x) - sum over s with that label of alpha beta / p / likelihood): the slope if x are log-probabilities

    The first term is what makes it the slope in a softmax's input too: it changes nothing behind log_softmax.
    """

    def __init__(self, zero_infinity):
        self.zero_infinity = zero_infinity

    def forward(self, xp, g, x, labels, steps, sizes, alpha, loss):
        log_p = emitted(xp, x, labels)
        share = xp.exp(alpha + self.backwards(xp, log_p, labels, steps, sizes) - log_p + loss[None, :, None])
        dx = xp.exp(x)
        n = xp.arange(len(steps))
        for s in range(labels.shape[1]):  # one label at a time, so that no place is named twice
            dx[:, n, labels[:, s]] -= share[:, :, s]
        if self.zero_infinity:
            dx = xp.where(xp.isinf(loss)[None, :, None], 0, dx)
        counts = xp.arange(len(x))[:, None] < steps
        return xp.where(counts[:, :, None], dx * g[None, :, None], 0).astype(x.dtype)

    @staticmethod
    def backwards(xp, log_p, labels, steps, sizes):
        """beta, for all times, each with the probability of its own time in it, as alpha"""
        beta = xp.full_like(log_p, -math.inf)
        after = xp.full_like(log_p[0] if len(log_p) else log_p.sum(0), -math.inf)
        places = xp.arange(labels.shape[1])
        ends = (places == 2 * sizes[:, None]) | (places == 2 * sizes[:, None] - 1)
        first = xp.where(ends, 0.0, -math.inf).astype(log_p.dtype)
        skip = may_skip(xp, labels)
        for t in range(len(log_p) - 1, -1, -1):
            paths = xp.logaddexp(after, shifted(xp, after, -1))
            paths = xp.logaddexp(paths, shifted(xp, xp.where(skip, after, -math.inf), -2))
            paths = xp.where((steps == t + 1)[:, None], first, paths)
            beta[t] = after = paths + log_p[t]
        return beta

    def label(self):
        return "ctc_loss_backward"
