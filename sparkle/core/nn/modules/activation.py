"""Activations as modules; each class calls the function of `sparkle.nn.functional` that its docstring names."""

from __future__ import annotations

import warnings
from typing import Any

from ...tensor.making.filled import empty
from .. import functional as F
from .. import init as first_values
from ..base.module import Module
from ..parameter import Parameter


def _inplace(inplace: bool, *before: str) -> str:
    """What stands between the parentheses of repr: inplace only where it is set."""
    return ", ".join([*before, *(["inplace=True"] if inplace else [])])


class ReLU(Module):
    """max(x, 0), see `F.relu`."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """`F.relu`"""
        return F.relu(input, self.inplace)

    def extra_repr(self) -> str:
        """The arguments."""
        return _inplace(self.inplace)


class SELU(Module):
    """The self-normalising unit, see `F.selu`."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """`F.selu`"""
        return F.selu(input, self.inplace)

    def extra_repr(self) -> str:
        """The arguments."""
        return _inplace(self.inplace)


class SiLU(Module):
    """x·sigmoid(x), see `F.silu`."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """`F.silu`"""
        return F.silu(input, self.inplace)

    def extra_repr(self) -> str:
        """The arguments."""
        return _inplace(self.inplace)


class Mish(Module):
    """x·tanh(softplus(x)), see `F.mish`."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """`F.mish`"""
        return F.mish(input, self.inplace)

    def extra_repr(self) -> str:
        """The arguments."""
        return _inplace(self.inplace)


class Hardswish(Module):
    """x·relu6(x + 3) / 6, see `F.hardswish`."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """`F.hardswish`"""
        return F.hardswish(input, self.inplace)


class Hardsigmoid(Module):
    """relu6(x + 3) / 6, see `F.hardsigmoid`."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """`F.hardsigmoid`"""
        return F.hardsigmoid(input, self.inplace)


class LeakyReLU(Module):
    """x, and negative_slope·x below 0, see `F.leaky_relu`."""

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope = negative_slope
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """`F.leaky_relu`"""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        """The arguments."""
        return _inplace(self.inplace, f"negative_slope={self.negative_slope}")


class ELU(Module):
    """x, and alpha·(exp(x) - 1) below 0, see `F.elu`."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """`F.elu`"""
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """The arguments."""
        return _inplace(self.inplace, f"alpha={self.alpha}")


class CELU(Module):
    """x, and alpha·(exp(x/alpha) - 1) below 0, see `F.celu`."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """`F.celu`"""
        return F.celu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """The arguments."""
        return _inplace(self.inplace, f"alpha={self.alpha}")


class Threshold(Module):
    """x above the threshold, value elsewhere, see `F.threshold`."""

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """`F.threshold`"""
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        """The arguments."""
        return _inplace(self.inplace, f"threshold={self.threshold}", f"value={self.value}")


class GELU(Module):
    """x·Φ(x); approximate: none or tanh, see `F.gelu`."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Any) -> Any:
        """`F.gelu`"""
        return F.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"approximate={self.approximate!r}"


class Softplus(Module):
    """log(1 + exp(beta·x)) / beta, see `F.softplus`."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Any) -> Any:
        """`F.softplus`"""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Softshrink(Module):
    """x moved towards 0 by lambd, see `F.softshrink`."""

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Any) -> Any:
        """`F.softshrink`"""
        return F.softshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """The arguments."""
        return str(self.lambd)


class Hardshrink(Module):
    """x, and 0 within ±lambd, see `F.hardshrink`."""

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Any) -> Any:
        """`F.hardshrink`"""
        return F.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """The arguments."""
        return str(self.lambd)


class Sigmoid(Module):
    """1 / (1 + exp(-x)), see `F.sigmoid`."""

    def forward(self, input: Any) -> Any:
        """`F.sigmoid`"""
        return F.sigmoid(input)


class Tanh(Module):
    """The hyperbolic tangent, see `F.tanh`."""

    def forward(self, input: Any) -> Any:
        """`F.tanh`"""
        return F.tanh(input)


class Softsign(Module):
    """x / (1 + |x|), see `F.softsign`."""

    def forward(self, input: Any) -> Any:
        """`F.softsign`"""
        return F.softsign(input)


class Tanhshrink(Module):
    """x - tanh(x), see `F.tanhshrink`."""

    def forward(self, input: Any) -> Any:
        """`F.tanhshrink`"""
        return F.tanhshrink(input)


class LogSigmoid(Module):
    """log(sigmoid(x)), see `F.logsigmoid`."""

    def forward(self, input: Any) -> Any:
        """`F.logsigmoid`"""
        return F.logsigmoid(input)


class Hardtanh(Module):
    """x within min_val and max_val, see `F.hardtanh`. Raises AssertionError unless min_val < max_val."""

    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:
        super().__init__()
        for name, value in (("min", min_value), ("max", max_value)):
            if value is not None:
                message = f"keyword argument `{name}_value` is deprecated and rename to `{name}_val`"
                warnings.warn(message, FutureWarning, stacklevel=2)
        self.min_val = min_val if min_value is None else min_value
        self.max_val = max_val if max_value is None else max_value
        self.inplace = inplace
        if not self.max_val > self.min_val:
            raise AssertionError(f"max_val ({self.max_val}) must be greater than min_val ({self.min_val})")

    def forward(self, input: Any) -> Any:
        """`F.hardtanh`"""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        """The arguments."""
        return _inplace(self.inplace, f"min_val={self.min_val}", f"max_val={self.max_val}")


class ReLU6(Hardtanh):
    """min(max(x, 0), 6), see `F.relu6`."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        """The arguments."""
        return _inplace(self.inplace)


class RReLU(Module):
    """x, and a·x below 0 with a drawn from lower to upper in training and their mean else, see `F.rrelu`."""

    def __init__(self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False) -> None:
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input: Any) -> Any:
        """`F.rrelu`"""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        """The arguments."""
        return _inplace(self.inplace, f"lower={self.lower}", f"upper={self.upper}")


class PReLU(Module):
    """x, and weight·x below 0, with one weight or one for each channel, which start at init, see `F.prelu`."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """The weights as at the start."""
        first_values.constant_(self.weight, self.init)

    def forward(self, input: Any) -> Any:
        """`F.prelu`"""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """The number of weights."""
        return f"num_parameters={self.num_parameters}"
