"""Packed sequences against torch, and how recurrent layers list their weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import sparkle


def flat(value):
    """All tensors in nested tuples."""
    return [t for v in value for t in flat(v)] if isinstance(value, tuple) else [value]


@pytest.mark.parametrize("flags", [{}, {"bias": False, "num_layers": 2}, {"bidirectional": True, "proj_size": 2}])
def test_lists_of_weights(flags):
    ours, theirs = (lib.nn.LSTM(3, 5, **flags) for lib in (sparkle, torch))
    named = dict(ours.named_parameters())
    assert [
        [w is named[n] for w, n in zip(row, names, strict=True)]
        for row, names in zip(ours.all_weights, theirs._all_weights, strict=True)
    ] == [[True] * len(row) for row in theirs.all_weights]


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


def test_dropout_of_one_layer_warns():
    for lib in (torch, sparkle):
        with pytest.warns(UserWarning, match="all but last recurrent layer"):
            lib.nn.GRU(2, 3, dropout=0.5)
