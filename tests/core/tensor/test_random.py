"""Random tensors: seeds, states, distributions, and what is refused."""

from __future__ import annotations

import contextlib
import copy
import math
import pickle

import numpy as np
import pytest

import sparkle
from sparkle.core.random import Stream
from sparkle.core.tensor.functions import sampling

DRAWS = {
    "rand": lambda g: sparkle.rand(5, generator=g),
    "randn": lambda g: sparkle.randn(5, generator=g),
    "randint": lambda g: sparkle.randint(0, 100, (5,), generator=g),
    "randperm": lambda g: sparkle.randperm(8, generator=g),
    "rand_like": lambda g: sparkle.rand_like(sparkle.zeros(5), generator=g),
    "randn_like": lambda g: sparkle.randn_like(sparkle.zeros(5), generator=g),
    "randint_like": lambda g: sparkle.randint_like(sparkle.zeros(5), 100, generator=g),
    "normal": lambda g: sparkle.normal(0.0, 1.0, (5,), generator=g),
    "normal_tensors": lambda g: sparkle.normal(sparkle.zeros(5), sparkle.ones(5), generator=g),
    "bernoulli": lambda g: sparkle.bernoulli(sparkle.full((50,), 0.5), generator=g),
    "multinomial": lambda g: sparkle.multinomial(sparkle.ones(50), 20, generator=g),
    "multinomial_again": lambda g: sparkle.multinomial(sparkle.ones(50), 20, True, generator=g),
    "poisson": lambda g: sparkle.poisson(sparkle.full((50,), 3.0), generator=g),
    "binomial": lambda g: sparkle.binomial(sparkle.full((50,), 9.0), sparkle.full((50,), 0.4), generator=g),
    "uniform_": lambda g: sparkle.zeros(5).uniform_(-1, 1, generator=g),
    "normal_": lambda g: sparkle.zeros(5).normal_(1, 2, generator=g),
    "random_": lambda g: sparkle.zeros(5).random_(100, generator=g),
    "bernoulli_": lambda g: sparkle.zeros(50).bernoulli_(generator=g),
    "exponential_": lambda g: sparkle.zeros(5).exponential_(generator=g),
    "log_normal_": lambda g: sparkle.zeros(5).log_normal_(generator=g),
    "cauchy_": lambda g: sparkle.zeros(5).cauchy_(generator=g),
    "geometric_": lambda g: sparkle.zeros(50).geometric_(0.2, generator=g),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_the_same_seed_gives_the_same_numbers(draw):
    g = sparkle.Generator().manual_seed(5)
    first, second = draw(g).tolist(), draw(g).tolist()
    assert first != second
    assert draw(g.manual_seed(5)).tolist() == first
    sparkle.manual_seed(5)
    assert draw(None).tolist() == first
    assert draw(sparkle.Generator().manual_seed(6)).tolist() != first


# Name, a draw, and the numbers it gives from seed 2024, on every machine and with every version of NumPy.
GOLDEN = [
    ("rand", lambda g: sparkle.rand(3, generator=g),
     [0.241528153, 0.675831318, 0.0923433304]),
    ("rand_double", lambda g: sparkle.rand(3, dtype=sparkle.float64, generator=g),
     [0.675831338, 0.214323201, 0.309452031]),
    ("rand_half", lambda g: sparkle.rand(3, dtype=sparkle.float16, generator=g),
     [0.792480469, 0.241210938, 0.282226562]),
    ("randn", lambda g: sparkle.randn(3, generator=g),
     [0.611084402, 0.846587062, 0.212179422]),
    ("randn_double", lambda g: sparkle.randn(3, dtype=sparkle.float64, generator=g),
     [1.02885687, 1.64192004, 1.14671953]),
    ("randint", lambda g: sparkle.randint(-1000, 1000, (5,), generator=g),
     [-517, 351, -816, -572, -365]),
    ("randint_wide", lambda g: sparkle.randint(-(1 << 62), 1 << 62, (2,), generator=g),
     [1621757845939316084, -2634903397277243284]),
    ("randperm", lambda g: sparkle.randperm(8, generator=g),
     [3, 2, 7, 5, 4, 1, 6, 0]),
    ("normal", lambda g: sparkle.normal(sparkle.zeros(3), 2.0, generator=g),
     [1.2221688, 1.69317412, 0.424358845]),
    ("bernoulli", lambda g: sparkle.bernoulli(sparkle.full((12,), 0.5), generator=g),
     [1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]),
    ("multinomial", lambda g: sparkle.multinomial(sparkle.ones(9), 5, generator=g),
     [8, 1, 2, 5, 7]),
    ("multinomial_replaced", lambda g: sparkle.multinomial(sparkle.ones(2, 9), 5, True, generator=g),
     [6, 1, 2, 7, 8, 1, 0, 1, 3, 1]),
    ("multinomial_rows", lambda g: sparkle.multinomial(sparkle.ones(4, 9), 1, True, generator=g),
     [6, 1, 2, 7]),
    ("poisson", lambda g: sparkle.poisson(sparkle.tensor([0.5, 4.0, 40.0, 4000.0]), generator=g),
     [1.0, 4.0, 33.0, 3931.0]),
    ("binomial", lambda g: sparkle.binomial(sparkle.tensor([3.0, 10.0, 1000.0]), sparkle.tensor(0.4), generator=g),
     [2.0, 3.0, 389.0]),
    ("uniform_", lambda g: sparkle.zeros(3).uniform_(-1, 1, generator=g),
     [-0.516943693, 0.351662636, -0.815313339]),
    ("normal_", lambda g: sparkle.zeros(3).normal_(1, 2, generator=g),
     [2.22216892, 2.69317412, 1.42435884]),
    ("random_", lambda g: sparkle.zeros(5).random_(100, generator=g),
     [24.0, 67.0, 9.0, 21.0, 31.0]),
    ("random_all", lambda g: sparkle.zeros(5, dtype=sparkle.int16).random_(generator=g),
     [7914, 22145, 3025, 7022, 10408]),
    ("bernoulli_", lambda g: sparkle.zeros(12).bernoulli_(generator=g),
     [1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]),
    ("exponential_", lambda g: sparkle.zeros(3).exponential_(generator=g),
     [0.368161589, 0.487821877, 0.132138059]),
    ("log_normal_", lambda g: sparkle.zeros(3).log_normal_(generator=g),
     [21.2788525, 72.5183792, 26.9353371]),
    ("cauchy_", lambda g: sparkle.zeros(3).cauchy_(generator=g),
     [0.61639905, -1.25365746, -0.682118833]),
    ("geometric_", lambda g: sparkle.zeros(5).geometric_(0.2, generator=g),
     [4.0, 1.0, 1.0, 6.0, 11.0]),
]


@pytest.mark.parametrize(("draw", "wanted"), [g[1:] for g in GOLDEN], ids=[g[0] for g in GOLDEN])
def test_the_numbers_are_these_on_every_machine(draw, wanted):
    made = draw(sparkle.Generator().manual_seed(2024)).reshape(-1).tolist()
    np.testing.assert_allclose(made, wanted, rtol=1e-7 if isinstance(wanted[0], float) else 0)


def test_samplers_of_the_stream_are_these_on_every_machine():
    stream = Stream(seed=2024)
    wanted = [9.634575706191969e-18, 0.09576055941680348, 2.33125152889286, 4.335049426239976, 1058.0027085249035]
    np.testing.assert_allclose(stream.gamma(np.array([0.01, 0.5, 1.0, 3.0, 1000.0])), wanted, rtol=1e-12)
    # Sums over enough draws that every branch of the samplers is taken.
    assert stream.poisson(np.full(3000, 7.0)).sum() == 21018
    assert stream.binomial(100, np.full(3000, 0.3)).sum() == 90273
    assert stream.normal((30000,), np.dtype("float32")).sum(dtype=float) == pytest.approx(-25.738710573943536)
    assert stream.gamma(np.full(3000, 0.3)).sum() == pytest.approx(865.1924703601767)


def test_state_continues_the_stream():
    sparkle.manual_seed(3)
    sparkle.rand(3)  # an odd number of halves, so that one is left over
    state = sparkle.get_rng_state()
    assert state.dtype is sparkle.uint8
    wanted = sparkle.rand(5).tolist(), sparkle.randn(3).tolist()
    sparkle.set_rng_state(state)
    assert (sparkle.rand(5).tolist(), sparkle.randn(3).tolist()) == wanted
    assert sparkle.initial_seed() == 3


def test_generators_are_independent_and_can_be_copied():
    g = sparkle.Generator()
    assert g.initial_seed() == sparkle.Generator().initial_seed()
    g.manual_seed(1)
    state = g.get_state()
    wanted = sparkle.rand(4, generator=g).tolist()
    for twin in (sparkle.Generator(), sparkle.Generator()):
        twin.set_state(state)
        assert sparkle.rand(4, generator=twin).tolist() == wanted
    g.set_state(state)
    for twin in (g.clone_state(), pickle.loads(pickle.dumps(g)), copy.deepcopy(g)):
        assert sparkle.rand(4, generator=twin).tolist() == wanted
    assert sparkle.rand(4, generator=g).tolist() == wanted
    assert g.device == sparkle.device("cpu")


def test_fork_rng_leaves_no_trace():
    sparkle.manual_seed(1)
    wanted = sparkle.rand(3).tolist()
    sparkle.manual_seed(1)
    with sparkle.random.fork_rng():
        sparkle.manual_seed(9)
        sparkle.rand(7)
    assert sparkle.rand(3).tolist() == wanted


def test_fork_rng_off_and_named():
    sparkle.manual_seed(1)
    with sparkle.random.fork_rng(enabled=False):
        first = sparkle.rand(3).tolist()
    sparkle.manual_seed(1)
    with contextlib.suppress(KeyError), sparkle.random.fork_rng(devices=[]):
        assert sparkle.rand(3).tolist() == first
        raise KeyError
    assert sparkle.rand(3).tolist() == first
    with pytest.raises(ValueError, match="device_type"), sparkle.random.fork_rng(device_type="tpu"):
        pass


@pytest.mark.parametrize(("seed", "kept"), [(0, 0), (-1, 2**64 - 1), (2**64 - 1, 2**64 - 1), (1.5, 1)])
def test_seeds(seed, kept):
    assert sparkle.manual_seed(seed).initial_seed() == kept


@pytest.mark.parametrize("seed", [2**64, -(2**63) - 1, "a"])
def test_seeds_refused(seed):
    with pytest.raises(ValueError, match=r"64 bits|invalid literal"):
        sparkle.manual_seed(seed)


def test_fresh_seeds_differ():
    assert sparkle.seed() != sparkle.seed()
    g = sparkle.Generator()
    assert g.seed() == g.initial_seed()


def test_wrong_states():
    g = sparkle.Generator()
    with pytest.raises(TypeError, match="ByteTensor"):
        g.set_state(sparkle.zeros(3))
    with pytest.raises(RuntimeError, match="bytes"):
        g.set_state(sparkle.zeros(3, dtype=sparkle.uint8))
    with pytest.raises(TypeError, match="Generator"):
        sparkle.rand(2, generator=3)


N = 40_000
# Name, the draw of N float32 numbers, the mean and the standard deviation they must have.
MOMENTS = [
    ("rand", lambda: sparkle.rand(N), 0.5, math.sqrt(1 / 12)),
    ("randn", lambda: sparkle.randn(N), 0.0, 1.0),
    ("uniform_", lambda: sparkle.empty(N).uniform_(-2, 4), 1.0, 6 / math.sqrt(12)),
    ("normal_", lambda: sparkle.empty(N).normal_(3, 2), 3.0, 2.0),
    ("normal", lambda: sparkle.normal(3.0, 2.0, (N,)), 3.0, 2.0),
    ("normal_mean", lambda: sparkle.normal(sparkle.full((N,), 3.0), 2.0), 3.0, 2.0),
    ("normal_std", lambda: sparkle.normal(3.0, sparkle.full((N,), 2.0)), 3.0, 2.0),
    ("exponential_", lambda: sparkle.empty(N).exponential_(2.0), 0.5, 0.5),
    ("log_normal_", lambda: sparkle.empty(N).log_normal_(0.0, 0.5), math.exp(0.125),
     math.sqrt((math.exp(0.25) - 1) * math.exp(0.25))),
    ("geometric_", lambda: sparkle.empty(N).geometric_(0.25), 4.0, math.sqrt(12)),
    ("bernoulli", lambda: sparkle.bernoulli(sparkle.full((N,), 0.3)), 0.3, math.sqrt(0.21)),
    ("bernoulli_p", lambda: sparkle.bernoulli(sparkle.zeros(N), 0.3), 0.3, math.sqrt(0.21)),
    ("bernoulli_", lambda: sparkle.empty(N).bernoulli_(0.3), 0.3, math.sqrt(0.21)),
    ("poisson", lambda: sparkle.poisson(sparkle.full((N,), 3.0)), 3.0, math.sqrt(3)),
    ("poisson_high", lambda: sparkle.poisson(sparkle.full((N,), 300.0)), 300.0, math.sqrt(300)),
    ("binomial", lambda: sparkle.binomial(sparkle.full((N,), 20.0), sparkle.tensor(0.3)), 6.0, math.sqrt(4.2)),
    ("randint", lambda: sparkle.randint(-3, 4, (N,)), 0.0, 2.0),
    ("random_", lambda: sparkle.empty(N).random_(-3, 4), 0.0, 2.0),
    ("half", lambda: sparkle.rand(N, dtype=sparkle.float16), 0.5, math.sqrt(1 / 12)),
]


@pytest.mark.parametrize(("draw", "mean", "std"), [m[1:] for m in MOMENTS], ids=[m[0] for m in MOMENTS])
def test_moments(draw, mean, std):
    sparkle.manual_seed(0)
    values = draw().numpy().astype(np.float64)
    assert abs(values.mean() - mean) < 5 * std / math.sqrt(N)
    assert abs(values.std() / std - 1) < 0.05


def ndtr(x):
    return np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in x])


# Name, the draw, its cumulative distribution function.
CONTINUOUS = [
    ("rand", lambda: sparkle.rand(N), lambda x: x),
    ("randn", lambda: sparkle.randn(N), ndtr),
    ("randn_double", lambda: sparkle.randn(N, dtype=sparkle.float64), ndtr),
    ("normal", lambda: sparkle.normal(sparkle.ones(N), 2.0), lambda x: ndtr((x - 1) / 2)),
    ("exponential_", lambda: sparkle.empty(N).exponential_(2.0), lambda x: 1 - np.exp(-2 * x)),
    ("cauchy_", lambda: sparkle.empty(N).cauchy_(1.0, 2.0), lambda x: np.arctan((x - 1) / 2) / math.pi + 0.5),
    ("log_normal_", lambda: sparkle.empty(N).log_normal_(0.5, 0.5), lambda x: ndtr((np.log(x) - 0.5) / 0.5)),
]


@pytest.mark.parametrize(("draw", "cdf"), [c[1:] for c in CONTINUOUS], ids=[c[0] for c in CONTINUOUS])
def test_kolmogorov_smirnov(draw, cdf):
    sparkle.manual_seed(0)
    values = cdf(np.sort(draw().numpy().astype(np.float64)))
    steps = np.arange(N + 1) / N
    distance = max((steps[1:] - values).max(), (values - steps[:-1]).max())
    assert distance < 1.95 / math.sqrt(N)  # exceeded by chance in one of a thousand seeds


def test_what_a_type_cannot_hold_becomes_infinite_without_a_warning():
    x = sparkle.empty(1000, dtype=sparkle.float16).log_normal_(0.0, 20.0)
    assert x.isinf().any()
    assert sparkle.tensor([1e40]).item() == float("inf")


def test_cauchy_has_its_quartiles():
    values = np.quantile(sparkle.empty(N).cauchy_(1.0, 2.0).numpy(), [0.25, 0.5, 0.75])
    np.testing.assert_allclose(values, [-1.0, 1.0, 3.0], atol=0.1)


@pytest.mark.parametrize("dtype", [sparkle.float16, sparkle.float32, sparkle.float64])
def test_uniform_stays_below_its_upper_end(dtype):
    assert sparkle.rand(N, dtype=dtype).min().item() >= 0
    assert sparkle.rand(N, dtype=dtype).max().item() < 1
    x = sparkle.empty(N, dtype=dtype).uniform_(1000, 1001)
    assert x.min().item() >= 1000
    assert x.max().item() < 1001


def test_integers_cover_their_range():
    assert sorted(set(sparkle.randint(2, 6, (1000,)).tolist())) == [2, 3, 4, 5]
    assert set(sparkle.zeros(100, dtype=sparkle.bool).random_().tolist()) == {False, True}
    assert sparkle.zeros(1000, dtype=sparkle.uint8).random_().max().item() > 240
    assert sparkle.zeros(1000, dtype=sparkle.float16).random_().max().item() <= 2048
    assert sorted(sparkle.randperm(100).tolist()) == list(range(100))


def test_multinomial_follows_the_weights():
    weights = sparkle.tensor([0.0, 1.0, 3.0, 0.0])
    counts = np.bincount(sparkle.multinomial(weights, N, replacement=True).numpy(), minlength=4)
    np.testing.assert_allclose(counts / N, [0, 0.25, 0.75, 0], atol=0.02)
    first = sparkle.multinomial(weights.expand(N, 4), 2)[:, 0]
    np.testing.assert_allclose(np.bincount(first.numpy(), minlength=4) / N, [0, 0.25, 0.75, 0], atol=0.02)
    rows = sparkle.multinomial(sparkle.rand(100, 6) + 0.1, 6)
    assert all(sorted(row) == list(range(6)) for row in rows.tolist())


def test_a_mark_on_the_edge_never_chooses_a_weight_of_zero():
    class Edge(Stream):
        def uniform(self, shape, dtype):
            return np.full(shape, self.at, dtype)

    stream = Edge()
    for stream.at in (0.0, 1.0):  # 1.0: a mark that rounding moved up to the end
        assert sampling._with_replacement(stream, np.array([[0.0, 2.0, 0.0]]), 1).tolist() == [[1]]


def test_both_ways_of_finding_the_chosen_category_agree():
    weights = np.random.default_rng(0).random((6, 11)) * (np.random.default_rng(1).random((6, 11)) > 0.4)
    few = sampling._with_replacement(Stream(seed=4), weights, 5)
    marks = Stream(seed=4).uniform((6, 5), np.dtype("float64"))
    for row, found, mark in zip(weights, few, marks, strict=True):
        wanted = [next(i for i in range(11) if row[: i + 1].sum() > m * row.sum()) for m in mark]
        assert found.tolist() == wanted
    many = sampling._with_replacement(Stream(seed=4), weights[:1].repeat(2, axis=0), 15)
    assert many.ravel().tolist() == sampling._with_replacement(
        Stream(seed=4), weights[:1].repeat(30, axis=0), 1
    ).ravel().tolist()


def test_binomial_and_poisson_at_the_edges():
    count, p = sparkle.tensor([-1.0, 3.0, 3.0, 2.5, 0.0, math.nan]), sparkle.tensor([0.5, 1.5, -0.1, 1.0, 0.5, 0.5])
    np.testing.assert_array_equal(sparkle.binomial(count, p).numpy(), [0, 3, 0, 2, 0, math.nan])
    assert sparkle.poisson(sparkle.zeros(3, dtype=sparkle.float16)).tolist() == [0.0] * 3
    with pytest.raises(RuntimeError, match="rate"):
        sparkle.poisson(sparkle.tensor([1.0, -1.0]))
    with pytest.raises(NotImplementedError, match="floating"):
        sparkle.poisson(sparkle.tensor([1]))
    with pytest.raises(ValueError, match="count, got: int64"):
        sparkle.binomial(sparkle.tensor([1]), sparkle.tensor([0.5]))
    p = sparkle.full((2,), 0.5, requires_grad=True)
    with pytest.raises(RuntimeError, match="binomial"):
        sparkle.binomial(sparkle.ones(2), p).sum().backward()
    sparkle.poisson(p).sum().backward()
    assert p.grad.tolist() == [0.0, 0.0]


def test_drawing_into_a_leaf_that_requires_grad():
    x = sparkle.zeros(3, requires_grad=True)
    for fill in (x.normal_, x.uniform_, x.exponential_):
        with pytest.raises(RuntimeError, match="leaf"):
            fill()
    with sparkle.no_grad():
        assert x.normal_() is x
    assert x._version == 1


def test_draws_count_as_writes():
    x = sparkle.ones(3, requires_grad=True)
    y = x * 2
    z = y * y
    y.normal_()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.sum().backward()


def test_parameters_of_draws_get_zero_gradients():
    mean = sparkle.ones(3, requires_grad=True)
    sparkle.normal(mean, 1.0).sum().backward()
    assert mean.grad.tolist() == [0.0, 0.0, 0.0]
    p = sparkle.full((2,), 0.5, requires_grad=True)
    sparkle.bernoulli(p).sum().backward()
    assert p.grad.tolist() == [0.0, 0.0]


def test_fillers_work_on_views():
    x = sparkle.zeros(4, 3)
    x.t()[0].uniform_(1, 2)
    assert (x[:, 0] >= 1).all()
    assert (x[:, 1:] == 0).all()


def test_states_of_graphics_cards() -> None:
    states = sparkle.cuda.get_rng_state_all()
    assert len(states) == sparkle.cuda.device_count()
    sparkle.cuda.set_rng_state_all(states)
    if not states:
        with pytest.raises(RuntimeError):
            sparkle.cuda.get_rng_state()
        return
    first = sparkle.rand(3, device="cuda").tolist()
    sparkle.cuda.set_rng_state(states[0])
    assert sparkle.rand(3, device="cuda").tolist() == first
