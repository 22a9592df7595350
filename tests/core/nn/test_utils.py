"""nn.utils: what needs no other library to compare with, above all that what fails leaves no trace."""

from __future__ import annotations

import copy
import math
import threading

import pytest

import sparkle
from sparkle import nn
from sparkle.nn.utils import parametrizations, parametrize, prune


def state(module):
    """What a failed call may not change."""
    tensors = {name: (id(t), t.tolist()) for name, t in module.state_dict(keep_vars=True).items()}
    return type(module), tensors, dict(module._forward_pre_hooks), module.weight.tolist()


class Made(nn.Module):
    """A parametrization of functions."""

    def __init__(self, forward, right_inverse=None):
        super().__init__()
        self.forward = forward
        if right_inverse is not None:
            self.right_inverse = right_inverse


class Broken(prune.BasePruningMethod):
    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t, default_mask):
        raise ZeroDivisionError


def again(module):
    return parametrize.register_parametrization(module, "weight", Made(lambda x: x * 2, lambda x: x / 2))


FAILURES = {
    "shape": lambda m: parametrize.register_parametrization(m, "weight", Made(lambda x: x[0])),
    "inverse and shape": lambda m: parametrize.register_parametrization(
        m, "weight", Made(lambda x: x[0], lambda x: -x)
    ),
    "forward": lambda m: parametrize.register_parametrization(m, "weight", Made(lambda x: 1 / 0, lambda x: -x)),
    "none": lambda m: parametrize.register_parametrization(m, "nothing", Made(lambda x: x)),
    "spectral norm": lambda m: nn.utils.spectral_norm(m, dim=5),
    "weight norm": lambda m: nn.utils.weight_norm(m, dim=5),
    "new weight norm": lambda m: parametrizations.weight_norm(m, "w"),
    "orthogonal": lambda m: parametrizations.orthogonal(m, orthogonal_map="qr"),
    "prune": lambda m: Broken.apply(m, "weight"),
    "prune amount": lambda m: prune.l1_unstructured(m, "weight", 100),
    "prune by mask": lambda m: prune.custom_from_mask(m, "weight", sparkle.ones(7)),
    "global": lambda m: prune.global_unstructured([(m, "weight")], prune.L1Unstructured, amount=99),
    "call": lambda m: sparkle.func.functional_call(m, {"weight": sparkle.ones(3, 3), "bias": 3}, sparkle.ones(3)),
}


@pytest.mark.filterwarnings("ignore:.*deprecated:FutureWarning")
@pytest.mark.parametrize("begin", [lambda m: m, again, lambda m: prune.l1_unstructured(m, "weight", 1)], ids="012")
@pytest.mark.parametrize("name", FAILURES)
def test_what_fails_changes_nothing(name, begin):
    module = begin(nn.Linear(3, 3))
    module.register_parameter("nothing", None)
    before = state(module)
    with pytest.raises((ValueError, IndexError, RuntimeError, TypeError, AssertionError, ZeroDivisionError, KeyError)):
        FAILURES[name](module)
    assert state(module) == before
    module(sparkle.ones(1, 3))


def test_a_copy_keeps_its_parametrization_when_the_other_loses_it():
    first = again(nn.Linear(2, 2))
    second = copy.deepcopy(first)
    value = second.weight
    parametrize.remove_parametrizations(first, "weight")
    assert second.weight.equal(value)
    assert type(second).__name__ == "ParametrizedLinear"
    assert type(first) is nn.Linear


def test_cached_values_are_forgotten_and_belong_to_one_thread():
    module, met = again(nn.Linear(2, 2)), []
    with parametrize.cached():
        value = module.weight
        assert module.weight is value
        thread = threading.Thread(target=lambda: met.append(module.weight is value))
        thread.start()
        thread.join()
    assert met == [False]
    assert module.weight is not value


def test_cached_values_are_forgotten_after_errors():
    module = again(nn.Linear(2, 2))
    values = []
    with pytest.raises(ZeroDivisionError), parametrize.cached():
        values.append(module.weight) or 1 / 0
    assert module.weight is not values[0]


def test_global_pruning_takes_a_generator():
    net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    prune.global_unstructured(((m, "weight") for m in net), prune.L1Unstructured, amount=8)
    assert sum(int(mask.sum()) for mask in net.buffers()) == 10


def test_a_container_of_several_methods():
    methods = [prune.L1Unstructured(1), prune.L1Unstructured(2)]
    for method in methods:
        method._tensor_name = "weight"
    assert list(prune.PruningContainer(*methods)) == methods


def test_clipping_without_gradients():
    p = nn.Parameter(sparkle.ones(2))
    nn.utils.clip_grad_value_([p], 1.0)
    nn.utils.clip_grads_with_norm_([p], 1.0, sparkle.tensor(1.0))
    assert nn.utils.clip_grad_norm_([p], 1.0).item() == 0.0
    assert p.grad is None


def test_parameters_share_the_vectors_memory():
    p, vector = nn.Parameter(sparkle.zeros(2)), sparkle.ones(3)
    nn.utils.vector_to_parameters(vector, [p])
    vector.fill_(7)
    assert p.tolist() == [7.0, 7.0]
    assert p.requires_grad
    assert p.is_leaf


def test_skipped_values_are_drawn_again_afterwards():
    sparkle.manual_seed(3)
    expected = nn.Linear(4, 4).weight.tolist()
    sparkle.manual_seed(3)
    nn.utils.skip_init(nn.Linear, 4, 4)
    with pytest.raises(TypeError):
        nn.utils.skip_init(nn.Linear, 4)
    assert nn.Linear(4, 4).weight.tolist() == expected


@pytest.mark.parametrize("orthogonal_map", ["matrix_exp", "cayley", "householder"])
@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5), (2, 4, 3)], ids=str)
def test_orthogonal_stays_orthogonal_in_float32(shape, orthogonal_map):
    module = nn.Module()
    module.weight = nn.Parameter(sparkle.randn(shape))
    parametrizations.orthogonal(module, orthogonal_map=orthogonal_map)
    optimizer = sparkle.optim.SGD(module.parameters(), lr=0.5)
    for _ in range(5):
        optimizer.zero_grad()
        module.weight.pow(3).sum().backward()
        optimizer.step()
    q = module.weight
    small = q.mT @ q if shape[-2] >= shape[-1] else q @ q.mT
    assert (small - sparkle.eye(min(shape[-2:]))).abs().max().item() < 1e-5


def test_spectral_norm_converges_to_the_largest_singular_value():
    layer = parametrizations.spectral_norm(nn.Conv2d(3, 5, 2), n_power_iterations=100)
    assert math.isclose(sparkle.linalg.svdvals(layer.weight.reshape(5, -1))[0].item(), 1.0, rel_tol=1e-4)
