"""Every layer against torch: outputs, gradients of inputs and parameters, buffers, repr, state dict keys and shapes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import sparkle

R = np.random.default_rng


def floats(*shape, seed=0):
    return R(seed).standard_normal(shape)


def units(*shape, seed=0):
    return R(seed).uniform(0.05, 0.95, shape)


def classes(n, *shape, seed=0):
    return R(seed).integers(0, n, shape)


def signs(*shape, seed=0):
    return R(seed).choice([-1.0, 1.0], shape)


X = floats(2, 6)
SEQ = floats(2, 4, 7)
IMG = floats(2, 4, 7, 6)
VOL = floats(1, 2, 5, 4, 5)

# (layer made from nn, inputs); each runs in training and in evaluation mode
LAYERS = {
    "Identity": (lambda nn: nn.Identity(1, a=2), [X]),
    "Linear": (lambda nn: nn.Linear(6, 3), [X]),
    "Linear-nobias": (lambda nn: nn.Linear(6, 3, bias=False), [floats(2, 3, 6)]),
    "Linear-1d": (lambda nn: nn.Linear(6, 3), [floats(6)]),
    "Linear-no-rows": (lambda nn: nn.Linear(6, 3), [floats(0, 6)]),
    "Bilinear": (lambda nn: nn.Bilinear(3, 4, 2), [floats(5, 3), floats(5, 4, seed=1)]),
    "Conv1d": (lambda nn: nn.Conv1d(4, 6, 3, padding=1, groups=2), [SEQ]),
    "Conv1d-circular": (lambda nn: nn.Conv1d(4, 3, 3, padding=2, padding_mode="circular"), [SEQ]),
    "Conv2d": (lambda nn: nn.Conv2d(4, 3, 3), [IMG]),
    "Conv2d-all": (lambda nn: nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2), [IMG]),
    "Conv2d-nobias": (lambda nn: nn.Conv2d(4, 2, 1, bias=False), [IMG]),
    "Conv2d-same": (lambda nn: nn.Conv2d(4, 2, (1, 3), padding="same"), [IMG]),
    "Conv2d-valid": (lambda nn: nn.Conv2d(4, 2, 3, padding="valid"), [IMG]),
    "Conv2d-reflect": (lambda nn: nn.Conv2d(4, 2, 3, padding=(1, 2), padding_mode="reflect"), [IMG]),
    "Conv2d-replicate": (lambda nn: nn.Conv2d(4, 2, 3, stride=2, padding=1, padding_mode="replicate"), [IMG]),
    "Conv2d-circular-same": (lambda nn: nn.Conv2d(4, 2, (2, 3), padding="same", padding_mode="circular"), [IMG]),
    "Conv2d-unbatched": (lambda nn: nn.Conv2d(4, 2, 3), [IMG[0]]),
    "Conv3d": (lambda nn: nn.Conv3d(2, 3, 3, padding=1), [VOL]),
    "ConvTranspose1d": (lambda nn: nn.ConvTranspose1d(4, 6, 3, stride=2, padding=1, output_padding=1), [SEQ]),
    "ConvTranspose2d": (lambda nn: nn.ConvTranspose2d(4, 3, 4, stride=2, padding=1), [IMG]),
    "ConvTranspose2d-all": (
        lambda nn: nn.ConvTranspose2d(4, 6, (3, 2), (2, 3), (1, 0), (1, 2), groups=2, bias=False, dilation=(2, 1)),
        [IMG],
    ),
    "ConvTranspose3d": (lambda nn: nn.ConvTranspose3d(2, 2, 2, stride=2), [VOL]),
    "BatchNorm1d": (lambda nn: nn.BatchNorm1d(6), [floats(5, 6)]),
    "BatchNorm1d-3d": (lambda nn: nn.BatchNorm1d(4, eps=1e-3, momentum=0.3), [SEQ]),
    "BatchNorm2d": (lambda nn: nn.BatchNorm2d(4), [IMG]),
    "BatchNorm2d-plain": (lambda nn: nn.BatchNorm2d(4, affine=False), [IMG]),
    "BatchNorm2d-untracked": (lambda nn: nn.BatchNorm2d(4, track_running_stats=False), [IMG]),
    "BatchNorm2d-mean": (lambda nn: nn.BatchNorm2d(4, momentum=None), [IMG]),
    "BatchNorm3d": (lambda nn: nn.BatchNorm3d(2), [VOL]),
    "BatchNorm1d-nobias": (lambda nn: nn.BatchNorm1d(6, bias=False), [floats(5, 6)]),
    "GroupNorm-nobias": (lambda nn: nn.GroupNorm(2, 4, bias=False), [IMG]),
    "LayerNorm": (lambda nn: nn.LayerNorm(6), [X]),
    "LayerNorm-2d": (lambda nn: nn.LayerNorm([7, 6], eps=1e-3), [IMG]),
    "LayerNorm-plain": (lambda nn: nn.LayerNorm(6, elementwise_affine=False), [X]),
    "LayerNorm-nobias": (lambda nn: nn.LayerNorm(6, bias=False), [X]),
    "RMSNorm": (lambda nn: nn.RMSNorm(6), [X]),
    "GroupNorm": (lambda nn: nn.GroupNorm(2, 4), [IMG]),
    "GroupNorm-plain": (lambda nn: nn.GroupNorm(4, 4, affine=False), [SEQ]),
    "InstanceNorm1d": (lambda nn: nn.InstanceNorm1d(4), [SEQ]),
    "InstanceNorm2d": (lambda nn: nn.InstanceNorm2d(4), [IMG]),
    "InstanceNorm2d-all": (lambda nn: nn.InstanceNorm2d(4, affine=True, track_running_stats=True), [IMG]),
    "InstanceNorm2d-unbatched": (lambda nn: nn.InstanceNorm2d(4), [IMG[0]]),
    "LocalResponseNorm": (lambda nn: nn.LocalResponseNorm(2, alpha=0.1), [IMG]),
    "Dropout-0": (lambda nn: nn.Dropout(0.0), [X]),
    "Dropout-1": (lambda nn: nn.Dropout(1.0), [X]),
    "Dropout2d-1": (lambda nn: nn.Dropout2d(1.0, inplace=False), [IMG]),
    "Embedding": (lambda nn: nn.Embedding(5, 3), [classes(5, 2, 4)]),
    "Embedding-all": (
        lambda nn: nn.Embedding(5, 3, padding_idx=-2, max_norm=1.0, norm_type=1.0, scale_grad_by_freq=True),
        [classes(5, 2, 4)],
    ),
    "Flatten": (lambda nn: nn.Flatten(), [IMG]),
    "Flatten-part": (lambda nn: nn.Flatten(0, 2), [IMG]),
    "Unflatten": (lambda nn: nn.Unflatten(1, (2, 3)), [X]),
    "MaxPool1d": (lambda nn: nn.MaxPool1d(3, 2, 1), [SEQ]),
    "MaxPool2d": (lambda nn: nn.MaxPool2d(2), [IMG]),
    "MaxPool2d-all": (lambda nn: nn.MaxPool2d((3, 2), (2, 1), (1, 0), (1, 2), ceil_mode=True), [IMG]),
    "MaxPool3d": (lambda nn: nn.MaxPool3d(2), [VOL]),
    "AvgPool1d": (lambda nn: nn.AvgPool1d(3, padding=1), [SEQ]),
    "AvgPool2d": (lambda nn: nn.AvgPool2d((2, 3), stride=1, padding=1, count_include_pad=False), [IMG]),
    "AvgPool2d-divisor": (lambda nn: nn.AvgPool2d(2, ceil_mode=True, divisor_override=3), [IMG]),
    "AvgPool3d": (lambda nn: nn.AvgPool3d(2), [VOL]),
    "AdaptiveAvgPool1d": (lambda nn: nn.AdaptiveAvgPool1d(3), [SEQ]),
    "AdaptiveAvgPool2d": (lambda nn: nn.AdaptiveAvgPool2d((2, None)), [IMG]),
    "AdaptiveAvgPool3d": (lambda nn: nn.AdaptiveAvgPool3d(2), [VOL]),
    "AdaptiveMaxPool1d": (lambda nn: nn.AdaptiveMaxPool1d(3), [SEQ]),
    "AdaptiveMaxPool2d": (lambda nn: nn.AdaptiveMaxPool2d((3, 2)), [IMG]),
    "AdaptiveMaxPool3d": (lambda nn: nn.AdaptiveMaxPool3d(2), [VOL]),
    "ReLU": (lambda nn: nn.ReLU(), [X]),
    "ReLU6": (lambda nn: nn.ReLU6(), [5 * X]),
    "LeakyReLU": (lambda nn: nn.LeakyReLU(0.2), [X]),
    "PReLU": (lambda nn: nn.PReLU(), [X]),
    "PReLU-channels": (lambda nn: nn.PReLU(4, init=0.1), [IMG]),
    "ELU": (lambda nn: nn.ELU(1.5), [X]),
    "SELU": (lambda nn: nn.SELU(), [X]),
    "CELU": (lambda nn: nn.CELU(2.0), [X]),
    "GELU": (lambda nn: nn.GELU(), [X]),
    "GELU-tanh": (lambda nn: nn.GELU("tanh"), [X]),
    "SiLU": (lambda nn: nn.SiLU(), [X]),
    "Mish": (lambda nn: nn.Mish(), [X]),
    "Sigmoid": (lambda nn: nn.Sigmoid(), [X]),
    "Tanh": (lambda nn: nn.Tanh(), [X]),
    "Softmax": (lambda nn: nn.Softmax(dim=1), [X]),
    "LogSoftmax": (lambda nn: nn.LogSoftmax(dim=-1), [X]),
    "Softmin": (lambda nn: nn.Softmin(dim=0), [X]),
    "Softmax2d": (lambda nn: nn.Softmax2d(), [IMG]),
    "Softplus": (lambda nn: nn.Softplus(2.0, 1.0), [X]),
    "Softsign": (lambda nn: nn.Softsign(), [X]),
    "Softshrink": (lambda nn: nn.Softshrink(0.3), [X]),
    "Hardshrink": (lambda nn: nn.Hardshrink(0.3), [X]),
    "Hardtanh": (lambda nn: nn.Hardtanh(-0.5, 0.7), [X]),
    "Hardswish": (lambda nn: nn.Hardswish(), [4 * X]),
    "Hardsigmoid": (lambda nn: nn.Hardsigmoid(), [4 * X]),
    "LogSigmoid": (lambda nn: nn.LogSigmoid(), [X]),
    "Tanhshrink": (lambda nn: nn.Tanhshrink(), [X]),
    "Threshold": (lambda nn: nn.Threshold(0.1, 20), [X]),
    "GLU": (lambda nn: nn.GLU(), [X]),
    "ConstantPad1d": (lambda nn: nn.ConstantPad1d(2, 3.5), [SEQ]),
    "ZeroPad2d": (lambda nn: nn.ZeroPad2d((1, 2, 0, 3)), [IMG]),
    "ConstantPad3d": (lambda nn: nn.ConstantPad3d(1, 0.5), [VOL]),
    "ReflectionPad2d": (lambda nn: nn.ReflectionPad2d(2), [IMG]),
    "ReplicationPad2d": (lambda nn: nn.ReplicationPad2d((1, 2, 0, 3)), [IMG]),
    "CircularPad1d": (lambda nn: nn.CircularPad1d(2), [SEQ]),
    "CosineSimilarity": (lambda nn: nn.CosineSimilarity(), [X, floats(2, 6, seed=1)]),
    "PairwiseDistance": (lambda nn: nn.PairwiseDistance(), [X, floats(2, 6, seed=1)]),
    "Sequential": (lambda nn: nn.Sequential(nn.Linear(6, 4), nn.Tanh(), nn.Linear(4, 2)), [X]),
}

LOSSES = {
    "MSELoss": ({}, [X, floats(2, 6, seed=1)]),
    "L1Loss": ({}, [X, floats(2, 6, seed=1)]),
    "SmoothL1Loss": ({"beta": 0.5}, [X, floats(2, 6, seed=1)]),
    "HuberLoss": ({"delta": 0.5}, [X, floats(2, 6, seed=1)]),
    "BCELoss": ({"weight": units(6)}, [units(2, 6), units(2, 6, seed=1)]),
    "BCEWithLogitsLoss": ({"weight": units(6), "pos_weight": units(6, seed=2)}, [X, units(2, 6, seed=1)]),
    "NLLLoss": ({"weight": units(6), "ignore_index": 2}, [X, classes(6, 2)]),
    "CrossEntropyLoss": ({"weight": units(6), "label_smoothing": 0.1}, [X, classes(6, 2)]),
    "KLDivLoss": ({"log_target": True}, [X, floats(2, 6, seed=1)]),
    "PoissonNLLLoss": ({"full": True}, [X, 3 * units(2, 6, seed=1)]),
    "GaussianNLLLoss": ({"full": True}, [X, floats(2, 6, seed=1), units(2, 6, seed=2)]),
    "HingeEmbeddingLoss": ({"margin": 0.5}, [X, signs(2, 6)]),
    "MarginRankingLoss": ({"margin": 0.2}, [floats(5), floats(5, seed=1), signs(5)]),
    "CosineEmbeddingLoss": ({"margin": 0.2}, [X, floats(2, 6, seed=1), signs(2)]),
    "TripletMarginLoss": ({"swap": True}, [X, floats(2, 6, seed=1), floats(2, 6, seed=2)]),
    "TripletMarginWithDistanceLoss": ({}, [X, floats(2, 6, seed=1), floats(2, 6, seed=2)]),
    "SoftMarginLoss": ({}, [X, signs(2, 6)]),
    "MultiMarginLoss": ({"p": 2}, [X, classes(6, 2)]),
    "MultiLabelMarginLoss": ({}, [X, np.array([[1, 3, -1, 0, 0, 0], [2, -1, 1, 1, 1, 1]])]),
    "MultiLabelSoftMarginLoss": ({"weight": units(6)}, [X, classes(2, 2, 6).astype(float)]),
}


def tensors(lib, arrays):
    made = [lib.tensor(a.copy()) for a in arrays]
    return [t.requires_grad_() if t.is_floating_point() else t for t in made]


def copy_weights(ours, theirs):
    state = {name: sparkle.tensor(t.numpy()) for name, t in theirs.state_dict().items()}
    ours.load_state_dict(state)


def assert_same(ours, theirs, rtol=1e-9):
    assert (ours is None) == (theirs is None)
    if theirs is not None:
        assert tuple(ours.shape) == tuple(theirs.shape)
        assert str(ours.dtype).split(".")[-1] == str(theirs.dtype).split(".")[-1]
        np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=rtol, atol=1e-11)


def compare(ours, theirs, arrays, train, rtol):
    """Two steps, so that running statistics count."""
    ours.train(train)
    theirs.train(train)
    for _ in range(2):
        a_in, b_in = tensors(sparkle, arrays), tensors(torch, arrays)
        a, b = ours(*a_in), theirs(*b_in)
        assert_same(a, b, rtol)
        if b.requires_grad:
            weights = R(9).standard_normal(tuple(b.shape))
            (a * sparkle.tensor(weights)).sum().backward()
            (b * torch.tensor(weights)).sum().backward()
    for x, y in zip(a_in, b_in, strict=True):
        assert_same(x.grad, y.grad, rtol)
    for x, y in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert_same(x.grad, y.grad, rtol)
    for x, y in zip(ours.buffers(), theirs.buffers(), strict=True):
        assert_same(x, y)


ROUGH = {"Hardsigmoid": 1e-7}  # torch's factor in the gradient is a float32 sixth


@pytest.mark.parametrize("train", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("name", LAYERS)
def test_layer(name, train):
    make, arrays = LAYERS[name]
    ours, theirs = make(sparkle.nn).double(), make(torch.nn).double()
    copy_weights(ours, theirs)
    compare(ours, theirs, arrays, train, ROUGH.get(name, 1e-9))


@pytest.mark.parametrize("name", LAYERS)
def test_repr_and_state_dict(name):
    make, _ = LAYERS[name]
    ours, theirs = make(sparkle.nn), make(torch.nn)
    assert repr(ours) == repr(theirs)
    described = [
        [(key, tuple(t.shape), str(t.dtype).split(".")[-1]) for key, t in module.state_dict().items()]
        for module in (ours, theirs)
    ]
    assert described[0] == described[1]
    assert [n for n, _ in ours.named_parameters()] == [n for n, _ in theirs.named_parameters()]
    assert [n for n, _ in ours.named_buffers()] == [n for n, _ in theirs.named_buffers()]


@pytest.mark.filterwarnings("ignore:.*batchmean:UserWarning")
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", LOSSES)
def test_loss(name, reduction):
    options, arrays = LOSSES[name]
    made = []
    for lib in (sparkle, torch):
        given = {k: lib.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
        made.append(getattr(lib.nn, name)(**given, reduction=reduction))
    results = []
    for lib, loss in zip((sparkle, torch), made, strict=True):
        inputs = [lib.tensor(a.copy()) for a in arrays]
        inputs[0].requires_grad_()
        y = loss(*inputs)
        y.sum().backward()
        results.append((y, inputs[0].grad))
    for ours, theirs in zip(*results, strict=True):
        assert_same(ours, theirs)
    assert repr(made[0]) == repr(made[1])
    assert list(made[0].state_dict()) == list(made[1].state_dict())


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


def test_maxpool_with_indices_and_back():
    ours, theirs = [
        lib.nn.MaxUnpool2d(2)(*lib.nn.MaxPool2d(2, return_indices=True)(lib.tensor(IMG)), output_size=(2, 4, 7, 6))
        for lib in (sparkle, torch)
    ]
    assert_same(ours, theirs)


def test_conv_transpose_output_size():
    ours, theirs = (lib.nn.ConvTranspose2d(4, 3, 3, stride=2, padding=1).double() for lib in (sparkle, torch))
    copy_weights(ours, theirs)
    a, b = ours(sparkle.tensor(IMG), output_size=[14, 12]), theirs(torch.tensor(IMG), output_size=[14, 12])
    assert_same(a, b)


MISUSE = [
    lambda lib: lib.nn.Linear(3, 2)(lib.zeros(2, 4)),
    lambda lib: lib.nn.Conv2d(3, 4, 3, groups=2),
    lambda lib: lib.nn.Conv2d(4, 3, 3, groups=2),
    lambda lib: lib.nn.Conv2d(4, 4, 3, groups=0),
    lambda lib: lib.nn.Conv2d(4, 4, 3, padding="other"),
    lambda lib: lib.nn.Conv2d(4, 4, 3, padding="same", stride=2),
    lambda lib: lib.nn.Conv2d(4, 4, 3, padding_mode="other"),
    lambda lib: lib.nn.Conv2d(4, 4, 3)(lib.zeros(1, 3, 5, 5)),
    lambda lib: lib.nn.ConvTranspose2d(4, 4, 3, padding_mode="reflect"),
    lambda lib: lib.nn.ConvTranspose2d(4, 4, 3, stride=2)(lib.zeros(1, 4, 5, 5), output_size=[3, 3]),
    lambda lib: lib.nn.ConvTranspose2d(4, 4, 3, stride=2)(lib.zeros(1, 4, 5, 5), output_size=[3]),
    lambda lib: lib.nn.BatchNorm2d(3)(lib.zeros(2, 3)),
    lambda lib: lib.nn.BatchNorm1d(3)(lib.zeros(2, 3, 4, 5)),
    lambda lib: lib.nn.BatchNorm1d(3)(lib.zeros(1, 3)),
    lambda lib: lib.nn.InstanceNorm2d(3)(lib.zeros(2, 3)),
    lambda lib: lib.nn.GroupNorm(2, 3),
    lambda lib: lib.nn.LayerNorm(3)(lib.zeros(2, 4)),
    lambda lib: lib.nn.Dropout(1.5),
    lambda lib: lib.nn.Dropout(-0.5),
    lambda lib: lib.nn.Embedding(3, 2, padding_idx=3),
    lambda lib: lib.nn.Embedding(3, 2)(lib.tensor([3])),
    lambda lib: lib.nn.Embedding(3, 2)(lib.tensor([1.0])),
    lambda lib: lib.nn.Embedding(3, 2, _weight=lib.zeros(2, 2)),
    lambda lib: lib.nn.Hardtanh(1.0, -1.0),
    lambda lib: lib.nn.Softmax2d()(lib.zeros(2, 2)),
    lambda lib: lib.nn.Unflatten(1, 3),
    lambda lib: lib.nn.Unflatten(1, (2.0,)),
    lambda lib: lib.nn.Bilinear(0, 1, 1),
    lambda lib: lib.nn.TripletMarginLoss(margin=-1.0),
    lambda lib: lib.nn.MultiMarginLoss(p=3),
    lambda lib: lib.nn.CrossEntropyLoss()(lib.zeros(2, 3), lib.tensor([0, 3])),
    lambda lib: lib.nn.MSELoss(reduction="other")(lib.zeros(2), lib.zeros(2)),
    lambda lib: lib.nn.Linear("a", 2),
]


@pytest.mark.parametrize("call", MISUSE)
def test_misuse(call):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever torch raises is the oracle
        call(torch)
    with pytest.raises(theirs.type):
        call(sparkle)


def test_public_names():
    ours, theirs = set(sparkle.nn.__all__), {n for n in dir(torch.nn) if n[:1].isupper()}
    assert {n for n in ours if n[:1].isupper()} <= theirs
