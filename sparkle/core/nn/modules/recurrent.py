"""Recurrent layers over whole sequences."""

from __future__ import annotations

import math
import warnings
from typing import Any

from ...mode import mode as thread
from ...tensor.base import dtype_of
from ...tensor.functions.pointwise.unary import check_tensor
from ...tensor.functions.shaping.joining import cat, stack
from ...tensor.making.filled import empty
from .. import functional as F
from .. import init
from ..base.module import Module
from ..functional.recurrent import GATES, unroll
from ..packed import PackedSequence
from ..parameter import Parameter

# What repr leaves out.
USUAL = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0, "bidirectional": False}


class RNNBase(Module):
    """What `RNN`, `LSTM` and `GRU` share: the parameters of every layer and direction, and the walk over them.

    weight_ih_l0 (gates hidden_size, input_size), weight_hh_l0, bias_ih_l0 and bias_hh_l0, with proj_size weight_hr_l0;
    then l1 and so on, and `_reverse` for the second direction. All start as even numbers within ±1/√hidden_size.
    Raises ValueError for sizes below 1, a dropout outside of 0..1, and proj_size not below hidden_size.
    """

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        _check_flags(dropout, num_layers, bias=bias, batch_first=batch_first)
        _check_sizes(mode, proj_size, input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        self.mode, self.input_size, self.hidden_size, self.num_layers = mode, input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.proj_size = bidirectional, proj_size
        self._all_weights: list[list[str]] = []
        for layer in range(num_layers):
            for suffix in ("", "_reverse") if bidirectional else ("",):
                self._add_weights(layer, suffix, device, dtype)
        self.reset_parameters()

    def _add_weights(self, layer: int, suffix: str, device: Any, dtype: Any) -> None:
        gates, width = GATES[self.mode] * self.hidden_size, self._width
        inputs = self.input_size if layer == 0 else width * self._directions
        shapes: dict[str, tuple[int, ...]] = {"weight_ih": (gates, inputs), "weight_hh": (gates, width)}
        if self.bias:
            shapes |= {"bias_ih": (gates,), "bias_hh": (gates,)}
        if self.proj_size:
            shapes["weight_hr"] = (self.proj_size, self.hidden_size)
        self._all_weights.append([f"{name}_l{layer}{suffix}" for name in shapes])
        for name, shape in zip(self._all_weights[-1], shapes.values(), strict=True):
            setattr(self, name, Parameter(empty(shape, device=device, dtype=dtype)))

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def _width(self) -> int:
        """How many numbers an output is."""
        return self.proj_size or self.hidden_size

    @property
    def _widths(self) -> tuple[int, ...]:
        """The same for each of the states."""
        return (self._width, self.hidden_size) if self.mode == "LSTM" else (self._width,)

    @property
    def all_weights(self) -> list[list[Any]]:
        """The parameters of each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    @property
    def _flat_weights_names(self) -> list[str]:
        return [name for names in self._all_weights for name in names]

    @property
    def _flat_weights(self) -> list[Any]:
        return [weight for weights in self.all_weights for weight in weights]

    def flatten_parameters(self) -> None:
        """Does nothing: the parameters need not lie beside one another in memory here. Programs for GPUs call it."""

    def reset_parameters(self) -> None:
        """Draw new first values."""
        bound = 1 / math.sqrt(self.hidden_size)
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    # The walk.

    def _run(self, input: Any, states: tuple[Any, ...] | None) -> tuple[Any, tuple[Any, ...]]:
        """Outputs in the form of the input, and the last states (layers directions, batch, width)."""
        if isinstance(input, PackedSequence):
            return self._run_packed(input, states)
        check_tensor(input, self._get_name())
        if input.ndim not in (2, 3):
            raise ValueError(f"{self._get_name()}: Expected input to be 2D or 3D, got {input.ndim}D instead")
        batched = input.ndim == 3
        time_axis = 1 if self.batch_first and batched else 0
        steps, batch = input.shape[time_axis], input.shape[1 - time_axis] if batched else 1
        if states is not None:
            states = self._checked_dims(states, batched)
        self._check_input(input, steps)
        self._check_states(states, batch)
        rows = (input.transpose(0, 1) if time_axis else input).reshape(steps * batch, self.input_size)
        out, last = self._layers(rows, (batch,) * steps, states)
        if not batched:
            return out, tuple(state.squeeze(1) for state in last)
        out = out.reshape(steps, batch, out.shape[1])
        return (out.transpose(0, 1) if time_axis else out), last

    def _run_packed(self, input: PackedSequence, states: Any) -> tuple[PackedSequence, tuple[Any, ...]]:
        data, batch_sizes, order, back = input
        if data.ndim != 2:
            raise RuntimeError(f"{self._get_name()}: input must have 2 dimensions, got {data.ndim}")
        sizes = tuple(batch_sizes.tolist())
        self._check_input(data, len(sizes))
        if states is not None:
            states = self._permuted(states, order)
            self._check_states(states, sizes[0])
        out, last = self._layers(data, sizes, states)
        return PackedSequence(out, batch_sizes, order, back), self._permuted(last, back)

    @staticmethod
    def _permuted(states: tuple[Any, ...], order: Any) -> tuple[Any, ...]:
        return states if order is None else tuple(s.index_select(1, order) for s in states)

    def permute_hidden(self, hx: Any, permutation: Any) -> Any:
        """The states of the sequences in another order; hx is a tensor, for LSTM a pair; None leaves them."""
        given = hx if isinstance(hx, tuple) else (hx,)
        moved = self._permuted(given, permutation)
        return moved if isinstance(hx, tuple) else moved[0]

    def _layers(self, data: Any, sizes: tuple[int, ...], states: Any) -> tuple[Any, tuple[Any, ...]]:
        if states is None:
            zeros = [data.new_zeros((sizes[0], width)) for width in self._widths]
        last: list[Any] = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                data = F.dropout(data, self.dropout, self.training)
            outs = []
            for direction in range(self._directions):
                k = layer * self._directions + direction
                begin = zeros if states is None else [state[k] for state in states]
                out, *ends = unroll(self.mode, data, sizes, direction == 1, begin, self._weights(k))
                outs.append(out)
                last.append(ends)
            data = outs[0] if len(outs) == 1 else cat(outs, 1)
        return data, tuple(stack(ends) for ends in zip(*last, strict=True))

    def _weights(self, k: int) -> tuple[Any, ...]:
        """weight_ih, weight_hh, bias_ih, bias_hh, weight_hr of one layer and direction."""
        held = [getattr(self, name) for name in self._all_weights[k]]
        return tuple(held) if self.bias else (*held[:2], None, None, *held[2:])

    # Checks.

    def _checked_dims(self, states: tuple[Any, ...], batched: bool) -> tuple[Any, ...]:
        wanted = 3 if batched else 2
        if any(s.ndim != wanted for s in states):
            names, met = ("hx", "cx")[: len(states)], ", ".join(f"{s.ndim}-D" for s in states)
            raise RuntimeError(
                f"{self._get_name()}: For {'batched 3-D' if batched else 'unbatched 2-D'} input, {' and '.join(names)} "
                f"should also be {wanted}-D but got ({met}) tensors"
            )
        return states if batched else tuple(s.unsqueeze(1) for s in states)

    def _check_input(self, input: Any, steps: int) -> None:
        weight = getattr(self, self._all_weights[0][0])
        if input.array.dtype != weight.array.dtype and thread.autocast is None:
            raise ValueError(
                f"{self._get_name()} input dtype ({dtype_of(input)}) does not match weight dtype ({dtype_of(weight)}). "
                f"Convert input: input.to({dtype_of(weight)}), or convert model: model.to({dtype_of(input)})"
            )
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"{self._get_name()}: input.size(-1) must be equal to input_size. Expected {self.input_size}, got "
                f"{input.shape[-1]}"
            )
        if not steps:
            raise RuntimeError(f"{self._get_name()}: Expected sequence length to be larger than 0 in RNN")

    def _check_states(self, states: Any, batch: int) -> None:
        weight = getattr(self, self._all_weights[0][0])
        for i, (state, width) in enumerate(zip(states or (), self._widths, strict=bool(states))):
            wanted = (self.num_layers * self._directions, batch, width)
            if tuple(state.shape) != wanted:
                raise RuntimeError(f"{self._get_name()}: Expected hidden[{i}] size {wanted}, got {tuple(state.shape)}")
            if state.array.dtype != weight.array.dtype and thread.autocast is None:
                raise RuntimeError(
                    f"{self._get_name()}: hidden[{i}] is {dtype_of(state)}, the weights are {dtype_of(weight)}: "
                    "expected the same dtype"
                )

    def extra_repr(self) -> str:
        """The sizes, and what differs from the defaults."""
        parts = [f"{self.input_size}, {self.hidden_size}"]
        parts += [f"{name}={getattr(self, name)}" for name, usual in USUAL.items() if getattr(self, name) != usual]
        return ", ".join(parts)


def _check_flags(dropout: Any, num_layers: int, **flags: Any) -> None:
    if isinstance(dropout, bool) or not isinstance(dropout, (int, float)) or not 0 <= dropout <= 1:
        raise ValueError(
            f"dropout should be a number in range [0, 1], the probability of an element being zeroed, met {dropout!r}"
        )
    if dropout > 0 and num_layers == 1:
        warnings.warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers "
            f"greater than 1, but got dropout={dropout} and num_layers={num_layers}",
            stacklevel=4,
        )
    for name, flag in flags.items():
        if not isinstance(flag, bool):
            raise TypeError(f"{name} should be of type bool, got: {type(flag).__name__}")


def _check_sizes(mode: str, proj_size: int, **sizes: Any) -> None:
    for name, size in sizes.items():
        if not isinstance(size, int):
            raise TypeError(f"{name} should be of type int, got: {type(size).__name__}")
        if size <= 0:
            raise ValueError(f"{name} must be greater than zero, met {size}")
    if proj_size < 0:
        raise ValueError(f"proj_size should be a positive integer, or zero to disable projections, met {proj_size}")
    if proj_size >= sizes["hidden_size"]:
        raise ValueError(f"proj_size {proj_size} has to be smaller than hidden_size {sizes['hidden_size']}")
    if mode not in GATES:
        raise ValueError(f"Unrecognized RNN mode: {mode}; it is one of {', '.join(GATES)}")
    if proj_size and mode != "LSTM":
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")


class RNN(RNNBase):
    """h = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu, over the steps of a sequence, in layers and directions.

    RNN(input_size, hidden_size, num_layers=1, nonlinearity="tanh", bias=True, batch_first=False, dropout=0.0,
    bidirectional=False). Input (time, batch, input_size), (batch, time, input_size) with batch_first, (time,
    input_size) for one sequence, or a `PackedSequence`; hx (layers directions, batch, hidden_size), zeros unless given.
    Returns (output (..., directions hidden_size), last hidden states). dropout: between layers, while training.

    >>> import sparkle
    >>> output, h = RNN(10, 20, 2)(sparkle.zeros(5, 3, 10))
    >>> output.shape, h.shape
    (sparkle.Size([5, 3, 20]), sparkle.Size([2, 3, 20]))
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        if len(args) > 3:  # the fourth is the nonlinearity, which the base does not know
            kwargs["nonlinearity"], args = args[3], (*args[:3], *args[4:])
        nonlinearity = kwargs.pop("nonlinearity", "tanh")
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(f"RNN_{nonlinearity.upper()}", *args, **kwargs)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """(outputs, last hidden states)"""
        out, (h,) = self._run(input, None if hx is None else (hx,))
        return out, h


class GRU(RNNBase):
    """Gated recurrent units: r, z = σ(W x + b + q), n = tanh(W x + b + r q), h = (1 - z) n + z h; q = W_hh h + b_hh.

    GRU(input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False). Shapes
    are those of `RNN`. The rows of the weights are those of r, z and n, below one another.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        super().__init__("GRU", *args, **kwargs)

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """(outputs, last hidden states)"""
        out, (h,) = self._run(input, None if hx is None else (hx,))
        return out, h


class LSTM(RNNBase):
    """Long short-term memory: i, f, g, o = W x + b + W_hh h + b_hh, c = σ(f) c + σ(i) tanh(g), h = σ(o) tanh(c).

    LSTM(input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False,
    proj_size=0). Shapes are those of `RNN`, but hx is a pair (h, c), and so are the last states. proj_size: h is
    multiplied by weight_hr, and so it and the outputs get this size. The rows of the weights are those of i, f, g, o.

    >>> import sparkle
    >>> output, (h, c) = LSTM(10, 20, batch_first=True, bidirectional=True)(sparkle.zeros(3, 5, 10))
    >>> output.shape, c.shape
    (sparkle.Size([3, 5, 40]), sparkle.Size([2, 3, 20]))
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, tuple[Any, Any]]:
        """(outputs, (last hidden states, last cells))"""
        if hx is not None:
            hx[1]
        out, states = self._run(input, None if hx is None else (hx[0], hx[1]))
        return out, (states[0], states[1])
