"""What of nn.functional a table of equal calls cannot hold: randomness, warnings, and gradients at the edges."""

from __future__ import annotations

import math

import numpy as np
import pytest

import sparkle
import sparkle.nn.functional as F

N = 40_000
SIX_SIGMA = 6 / math.sqrt(N)


def ones(*shape):
    return sparkle.ones(*shape, requires_grad=True)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout_zeroes_a_share_and_scales_the_rest(p):
    x = ones(N)
    y = F.dropout(x, p)
    kept = y.detach().numpy() != 0
    assert abs(kept.mean() - (1 - p)) < SIX_SIGMA
    np.testing.assert_allclose(y.detach().numpy()[kept], 1 / (1 - p), rtol=1e-6)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), y.detach().numpy())


@pytest.mark.parametrize("drop", [F.dropout, F.dropout1d, F.alpha_dropout, F.feature_alpha_dropout])
def test_dropout_repeats_after_manual_seed_and_differs_without(drop):
    x = sparkle.randn(50, 40, 2)
    sparkle.manual_seed(3)
    first, second = drop(x, 0.5, training=True), drop(x, 0.5, training=True)
    sparkle.manual_seed(3)
    again = drop(x, 0.5, training=True)
    assert sparkle.equal(first, again)
    assert not sparkle.equal(first, second)


@pytest.mark.parametrize(
    ("drop", "shape"), [(F.dropout1d, (200, 50, 3)), (F.dropout2d, (200, 50, 2, 2)), (F.dropout3d, (200, 50, 1, 2, 2))]
)
def test_channel_dropout_drops_whole_channels(drop, shape):
    y = drop(sparkle.ones(*shape), 0.25).numpy().reshape(shape[0] * shape[1], -1)
    assert (y == y[:, :1]).all()
    assert abs((y[:, 0] != 0).mean() - 0.75) < 6 / math.sqrt(len(y))


def test_alpha_dropout_keeps_mean_and_variance():
    y = F.alpha_dropout(sparkle.randn(10 * N), 0.3, training=True).numpy()
    assert abs(y.mean()) < 0.02
    assert abs(y.var() - 1) < 0.03


def test_dropout_in_place_writes_into_its_input():
    x = sparkle.ones(100)
    assert F.dropout(x, 0.5, inplace=True) is x
    assert 0 < (x == 0).sum().item() < 100


def test_rrelu_draws_slopes_between_its_bounds():
    x = -sparkle.ones(1000)
    x.requires_grad_()
    y = F.rrelu(x, 0.2, 0.4, training=True)
    slopes = -y.detach().numpy()
    assert 0.2 <= slopes.min() < 0.22 < 0.38 < slopes.max() <= 0.4
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), slopes, rtol=1e-6)


def test_gumbel_softmax_samples_classes_by_their_probabilities():
    logits = sparkle.tensor([0.1, 0.2, 0.7]).log().expand(N, 3)
    hard = F.gumbel_softmax(logits, hard=True).numpy()
    assert set(np.unique(hard)) == {0.0, 1.0}
    np.testing.assert_allclose(hard.mean(axis=0), [0.1, 0.2, 0.7], atol=SIX_SIGMA)
    np.testing.assert_allclose(F.gumbel_softmax(logits, tau=0.3).sum(-1).numpy(), 1, rtol=1e-5)


def test_hard_gumbel_softmax_has_the_soft_gradient():
    logits = sparkle.randn(4, 3, requires_grad=True)
    weights = sparkle.randn(4, 3)
    grads = []
    for hard in (True, False):
        sparkle.manual_seed(1)
        grads.append(sparkle.autograd.grad((F.gumbel_softmax(logits, hard=hard) * weights).sum(), logits)[0])
    assert sparkle.allclose(*grads)


def test_mse_loss_warns_where_shapes_differ():
    with pytest.warns(UserWarning, match=r"target size \(\(4,\)\).*input size \(\(3, 4\)\)"):
        F.mse_loss(sparkle.ones(3, 4), sparkle.ones(4))


@pytest.mark.parametrize("options", [{"size_average": True}, {"reduce": False}])
def test_old_reduction_flags_warn(options):
    with pytest.warns(UserWarning, match="deprecated"):
        F.l1_loss(sparkle.ones(3), sparkle.ones(3), **options)


def test_kl_div_mean_warns():
    with pytest.warns(UserWarning, match="batchmean"):
        F.kl_div(sparkle.ones(3), sparkle.ones(3))


@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss, lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1)])
def test_a_mean_over_ignored_targets_is_nan_with_gradient_zero(loss):
    x = sparkle.randn(2, 3, requires_grad=True)
    y = loss(x, sparkle.tensor([-100, -100]))
    y.backward()
    assert math.isnan(y.item())
    assert not x.grad.numpy().any()


def test_embedding_padding_row_gets_no_gradient():
    w = ones(3, 2)
    F.embedding(sparkle.tensor([0, 2, 2]), w, padding_idx=0).sum().backward()
    np.testing.assert_array_equal(w.grad.numpy(), [[0, 0], [0, 0], [2, 2]])


def test_embedding_gradient_over_the_number_of_uses():
    w = ones(3, 2)
    F.embedding(sparkle.tensor([0, 2, 2]), w, scale_grad_by_freq=True).sum().backward()
    np.testing.assert_array_equal(w.grad.numpy(), [[1, 1], [0, 0], [1, 1]])


def test_embedding_max_norm_shrinks_only_what_is_used():
    w = sparkle.tensor([[3.0, 4.0], [3.0, 4.0], [0.3, 0.4]])
    F.embedding(sparkle.tensor([0, 2]), w, max_norm=1.0)
    np.testing.assert_allclose(w.numpy(), [[0.6, 0.8], [3.0, 4.0], [0.3, 0.4]], rtol=1e-6)


def test_batch_norm_leaves_running_statistics_alone_in_evaluation():
    mean, var = sparkle.zeros(2), sparkle.ones(2)
    F.batch_norm(sparkle.randn(5, 2), mean, var)
    assert mean.tolist() == [0, 0]
    assert var.tolist() == [1, 1]


def test_convolution_takes_any_memory_layout():
    x, w = np.random.default_rng(0).standard_normal((2, 9, 5, 5)), sparkle.randn(4, 9, 3, 3, dtype=sparkle.float64)
    last = np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    for padding in (0, 1):
        a, b = (
            F.conv2d(sparkle.from_numpy(x), w, padding=padding),
            F.conv2d(sparkle.from_numpy(last), w, padding=padding),
        )
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12)


def test_convolution_in_several_chunks_equals_one(monkeypatch):
    from sparkle.core.ops.nn import conv

    x, w = sparkle.randn(5, 9, 6, 6, requires_grad=True), sparkle.randn(10, 9, 3, 3, requires_grad=True)

    def outcome():
        y = F.conv2d(x, w, padding=1, stride=2)
        return [y, *sparkle.autograd.grad((y * y).sum(), [x, w])]

    whole = outcome()
    monkeypatch.setattr(conv, "PATCH_BYTES", 1)
    monkeypatch.setattr(conv.Window, "at_once", lambda *args: 2)
    for a, b in zip(outcome(), whole, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("stride", "wanted"), [(2, [1, 0, 1, 0]), (1, [1, 1, 1, 0])])
def test_the_first_of_equal_elements_gets_the_gradient_of_max_pooling(stride, wanted):
    x = sparkle.zeros(1, 1, 4, requires_grad=True)
    F.max_pool1d(x, 2, stride).sum().backward()
    assert x.grad.flatten().tolist() == wanted


def test_nan_reaches_the_result_of_pooling():
    x = sparkle.tensor([[[1.0, math.nan, 2.0, 3.0]]])
    np.testing.assert_array_equal(F.max_pool1d(x, 2).numpy(), [[[math.nan, 3.0]]])


def test_fractional_pool_begins_anywhere():
    sparkle.manual_seed(0)
    x = sparkle.arange(100.0).reshape(1, 1, 10, 10)
    seen = {tuple(sparkle.nn.FractionalMaxPool2d(2, 4)(x).flatten().tolist()) for _ in range(20)}
    assert len(seen) > 5
    assert all(len(set(y)) == 16 and y[-1] == 99 for y in seen)
