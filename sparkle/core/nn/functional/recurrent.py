"""One direction of one recurrent layer over all steps of a batch of sequences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...dtypes import promote_types
from ...mode import mode as thread
from ...ops.nn.recurrent import Gru, Lstm, Rnn
from ...tensor.autocast import uncast
from ...tensor.base import apply
from .arguments import check_same_dtype
from .linear import linear

GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "GRU": 3, "LSTM": 4}  # mode -> rows of the weights for each hidden unit


def unroll(
    mode: str,
    data: Any,
    sizes: tuple[int, ...],
    reverse: bool,
    states: Sequence[Any],
    weights: Sequence[Any],
    cell: bool = False,
) -> tuple[Any, ...]:
    """The outputs (rows, hidden) of all steps and the last states, as a tuple.

    data (rows, in): sizes[t] rows for each step, below one another. states: (h,), for LSTM (h, c). weights: weight_ih,
    weight_hh, bias_ih, bias_hh, weight_hr; None, or left out at the end, for what is missing. cell: the step of a
    cell?
    """
    if thread.autocast is not None:
        return _cast(mode, data, sizes, reverse, states, weights, cell)
    given: list[Any] = list(weights)
    w_ih, w_hh, b_ih, b_hh, w_hr = given + [None] * (5 - len(given))
    outputs: tuple[Any, ...]
    if mode == "GRU":
        outputs = apply(Gru(sizes, reverse), linear(data, w_ih, b_ih), *states, w_hh, b_hh)
        return outputs
    x = linear(data, w_ih, None if b_ih is None else b_ih + b_hh)
    if mode == "LSTM":
        outputs = apply(Lstm(sizes, reverse), x, *states, w_hh, w_hr)
    else:
        outputs = apply(Rnn(sizes, reverse, mode == "RNN_RELU"), x, *states, w_hh)
    return outputs


def _cast(
    mode: str,
    data: Any,
    sizes: tuple[int, ...],
    reverse: bool,
    states: Sequence[Any],
    weights: Sequence[Any],
    cell: bool,
) -> tuple[Any, ...]:
    """`unroll` under autocast: all in the lower type, or, where torch puts the step together from products and sums,
    the operands of products rounded to it and all else in the states' type."""
    results: tuple[Any, ...]
    if mode != "GRU" and not (cell and mode == "LSTM"):
        results = thread.autocast.lower(unroll, mode, data, sizes, reverse, tuple(states), tuple(weights))
        return results
    data, *weights = (x if x is None else thread.autocast.low(x) for x in (data, *weights))
    check_same_dtype("linear", input=data, weight=weights[0])
    kind = promote_types(states[0].dtype, data.dtype)
    data, *given = (x if x is None else x.to(kind) for x in (data, *weights, *states))
    n = len(given) - len(states)
    results = uncast(unroll)(mode, data, sizes, reverse, given[n:], given[:n])
    return results
