"""Normal distributions of vectors against torch, for each way to give the covariance."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.distributions as theirs

import sparkle
import sparkle.distributions as ours

R = np.random.default_rng(3)


def spd(*shape):
    a = R.standard_normal(shape)
    return a @ a.swapaxes(-1, -2) + 2 * np.eye(shape[-1])


LOC, LOCS = R.standard_normal(3), R.standard_normal((2, 3))
ONE, TWO = spd(3, 3), spd(2, 3, 3)
GIVEN = {
    "covariance": ("MultivariateNormal", {"loc": LOC, "covariance_matrix": ONE}),
    "covariances": ("MultivariateNormal", {"loc": LOC, "covariance_matrix": TWO}),
    "shared": ("MultivariateNormal", {"loc": LOCS, "covariance_matrix": ONE}),
    "precision": ("MultivariateNormal", {"loc": LOCS, "precision_matrix": TWO}),
    "tril": ("MultivariateNormal", {"loc": LOCS, "scale_tril": np.linalg.cholesky(TWO)}),
    "low_rank": (
        "LowRankMultivariateNormal",
        {"loc": LOCS, "cov_factor": R.standard_normal((3, 2)), "cov_diag": np.exp(R.standard_normal((2, 3)))},
    ),
    "low_rank_one": (
        "LowRankMultivariateNormal",
        {"loc": LOC, "cov_factor": R.standard_normal((3, 2)), "cov_diag": np.exp(R.standard_normal(3))},
    ),
}
VALUES = R.standard_normal((4, 1, 3))


def made(lib, dists, key):
    name, parameters = GIVEN[key]
    leaves = {k: lib.from_numpy(x.copy()).requires_grad_() for k, x in parameters.items()}
    return getattr(dists, name)(**leaves), list(leaves.values())


def same(make, lower=False):
    (a, leaves), (b, others) = make(sparkle, ours), make(torch, theirs)
    assert tuple(a.shape) == tuple(b.shape)
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-9, atol=1e-12)
    weights = np.asarray(np.arange(a.numel()).reshape(a.shape) * 0.3 + 1)
    (a * sparkle.from_numpy(weights)).sum().backward()
    (b * torch.from_numpy(weights)).sum().backward()
    for x, y in zip(leaves, others, strict=True):
        if y.grad is None:
            assert x.grad is None
        else:
            wanted = np.tril(y.grad.numpy()) if lower and x.dim() > 1 else y.grad.numpy()
            np.testing.assert_allclose(x.grad.numpy(), wanted, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("key", GIVEN)
@pytest.mark.parametrize(
    "fact", ["mean", "mode", "variance", "covariance_matrix", "precision_matrix", "scale_tril", "entropy"]
)
def test_facts(key, fact):
    def make(lib, dists):
        d, leaves = made(lib, dists, key)
        value = getattr(d, fact)
        return value() if callable(value) else value, leaves

    # torch lets the gradient of cholesky_inverse spill into the upper triangle, which is never read.
    same(make, lower=(key, fact) == ("tril", "precision_matrix"))


@pytest.mark.parametrize("key", GIVEN)
@pytest.mark.parametrize("expand", [False, True])
def test_log_prob(key, expand):
    def make(lib, dists):
        d, leaves = made(lib, dists, key)
        d = d.expand((5, *d.batch_shape)) if expand else d
        values = lib.from_numpy(VALUES[0] if expand else VALUES).requires_grad_()
        return d.log_prob(values), [*leaves, values]

    same(make)


@pytest.mark.parametrize("p", GIVEN)
@pytest.mark.parametrize("q", GIVEN)
def test_divergence(p, q):
    if p == "low_rank" and q in ("covariance", "shared"):
        return  # torch cannot broadcast these batches

    def make(lib, dists):
        (a, left), (b, right) = made(lib, dists, p), made(lib, dists, q)
        return dists.kl_divergence(a, b), [*left, *right]

    same(make)


@pytest.mark.parametrize("key", GIVEN)
def test_samples(key):
    sparkle.manual_seed(0)
    d, leaves = made(sparkle, ours, key)
    n = 40_000
    x = d.sample((n,)).numpy()
    np.testing.assert_allclose(x.mean(0), d.mean.detach().numpy(), atol=0.15)
    centred = x - x.mean(0)
    covariance = (centred[..., :, None] * centred[..., None, :]).mean(0)
    scale = np.abs(d.covariance_matrix.detach().numpy()).max()
    np.testing.assert_allclose(covariance, d.covariance_matrix.detach().numpy(), atol=0.05 * scale)
    d.rsample((2,)).sum().backward()
    assert all(x.grad is not None for x in leaves)


@pytest.mark.parametrize(
    "make",
    [
        lambda L, D: D.MultivariateNormal(L.zeros(2)),
        lambda L, D: D.MultivariateNormal(L.zeros(2), L.eye(2), L.eye(2)),
        lambda L, D: D.MultivariateNormal(L.tensor(0.0), L.eye(2)),
        lambda L, D: D.MultivariateNormal(L.zeros(2), L.ones(2)),
        lambda L, D: D.MultivariateNormal(L.zeros(2), -L.eye(2)),
        lambda L, D: D.MultivariateNormal(L.zeros(2), L.tensor([[1.0, 0.5], [0.0, 1.0]])),
        lambda L, D: D.MultivariateNormal(L.zeros(2), scale_tril=L.ones(2, 2)),
        lambda L, D: D.MultivariateNormal(L.zeros(2), L.eye(2)).log_prob(L.zeros(3)),
        lambda L, D: D.LowRankMultivariateNormal(L.zeros(2), L.ones(3, 1), L.ones(2)),
        lambda L, D: D.kl_divergence(
            D.MultivariateNormal(L.zeros(2), L.eye(2)), D.MultivariateNormal(L.zeros(3), L.eye(3))
        ),
    ],
    ids=range(10),
)
def test_misuse(make):
    with pytest.raises(Exception) as wanted:  # noqa: PT011 - whatever torch raises is the oracle
        make(torch, theirs)
    with pytest.raises(wanted.type):
        make(sparkle, ours)


def test_divergence_of_batches_that_torch_cannot_broadcast():
    q, p = made(sparkle, ours, "covariance")[0], made(sparkle, ours, "low_rank")[0]
    full = ours.MultivariateNormal(p.loc, p.covariance_matrix)
    np.testing.assert_allclose(
        ours.kl_divergence(p, q).detach().numpy(), ours.kl_divergence(full, q).detach().numpy(), rtol=1e-9
    )
