"""Layers for images, rare pools and losses against torch: outputs, gradients, repr, state dicts, misuse."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import sparkle

R = np.random.default_rng


def floats(*shape, seed=0):
    return R(seed).standard_normal(shape)


SEQ, IMG, VOL = floats(2, 4, 8), floats(2, 4, 6, 8), floats(1, 2, 5, 4, 5)

LAYERS = {
    "PixelShuffle": (lambda nn: nn.PixelShuffle(2), IMG),
    "PixelUnshuffle": (lambda nn: nn.PixelUnshuffle(2), IMG),
    "ChannelShuffle": (lambda nn: nn.ChannelShuffle(2), IMG),
    "Upsample-size": (lambda nn: nn.Upsample(5), IMG),
    "Upsample-factor": (lambda nn: nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True), IMG),
    "Upsample-factors": (lambda nn: nn.Upsample(scale_factor=(1.5, 2), mode="bicubic"), IMG),
    "Upsample-recompute": (lambda nn: nn.Upsample(None, 1.3, "linear", recompute_scale_factor=True), SEQ),
    "UpsamplingNearest2d": (lambda nn: nn.UpsamplingNearest2d(scale_factor=2), IMG),
    "UpsamplingBilinear2d": (lambda nn: nn.UpsamplingBilinear2d((3, 9)), IMG),
    "Unfold": (lambda nn: nn.Unfold((2, 3), padding=1, stride=2), IMG),
    "Fold": (lambda nn: nn.Fold((3, 5), 2), floats(2, 8, 8)),
    "LPPool1d": (lambda nn: nn.LPPool1d(2, 3, ceil_mode=True), SEQ),
    "LPPool2d": (lambda nn: nn.LPPool2d(2, (2, 3), stride=1), IMG),
    "LPPool3d": (lambda nn: nn.LPPool3d(2.0, 2), VOL),
}


def run(lib, module, array):
    x = lib.tensor(array.copy()).requires_grad_()
    y = module(x)
    (y * lib.tensor(R(9).standard_normal(tuple(y.shape)))).sum().backward()
    return y.detach().numpy(), x.grad.numpy()


@pytest.mark.parametrize("name", LAYERS)
def test_layer(name):
    make, array = LAYERS[name]
    ours, theirs = make(sparkle.nn).double(), make(torch.nn).double()
    for a, b in zip(run(sparkle, ours, array), run(torch, theirs, array), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict()) == []


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
        ours = call(sparkle.nn.functional, sparkle.tensor(IMG))
    with pytest.warns(UserWarning, match="interpolate"):
        theirs = call(torch.nn.functional, torch.tensor(IMG))
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-12)


@pytest.mark.parametrize("kind", ["FractionalMaxPool2d", "FractionalMaxPool3d"])
@pytest.mark.parametrize("wanted", [{"output_size": 2}, {"output_ratio": 0.6}])
def test_fractional_pool(kind, wanted):
    dims = int(kind[-2])
    array, samples = (IMG, R(1).random((2, 4, 2))) if dims == 2 else (VOL, R(1).random((1, 2, 3)))
    ours, theirs = (
        getattr(lib.nn, kind)(2, **wanted, return_indices=True, _random_samples=lib.tensor(samples))
        for lib in (sparkle, torch)
    )
    for a, b in zip(ours(sparkle.tensor(array)), theirs(torch.tensor(array)), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict()) == ["_random_samples"]


def test_fractional_pool_begins_anywhere():
    sparkle.manual_seed(0)
    x = sparkle.arange(100.0).reshape(1, 1, 10, 10)
    seen = {tuple(sparkle.nn.FractionalMaxPool2d(2, 4)(x).flatten().tolist()) for _ in range(20)}
    assert len(seen) > 5
    assert all(len(set(y)) == 16 and y[-1] == 99 for y in seen)


def test_ctc_loss():
    x, targets = floats(7, 3, 5), np.array([[1, 1, 2], [3, 0, 0], [4, 2, 4]])
    made = {}
    for lib in (sparkle, torch):
        loss = lib.nn.CTCLoss(reduction="sum", zero_infinity=True)
        logits = lib.tensor(x).requires_grad_()
        y = loss(logits.log_softmax(2), lib.tensor(targets), lib.tensor([7, 5, 2]), lib.tensor([3, 1, 3]))
        y.backward()
        made[lib] = (y.detach().numpy(), logits.grad.numpy(), repr(loss))
    np.testing.assert_allclose(made[sparkle][0], made[torch][0], rtol=1e-12)
    np.testing.assert_allclose(made[sparkle][1], made[torch][1], rtol=1e-9, atol=1e-12)
    assert made[sparkle][2] == made[torch][2]


def test_ctc_loss_of_the_log_probabilities_themselves():
    """Torch's gradient counts them as normalised; so must ours, for programs that read it."""
    grads = []
    for lib in (sparkle, torch):
        x = lib.tensor(floats(4, 1, 3)).log_softmax(2).detach().requires_grad_()
        lib.nn.functional.ctc_loss(x, lib.tensor([[1, 2]]), (4,), (2,)).backward()
        grads.append(x.grad.numpy())
    np.testing.assert_allclose(*grads, rtol=1e-9)


ADAPTIVE = {"div_value": 2.0, "head_bias": True}


@pytest.mark.parametrize("options", [{}, ADAPTIVE])
def test_adaptive_log_softmax(options):
    ours, theirs = (lib.nn.AdaptiveLogSoftmaxWithLoss(16, 12, [3, 7], **options).double() for lib in (sparkle, torch))
    assert {k: tuple(v.shape) for k, v in ours.state_dict().items()} == {
        k: tuple(v.shape) for k, v in theirs.state_dict().items()
    }
    assert repr(ours) == repr(theirs)
    ours.load_state_dict({k: sparkle.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    x, targets = floats(9, 16), np.array([0, 11, 3, 2, 7, 6, 1, 1, 10])
    results = []
    for lib, module in ((sparkle, ours), (torch, theirs)):
        inputs = lib.tensor(x).requires_grad_()
        result = module(inputs, lib.tensor(targets))
        (result.loss + (result.output * lib.tensor(floats(9, seed=3))).sum()).backward()
        one = module(lib.tensor(x[1]), lib.tensor(11))
        results.append(
            [
                *(t.detach().numpy() for t in (*result, *one, module.log_prob(inputs), module.predict(inputs))),
                inputs.grad.numpy(),
                *(p.grad.numpy() for p in module.parameters()),
            ]
        )
    for a, b in zip(*results, strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


MISUSE = [
    lambda lib: lib.nn.FractionalMaxPool2d(2),
    lambda lib: lib.nn.FractionalMaxPool2d(2, 3, 0.5),
    lambda lib: lib.nn.FractionalMaxPool3d(2, output_ratio=1.5),
    lambda lib: lib.nn.AdaptiveLogSoftmaxWithLoss(4, 10, []),
    lambda lib: lib.nn.AdaptiveLogSoftmaxWithLoss(4, 10, [5, 3]),
    lambda lib: lib.nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3, 10]),
    lambda lib: lib.nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3])(lib.zeros(2, 4), lib.tensor([1, 10])),
    lambda lib: lib.nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3])(lib.zeros(2, 4), lib.tensor([1])),
    lambda lib: lib.nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3])(lib.zeros(4), lib.tensor([1])),
    lambda lib: lib.nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3])(lib.zeros(2, 4), lib.tensor([[1], [1]])),
    lambda lib: lib.nn.PixelShuffle(2)(lib.zeros(1, 3, 2, 2)),
    lambda lib: lib.nn.Upsample()(lib.zeros(1, 3, 2, 2)),
    lambda lib: lib.nn.CTCLoss()(lib.zeros(2, 1, 3), lib.tensor([[1]]), (3,), (1,)),
]


@pytest.mark.parametrize("call", MISUSE)
def test_misuse(call):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever torch raises is the oracle
        call(torch)
    with pytest.raises(theirs.type):
        call(sparkle)
