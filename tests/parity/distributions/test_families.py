"""Every family against torch.distributions: shapes, moments, densities, quantiles, entropies, with gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.distributions as theirs

import sparkle
import sparkle.distributions as ours
from tests.parity.distributions.families import FAMILIES, IDS, made, tensor

DTYPES = ["float32", "float64"]
TOLERANCE = {"float32": {"rtol": 3e-5, "atol": 1e-5}, "float64": {"rtol": 1e-7, "atol": 1e-9}}


def close(a, b, dtype):
    assert tuple(a.shape) == tuple(b.shape)
    assert str(a.dtype).split(".")[1] == str(b.dtype).split(".")[1]
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), **TOLERANCE[dtype])


def result(call, *args):
    """What it returns, or NotImplementedError."""
    try:
        return call(*args)
    except (NotImplementedError, AttributeError):
        return NotImplementedError
    except RuntimeError as error:
        if "Double did not match Float" in str(error):  # torch's GeneralizedPareto takes float32 only
            return NotImplementedError
        raise


def check(make, dtype):
    """make(library, distributions) -> (a tensor or NotImplementedError, leaves), from both: values and gradients."""
    (a, leaves), (b, others) = make(sparkle, ours), make(torch, theirs)
    if b is NotImplementedError:
        return  # sparkle may know more
    close(a, b, dtype)
    assert a.requires_grad == b.requires_grad
    if b.requires_grad:
        try:
            b.sum().backward()
        except NotImplementedError:
            return  # the derivative of the incomplete gamma function in its first argument
        a.sum().backward()
        for x, y in zip(leaves, others, strict=True):
            if y.grad is None:
                assert x.grad is None or not x.grad.any()
            else:
                assert x.grad is not None
                close(x.grad, y.grad, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("row", FAMILIES, ids=IDS)
@pytest.mark.parametrize("name", ["mean", "mode", "variance", "stddev", "entropy", "perplexity"])
def test_facts(row, name, dtype):
    if (row[0], name) == ("Kumaraswamy", "mode"):
        return  # torch's formula is wrong: nan for all parameters

    def make(lib, dists):
        d, leaves, _ = made(lib, dists, row, dtype)

        def fact():
            value = getattr(d, name)
            return value() if callable(value) else value

        return result(fact), leaves

    check(make, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("row", FAMILIES, ids=IDS)
@pytest.mark.parametrize("name", ["log_prob", "cdf", "icdf"])
def test_functions_of_a_value(row, name, dtype):
    def make(lib, dists):
        d, leaves, values = made(lib, dists, row, dtype)
        if name == "icdf":
            values = lib.from_numpy(np.array([[0.1, 0.9], [0.35, 0.5], [0.7, 0.01]], dtype=dtype)).requires_grad_()
        return result(getattr(d, name), values), [*leaves, values]

    check(make, dtype)


@pytest.mark.parametrize("row", FAMILIES, ids=IDS)
def test_shapes(row):
    (a, _, x), (b, _, y) = made(sparkle, ours, row, "float32"), made(torch, theirs, row, "float32")
    assert tuple(a.batch_shape) == tuple(b.batch_shape)
    assert tuple(a.event_shape) == tuple(b.event_shape)
    assert a.has_rsample == b.has_rsample
    assert a.has_enumerate_support == b.has_enumerate_support
    assert set(a.arg_constraints) == set(b.arg_constraints)
    assert (a.support.event_dim, a.support.is_discrete) == (b.support.event_dim, b.support.is_discrete)
    a, b = a.expand((3, 2)), b.expand((3, 2))
    assert tuple(a.batch_shape) == tuple(b.batch_shape)
    for shape in [(), (4,), (2, 5)]:
        s = a.sample(shape)
        assert tuple(s.shape) == tuple(b.sample(shape).shape)
        assert str(s.dtype).split(".")[1] == str(b.sample(shape).dtype).split(".")[1]
        assert not s.requires_grad
        if a.has_rsample:
            assert a.rsample(shape).requires_grad
    assert tuple(a.sample((0,)).shape) == (0, *a.batch_shape, *a.event_shape)
    value, other = x.detach().unsqueeze(1), y.detach().unsqueeze(1)
    close(a.log_prob(value), b.log_prob(other), "float32")
    if a.has_enumerate_support:
        for expand in (True, False):
            np.testing.assert_array_equal(a.enumerate_support(expand).numpy(), b.enumerate_support(expand).numpy())


@pytest.mark.parametrize("row", FAMILIES, ids=IDS)
def test_numbers_as_parameters(row):
    name, parameters, _ = row
    if any(np.ndim(x) > 1 for x in parameters.values()):
        return
    numbers = {key: float(x[0]) if isinstance(x, list) else x for key, x in parameters.items()}
    if "temperature" in numbers:
        return
    a, b = getattr(ours, name)(**numbers), getattr(theirs, name)(**numbers)
    assert tuple(a.batch_shape) == tuple(b.batch_shape)
    assert tuple(a.sample().shape) == tuple(b.sample().shape)
    assert str(a.sample().dtype).split(".")[1] == str(b.sample().dtype).split(".")[1]


BAD = [
    ("Normal", {"loc": [0.0], "scale": [-1.0]}),
    ("Normal", {"loc": [float("nan")], "scale": [1.0]}),
    ("Bernoulli", {"probs": [1.5]}),
    ("Bernoulli", {}),
    ("Bernoulli", {"probs": [0.5], "logits": [0.0]}),
    ("Categorical", {"probs": [-0.5, 1.0]}),
    ("Categorical", {"probs": np.array(0.5)}),
    ("Uniform", {"low": [1.0], "high": [1.0]}),
    ("Gamma", {"concentration": [0.0], "rate": [1.0]}),
    ("Geometric", {"probs": [0.0]}),
    ("Poisson", {"rate": [-1.0]}),
    ("Binomial", {"total_count": np.array(-1.0), "probs": [0.5]}),
    ("Binomial", {"total_count": np.array(1.5), "probs": [0.5]}),
    ("Dirichlet", {"concentration": [1.0, -1.0]}),
    ("Dirichlet", {"concentration": np.array(1.0)}),
    ("Multinomial", {"total_count": np.array([2.0]), "probs": [0.5, 0.5]}),
    ("StudentT", {"df": [-1.0]}),
]


@pytest.mark.parametrize(("name", "parameters"), BAD)
def test_bad_parameters(name, parameters):
    def make(lib, dists):
        getattr(dists, name)(**{key: tensor(lib, x, "float32") for key, x in parameters.items()})

    with pytest.raises(Exception) as wanted:  # noqa: PT011 - whatever torch raises is the oracle
        make(torch, theirs)
    with pytest.raises(wanted.type):
        make(sparkle, ours)


@pytest.mark.parametrize("row", FAMILIES, ids=IDS)
def test_bad_values(row):
    (a, _, x), (b, _, y) = made(sparkle, ours, row, "float32"), made(torch, theirs, row, "float32")
    spoilers = [lambda v: v.detach() * float("nan"), lambda v: v.detach()[..., :1, :][..., [0, 0, 0, 0]]]
    if row[0] not in ("Gamma", "Chi2"):  # which take numbers
        spoilers.append(lambda v: 3)
    for spoil in spoilers:
        with pytest.raises(Exception) as wanted:  # noqa: PT011 - whatever torch raises is the oracle
            b.log_prob(spoil(y))
        with pytest.raises(wanted.type):
            a.log_prob(spoil(x))


@pytest.mark.parametrize("dtype", DTYPES)
def test_exponential_families_of_ones_own(dtype):
    def make(lib, dists):
        class Mine(dists.ExponentialFamily):
            """The exponential distribution, by its normaliser."""

            arg_constraints = {}  # noqa: RUF012
            _mean_carrier_measure = 0

            def __init__(self, rate):
                self.rate = rate
                super().__init__(rate.shape)

            @property
            def _natural_params(self):
                return (-self.rate,)

            def _log_normalizer(self, x):
                return -(-x).log()

        leaves = [tensor(lib, x, dtype) for x in ([0.5, 2.0], [1.5, 0.7])]
        return Mine(leaves[0]), Mine(leaves[1]), leaves

    (p, q, _), (a, b, others) = make(sparkle, ours), make(torch, theirs)
    close(p.entropy(), a.entropy(), dtype)
    close(p.entropy(), theirs.Exponential(others[0]).entropy(), dtype)
    kl = theirs.kl_divergence(theirs.Exponential(others[0]), theirs.Exponential(others[1]))
    close(ours.kl_divergence(p, q), kl, dtype)
    close(ours.kl_divergence(p, q), theirs.kl_divergence(a, b), dtype)
    with pytest.raises(NotImplementedError):
        ours.kl_divergence(p, type("Other", (type(p),), {})(q.rate))
