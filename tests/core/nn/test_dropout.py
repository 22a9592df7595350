"""Which elements dropout keeps: how many, the same for a seed whatever the memory order, and resumed exactly."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle
import sparkle.nn.functional as F
from sparkle.core.random import Stream


@pytest.mark.parametrize("p", [0.001, 0.1, 0.25, 0.5, 0.9, 0.999])
def test_share_that_is_dropped(p):
    n = 1_000_001
    kept = Stream(seed=1).chances((n,), p)
    assert kept.dtype == bool
    assert abs((~kept).sum() - n * p) < 5 * np.sqrt(n * p * (1 - p))


def test_probabilities_at_the_ends_and_near_them():
    stream = Stream(seed=1)
    assert stream.chances((1000,), 0.0).all()
    assert not stream.chances((1000,), 1.0).any()
    assert not stream.chances((1000,), 1 - 1e-12).any()
    assert stream.chances((1000,), 1e-12).all()
    assert stream.chances((0, 3), 0.5).shape == (0, 3)
    assert stream.chances((), 0.5).shape == ()


def test_halves_of_a_word_are_independent():
    kept = Stream(seed=2).chances((200_000,), 0.5).reshape(-1, 2)
    table = np.array([[(kept[:, 0] == a)[kept[:, 1] == b].sum() for a in (False, True)] for b in (False, True)])
    assert (abs(table - 25_000) < 1000).all()


@pytest.mark.parametrize("count", [1, 2, 7, 64])
def test_a_stream_goes_on_where_its_state_was_taken(count):
    stream = Stream(seed=3)
    stream.chances((count,), 0.3)
    state = stream.state()
    wanted = [stream.chances((5,), 0.5), stream.uniform((3,), np.dtype("float32")), stream.chances((count,), 0.5)]
    other = Stream(seed=9)
    other.restore(state)
    again = [other.chances((5,), 0.5), other.uniform((3,), np.dtype("float32")), other.chances((count,), 0.5)]
    for a, b in zip(wanted, again, strict=True):
        np.testing.assert_array_equal(a, b)


def test_golden_mask():
    kept = Stream(seed=0).chances((16,), 0.5)
    assert "".join(map(str, kept.astype(int))) == "1110000001111111"


@pytest.mark.parametrize("shape", [(4, 6, 5, 3), (64, 16, 16, 16)])
def test_memory_order_changes_nothing(shape):
    x = sparkle.randn(*shape)
    results = []
    for layout in (x, x.contiguous(memory_format=sparkle.channels_last)):
        layout = layout.detach().requires_grad_()
        sparkle.manual_seed(5)
        y = F.dropout(layout, 0.4)
        assert y.stride() == layout.stride()
        y.backward(x)
        results.append((y.detach().numpy(), layout.grad.numpy()))
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)
    zeros = results[0][0] == 0
    np.testing.assert_allclose(results[0][0][~zeros], x.numpy()[~zeros] / 0.6, rtol=1e-6)
    np.testing.assert_array_equal(zeros, results[0][1] == 0)
