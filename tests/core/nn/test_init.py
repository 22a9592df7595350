"""First values: bounds and moments of every function and layer, by the formulas; misuse."""

from __future__ import annotations

import math

import numpy as np
import pytest

import sparkle
from sparkle import nn
from sparkle.nn import init


def values(t):
    return t.detach().numpy().astype(float)


def assert_uniform(x, bound):
    assert np.abs(x).max() <= bound
    assert np.abs(x).max() > 0.9 * bound
    assert x.std() == pytest.approx(bound / math.sqrt(3), rel=0.1)
    assert abs(x.mean()) < 0.1 * bound


def assert_normal(x, std, mean=0.0):
    assert x.mean() == pytest.approx(mean, abs=0.1 * std)
    assert x.std() == pytest.approx(std, rel=0.1)
    assert np.abs(x - mean).max() > 2.5 * std


W = (40, 30, 3, 2)
FAN_IN, FAN_OUT = 30 * 6, 40 * 6
RELU = math.sqrt(2.0)

UNIFORM = {
    "uniform": (lambda t: init.uniform_(t, -2, 2), 2),
    "xavier": (lambda t: init.xavier_uniform_(t, gain=1.5), 1.5 * math.sqrt(6 / (FAN_IN + FAN_OUT))),
    "kaiming": (lambda t: init.kaiming_uniform_(t, nonlinearity="relu"), RELU * math.sqrt(3 / FAN_IN)),
    "kaiming-out": (lambda t: init.kaiming_uniform_(t, mode="fan_out"), RELU * math.sqrt(3 / FAN_OUT)),
    "kaiming-a": (lambda t: init.kaiming_uniform_(t, a=math.sqrt(5)), 1 / math.sqrt(FAN_IN)),
}
NORMAL = {
    "normal": (lambda t: init.normal_(t, 0, 2), 2),
    "xavier": (lambda t: init.xavier_normal_(t), math.sqrt(2 / (FAN_IN + FAN_OUT))),
    "kaiming": (lambda t: init.kaiming_normal_(t, a=1), 1 / math.sqrt(FAN_IN)),
    "trunc": (lambda t: init.trunc_normal_(t, std=0.1), 0.1),
}


@pytest.mark.parametrize("name", UNIFORM)
def test_uniform(name):
    fill, bound = UNIFORM[name]
    t = sparkle.empty(*W)
    assert fill(t) is t
    assert_uniform(values(t), bound)


@pytest.mark.parametrize("name", NORMAL)
def test_normal(name):
    fill, std = NORMAL[name]
    t = sparkle.empty(*W)
    assert fill(t) is t
    assert_normal(values(t), std)


def test_trunc_normal_stays_within():
    x = values(init.trunc_normal_(sparkle.empty(5000), mean=1.0, std=2.0, a=0.0, b=2.0))
    assert x.min() >= 0
    assert x.max() <= 2
    assert x.mean() == pytest.approx(1.0, abs=0.05)
    with pytest.warns(UserWarning, match="more than 2 std"):
        init.trunc_normal_(sparkle.empty(5), mean=4.5)


def test_constants():
    t = sparkle.empty(2, 3)
    assert (init.constant_(t, 2.5) == 2.5).all()
    assert (init.ones_(t) == 1).all()
    assert (init.zeros_(t) == 0).all()
    np.testing.assert_array_equal(values(init.eye_(t)), np.eye(2, 3))


def test_parameters_are_filled_unrecorded():
    p = nn.Parameter(sparkle.empty(3, 3))
    for fill in (init.ones_, init.eye_, init.xavier_normal_, init.orthogonal_, init.trunc_normal_):
        fill(p)
        assert p.is_leaf
        assert p.requires_grad
        assert p.grad_fn is None


@pytest.mark.parametrize("groups", [1, 2])
def test_dirac_hands_channels_on(groups):
    conv = nn.Conv2d(4, 4, 3, padding=1, groups=groups, bias=False)
    init.dirac_(conv.weight, groups)
    x = sparkle.randn(2, 4, 5, 5)
    np.testing.assert_allclose(values(conv(x)), values(x), rtol=1e-6)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 2, 3), (3, 3)])
def test_orthogonal(shape):
    q = values(init.orthogonal_(sparkle.empty(*shape), gain=2.0)).reshape(shape[0], -1) / 2
    product = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-5)


def test_sparse():
    x = values(init.sparse_(sparkle.empty(20, 30), sparsity=0.31))
    np.testing.assert_array_equal((x == 0).sum(axis=0), 7)
    assert_normal(x[x != 0], 0.01)


def test_a_generator_makes_it_repeatable():
    made = []
    for _ in range(2):
        generator = sparkle.Generator().manual_seed(3)
        fills = (init.uniform_, init.normal_, init.xavier_uniform_, init.kaiming_normal_, init.orthogonal_)
        made.append([values(fill(sparkle.empty(4, 4), generator=generator)) for fill in fills])
    for a, b in zip(*made, strict=True):
        np.testing.assert_array_equal(a, b)


def test_gains():
    wanted = {"linear": 1, "conv2d": 1, "sigmoid": 1, "tanh": 5 / 3, "relu": RELU, "selu": 0.75}
    assert {name: init.calculate_gain(name) for name in wanted} == wanted
    assert init.calculate_gain("leaky_relu") == math.sqrt(2 / (1 + 0.01**2))
    assert init.calculate_gain("leaky_relu", 1) == 1


# (layer, standard deviation or bound of each parameter)
UNIFORM_LAYERS = [
    (nn.Linear(50, 200), 1 / math.sqrt(50)),
    (nn.Conv1d(10, 200, 5), 1 / math.sqrt(50)),
    (nn.Conv2d(10, 200, (3, 2), groups=2), 1 / math.sqrt(30)),
    (nn.ConvTranspose2d(20, 100, 3, groups=2), 1 / math.sqrt(450)),
    (nn.Bilinear(20, 10, 200), 1 / math.sqrt(20)),
]


@pytest.mark.parametrize(("layer", "bound"), UNIFORM_LAYERS, ids=lambda x: str(x)[:20])
def test_layers(layer, bound):
    layer.reset_parameters()
    for p in layer.parameters():
        assert_uniform(values(p), bound)


def test_embedding_starts_normal():
    table = nn.Embedding(100, 50, padding_idx=3)
    x = values(table.weight)
    assert (x[3] == 0).all()
    assert_normal(np.delete(x, 3, 0), 1.0)


@pytest.mark.parametrize("make", [lambda: nn.BatchNorm2d(3), lambda: nn.LayerNorm(3), lambda: nn.GroupNorm(1, 3)])
def test_norms_start_as_identity(make):
    norm = make()
    assert (norm.weight == 1).all()
    assert (norm.bias == 0).all()


MISUSE = [
    (lambda: init.calculate_gain("other"), ValueError, "Unsupported nonlinearity other"),
    (lambda: init.calculate_gain("leaky_relu", "a"), ValueError, "not a valid number"),
    (lambda: init.eye_(sparkle.empty(2)), ValueError, "Only tensors with 2 dimensions"),
    (lambda: init.dirac_(sparkle.empty(2, 2)), ValueError, "3, 4, or 5 dimensions"),
    (lambda: init.dirac_(sparkle.empty(3, 2, 2), groups=2), ValueError, "divisible by groups"),
    (lambda: init.xavier_uniform_(sparkle.empty(2)), ValueError, "fewer than 2 dimensions"),
    (lambda: init.kaiming_normal_(sparkle.empty(2, 2), mode="x"), ValueError, "Mode x not supported"),
    (lambda: init.orthogonal_(sparkle.empty(2)), ValueError, "2 or more dimensions"),
    (lambda: init.sparse_(sparkle.empty(2), 0.5), ValueError, "Only tensors with 2 dimensions"),
]


@pytest.mark.parametrize(("call", "error", "text"), MISUSE)
def test_misuse(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_empty_weights_are_left_alone():
    with pytest.warns(UserWarning, match="no-op"):
        init.kaiming_uniform_(sparkle.empty(0, 3))
    assert init.orthogonal_(sparkle.empty(0, 3)).shape == (0, 3)
