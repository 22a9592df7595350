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
