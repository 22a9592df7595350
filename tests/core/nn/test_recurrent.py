"""Recurrent layers against finite differences (twice), and packed sequences against one sequence at a time."""

from __future__ import annotations

import numpy as np
import pytest

import sparkle
from sparkle import nn
from sparkle.core.autograd import CONSTANT
from sparkle.core.nn.functional.recurrent import GATES, unroll
from sparkle.core.tensor.differentiation.gradcheck import gradcheck, gradgradcheck
from sparkle.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence, unpack_sequence

MODES = ["RNN_TANH", "RNN_RELU", "GRU", "LSTM", "LSTM-projected"]
SIZES = {"even": (2, 2, 2), "uneven": (3, 2, 1, 1), "one-step": (2,)}
KINDS = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}


def arguments(mode, sizes, bias=True):
    """data, states and weights, for two inputs and two hidden units."""
    random = np.random.default_rng(1)
    kind, projected = mode.partition("-")[::2]
    rows, width = 2 * GATES[kind], 1 if projected else 2
    shapes = [(sum(sizes), 2), (sizes[0], width), *([(sizes[0], 2)] if kind == "LSTM" else [])]
    shapes += [(rows, 2), (rows, width), *([(rows,), (rows,)] if bias else []), *([(width, 2)] if projected else [])]
    return [sparkle.tensor(random.uniform(-1, 1, s), requires_grad=True) for s in shapes]


def call(mode, sizes, reverse, bias, given):
    kind = mode.partition("-")[0]
    count = 2 if kind == "LSTM" else 1
    weights = given[1 + count :]
    weights = weights if bias else (*weights[:2], None, None, *weights[2:])
    return unroll(kind, given[0], sizes, reverse, given[1 : 1 + count], weights)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("form", SIZES)
@pytest.mark.parametrize("mode", MODES)
def test_gradients_equal_finite_differences(mode, form, reverse):
    sizes = SIZES[form]
    assert gradcheck(lambda *xs: call(mode, sizes, reverse, True, xs), arguments(mode, sizes))


@pytest.mark.parametrize(("sizes", "reverse", "bias"), [((1, 1), False, True), ((2, 1), True, False)])
@pytest.mark.parametrize("mode", MODES)
def test_second_gradients_equal_finite_differences(mode, sizes, reverse, bias):
    given = arguments(mode, sizes, bias)
    assert gradgradcheck(lambda *xs: call(mode, sizes, reverse, bias, xs), given, atol=1e-4)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("result", [0, 1])
def test_gradients_of_one_result_alone(mode, result):
    sizes = SIZES["uneven"]
    assert gradcheck(lambda *xs: call(mode, sizes, False, True, xs)[result], arguments(mode, sizes))


@pytest.mark.parametrize("mode", MODES)
def test_only_what_is_asked_for(mode):
    """Each argument alone requires grad."""
    sizes = SIZES["uneven"]
    everything = arguments(mode, sizes)
    sum(t.sum() for t in call(mode, sizes, False, True, everything)).backward()
    for i, whole in enumerate(everything):
        given = [x.detach() for x in everything]
        given[i].requires_grad_()
        sum(t.sum() for t in call(mode, sizes, False, True, given)).backward()
        np.testing.assert_allclose(given[i].grad.numpy(), whole.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("mode", MODES)
def test_op_declares_what_it_saves(mode):
    node = call(mode, SIZES["even"], False, True, arguments(mode, SIZES["even"]))[0].grad_fn
    held = {name for name, value in vars(node).items() if isinstance(value, np.ndarray)}
    assert held
    assert all(node.saves[name] >= CONSTANT - 1 for name in held)


@pytest.mark.parametrize("mode", MODES)
def test_results_may_be_written(mode):
    """Results share no memory with what backward reads."""
    given = arguments(mode, SIZES["even"])
    out, last = call(mode, SIZES["even"], False, True, given)[:2]
    (last.sum() * 2).backward(retain_graph=True)
    first = given[0].grad.clone()
    given[0].grad = None
    with sparkle.no_grad():
        out.zero_()
        last.mul_(3)
    (last.sum() * 2).backward()
    assert sparkle.equal(given[0].grad, first)


def test_a_state_written_before_backward_is_noticed():
    given = arguments("GRU", (2,))
    out = call("GRU", (2,), False, True, given)[0]
    with sparkle.no_grad():
        given[1].zero_()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.sum().backward()


@pytest.mark.parametrize("flags", [{}, {"num_layers": 2, "bidirectional": True}])
@pytest.mark.parametrize("kind", KINDS)
def test_packed_is_one_sequence_after_the_other(kind, flags):
    layer = KINDS[kind](3, 4, **flags).double()
    random = np.random.default_rng(2)
    sequences = [sparkle.tensor(random.standard_normal((n, 3)), requires_grad=True) for n in (2, 5, 1, 3)]
    out, states = layer(pack_sequence(sequences, enforce_sorted=False))
    states = states if kind == "LSTM" else (states,)
    for i, (sequence, row) in enumerate(zip(sequences, unpack_sequence(out), strict=True)):
        alone, end = layer(sequence)
        np.testing.assert_allclose(row.detach().numpy(), alone.detach().numpy(), rtol=1e-12)
        for state, last in zip(states, end if kind == "LSTM" else (end,), strict=True):
            np.testing.assert_allclose(state[:, i].detach().numpy(), last.detach().numpy(), rtol=1e-12)
    out.data.sum().backward()
    assert all(s.grad is not None for s in sequences)


def test_gradients_through_packing():
    lengths = [2, 3, 1]

    def there_and_back(x):
        return pad_packed_sequence(pack_padded_sequence(x, lengths, enforce_sorted=False), total_length=4)[0]

    assert gradcheck(there_and_back, [sparkle.randn(3, 3, 2, dtype=sparkle.float64, requires_grad=True)])


@pytest.mark.parametrize("kind", KINDS)
def test_cells_are_one_step_of_the_layer(kind):
    layer, cell = KINDS[kind](3, 4).double(), getattr(nn, kind + "Cell")(3, 4).double()
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in layer.state_dict().items()})
    x = sparkle.randn(5, 2, 3, dtype=sparkle.float64)
    state, outs = None, []
    for step in x:
        state = cell(step, state)
        outs.append(state[0] if kind == "LSTM" else state)
    np.testing.assert_allclose(sparkle.stack(outs).detach().numpy(), layer(x)[0].detach().numpy(), rtol=1e-12)


def test_flags_that_change_nothing_in_numbers():
    layer = nn.LSTM(3, 4)
    assert layer.flatten_parameters() is None
    x = sparkle.randn(2, 3, 3)
    first = nn.LSTM(3, 4, batch_first=True)
    first.load_state_dict(layer.state_dict())
    np.testing.assert_array_equal(
        layer(x)[0].detach().numpy(), first(x.transpose(0, 1))[0].transpose(0, 1).detach().numpy()
    )


def test_dropout_stands_between_layers_only():
    sparkle.manual_seed(0)
    layer, x = nn.GRU(3, 64, 2, dropout=0.5), sparkle.randn(4, 8, 3)
    assert not sparkle.equal(layer(x)[0], layer(x)[0])
    assert (layer(x)[0] != 0).all()
    layer.eval()
    assert sparkle.equal(layer(x)[0], layer(x)[0])
