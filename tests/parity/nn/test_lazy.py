"""Lazy layers against torch: the same programs, before and after the first forward."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch

import sparkle

LIBRARIES = (sparkle, torch)

LINEAR = ("LazyLinear", (3,), {}, (2, 4))
LAYERS = [
    LINEAR,
    ("LazyLinear", (3, False), {}, (2, 5, 4)),
    ("LazyConv1d", (4, 2), {"groups": 2}, (2, 6, 5)),
    ("LazyConv1d", (4, 3), {"bias": False, "padding": "same"}, (6, 5)),
    ("LazyConv2d", (4, 2), {"stride": 2, "padding_mode": "reflect", "padding": 1}, (2, 3, 5, 5)),
    ("LazyConv2d", (2, (1, 3)), {"dilation": 2}, (3, 7, 7)),
    ("LazyConv3d", (2, 2), {}, (1, 3, 3, 3, 3)),
    ("LazyConvTranspose1d", (4, 2), {"groups": 2}, (2, 6, 5)),
    ("LazyConvTranspose2d", (3, 2), {"stride": 2, "output_padding": 1, "bias": False}, (2, 3, 4, 4)),
    ("LazyConvTranspose3d", (2, 2), {}, (3, 2, 2, 2)),
    ("LazyBatchNorm1d", (), {}, (4, 3)),
    ("LazyBatchNorm1d", (), {"affine": False}, (4, 3, 2)),
    ("LazyBatchNorm2d", (1e-3, 0.5), {"bias": False}, (4, 3, 2, 2)),
    ("LazyBatchNorm3d", (), {"track_running_stats": False}, (4, 3, 2, 2, 1)),
    ("LazyInstanceNorm1d", (), {}, (4, 3, 5)),
    ("LazyInstanceNorm2d", (), {"affine": False, "track_running_stats": False}, (4, 3, 2, 2)),
    ("LazyInstanceNorm3d", (), {"bias": False}, (4, 3, 2, 2, 2)),
]
# Both libraries warn of an instance norm that learnt no number of channels, having nothing that needs one.
pytestmark = pytest.mark.filterwarnings("ignore:.*not num_features:UserWarning", "ignore:.*size at dim:UserWarning")

every_layer = pytest.mark.parametrize("case", LAYERS, ids=lambda c: f"{c[0]}-{c[3]}")


def made(lib, case):
    name, args, options, _ = case
    return getattr(lib.nn, name)(*args, **options)


def data(lib, case, seed=0):
    return lib.tensor(np.random.default_rng(seed).normal(size=case[3]).astype(np.float32))


def kinds(lib, state):
    """name -> shape, or the class of what has none."""
    lazy = lib.nn.parameter.is_lazy
    return {k: type(v).__name__ if lazy(v) else tuple(v.shape) for k, v in state.items()}


@every_layer
@pytest.mark.filterwarnings("ignore:input's size at dim=1 does not match num_features")
def test_life(case):
    """Names, reprs, classes and shapes before and after; and torch's numbers after loading torch's."""
    traces, states = [], []
    for lib in LIBRARIES:
        layer = made(lib, case)
        trace = [repr(layer), type(layer).__name__, kinds(lib, layer.state_dict()), layer.has_uninitialized_params()]
        trace += [[type(p).__name__ for p in layer.parameters()], len(layer._forward_pre_hooks)]
        first = layer(data(lib, case))
        trace += [tuple(first.shape), repr(layer), type(layer).__name__, kinds(lib, layer.state_dict())]
        trace += [[type(p).__name__ for p in layer.parameters()], len(layer._forward_pre_hooks)]
        trace += [len(layer._load_state_dict_pre_hooks), "_initialize_hook" in vars(layer)]
        trace += [type(b).__name__ for b in layer.buffers()]
        traces.append(trace)
        states.append((layer, lib))
    assert traces[0] == traces[1]
    (ours, _), (theirs, _) = states
    ours.load_state_dict({k: sparkle.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    x = data(sparkle, case, 1)
    np.testing.assert_allclose(
        ours.eval()(x).detach().numpy(), theirs.eval()(torch.tensor(x.numpy())).detach().numpy(), rtol=1e-4, atol=1e-5
    )


@every_layer
@pytest.mark.parametrize("assign", [False, True])
def test_loading_gives_shapes(case, assign):
    """Loading materialises; the layer becomes the plain one at its first forward and has what was loaded."""
    # torch's instance norms cannot be used after that: they still have num_features=0
    for lib in LIBRARIES[: 1 if "Instance" in case[0] else 2]:
        full = made(lib, case)
        full(data(lib, case))
        layer = made(lib, case)
        assert str(layer.load_state_dict(full.state_dict(), assign=assign)) == "<All keys matched successfully>"
        assert not layer.has_uninitialized_params()
        assert type(layer).__name__.startswith("Lazy")
        y, wanted = layer.eval()(data(lib, case)), full.eval()(data(lib, case))
        np.testing.assert_allclose(y.detach().numpy(), wanted.detach().numpy(), rtol=1e-6)
        assert type(layer) is type(full)


def attempts(lib):
    """Everything that a parameter without a shape may be asked; each gives a result or an error."""
    nn, optim = lib.nn, lib.optim
    weight = nn.LazyLinear(3).weight
    yield lambda: weight.shape
    yield lambda: weight + 1
    yield lambda: weight.detach()
    yield lambda: weight.numel()
    yield lambda: len(weight)
    yield lambda: weight.zero_()
    yield lambda: weight.clone()
    yield lambda: weight.numpy()
    yield lambda: weight.item()
    yield lambda: weight.requires_grad_(False)
    yield lambda: bool(weight)
    yield lambda: weight == weight
    yield lambda: weight.dim()
    yield lambda: weight.stride()
    yield lambda: weight.backward()
    yield lambda: lib.zeros_like(weight)
    yield lambda: nn.init.ones_(weight)
    yield lambda: nn.LazyLinear(2).requires_grad_(True)
    yield lambda: nn.LazyLinear(2).to_empty(device="cpu")
    yield lambda: nn.LazyLinear(2).share_memory()
    yield lambda: nn.utils.parameters_to_vector(nn.LazyLinear(2).parameters())
    yield lambda: repr(weight)
    yield lambda: str(weight.dtype).split(".")[-1]
    yield lambda: (weight.requires_grad, weight.grad, weight.is_leaf, weight.is_floating_point())
    yield lambda: str(weight.device)
    yield lambda: tuple(weight.data.shape)
    yield lambda: weight in {weight}
    yield lambda: str(nn.LazyLinear(2).double().weight.dtype).split(".")[-1]
    yield lambda: repr(nn.LazyLinear(2).half().to(lib.float64).weight)
    yield lambda: str(nn.LazyBatchNorm1d().double().running_mean.dtype).split(".")[-1]
    yield lambda: nn.LazyLinear(2).zero_grad()
    yield lambda: nn.LazyLinear(2).reset_parameters()
    yield lambda: len(optim.SGD(nn.LazyLinear(2).parameters(), lr=1.0).param_groups[0]["params"])
    yield lambda: optim.Adam(nn.LazyLinear(2).parameters()).zero_grad()
    yield lambda: nn.utils.clip_grad_norm_(nn.LazyLinear(2).parameters(), 1.0).item()
    yield lambda: nn.LazyLinear(2)(lib.tensor(1.0))
    yield lambda: nn.LazyConv2d(2, 3)(lib.zeros(3))
    yield lambda: nn.LazyConv2d(2, 3, groups=2)(lib.zeros(1, 3, 4, 4))
    yield lambda: nn.LazyConv2d(2, 3, groups=0)
    yield lambda: nn.LazyConvTranspose2d(2, 3, padding_mode="reflect")
    yield lambda: nn.LazyBatchNorm2d()(lib.zeros(2, 3))
    yield lambda: nn.LazyInstanceNorm1d()(lib.zeros(2, 3, 4, 5))
    yield lambda: nn.Linear(3, 2).load_state_dict(nn.LazyLinear(2).state_dict())
    yield lambda: repr(nn.LazyLinear(2).load_state_dict(nn.LazyLinear(2).state_dict()))
    yield lambda: nn.LazyLinear(2).load_state_dict({})
    yield lambda: nn.LazyLinear(2).load_state_dict({"weight": lib.zeros(2, 3), "more": lib.zeros(1)})
    yield lambda: repr(nn.parameter.UninitializedBuffer())
    yield lambda: type(copy.deepcopy(nn.LazyLinear(2)).weight).__name__
    yield lambda: type(pickle.loads(pickle.dumps(nn.LazyLinear(2))).weight).__name__
    yield lambda: nn.modules.lazy.LazyModuleMixin.initialize_parameters(nn.LazyLinear(2))
    yield lambda: unfinished(lib)(lib.zeros(2))


def unfinished(lib):
    class Unfinished(lib.nn.modules.lazy.LazyModuleMixin, lib.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = lib.nn.parameter.UninitializedParameter()

        def initialize_parameters(self, x):
            return None

    return Unfinished()


@pytest.mark.parametrize("number", range(len(list(attempts(torch)))))
def test_use_without_a_shape(number):
    outcomes = []
    for lib in LIBRARIES:
        try:
            outcomes.append(list(attempts(lib))[number]())
        except Exception as error:
            outcomes.append(type(error))
    assert outcomes[0] == outcomes[1]


def materialised(lib):
    trace = []
    for x in (lib.nn.parameter.UninitializedParameter(requires_grad=False), lib.nn.parameter.UninitializedBuffer()):
        x.materialize((2, 3), dtype=lib.float64)
        trace.append((type(x).__name__, tuple(x.shape), str(x.dtype).split(".")[-1], x.requires_grad, x.is_leaf))
    return trace


def trained(lib):
    """An optimizer made before the first forward updates what the layers become."""
    model = lib.nn.Sequential(lib.nn.LazyLinear(3), lib.nn.ReLU(), lib.nn.LazyLinear(1))
    optimizer = lib.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    x = lib.tensor([[1.0, 2.0], [-1.0, 0.5]])
    model(x)
    with lib.no_grad():
        for i, p in enumerate(model.parameters()):
            p.copy_(lib.tensor(np.linspace(-1, 1 + i, p.numel(), dtype=np.float32).reshape(tuple(p.shape))))
    for _ in range(3):
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()
    return [np.round(p.detach().numpy(), 4).tolist() for p in model.parameters()]


def of_ones_own(lib):
    """A lazy module that a user writes."""

    class Scale(lib.nn.Module):
        def __init__(self, n):
            super().__init__()
            self.weight = lib.nn.Parameter(lib.ones(n))

        def forward(self, x, *, twice=False):
            return x * self.weight * (2 if twice else 1)

    class LazyScale(lib.nn.modules.lazy.LazyModuleMixin, Scale):
        cls_to_become = Scale

        def __init__(self):
            super().__init__(0)
            self.weight = lib.nn.parameter.UninitializedParameter()

        def initialize_parameters(self, x, *, twice=False):
            self.weight.materialize((x.shape[-1],))
            with lib.no_grad():
                self.weight.fill_(3 if twice else 1)

    layer = LazyScale()
    twin = copy.deepcopy(layer)
    y = layer(lib.ones(2), twice=True)
    return y.tolist(), type(layer).__name__, type(twin).__name__, twin(lib.ones(3)).tolist(), layer.weight.tolist()


@pytest.mark.parametrize("program", [materialised, trained, of_ones_own], ids=lambda p: p.__name__)
def test_program(program):
    assert program(sparkle) == program(torch)
