"""One step of a recurrent layer."""

from __future__ import annotations

import math
from typing import Any

from ...mode import mode as thread
from ...tensor.base import TensorBase
from ...tensor.functions.pointwise.unary import check_tensor
from ...tensor.making.filled import empty
from .. import init
from ..base.module import Module
from ..functional.arguments import check_same_dtype
from ..functional.recurrent import unroll
from ..parameter import Parameter


class RNNCellBase(Module):
    """What the cells share: weight_ih (chunks hidden_size, input_size), weight_hh, bias_ih and bias_hh.

    They start as even numbers within ±1/√hidden_size.
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool, num_chunks: int, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = num_chunks * hidden_size
        shapes = {"weight_ih": (rows, input_size), "weight_hh": (rows, hidden_size), "bias_ih": rows, "bias_hh": rows}
        for name, shape in shapes.items():
            present = bias or name.startswith("weight")
            parameter = Parameter(empty(shape, device=device, dtype=dtype)) if present else None
            self.register_parameter(name, parameter)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new first values."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self) -> str:
        """The sizes, and what differs from the defaults."""
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias is True else f", bias={self.bias}")

    def _step(self, mode: str, input: Any, states: Any, count: int) -> list[Any]:
        """The new states; zeros where none are given; a batch of one where the input is a vector."""
        check_tensor(input, self._get_name())
        states = [None] * count if states is None else states
        for x, what in ((input, "input"), *((s, f"hx[{i}]") for i, s in enumerate(states) if s is not None)):
            if x.ndim not in (1, 2):
                raise ValueError(f"{self._get_name()}: Expected {what} to be 1D or 2D, got {x.ndim}D instead")
        rows = input if input.ndim == 2 else input.unsqueeze(0)
        if rows.shape[1] != self.input_size:
            raise RuntimeError(
                f"{self._get_name()}: input has inconsistent input_size: got {rows.shape[1]} expected {self.input_size}"
            )
        begin = [self._state(i, s, rows, input.ndim) for i, s in enumerate(states)]
        if thread.autocast is None:
            check_same_dtype(self._get_name(), input=rows, weight=self.weight_ih)
        weights = (self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        new, *rest = unroll(mode, rows, (rows.shape[0],), False, begin, weights, cell=True)
        ends = [new, *rest[1:]]
        return ends if input.ndim == 2 else [s.squeeze(0) for s in ends]

    def _state(self, i: int, state: Any, rows: Any, ndim: int) -> Any:
        if state is None:
            return rows.new_zeros((rows.shape[0], self.hidden_size))
        state = state if ndim == 2 else state.unsqueeze(0)
        if state.ndim < 2:
            raise IndexError(f"{self._get_name()}: hidden{i} of shape {tuple(state.shape)} has no dim 1")
        if state.shape[0] != rows.shape[0]:
            raise RuntimeError(
                f"{self._get_name()}: Input batch size {rows.shape[0]} doesn't match hidden{i} batch size "
                f"{state.shape[0]}"
            )
        if state.shape[1:] != (self.hidden_size,):
            raise RuntimeError(
                f"{self._get_name()}: hidden{i} has inconsistent hidden_size: got {state.shape[1]}, expected "
                f"{self.hidden_size}"
            )
        check_same_dtype(self._get_name(), input=rows, hx=state)
        return state


class RNNCell(RNNCellBase):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu: x (batch, input_size) and h (batch, hidden_size), or vectors.

    h is zeros unless given.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The new hidden state."""
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"RNNCell: Unknown nonlinearity: {self.nonlinearity}; it is 'tanh' or 'relu'")
        return self._step(f"RNN_{self.nonlinearity.upper()}", input, None if hx is None else [hx], 1)[0]

    def extra_repr(self) -> str:
        """The sizes, and what differs from the defaults."""
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")


class GRUCell(RNNCellBase):
    """One step of `GRU`: x (batch, input_size) and h (batch, hidden_size), or vectors; h is zeros unless given."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The new hidden state."""
        return self._step("GRU", input, None if hx is None else [hx], 1)[0]


class LSTMCell(RNNCellBase):
    """One step of `LSTM`: x (batch, input_size) and a pair (h, c) of (batch, hidden_size), or vectors.

    The pair is zeros unless given.

    >>> import sparkle
    >>> h, c = LSTMCell(10, 20)(sparkle.zeros(3, 10))
    >>> h.shape, c.shape
    (sparkle.Size([3, 20]), sparkle.Size([3, 20]))
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """(the new hidden state, the new cell)"""
        if isinstance(hx, TensorBase):
            raise TypeError("LSTMCell: hx must be a tuple of two tensors (h, c), met one tensor")
        h, c = self._step("LSTM", input, None if hx is None else [*hx], 2)
        return h, c
