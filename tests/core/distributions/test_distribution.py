"""What all distributions share: checks and their messages, expansion, printing, user-made ones, divergences."""

from __future__ import annotations

import copy
import math
import pickle
import subprocess
import sys

import numpy as np
import pytest

import sparkle
import sparkle.distributions as D
from sparkle.distributions import constraints
from sparkle.distributions.utils import broadcast_all


def test_errors_name_parameter_and_value():
    with pytest.raises(ValueError, match=r"(?s)parameter scale .*Normal.*GreaterThan\(lower_bound=0.0\).*-2"):
        D.Normal(0.0, sparkle.tensor([1.0, -2.0]))
    with pytest.raises(ValueError, match=r"(?s)value argument .*Beta.*1\.5"):
        D.Beta(1.0, 2.0).log_prob(sparkle.tensor(1.5))
    with pytest.raises(ValueError, match=r"must match event_shape: \(3,\) vs \(2,\)"):
        D.Dirichlet(sparkle.ones(2)).log_prob(sparkle.ones(3) / 3)
    with pytest.raises(ValueError, match="not broadcastable"):
        D.Normal(sparkle.zeros(2), 1.0).log_prob(sparkle.zeros(3))
    with pytest.raises(ValueError, match="must be a Tensor, met float"):
        D.Normal(0.0, 1.0).log_prob(1.0)
    with pytest.raises(ValueError, match="cov_diag"):
        D.LowRankMultivariateNormal(sparkle.zeros(2), sparkle.ones(2, 1), -sparkle.ones(2))
    with pytest.raises(TypeError, match="str"):
        D.Normal("a", 1.0)


def test_checks_can_be_switched_off():
    assert D.Normal(0.0, -1.0, validate_args=False).log_prob(sparkle.tensor(math.nan)).isnan()
    D.Distribution.set_default_validate_args(False)
    try:
        D.Exponential(-1.0)
        with pytest.raises(ValueError, match="rate"):
            D.Exponential(-1.0, validate_args=True)
    finally:
        D.Distribution.set_default_validate_args(True)
    with pytest.raises(ValueError, match="maybe"):
        D.Distribution.set_default_validate_args("maybe")


@pytest.mark.parametrize("name", ["rsample", "log_prob", "cdf", "icdf"])
def test_what_is_missing_says_so(name):
    class Empty(D.Distribution):
        arg_constraints = {}  # noqa: RUF012

    d = Empty()
    with pytest.raises(NotImplementedError, match=f"Empty does not implement {name}"):
        getattr(d, name)(*(() if name == "rsample" else (sparkle.zeros(1),)))
    for fact in ("mean", "mode", "variance"):
        with pytest.raises(NotImplementedError, match=fact):
            getattr(d, fact)
    for fact in ("entropy", "enumerate_support", "perplexity"):
        with pytest.raises(NotImplementedError, match="does not implement"):
            getattr(d, fact)()


def test_a_distribution_of_ones_own():
    class Triangle(D.Distribution):
        """2 x on 0..top"""

        arg_constraints = {"top": constraints.positive}  # noqa: RUF012
        has_rsample = True

        def __init__(self, top, validate_args=None):
            (self.top,) = broadcast_all(top)
            super().__init__(self.top.shape, validate_args=validate_args)

        @constraints.dependent_property(is_discrete=False, event_dim=0)
        def support(self):
            return constraints.interval(0.0, self.top)

        def rsample(self, sample_shape=()):
            return self.top * sparkle.rand(self._extended_shape(sample_shape)).sqrt()

        def log_prob(self, value):
            self._validate_sample(value)
            return (2 * value / self.top**2).log()

    top = sparkle.tensor([1.0, 2.0], requires_grad=True)
    d = Triangle(top).expand((3, 2))
    assert d.rsample((4,)).shape == (4, 3, 2)
    d.log_prob(d.sample()).sum().backward()
    np.testing.assert_allclose(top.grad.numpy(), -6 / top.detach().numpy(), rtol=1e-6)
    with pytest.raises(ValueError, match="top"):
        Triangle(-top.detach())
    with pytest.raises(ValueError, match="value argument"):
        d.log_prob(sparkle.full((2,), 3.0))
    assert Triangle.support.event_dim == 0

    @D.register_kl(Triangle, D.Uniform)
    def _(p, q):
        return p.top * 0 + 42

    assert D.kl_divergence(d, D.Uniform(0.0, 2.0)).unique().tolist() == [42]


def test_kl_takes_the_most_specific_formula():
    class Mine(D.Normal):
        pass

    p, q = Mine(0.0, 1.0), D.Normal(1.0, 1.0)
    assert D.kl_divergence(p, q).item() == 0.5
    D.register_kl(Mine, D.Normal)(lambda p, q: 1)
    assert D.kl_divergence(p, q) == 1
    D.register_kl(D.Normal, Mine)(lambda p, q: 2)
    with pytest.warns(RuntimeWarning, match="Ambiguous"):
        assert D.kl_divergence(p, Mine(0.0, 1.0)) == 1
    with pytest.raises(NotImplementedError, match="Normal and q type Poisson"):
        D.kl_divergence(q, D.Poisson(1.0))
    with pytest.raises(TypeError, match="subclass of Distribution"):
        D.register_kl(int, D.Normal)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: D.Normal(0.0, 1.5), "Normal(loc: 0.0, scale: 1.5)"),
        (lambda: D.Normal(sparkle.zeros(3), 1.5), "Normal(loc: sparkle.Size([3]), scale: sparkle.Size([3]))"),
        (lambda: D.Independent(D.Poisson(sparkle.ones(2)), 1), "Independent(Poisson(rate: sparkle.Size([2])), 1)"),
        (
            lambda: D.TransformedDistribution(D.Exponential(1.0), [D.ExpTransform()]),
            "TransformedDistribution(Exponential(rate: 1.0), [ExpTransform()])",
        ),
        (lambda: D.ComposeTransform([D.ExpTransform().inv]), "ComposeTransform([Inverse(ExpTransform())])"),
        (lambda: constraints.interval(0.0, 1.0), "Interval(lower_bound=0.0, upper_bound=1.0)"),
        (lambda: constraints.simplex, "Simplex()"),
    ],
    ids=range(7),
)
def test_printing(make, text):
    assert repr(make()) == text


def test_copies():
    d = D.Gamma(sparkle.tensor([1.0, 2.0]), 3.0)
    for twin in (copy.deepcopy(d), pickle.loads(pickle.dumps(d))):
        assert sparkle.equal(twin.mean, d.mean)


def test_expand_shares_memory_and_keeps_what_is_lazy():
    d = D.Bernoulli(logits=sparkle.zeros(2))
    assert d.probs.tolist() == [0.5, 0.5]
    wide = d.expand((3, 2))
    assert wide.probs.shape == wide.logits.shape == (3, 2)
    assert wide.logits.data_ptr() == d.logits.data_ptr()
    beta = D.Beta(sparkle.ones(2), sparkle.ones(1)).expand([4, 2])
    assert beta.rsample((5,)).shape == (5, 4, 2)
    mixture = D.MixtureSameFamily(D.Categorical(sparkle.ones(3)), D.Normal(sparkle.zeros(3), 1.0)).expand((2,))
    assert mixture.sample((4,)).shape == mixture.log_prob(mixture.sample((4,))).shape == (4, 2)
    assert D.Chi2(sparkle.ones(2)).expand((3, 2)).sample().shape == (3, 2)
    assert D.LogNormal(0.0, 1.0).expand((3,)).sample((2,)).shape == (2, 3)
    assert D.Multinomial(3, sparkle.ones(2, 4)).expand((5, 2)).sample().shape == (5, 2, 4)


def test_policy_gradient():
    logits = sparkle.zeros(4, 3, requires_grad=True)
    policy = D.Categorical(logits=logits)
    action = policy.sample()
    assert action.dtype is sparkle.int64
    (-(policy.log_prob(action) * sparkle.ones(4)).mean() - 0.01 * policy.entropy().mean()).backward()
    assert logits.grad.shape == (4, 3)
    one_hot = np.eye(3)[action.numpy()]
    np.testing.assert_allclose(logits.grad.numpy(), (1 / 3 - one_hot) / 4, rtol=1e-5)


def test_variational_autoencoder_terms():
    mu, log_var = sparkle.zeros(5, 2, requires_grad=True), sparkle.zeros(5, 2, requires_grad=True)
    q = D.Independent(D.Normal(mu, (0.5 * log_var).exp()), 1)
    p = D.Independent(D.Normal(sparkle.zeros(5, 2), sparkle.ones(5, 2)), 1)
    (q.rsample().square().sum(-1) + D.kl_divergence(q, p)).mean().backward()
    assert mu.grad.shape == log_var.grad.shape == (5, 2)


def test_tanh_with_a_cache_gives_back_what_was_sampled():
    d = D.TransformedDistribution(D.Normal(0.0, 8.0), [D.TanhTransform(cache_size=1)])
    sparkle.manual_seed(0)
    x = d.rsample((100,))
    assert (x.abs() == 1).any()  # where the inverse without the cache is infinite
    assert d.log_prob(x).isfinite().all()


def test_mixtures_refuse_what_does_not_fit():
    normal = D.Normal(sparkle.zeros(3), 1.0)
    for mixture, component in [
        (normal, normal),
        (D.Categorical(sparkle.ones(2)), normal),
        (D.Categorical(sparkle.ones(3)), 3),
        (D.Categorical(sparkle.ones(3)), D.Normal(0.0, 1.0)),
        (D.Categorical(sparkle.ones(4, 3)), D.Normal(sparkle.zeros(2, 3), 1.0)),
    ]:
        with pytest.raises(ValueError, match="MixtureSameFamily"):
            D.MixtureSameFamily(mixture, component)


def test_other_misuse():
    with pytest.raises(ValueError, match="reinterpreted_batch_ndims"):
        D.Independent(D.Normal(0.0, 1.0), 1)
    with pytest.raises(ValueError, match="Transform"):
        D.TransformedDistribution(D.Normal(0.0, 1.0), [3])
    with pytest.raises(ValueError, match="at least 1"):
        D.TransformedDistribution(D.Normal(0.0, 1.0), D.StickBreakingTransform())
    with pytest.raises(ValueError, match="cache_size"):
        D.ExpTransform(cache_size=2)
    with pytest.raises(ValueError, match="elements"):
        D.ReshapeTransform((2,), (3,))
    with pytest.raises(NotImplementedError, match="transform"):
        D.biject_to(constraints.boolean)
    with pytest.raises(TypeError, match="Constraint"):
        D.transform_to.register(3, lambda c: None)
    with pytest.raises(NotImplementedError, match="total counts"):
        D.Binomial(sparkle.tensor([1.0, 2.0]), probs=0.5).entropy()
    with pytest.warns(FutureWarning, match="sample_n"):
        assert D.Normal(0.0, 1.0).sample_n(3).shape == (3,)


@pytest.mark.parametrize("dtype", [sparkle.float32, sparkle.float64])
def test_the_type_is_kept(dtype):
    d = D.StudentT(sparkle.tensor(3.0, dtype=dtype), 0.0, 1.0)
    assert d.sample().dtype is d.log_prob(d.sample()).dtype is d.entropy().dtype is dtype


def test_import_of_the_library_does_not_load_distributions():
    program = "import sys, sparkle; print(any('distributions' in name for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_generalized_pareto_at_concentration_zero_is_exponential():
    k = sparkle.zeros(3, dtype=sparkle.float64, requires_grad=True)
    z = sparkle.tensor([0.3, 1.0, 2.5], dtype=sparkle.float64)
    d, e = D.GeneralizedPareto(0.0, 2.0, k), D.Exponential(sparkle.tensor(0.5, dtype=sparkle.float64))
    for name in ("log_prob", "cdf"):
        np.testing.assert_allclose(getattr(d, name)(z).detach().numpy(), getattr(e, name)(z).numpy(), rtol=1e-12)
    assert sparkle.allclose(d.icdf(e.cdf(z)), z)
    assert d.entropy().tolist() == pytest.approx([e.entropy().item()] * 3)
    for name, value in (("log_prob", z), ("icdf", z / 3)):
        above, below = (getattr(D.GeneralizedPareto(0.0, 2.0, h), name)(value) for h in (1e-4 + 0 * z, -1e-4 + 0 * z))
        (slope,) = sparkle.autograd.grad(getattr(d, name)(value).sum(), [k])
        np.testing.assert_allclose(slope.numpy(), ((above - below) / 2e-4).numpy(), rtol=1e-6)


def test_modes_of_dirichlet_variables():
    a = sparkle.tensor([[0.5, 0.9, 0.2], [3.0, 2.0, 1.0], [0.5, 3.0, 2.0], [1.0, 1.0, 1.0]])
    wanted = [[0, 1, 0], [2 / 3, 1 / 3, 0], [0, 2 / 3, 1 / 3], [math.nan] * 3]
    np.testing.assert_allclose(D.Dirichlet(a).mode.numpy(), wanted, rtol=1e-6)
