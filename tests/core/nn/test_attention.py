"""Attention against finite differences (twice), its dropout, and what may not depend on padding or on the future."""

from __future__ import annotations

import math

import numpy as np
import pytest

import sparkle
import sparkle.nn.functional as F
from sparkle import nn
from sparkle.core.autograd import CONSTANT
from sparkle.core.tensor.differentiation.gradcheck import gradcheck, gradgradcheck

RANDOM = np.random.default_rng(0)
SEEN = sparkle.tensor([[True, False, True], [False, False, False]])  # the second query sees nothing
CASES = {
    "plain": ([(2, 2, 3), (2, 3, 3), (2, 3, 2)], {}),
    "shared": ([(2, 1, 2, 2), (2, 3, 2), (1, 3, 2)], {"scale": 0.7}),
    "bool": ([(2, 3), (3, 3), (3, 2)], {"attn_mask": SEEN}),
    "causal": ([(3, 2), (3, 2), (3, 2)], {"is_causal": True}),
    "gqa": ([(2, 2, 2), (1, 2, 2), (1, 2, 2)], {"enable_gqa": True}),
    "float": ([(2, 2, 3), (2, 3, 3), (2, 3, 2), (1, 2, 3)], {}),
}


def call(name):
    options = CASES[name][1]
    return lambda q, k, v, mask=None: F.scaled_dot_product_attention(q, k, v, **{"attn_mask": mask, **options})


def inputs(name):
    return [sparkle.tensor(RANDOM.standard_normal(shape), requires_grad=True) for shape in CASES[name][0]]


@pytest.mark.parametrize("name", CASES)
def test_gradients_equal_finite_differences(name):
    assert gradcheck(call(name), inputs(name))


@pytest.mark.parametrize("name", CASES)
def test_second_gradients_equal_finite_differences(name):
    assert gradgradcheck(call(name), inputs(name), atol=1e-4)


def test_op_declares_what_it_saves():
    node = call("float")(*inputs("float")).grad_fn
    held = {name for name, value in vars(node).items() if isinstance(value, np.ndarray)}
    assert held
    assert all(node.saves[name] >= CONSTANT - 1 for name in held)


def test_empty_keys_give_zeros():
    assert (
        F.scaled_dot_product_attention(sparkle.ones(2, 3), sparkle.ones(0, 3), sparkle.ones(0, 4)).tolist()
        == [[0.0] * 4] * 2
    )


def test_dropout_drops_weights_and_keeps_the_mean():
    x, v = sparkle.zeros(64, 4), sparkle.eye(64)  # every weight is 1 / 64, and the result shows all weights
    sparkle.manual_seed(0)
    weights = F.scaled_dot_product_attention(x, x, v, dropout_p=0.25)
    assert set(np.unique((weights * 64).numpy().round(4))) == {0.0, np.float32(1.3333)}
    assert abs((weights != 0).float().mean().item() - 0.75) < 6 / math.sqrt(64 * 64)
    assert F.scaled_dot_product_attention(x, x, v, dropout_p=1.0).abs().max().item() == 0
    sparkle.manual_seed(0)
    assert sparkle.equal(F.scaled_dot_product_attention(x, x, v, dropout_p=0.25), weights)


@pytest.mark.parametrize("seed", [1, 2])
def test_gradients_with_dropout(seed):
    def once(q, k, v):
        sparkle.manual_seed(seed)
        return F.scaled_dot_product_attention(q, k, v, dropout_p=0.4)

    assert gradcheck(once, inputs("plain"))
    assert gradgradcheck(once, inputs("plain"), atol=1e-4)


@pytest.mark.parametrize("need_weights", [True, False])
def test_multihead_attention_drops_while_training_only(need_weights):
    layer, x = nn.MultiheadAttention(8, 2, dropout=0.5), sparkle.randn(5, 3, 8)
    assert not sparkle.equal(*(layer(x, x, x, need_weights=need_weights)[0] for _ in range(2)))
    layer.eval()
    assert sparkle.equal(*(layer(x, x, x, need_weights=need_weights)[0] for _ in range(2)))


@pytest.mark.parametrize("flags", [{}, {"add_bias_kv": True, "add_zero_attn": True}, {"kdim": 3, "vdim": 2}])
def test_multihead_attention_equals_finite_differences(flags):
    layer = nn.MultiheadAttention(4, 2, batch_first=True, **flags).double()
    shapes = [(2, 2, 4), (2, 3, layer.kdim), (2, 3, layer.vdim)]
    given = [sparkle.tensor(RANDOM.standard_normal(s), requires_grad=True) for s in shapes]
    assert gradcheck(lambda *xs: layer(*xs), given)


def test_what_is_padded_or_in_the_future_changes_nothing():
    model = nn.Transformer(8, 2, 1, 1, 16, batch_first=True).eval()
    src, tgt = sparkle.randn(2, 5, 8), sparkle.randn(2, 4, 8)
    padding = sparkle.tensor([[False] * 3 + [True] * 2] * 2)
    mask = nn.Transformer.generate_square_subsequent_mask(4)

    def run():
        return model(src, tgt, tgt_mask=mask, src_key_padding_mask=padding, memory_key_padding_mask=padding).detach()

    first = run()
    src[:, 3:] = 100.0
    np.testing.assert_array_equal(run().numpy(), first.numpy())
    tgt[:, 2:] = 100.0
    np.testing.assert_array_equal(run()[:, :2].numpy(), first[:, :2].numpy())
    assert not sparkle.equal(run(), first)


def test_copies_of_a_layer_start_equal_and_learn_apart():
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 1, 8), 2)
    one, two = (layer.linear1.weight for layer in encoder.layers)
    assert one is not two
    assert sparkle.equal(one, two)
