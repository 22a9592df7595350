"""What of layers the table of modules cannot hold: results written into the input, old names, masks."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import sparkle

R = np.random.default_rng
X, IMAGE = R(0).standard_normal((2, 16)), R(0).standard_normal((2, 4, 6, 8))
ROUGH = {"Hardsigmoid": 1e-7}  # torch's factor in the gradient is a float32 sixth


def assert_same(ours, theirs, rtol=1e-9):
    assert tuple(ours.shape) == tuple(theirs.shape)
    assert str(ours.dtype).split(".")[-1] == str(theirs.dtype).split(".")[-1]
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=rtol, atol=1e-11)


REPRS = [
    lambda nn: nn.ReLU(True),
    lambda nn: nn.LeakyReLU(inplace=True),
    lambda nn: nn.Hardtanh(inplace=True),
    lambda nn: nn.ReLU6(inplace=True),
    lambda nn: nn.RReLU(),
    lambda nn: nn.Threshold(1.0, 2.0, True),
    lambda nn: nn.Hardswish(True),
    lambda nn: nn.Dropout(0.3, True),
    lambda nn: nn.AlphaDropout(),
    lambda nn: nn.MaxUnpool2d(2),
    lambda nn: nn.Sequential(),
    lambda nn: nn.ModuleList([nn.ReLU(), nn.ReLU(), nn.Linear(1, 2), nn.Sequential(nn.Tanh())]),
    lambda nn: nn.ModuleList(),
    lambda nn: nn.ModuleDict({"a": nn.ReLU(), "b": nn.ModuleList([nn.Tanh(), nn.Tanh()])}),
    lambda nn: nn.Sequential(nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)), nn.Flatten()),
]


@pytest.mark.parametrize("make", REPRS)
def test_repr(make):
    assert repr(make(sparkle.nn)) == repr(make(torch.nn))


INPLACE = ["ReLU", "ReLU6", "LeakyReLU", "ELU", "SELU", "CELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid", "Hardtanh"]


@pytest.mark.parametrize("name", INPLACE)
def test_inplace(name):
    results = []
    for lib in (sparkle, torch):
        x = lib.tensor(X).requires_grad_()
        y = x * 1.5
        z = getattr(lib.nn, name)(inplace=True)(y)
        assert z is y
        z.sum().backward()
        results.append((z, x.grad))
    for ours, theirs in zip(*results, strict=True):
        assert_same(ours, theirs, ROUGH.get(name, 1e-9))


@pytest.mark.parametrize(
    "call",
    [
        lambda F, x: F.upsample(x, scale_factor=2),
        lambda F, x: F.upsample_nearest(x, 4),
        lambda F, x: F.upsample_bilinear(x, scale_factor=2),
    ],
)
def test_deprecated_names_of_interpolate(call):
    with pytest.warns(UserWarning, match="interpolate"):
        ours = call(sparkle.nn.functional, sparkle.tensor(IMAGE))
    with pytest.warns(UserWarning, match="interpolate"):
        theirs = call(torch.nn.functional, torch.tensor(IMAGE))
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-12)


def test_ctc_loss_of_the_log_probabilities_themselves():
    """Torch's gradient counts them as normalised; so must ours, for programs that read it."""
    grads = []
    for lib in (sparkle, torch):
        x = lib.tensor(R(0).standard_normal((4, 1, 3))).log_softmax(2).detach().requires_grad_()
        lib.nn.functional.ctc_loss(x, lib.tensor([[1, 2]]), (4,), (2,)).backward()
        grads.append(x.grad.numpy())
    np.testing.assert_allclose(*grads, rtol=1e-9)


def test_adaptive_log_softmax_of_all_classes():
    ours, theirs = (
        lib.nn.AdaptiveLogSoftmaxWithLoss(16, 12, [3, 7], head_bias=True).double() for lib in (sparkle, torch)
    )
    ours.load_state_dict({k: sparkle.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    for method in ("log_prob", "predict"):
        assert_same(getattr(ours, method)(sparkle.tensor(X)), getattr(theirs, method)(torch.tensor(X)))


def test_mask_of_the_future():
    ours, theirs = (lib.nn.Transformer.generate_square_subsequent_mask(3) for lib in (sparkle, torch))
    np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_public_names():
    ours, theirs = set(sparkle.nn.__all__), {n for n in dir(torch.nn) if n[:1].isupper()}
    assert {n for n in ours if n[:1].isupper()} <= theirs
