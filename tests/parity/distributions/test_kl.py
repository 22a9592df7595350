"""Divergences against torch.distributions, for all pairs that it has, and by sampling for those that differ."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
import torch.distributions as theirs
from torch.distributions.kl import _KL_REGISTRY, _dispatch_kl

import sparkle
import sparkle.distributions as ours
from sparkle.core.distributions.kl.registry import _formulas
from tests.parity.distributions.families import FAMILIES, IDS, made

# For each family two sets of parameters, so that p and q differ.
OTHER = {
    "loc": [0.1, 1.0], "scale": [1.1, 0.5], "low": [-3.0, -1.5], "high": [6.0, 5.0], "rate": [0.9, 1.4],
    "concentration": [1.3, 2.2], "df": [4.0, 1.2], "concentration1": [1.2, 2.1], "concentration0": [2.4, 0.9],
    "alpha": [2.1, 4.0], "probs": [0.6, 0.25], "logits": [1.0, -0.7],
}  # fmt: skip
THREE = {"probs": [[0.4, 0.4, 0.2], [0.3, 0.3, 0.4]], "logits": [[1.0, 0.5, 0.0], [0.0, 0.3, -2.0]]}


def second(row):
    name, parameters, values = row
    changed = {}
    for key, x in parameters.items():
        if isinstance(x, list) and np.ndim(x) == 2:
            changed[key] = THREE.get(key, [[1.0, 2.0, 0.5], [0.7, 0.9, 3.0]])
        else:
            changed[key] = OTHER[key] if isinstance(x, list) and key in OTHER else x
    return name, changed, values


UNITS = ("Uniform", {"low": [0.2, 0.1], "high": [0.7, 0.95]}, None)
WIDE = ("Uniform", {"low": [-0.5, 0.0], "high": [1.0, 1.5]}, None)
ROWS = [*FAMILIES, UNITS, WIDE]
NAMES = [*IDS, "Uniform-inside", "Uniform-around"]
PAIRS = [
    pytest.param(a, second(b) if i != "Uniform-around" else b, id=f"{i}-{j}")
    for (i, a), (j, b) in itertools.product(zip(NAMES, ROWS, strict=True), repeat=2)
    if _dispatch_kl(getattr(theirs, a[0]), getattr(theirs, b[0])) is not NotImplemented
]
# torch calls the divergence infinite where the supports are the same.
WRONG = {("ContinuousBernoulli", "Uniform"), ("Uniform", "ContinuousBernoulli")}
MORE = {("InverseGamma", "InverseGamma")}  # only for equal parameters in torch


def divergence(lib, dists, a, b):
    p, ps, _ = made(lib, dists, a, "float64")
    q, qs, _ = made(lib, dists, b, "float64")
    try:
        kl = dists.kl_divergence(p, q)
    except NotImplementedError:
        return None, None
    if kl.requires_grad:
        kl.sum().backward()
    return kl.detach().numpy(), [x.grad for x in (*ps, *qs)]


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_divergence(a, b):
    pair = (a[0], b[0])
    wanted, their_grads = divergence(torch, theirs, a, b)
    if wanted is None or pair in WRONG | MORE:
        return
    got, grads = divergence(sparkle, ours, a, b)
    np.testing.assert_allclose(got, wanted, rtol=1e-7, atol=1e-9)
    for x, y in zip(grads, their_grads, strict=True):
        if np.isfinite(wanted).all() and y is not None:
            np.testing.assert_allclose(x.numpy(), y.numpy(), rtol=1e-6, atol=1e-8)


def registered(kl):
    return {(p.__name__, q.__name__) for p, q in kl}


def test_all_pairs_are_there():

    assert registered(_KL_REGISTRY) - registered(_formulas) == set()


@pytest.mark.parametrize("pair", sorted(WRONG | MORE))
def test_divergence_by_sampling(pair):
    rows = dict(zip(NAMES, ROWS, strict=True))
    key = {"Uniform": "Uniform-inside", "ContinuousBernoulli": "ContinuousBernoulli-probs"}
    a, b = (rows.get(key.get(name, f"{name}-concentration-rate")) for name in pair)
    if pair[1] == "Uniform":
        b = ("Uniform", {"low": [0.0, -0.5], "high": [1.0, 1.5]}, None)
    sparkle.manual_seed(0)
    p, q = made(sparkle, ours, a, "float64")[0], made(sparkle, ours, second(b) if pair in MORE else b, "float64")[0]
    x = p.sample((200_000,))
    wanted = (p.log_prob(x) - q.log_prob(x)).mean(0)
    np.testing.assert_allclose(ours.kl_divergence(p, q).detach().numpy(), wanted.detach().numpy(), atol=0.02)
