"""`sparkle.summary` against numbers worked out by hand; and that it leaves no trace."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle
from sparkle import nn, summary


def called(layer, *inputs):
    return summary(layer, input_data=inputs)


z = sparkle.zeros

# name, layer, inputs, parameters, multiply-adds
LAYERS = [
    ("linear", nn.Linear(4, 8), (z(2, 3, 4),), 40, 2 * 3 * 4 * 8),
    ("linear without bias", nn.Linear(4, 8, bias=False), (z(4),), 32, 32),
    ("bilinear", nn.Bilinear(2, 3, 4), (z(5, 2), z(5, 3)), 28, 5 * 4 * 3 * (2 + 1)),
    ("conv1d", nn.Conv1d(3, 6, 5), (z(2, 3, 9),), 96, 2 * 6 * 5 * (3 * 5)),
    ("conv2d", nn.Conv2d(3, 8, 3, stride=2, padding=1), (z(1, 3, 8, 8),), 224, 8 * 4 * 4 * 27),
    ("conv2d in groups", nn.Conv2d(4, 8, 3, groups=4), (z(1, 4, 5, 5),), 80, 8 * 3 * 3 * 9),
    ("conv2d depthwise", nn.Conv2d(6, 6, 3, groups=6, bias=False), (z(6, 5, 5),), 54, 6 * 9 * 9),
    ("conv3d", nn.Conv3d(1, 2, 2), (z(1, 1, 3, 3, 3),), 18, 2 * 8 * 8),
    ("transposed", nn.ConvTranspose2d(4, 2, 2, stride=2), (z(1, 4, 3, 3),), 34, 4 * 9 * 2 * 4),
    ("transposed in groups", nn.ConvTranspose1d(4, 6, 3, groups=2), (z(2, 4, 5),), 42, 2 * 4 * 5 * 3 * 3),
    ("rnn", nn.RNN(3, 4), (z(5, 2, 3),), 36, 10 * (12 + 16)),
    ("lstm", nn.LSTM(3, 4, num_layers=2), (z(5, 2, 3),), 144 + 160, 10 * (48 + 64 + 64 + 64)),
    ("lstm both ways", nn.LSTM(3, 4, bidirectional=True, batch_first=True), (z(2, 5, 3),), 2 * 144, 10 * 2 * 112),
    ("lstm projected", nn.LSTM(3, 4, proj_size=2), (z(5, 1, 3),), 48 + 32 + 32 + 8, 5 * (48 + 32 + 8)),
    ("gru", nn.GRU(3, 4), (z(7, 3),), 108, 7 * (36 + 48)),
    ("cell", nn.LSTMCell(3, 4), (z(6, 3),), 144, 6 * (48 + 64)),
    ("attention", nn.MultiheadAttention(8, 2), (z(5, 3, 8),) * 3, 288, 3 * (4 * 5 * 64 + 2 * 5 * 5 * 8)),
    (
        "attention on others",
        nn.MultiheadAttention(8, 2, kdim=4, vdim=6, batch_first=True, bias=False),
        (z(3, 5, 8), z(3, 7, 4), z(3, 7, 6)),
        64 + 32 + 48 + 64,
        3 * (2 * 5 * 64 + 7 * 32 + 7 * 48 + 2 * 5 * 7 * 8),
    ),
    (
        "attention of one",
        nn.MultiheadAttention(4, 1, add_zero_attn=True),
        (z(2, 4),) * 3,
        80,
        4 * 2 * 16 + 2 * 2 * 3 * 4,
    ),
    ("loss", nn.LinearCrossEntropyLoss(3, 5), (z(2, 3), z(2).long()), 15, 30),
    ("norm", nn.BatchNorm2d(3), (z(2, 3, 4, 4),), 6, 0),
    ("embedding", nn.Embedding(10, 4), (z(2, 3).long(),), 40, 0),
]


@pytest.mark.parametrize(
    ("layer", "inputs", "parameters", "multiply_adds"), [c[1:] for c in LAYERS], ids=[c[0] for c in LAYERS]
)
def test_counts(layer, inputs, parameters, multiply_adds):
    found = called(layer, *inputs)
    assert (found.total_params, found.total_mult_adds) == (parameters, multiply_adds)
    assert sum(row.num_params for row in found) == parameters


def test_packed_sequences():
    packed = nn.utils.rnn.pack_sequence([z(4, 3), z(2, 3)])
    found = summary(nn.GRU(3, 4), input_data=packed)
    assert found.total_mult_adds == 6 * (36 + 48)
    assert found.model.input_size == [(6, 3)]


class Small(nn.Module):
    """A residual block between a stem and a head."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.blocks = nn.ModuleList(nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU()) for _ in range(2))
        self.unused = nn.Linear(3, 3)
        self.head = nn.Linear(8, 5)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        x = self.norm(self.stem(x))
        for block in self.blocks:
            x = x + block(x)
        return self.drop(self.head(x.mean(dim=(2, 3))))


def test_rows():
    found = summary(Small(), (2, 3, 4, 4), depth=5)
    rows = [(row.name, row.kind, row.depth, row.output_size, row.num_params, row.mult_adds) for row in found]
    assert rows == [
        ("", "Small", 0, (2, 5), 0, 0),
        ("stem", "Conv2d", 1, (2, 8, 4, 4), 216, 2 * 16 * 216),
        ("norm", "BatchNorm2d", 1, (2, 8, 4, 4), 16, 0),
        ("blocks.0", "Sequential", 1, (2, 8, 4, 4), 0, 0),
        ("blocks.0.0", "Conv2d", 2, (2, 8, 4, 4), 584, 2 * 16 * 576),
        ("blocks.0.1", "ReLU", 2, (2, 8, 4, 4), 0, 0),
        ("blocks.1", "Sequential", 1, (2, 8, 4, 4), 0, 0),
        ("blocks.1.0", "Conv2d", 2, (2, 8, 4, 4), 584, 2 * 16 * 576),
        ("blocks.1.1", "ReLU", 2, (2, 8, 4, 4), 0, 0),
        ("head", "Linear", 1, (2, 5), 45, 80),
        ("drop", "Dropout", 1, (2, 5), 0, 0),
        ("unused", "Linear", 1, None, 12, 0),
    ]
    outputs = 2 * 8 * 16 * 6 + 2 * 5 * 2
    assert (found.input_bytes, found.total_output_bytes) == (4 * 2 * 3 * 16, 4 * outputs)
    assert (found.total_param_bytes, found.buffer_bytes) == (4 * 1457, 4 * 16 + 8)


def test_table():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 3), nn.Tanh()))
    model[0].requires_grad_(False)
    found = summary(model, (1, 2), depth=1, col_names=["input_size", "num_params", "trainable", "mult_adds"])
    rule = "=" * 78
    assert str(found).splitlines() == [
        rule,
        "Layer            Input size  Parameters  Trainable  Multiply-adds",
        rule,
        "Sequential           [1, 2]          --    Partial             --",
        "├─Linear: 0          [1, 2]           6      False              4",
        "└─Sequential: 1      [1, 2]           9       True              6",
        rule,
        "Parameters: 15 (9 trainable)",
        "Multiply-adds: 10",
        "Sizes in MB: input 0.00, outputs of layers 0.00, parameters 0.00, buffers 0.00",
        rule,
    ]
    assert found.non_trainable_params == 6


def test_resnet_18():
    found = summary(sparkle.models.resnet18(), (1, 3, 64, 64))
    sides = [(32, 9408, 1), (16, 36864, 4), (8, 73728, 1), (8, 147456, 3), (8, 8192, 1)]
    sides += [(4, 294912, 1), (4, 589824, 3), (4, 32768, 1), (2, 1179648, 1), (2, 2359296, 3), (2, 131072, 1)]
    assert found.total_params == 11_689_512
    assert found.total_mult_adds == sum(side * side * weights * times for side, weights, times in sides) + 512_000


def test_shared_parameters_count_once():
    layer = nn.Linear(3, 3)
    tied = nn.Linear(3, 3)
    tied.weight = layer.weight
    found = summary(nn.Sequential(layer, layer, tied), (1, 3))
    assert found.total_params == 15
    assert [row.recursive for row in found] == [False, False, True, False]
    assert [row.num_params for row in found] == [0, 12, 0, 3]
    assert found.total_mult_adds == 27
    assert "(recursive)" in str(found)


def test_without_input():
    found = summary(Small())
    assert [row.name for row in found][:3] == ["", "stem", "norm"]
    assert found.total_params == 1457
    assert sum(row.num_params for row in found) == 1457
    assert not any(row.called for row in found)


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.mix = nn.Embedding(5, 3), nn.Linear(3, 2)

    def forward(self, words, x, *, scale=1.0, more=None):
        return {"out": self.mix(self.words(words) + x) * scale, "pair": (x, more)}


def test_several_inputs():
    found = summary(Two(), [(2, 4), (2, 4, 3)], dtypes=[sparkle.int64, None], scale=2.0)
    assert found.model.input_size == [(2, 4), (2, 4, 3), None]
    assert found.model.output_size == {"out": (2, 4, 2), "pair": [(2, 4, 3), None]}
    assert found.input_bytes == 8 * 8 + 4 * 24
    by_name = summary(Two(), input_data={"words": z(2, 4).long(), "x": z(2, 4, 3)})
    assert by_name.total_mult_adds == found.total_mult_adds == 8 * 6
    assert "[2, 4, 2] +1" in str(found)


def test_own_counters():
    class Scores(nn.Module):
        def forward(self, a, b):
            return a @ b

    found = summary(Scores(), [(2, 3), (3, 4)], counters={Scores: lambda m, given, y: y.numel() * given["a"].shape[-1]})
    assert found.total_mult_adds == 24


def test_types_follow_the_model():
    assert summary(nn.Linear(2, 1).double(), (1, 2)).input_bytes == 16
    assert summary(nn.Linear(2, 1), (1, 2), dtypes=sparkle.float32, device="cpu").input_bytes == 8


def state(model):
    return {k: v.numpy().copy() for k, v in model.state_dict().items()}


@pytest.mark.parametrize("mode", ["eval", "train", "same"])
def test_leaves_the_model_as_it_was(mode):
    model = Small()
    model.drop.eval()
    model.head.register_forward_hook(lambda *args: None)
    before, hooks = state(model), [dict(m._forward_hooks) for m in model.modules()]
    modes, hooked = [m.training for m in model.modules()], [m._hooked for m in model.modules()]
    drawn = sparkle.get_rng_state().numpy().copy()
    summary(model, (2, 3, 4, 4), mode=mode)
    for key, value in state(model).items():
        np.testing.assert_array_equal(value, before[key])
    assert [m.training for m in model.modules()] == modes
    assert [m._hooked for m in model.modules()] == hooked
    assert [dict(m._forward_hooks) for m in model.modules()] == hooks
    assert all(p.grad is None for p in model.parameters())
    np.testing.assert_array_equal(sparkle.get_rng_state().numpy(), drawn)


def test_lazy_modules_stay_lazy():
    model = nn.Sequential(nn.LazyConv2d(2, 3), nn.LazyBatchNorm2d())
    found = summary(model, (1, 3, 4, 4))
    assert [row.kind for row in found] == ["Sequential", "Conv2d", "BatchNorm2d"]
    assert (found.total_params, found.total_mult_adds) == (60, 2 * 4 * 27)
    assert model[0].has_uninitialized_params()


def test_a_failing_run_leaves_the_model_as_it_was():
    model = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Linear(4, 1)))
    with pytest.raises(RuntimeError) as error:
        summary(model, (1, 2))
    assert "Linear '1.0' in Sequential '1' in Sequential ''" in error.value.__notes__[0]
    assert not any(m._forward_hooks or m._hooked or not m.training for m in model.modules())


MISUSE = [
    (TypeError, "wanted a Module, met int", lambda: summary(3, (1, 2))),
    (ValueError, "met both", lambda: summary(nn.ReLU(), (1,), input_data=z(1))),
    (ValueError, r"col_names \['nothing'\]", lambda: summary(nn.ReLU(), (1,), col_names=["nothing"])),
    (ValueError, "mode among .* met 'best'", lambda: summary(nn.ReLU(), (1,), mode="best")),
    (ValueError, "input_size: wanted a shape", lambda: summary(nn.ReLU(), (1, -2))),
    (ValueError, "input_size: wanted a shape", lambda: summary(nn.ReLU(), [(1, "2")])),
    (ValueError, "dtypes: met 2 for 1", lambda: summary(nn.ReLU(), (1,), dtypes=[None, None])),
    (ValueError, "input_data: wanted a tensor", lambda: summary(nn.ReLU(), input_data=3)),
]


@pytest.mark.parametrize(("kind", "message", "call"), MISUSE)
def test_misuse(kind, message, call):
    with pytest.raises(kind, match=message):
        call()
