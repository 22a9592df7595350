"""Transforms against torch: values, inverses, Jacobians, shapes, constraints, and the registries that choose them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.distributions as theirs

import sparkle
import sparkle.distributions as ours

X = np.random.default_rng(0).uniform(0.1, 0.9, (2, 3))
M = np.random.default_rng(1).uniform(0.1, 0.9, (2, 3, 3))


def t(lib, *values):
    return lib.from_numpy(np.array(values))


TRANSFORMS = {
    "exp": lambda L, D: D.ExpTransform(),
    "exp_inverse": lambda L, D: D.ExpTransform().inv,
    "abs": lambda L, D: D.AbsTransform(),
    "sigmoid": lambda L, D: D.SigmoidTransform(),
    "softplus": lambda L, D: D.SoftplusTransform(),
    "tanh": lambda L, D: D.TanhTransform(),
    "tanh_cached": lambda L, D: D.TanhTransform(cache_size=1),
    "power": lambda L, D: D.PowerTransform(t(L, 2.0, 0.5, -1.0)),
    "affine": lambda L, D: D.AffineTransform(t(L, 2.0, 0.5, -1.0), -2.0),
    "affine_event": lambda L, D: D.AffineTransform(1.0, t(L, 2.0, 0.5, -1.0), event_dim=1),
    "softmax": lambda L, D: D.SoftmaxTransform(),
    "stick": lambda L, D: D.StickBreakingTransform(),
    "compose": lambda L, D: D.ComposeTransform([D.ExpTransform(), D.AffineTransform(1.0, 3.0), D.TanhTransform()]),
    "compose_event": lambda L, D: D.ComposeTransform([D.ExpTransform(), D.StickBreakingTransform()]),
    "independent": lambda L, D: D.IndependentTransform(D.ExpTransform(), 1),
    "reshape": lambda L, D: D.ReshapeTransform((3,), (3, 1)),
    "cdf": lambda L, D: D.CumulativeDistributionTransform(D.Normal(t(L, 0.5), t(L, 2.0))),
    "stack": lambda L, D: D.StackTransform([D.ExpTransform(), D.TanhTransform(), D.SigmoidTransform()], -1),
    "cat": lambda L, D: D.CatTransform([D.ExpTransform(), D.TanhTransform()], -1, [1, 2]),
    "cat_cached": lambda L, D: D.CatTransform([D.ExpTransform(), D.TanhTransform()], 0, [1, 1], cache_size=1),
    "stack_rows": lambda L, D: D.StackTransform([D.ExpTransform(), D.TanhTransform()], 0),
    "identity": lambda L, D: D.identity_transform,
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transform(name):
    make = TRANSFORMS[name]
    a, b = make(sparkle, ours), make(torch, theirs)
    x, z = sparkle.from_numpy(X.copy()).requires_grad_(), torch.from_numpy(X.copy()).requires_grad_()
    y, w = a(x), b(z)
    np.testing.assert_allclose(y.detach().numpy(), w.detach().numpy(), rtol=1e-9)
    np.testing.assert_allclose(a.inv(y).detach().numpy(), b.inv(w).detach().numpy(), rtol=1e-7)
    assert a.bijective == b.bijective
    assert tuple(a.forward_shape(sparkle.Size((2, 3)))) == tuple(b.forward_shape(torch.Size((2, 3))))
    assert tuple(a.inverse_shape(y.shape)) == tuple(b.inverse_shape(w.shape)) == (2, 3)
    for end in ("domain", "codomain"):
        assert getattr(a, end).event_dim == getattr(b, end).event_dim
    if name not in ("abs", "softmax"):
        j, k = a.log_abs_det_jacobian(x, y), b.log_abs_det_jacobian(z, w)
        np.testing.assert_allclose(j.detach().numpy(), k.detach().numpy(), rtol=1e-9, atol=1e-12)
        if k.requires_grad:
            (j.sum() + y.sum()).backward()
            (k.sum() + w.sum()).backward()
            np.testing.assert_allclose(x.grad.numpy(), z.grad.numpy(), rtol=1e-7, atol=1e-9)
    try:
        sign = b.sign
    except NotImplementedError:
        with pytest.raises(NotImplementedError):
            _ = a.sign
        return
    np.testing.assert_array_equal(np.asarray(a.sign), np.asarray(sign))


def test_lower_cholesky():
    y = ours.LowerCholeskyTransform()(sparkle.from_numpy(M))
    w = theirs.LowerCholeskyTransform()(torch.from_numpy(M))
    np.testing.assert_allclose(y.numpy(), w.numpy())
    np.testing.assert_allclose(ours.LowerCholeskyTransform().inv(y).numpy(), np.tril(M), rtol=1e-9)
    assert ours.constraints.lower_cholesky.check(y).all()


def test_positive_definite():
    y = ours.PositiveDefiniteTransform()(sparkle.from_numpy(M))
    w = theirs.PositiveDefiniteTransform()(torch.from_numpy(M))
    np.testing.assert_allclose(y.numpy(), w.numpy())
    np.testing.assert_allclose(ours.PositiveDefiniteTransform().inv(y).numpy(), np.tril(M), rtol=1e-9)
    assert ours.constraints.positive_definite.check(y).all()


TRANSFORMED = {
    "affine": lambda L, D: D.TransformedDistribution(D.Normal(t(L, 0.0, 1.0), 2.0), [D.AffineTransform(1.0, -3.0)]),
    "logistic": lambda L, D: D.TransformedDistribution(
        D.Uniform(t(L, 0.0, 0.0), t(L, 1.0, 1.0)), [D.SigmoidTransform().inv, D.AffineTransform(1.0, 2.0)]
    ),
    "exp_affine": lambda L, D: D.TransformedDistribution(
        D.Normal(t(L, 0.0, 1.0), 2.0), [D.AffineTransform(1.0, -3.0), D.ExpTransform()]
    ),
    "event": lambda L, D: D.TransformedDistribution(
        D.Normal(t(L, 0.0, 1.0), 2.0), [D.ExpTransform(), D.AffineTransform(-1.0, 3.0, event_dim=1)]
    ),
    "expanded": lambda L, D: D.TransformedDistribution(
        D.Normal(t(L, 0.0), 2.0), [D.AffineTransform(t(L, 1.0, 2.0), 3.0)]
    ),
}


@pytest.mark.parametrize("name", TRANSFORMED)
def test_transformed(name):
    a, b = TRANSFORMED[name](sparkle, ours), TRANSFORMED[name](torch, theirs)
    assert (tuple(a.batch_shape), tuple(a.event_shape)) == (tuple(b.batch_shape), tuple(b.event_shape))
    v = X[:, :2]
    x, z = sparkle.from_numpy(v), torch.from_numpy(v)
    np.testing.assert_allclose(a.log_prob(x).numpy(), b.log_prob(z).numpy(), rtol=1e-8)
    if name != "event":
        np.testing.assert_allclose(a.cdf(x).numpy(), b.cdf(z).numpy(), rtol=1e-8)
        np.testing.assert_allclose(a.icdf(x).numpy(), b.icdf(z).numpy(), rtol=1e-8)
    wide = (4, *a.batch_shape)
    assert tuple(a.expand(wide).sample((5,)).shape) == tuple(b.expand(wide).sample((5,)).shape)
    np.testing.assert_allclose(
        a.expand(wide).log_prob(x[:1]).numpy(), b.expand(wide).log_prob(z[:1]).numpy(), rtol=1e-8
    )


CONSTRAINTS = [
    "real", "positive", "nonnegative", "unit_interval", "simplex", "boolean", "nonnegative_integer",
    "positive_integer", "one_hot", "real_vector", "lower_triangular", "lower_cholesky", "square", "symmetric",
    "positive_definite", "positive_semidefinite", "corr_cholesky",
]  # fmt: skip
VALUES = [
    np.eye(3),
    np.zeros((3, 3)),
    -np.eye(3),
    np.tril(M[0]),
    M[0],
    M[0] @ M[0].T,
    np.linalg.cholesky(np.corrcoef(M[0])[:2, :2]),
    np.array([[0.5, 0.5, 0.0], [0.2, 0.3, 0.4]]),
    np.array([[np.nan, 0.5, 1.0], [2.0, 0.0, -1.0]]),
    np.array([[0.0, 1.0, 0.0], [1.0, 1.0, 0.0]]),
]


@pytest.mark.parametrize("name", CONSTRAINTS)
@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_constraint(name, value):
    a, b = getattr(ours.constraints, name), getattr(theirs.constraints, name)
    assert (a.event_dim, a.is_discrete) == (b.event_dim, b.is_discrete)
    wanted = b.check(torch.from_numpy(value))
    got = a.check(sparkle.from_numpy(value))
    np.testing.assert_array_equal(got.numpy(), wanted.numpy())


MADE = [
    lambda c: c.greater_than(0.3),
    lambda c: c.greater_than_eq(0.0),
    lambda c: c.less_than(0.5),
    lambda c: c.interval(0.1, 0.5),
    lambda c: c.half_open_interval(0.0, 0.5),
    lambda c: c.integer_interval(0, 1),
    lambda c: c.multinomial(1),
    lambda c: c.independent(c.positive, 1),
    lambda c: c.independent(c.positive, 2),
    lambda c: c.cat([c.positive, c.unit_interval], -1, [1, 2]),
    lambda c: c.stack([c.positive, c.unit_interval, c.boolean], -1),
]


@pytest.mark.parametrize("make", MADE, ids=range(len(MADE)))
@pytest.mark.parametrize("value", VALUES[-3:], ids=range(3))
def test_made_constraint(make, value):
    a, b = make(ours.constraints), make(theirs.constraints)
    assert (a.event_dim, a.is_discrete) == (b.event_dim, b.is_discrete)
    np.testing.assert_array_equal(a.check(sparkle.from_numpy(value)).numpy(), b.check(torch.from_numpy(value)).numpy())


CHOSEN = [
    *[lambda c, n=n: getattr(c, n) for n in ("real", "positive", "nonnegative", "unit_interval", "simplex")],
    lambda c: c.lower_cholesky,
    lambda c: c.positive_definite,
    lambda c: c.positive_semidefinite,
    *MADE[:5],
    lambda c: c.independent(c.positive, 1),
    lambda c: c.real_vector,
]


@pytest.mark.parametrize("registry", ["biject_to", "transform_to"])
@pytest.mark.parametrize("make", CHOSEN, ids=range(len(CHOSEN)))
def test_registry(registry, make):
    constraint = make(ours.constraints)
    a = getattr(ours, registry)(constraint)
    try:
        b = getattr(theirs, registry)(make(theirs.constraints))
    except NotImplementedError:
        return  # for matrices torch has biject_to or transform_to, not both
    y, w = a(sparkle.from_numpy(M)), b(torch.from_numpy(M))
    np.testing.assert_allclose(y.numpy(), w.numpy(), rtol=1e-9)
    assert constraint.check(y).all()
