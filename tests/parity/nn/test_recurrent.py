"""Recurrent layers and cells against torch: results, gradients of inputs, states and parameters, repr, errors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import sparkle

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections")  # torch on which of its ways it takes

FLAGS = {
    "plain": {},
    "layers": {"num_layers": 2},
    "both-ways": {"num_layers": 2, "bidirectional": True},
    "no-bias": {"bias": False, "bidirectional": True},
    "batch-first": {"batch_first": True, "num_layers": 2},
}
MAKERS = {
    **{f"RNN-{k}": ("RNN", f) for k, f in FLAGS.items()},
    "RNN-relu": ("RNN", {"nonlinearity": "relu", "num_layers": 2}),
    **{f"LSTM-{k}": ("LSTM", f) for k, f in FLAGS.items()},
    **{f"LSTM-proj-{k}": ("LSTM", {**f, "proj_size": 2}) for k, f in FLAGS.items()},
    **{f"GRU-{k}": ("GRU", f) for k, f in FLAGS.items()},
}
LENGTHS = [4, 6, 1, 4]  # a batch of four; six steps
FORMS = ["batched", "batched-hx", "unbatched", "unbatched-hx", "packed", "packed-hx", "packed-sorted"]
TOLERANCE = {"float64": (1e-9, 1e-12), "float32": (1e-4, 1e-5)}


def flat(value):
    """All tensors in nested tuples."""
    return [t for v in value for t in flat(v)] if isinstance(value, tuple) else [value]


def assert_same(ours, theirs, dtype):
    rtol, atol = TOLERANCE[dtype]
    for a, b in zip(ours, theirs, strict=True):
        assert (a is None) == (b is None)
        if b is not None:
            assert str(a.dtype).split(".")[-1] == str(b.dtype).split(".")[-1]
            assert tuple(a.shape) == tuple(b.shape)
            np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=rtol, atol=atol)


def copied(make, dtype):
    theirs = make(torch.nn).to(getattr(torch, dtype))
    ours = make(sparkle.nn).to(getattr(sparkle, dtype))
    ours.load_state_dict({name: sparkle.tensor(t.numpy()) for name, t in theirs.state_dict().items()})
    assert list(ours.state_dict()) == list(theirs.state_dict())
    return ours, theirs


def learn(lib, results, leaves):
    """Gradients of the leaves for a weighted sum of all results."""
    random = np.random.default_rng(5)
    total = sum((t * lib.tensor(random.standard_normal(tuple(t.shape))).to(t.dtype)).sum() for t in results)
    total.backward()
    return [leaf.grad for leaf in leaves]


def outcome(lib, layer, form, dtype):
    """Results, and gradients of input, states and parameters."""
    random = np.random.default_rng(3)
    packed, batched = form.startswith("packed"), not form.startswith("unbatched")
    shape = ((4, 6, 3) if layer.batch_first else (6, 4, 3)) if batched else (6, 3)
    x = lib.tensor(random.standard_normal(shape)).to(getattr(lib, dtype)).requires_grad_()
    leaves, arguments = [x], [x]
    if packed:
        lengths = sorted(LENGTHS, reverse=True) if form.endswith("sorted") else LENGTHS
        pack = lib.nn.utils.rnn.pack_padded_sequence
        arguments = [pack(x, lengths, layer.batch_first, enforce_sorted=form.endswith("sorted"))]
    if form.endswith("hx"):
        count = layer.num_layers * (2 if layer.bidirectional else 1)
        widths = [layer.proj_size or layer.hidden_size, layer.hidden_size][: 2 if layer.mode == "LSTM" else 1]
        shapes = [(count, 4, width) if batched else (count, width) for width in widths]
        states = [lib.tensor(random.standard_normal(s)).to(x.dtype).requires_grad_() for s in shapes]
        leaves += states
        arguments.append(tuple(states) if layer.mode == "LSTM" else states[0])
    out, states = layer(*arguments)
    if packed:
        assert isinstance(out, lib.nn.utils.rnn.PackedSequence)
        out, lengths = lib.nn.utils.rnn.pad_packed_sequence(out, layer.batch_first, padding_value=-1.0)
        assert lengths.tolist() == LENGTHS or form.endswith("sorted")
    results = flat((out, states))
    return results, learn(lib, results, [*leaves, *layer.parameters()])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", MAKERS)
def test_layer(name, form, dtype):
    kind, flags = MAKERS[name]
    ours, theirs = copied(lambda nn: getattr(nn, kind)(3, 5, **flags), dtype)
    for a, b in zip(outcome(sparkle, ours, form, dtype), outcome(torch, theirs, form, dtype), strict=True):
        assert_same(a, b, dtype)


@pytest.mark.parametrize("name", MAKERS)
def test_repr_and_weights(name):
    kind, flags = MAKERS[name]
    ours, theirs = (getattr(lib.nn, kind)(3, 5, **flags) for lib in (sparkle, torch))
    assert repr(ours) == repr(theirs)
    assert ours.mode == theirs.mode
    assert [[tuple(w.shape) for w in row] for row in ours.all_weights] == [
        [tuple(w.shape) for w in row] for row in theirs.all_weights
    ]
    assert all(
        w is dict(ours.named_parameters())[n]
        for row, names in zip(ours.all_weights, theirs._all_weights, strict=True)
        for w, n in zip(row, names, strict=True)
    )
    bound = 1 / 5**0.5
    values = np.concatenate([p.detach().numpy().ravel() for p in ours.parameters()])
    assert abs(values).max() <= bound
    assert abs(values).max() > 0.8 * bound


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("form", ["batched", "batched-hx", "vector", "vector-hx"])
@pytest.mark.parametrize("kind", ["RNNCell", "RNNCell-relu", "LSTMCell", "GRUCell"])
def test_cell(kind, form, bias):
    name, _, activation = kind.partition("-")
    flags = {"nonlinearity": activation} if activation else {}
    layers = copied(lambda nn: getattr(nn, name)(3, 5, bias=bias, **flags), "float64")
    found = []
    for lib, cell in zip((sparkle, torch), layers, strict=True):
        random = np.random.default_rng(3)
        lead = (4,) if form.startswith("batched") else ()
        leaves = [lib.tensor(random.standard_normal((*lead, n))).requires_grad_() for n in (3, 5, 5)]
        leaves = leaves[: 1 if not form.endswith("hx") else 3 if name == "LSTMCell" else 2]
        state = [] if len(leaves) == 1 else [tuple(leaves[1:])] if name == "LSTMCell" else leaves[1:]
        results = flat(cell(leaves[0], *state))
        found.append([*results, *learn(lib, results, [*leaves, *cell.parameters()])])
    assert_same(*found, "float64")
    assert repr(layers[0]) == repr(layers[1])


@pytest.mark.parametrize("dropout", [0.0, 1.0])
def test_dropout_between_layers(dropout):
    ours, theirs = copied(lambda nn: nn.GRU(3, 5, 2, dropout=dropout), "float64")
    for train in (True, False):
        results = [
            flat(m.train(train)(lib.ones(2, 1, 3, dtype=lib.float64))) for lib, m in ((sparkle, ours), (torch, theirs))
        ]
        assert_same(*results, "float64")


def rnn_utils(lib):
    return lib.nn.utils.rnn


X = np.arange(24.0).reshape(4, 3, 2)
UTILITIES = [
    lambda lib, u: tuple(u.pack_padded_sequence(lib.tensor(X), [4, 2, 1])),
    lambda lib, u: tuple(u.pack_padded_sequence(lib.tensor(X), [3, 2, 1])),
    lambda lib, u: tuple(u.pack_padded_sequence(lib.tensor(X), lib.tensor([1, 4, 2]), enforce_sorted=False)),
    lambda lib, u: tuple(u.pack_padded_sequence(lib.tensor(X), [3, 3, 2, 1], batch_first=True)),
    lambda lib, u: u.pad_packed_sequence(u.pack_padded_sequence(lib.tensor(X), [2, 4, 1], enforce_sorted=False)),
    lambda lib, u: u.pad_packed_sequence(u.pack_sequence([lib.ones(3, 2), lib.ones(1, 2)]), True, -1.5, 5),
    lambda lib, u: u.pad_packed_sequence(
        u.pack_sequence([lib.tensor([1]), lib.tensor([3, 2])], False), padding_value=7
    ),
    lambda lib, u: tuple(u.unpack_sequence(u.pack_sequence([lib.ones(1), lib.ones(3)], enforce_sorted=False))),
    lambda lib, u: u.pad_sequence([lib.ones(3, 2), lib.ones(1, 2)]),
    lambda lib, u: u.pad_sequence([lib.ones(3, 2), lib.ones(1, 2)], batch_first=True, padding_value=2.0),
    lambda lib, u: u.pad_sequence([lib.tensor([1, 2]), lib.tensor([3])], padding_side="left"),
    lambda lib, u: u.pad_sequence((lib.ones(2), lib.ones(3), lib.ones(0))),
    lambda lib, u: u.pad_sequence(lib.ones(2, 3)),
    lambda lib, u: tuple(u.unpad_sequence(lib.tensor(X), lib.tensor([4, 2, 3]))),
    lambda lib, u: tuple(u.unpad_sequence(lib.tensor(X), lib.tensor([1, 2, 3, 2]), batch_first=True)),
    lambda lib, u: tuple(u.PackedSequence(lib.tensor(X), lib.tensor([4]), lib.tensor([2, 0, 1]))),
    lambda lib, u: tuple(u.PackedSequence((lib.tensor(X), lib.tensor([4])))),
    lambda lib, u: u.pack_sequence([lib.ones(2)]).to(lib.float64).data,
    lambda lib, u: u.pack_sequence([lib.ones(2)]).long().data,
    lambda lib, u: u.pack_sequence([lib.ones(2)]).half().float().data,
    lambda lib, u: u.invert_permutation(lib.tensor([2, 0, 1])),
]


@pytest.mark.parametrize("call", UTILITIES)
def test_utilities(call):
    ours, theirs = (flat(call(lib, rnn_utils(lib))) for lib in (sparkle, torch))
    for a, b in zip(ours, theirs, strict=True):
        assert (a is None) == (b is None)
        if b is not None:
            assert str(a.dtype).split(".")[-1] == str(b.dtype).split(".")[-1]
            np.testing.assert_array_equal(a.numpy(), b.numpy())


MISUSE = [
    *(lambda lib, n=n: getattr(lib.nn, n)(2, 3)(lib.zeros(0, 3, 2)) for n in ("RNN", "LSTM", "GRU")),
    *(lambda lib, n=n: getattr(lib.nn, n)(2, 3)(lib.zeros(2)) for n in ("RNN", "LSTM", "GRU")),
    *(lambda lib, n=n: getattr(lib.nn, n)(2, 3)(lib.zeros(2, 3, 5)) for n in ("RNN", "LSTM", "GRU")),
    *(lambda lib, n=n: getattr(lib.nn, n)(2, 3)(lib.zeros(2, 3, 2).double()) for n in ("RNN", "LSTM", "GRU")),
    *(
        lambda lib, n=n: getattr(lib.nn, n)(2, 3)(lib.zeros(2, 3, 2), lib.zeros(1, 2, 3))
        for n in ("RNN", "LSTM", "GRU")
    ),
    *(lambda lib, n=n: getattr(lib.nn, n)(2, 3)(lib.zeros(2, 3, 2), lib.zeros(3, 3)) for n in ("RNN", "LSTM", "GRU")),
    *(lambda lib, n=n: getattr(lib.nn, n)(2, 3)(lib.zeros(2, 2), lib.zeros(1, 2, 3)) for n in ("RNN", "LSTM", "GRU")),
    lambda lib: lib.nn.GRU(2, 3)(lib.zeros(2, 3, 2), lib.zeros(1, 3, 3).double()),
    lambda lib: lib.nn.LSTM(2, 3)(lib.zeros(2, 3, 2), (lib.zeros(1, 3, 3), lib.zeros(1, 3, 4))),
    lambda lib: lib.nn.LSTM(2, 3)(lib.zeros(2, 3, 2), (lib.zeros(1, 4, 3), lib.zeros(1, 3, 3))),
    lambda lib: lib.nn.RNN(2, 3)(rnn_utils(lib).pack_sequence([lib.zeros(2, 5)])),
    lambda lib: lib.nn.RNN(2, 3, nonlinearity="x"),
    lambda lib: lib.nn.RNN(2, 3, proj_size=2),
    lambda lib: lib.nn.GRU(2, 3, proj_size=2),
    lambda lib: lib.nn.LSTM(2, 3, proj_size=3),
    lambda lib: lib.nn.LSTM(2, 3, proj_size=-1),
    lambda lib: lib.nn.LSTM(2, 0),
    lambda lib: lib.nn.LSTM(2.0, 1),
    lambda lib: lib.nn.LSTM(0, 1),
    lambda lib: lib.nn.LSTM(2, 1, 0),
    lambda lib: lib.nn.LSTM(2, 1, bias=1),
    lambda lib: lib.nn.LSTM(2, 1, batch_first=1),
    lambda lib: lib.nn.LSTM(2, 1, dropout=2),
    lambda lib: lib.nn.LSTM(),
    lambda lib: lib.nn.RNNBase("x", 2, 3),
    *(lambda lib, n=n: getattr(lib.nn, n)(2, 3)(lib.zeros(3, 2, 1)) for n in ("RNNCell", "LSTMCell", "GRUCell")),
    *(lambda lib, n=n: getattr(lib.nn, n)(2, 3)(lib.zeros(3, 5)) for n in ("RNNCell", "LSTMCell", "GRUCell")),
    *(lambda lib, n=n: getattr(lib.nn, n)(2, 3)(lib.zeros(3, 2).double()) for n in ("RNNCell", "LSTMCell", "GRUCell")),
    lambda lib: lib.nn.RNNCell(2, 3)(lib.zeros(3, 2), lib.zeros(2, 3)),
    lambda lib: lib.nn.RNNCell(2, 3)(lib.zeros(3, 2), lib.zeros(3, 4)),
    lambda lib: lib.nn.GRUCell(2, 3)(lib.zeros(3, 2), lib.zeros(3)),
    lambda lib: lib.nn.LSTMCell(2, 3)(lib.zeros(3, 2), lib.zeros(3, 3)),
    lambda lib: lib.nn.LSTMCell(2, 3)(lib.zeros(3, 2), (lib.zeros(3, 3), lib.zeros(3, 4))),
    lambda lib: lib.nn.LSTMCell(2, 3)(lib.zeros(3, 2), (lib.zeros(2, 3), lib.zeros(3, 3))),
    lambda lib: lib.nn.RNNCell(2, 3, nonlinearity="x")(lib.zeros(3, 2)),
    lambda lib: rnn_utils(lib).pack_padded_sequence(lib.ones(4, 3, 2), [4, 2, 3]),
    lambda lib: rnn_utils(lib).pack_padded_sequence(lib.ones(4, 3, 2), [4, 2, 0]),
    lambda lib: rnn_utils(lib).pack_padded_sequence(lib.ones(4, 3, 2), [4, 2]),
    lambda lib: rnn_utils(lib).pack_padded_sequence(lib.ones(4, 3, 2), lib.tensor([[4, 2, 1]])),
    lambda lib: rnn_utils(lib).pack_padded_sequence(lib.ones(4), [4]),
    lambda lib: rnn_utils(lib).pack_padded_sequence(lib.ones(0, 0), []),
    lambda lib: rnn_utils(lib).pad_packed_sequence(rnn_utils(lib).pack_sequence([lib.ones(2)]), total_length=1),
    lambda lib: rnn_utils(lib).pad_sequence([]),
    lambda lib: rnn_utils(lib).pad_sequence(3),
    lambda lib: rnn_utils(lib).pad_sequence([lib.ones(2, 3), lib.ones(3, 2)]),
    lambda lib: rnn_utils(lib).pad_sequence([lib.ones(2)], padding_side="up"),
    lambda lib: rnn_utils(lib).pack_sequence([lib.ones(2), lib.ones(3)]),
    lambda lib: rnn_utils(lib).PackedSequence(lib.ones(2)),
]


@pytest.mark.parametrize("call", MISUSE)
def test_misuse(call):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever torch raises is the oracle
        call(torch)
    with pytest.raises(theirs.type):
        call(sparkle)


def test_dropout_of_one_layer_warns():
    for lib in (torch, sparkle):
        with pytest.warns(UserWarning, match="all but last recurrent layer"):
            lib.nn.GRU(2, 3, dropout=0.5)
