"""Activation functions."""

from __future__ import annotations

from typing import Any

from ... import random
from ...dtypes import FLOATS
from ...ops.nn import activation as ops
from ...tensor.axes import axis_of
from ...tensor.base import apply, dtype_of, wrap
from ...tensor.functions.pointwise import elementwise as pointwise
from ...tensor.functions.pointwise.unary import check_tensor
from ...tensor.functions.reductions import softmax as normalised
from ...tensor.functions.shaping.splitting import chunk
from ...tensor.write import in_place, write
from .arguments import check_floating

SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def _run(where: str, op: Any, input: Any, inplace: bool = False) -> Any:
    """op on a floating point tensor, written back into it when asked to."""
    check_floating(input, where)
    if not inplace:
        return apply(op, input)
    return in_place(_named(where, lambda x: apply(op, x)))(input)


def _named(name: str, function: Any) -> Any:
    function.__name__ = name
    return function


def relu(input: Any, inplace: bool = False) -> Any:
    """max(input, 0), elementwise."""
    return relu_(input) if inplace else pointwise.relu(input)


relu_ = pointwise.relu_


def relu6(input: Any, inplace: bool = False) -> Any:
    """min(max(input, 0), 6), elementwise."""
    return hardtanh(input, 0.0, 6.0, inplace)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """input held between min_val and max_val; ValueError unless min_val <= max_val."""
    if min_val > max_val:
        raise ValueError(f"hardtanh: min_val {min_val} must not be above max_val {max_val}")
    check_tensor(input, "hardtanh")
    if input.array.dtype.kind == "i":
        low, high = int(min_val), int(max_val)
        return write(input, input.clamp(low, high), "hardtanh_") if inplace else input.clamp(low, high)
    return _run("hardtanh", ops.Hardtanh(min_val, max_val), input, inplace)


hardtanh_ = in_place(hardtanh)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """input where it is positive, else negative_slope * input."""
    return _run("leaky_relu", ops.LeakyRelu(float(negative_slope)), input, inplace)


leaky_relu_ = in_place(leaky_relu)


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """input where it is positive, else alpha (exp(input) - 1)."""
    return _run("elu", ops.Elu(float(alpha)), input, inplace)


elu_ = in_place(elu)


def selu(input: Any, inplace: bool = False) -> Any:
    """scale elu(input, alpha), with the constants of self-normalising networks (Klambauer et al., 2017)."""
    return _run("selu", ops.Elu(SELU_ALPHA, SELU_SCALE), input, inplace)


selu_ = in_place(selu)


def celu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """input where it is positive, else alpha (exp(input / alpha) - 1); RuntimeError for alpha 0."""
    if alpha == 0:
        raise RuntimeError("celu: alpha cannot be 0")
    return _run("celu", ops.Elu(float(alpha), 1.0, 1.0 / alpha), input, inplace)


celu_ = in_place(celu)


def gelu(input: Any, approximate: str = "none") -> Any:
    """input times the normal distribution function of input; approximate="tanh" gives the usual approximation.

    >>> import sparkle
    >>> gelu(sparkle.tensor([0.0, 1.0]))
    tensor([0.0000, 0.8413])
    """
    if approximate not in ("none", "tanh"):
        raise RuntimeError(f"gelu: approximate must be 'none' or 'tanh', met {approximate!r}")
    return _run("gelu", ops.GeluTanh() if approximate == "tanh" else ops.Gelu(), input)


def silu(input: Any, inplace: bool = False) -> Any:
    """input sigmoid(input), also called swish."""
    return _run("silu", ops.Silu(), input, inplace)


def mish(input: Any, inplace: bool = False) -> Any:
    """input tanh(softplus(input)) (Misra, 2019)."""
    return _run("mish", ops.Mish(), input, inplace)


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """log(1 + exp(beta input)) / beta; input itself where beta input is above the threshold."""
    return _run("softplus", ops.Softplus(float(beta), float(threshold)), input)


def softsign(input: Any) -> Any:
    """input / (1 + |input|)."""
    return _run("softsign", ops.Softsign(), input)


def tanhshrink(input: Any) -> Any:
    """input - tanh(input)."""
    return input - pointwise.tanh(input)


def softshrink(input: Any, lambd: float = 0.5) -> Any:
    """input moved towards 0 by lambd, and 0 where |input| <= lambd; RuntimeError for a negative lambd."""
    if lambd < 0:
        raise RuntimeError(f"softshrink: lambda must be greater or equal to 0, but found to be {lambd}")
    return _run("softshrink", ops.Softshrink(float(lambd)), input)


hardshrink = pointwise.hardshrink


def hardsigmoid(input: Any, inplace: bool = False) -> Any:
    """input / 6 + 1 / 2, held between 0 and 1."""
    return _run("hardsigmoid", ops.Hardsigmoid(), input, inplace)


def hardswish(input: Any, inplace: bool = False) -> Any:
    """input hardsigmoid(input) (MobileNetV3)."""
    return _run("hardswish", ops.Hardswish(), input, inplace)


def logsigmoid(input: Any) -> Any:
    """log(sigmoid(input)), without overflow."""
    return _run("logsigmoid", ops.LogSigmoid(), input)


def threshold(input: Any, threshold: float, value: float, inplace: bool = False) -> Any:
    """input where it is above the threshold, else value."""
    if input.array.dtype.kind == "b":
        raise NotImplementedError(f'threshold: "threshold" not implemented for {dtype_of(input)}')
    value = value if input.array.dtype.kind in FLOATS else int(value)
    function = _named("threshold", lambda x: apply(ops.Threshold(threshold, value), x))
    return in_place(function)(input) if inplace else function(input)


threshold_ = in_place(threshold)


prelu = pointwise.prelu


def rrelu(
    input: Any, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False, inplace: bool = False
) -> Any:
    """A leaky relu whose slope is drawn between lower and upper for each element; their mean when not training."""
    if lower > upper:
        raise RuntimeError(f"rrelu: lower bound {lower} should be less than or equal to the upper bound {upper}")
    if not training:
        return leaky_relu(input, (lower + upper) / 2, inplace)
    check_floating(input, "rrelu")
    x = input.array
    slope = random.stream_of(x).uniform(x.shape, x.dtype)
    slope = slope * (upper - lower) + lower
    function = _named("rrelu", lambda t: apply(ops.RandomLeakyRelu(), t, wrap(slope)))
    return in_place(function)(input) if inplace else function(input)


rrelu_ = in_place(rrelu)


def glu(input: Any, dim: int = -1) -> Any:
    """a sigmoid(b), where a and b are the halves of input along dim; RuntimeError for an odd size."""
    check_floating(input, "glu")
    if not input.array.ndim:
        raise RuntimeError("glu: does not support 0-dimensional tensors")
    axis = axis_of(dim, input.array.ndim, "glu")
    if input.array.shape[axis] % 2:
        raise RuntimeError(
            f"glu: halving dimension must be even, but dimension {axis} is size {input.array.shape[axis]}"
        )
    a, b = chunk(input, 2, axis)
    return a * pointwise.sigmoid(b)


def sigmoid(input: Any) -> Any:
    """1 / (1 + exp(-input))."""
    return pointwise.sigmoid(input)


def tanh(input: Any) -> Any:
    """The hyperbolic tangent."""
    return pointwise.tanh(input)


def softmax(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """exp(input) / sum(exp(input)) along dim; left out, dim is 0 for tensors of 0, 1 and 3 dims, 1 for others.

    >>> import sparkle
    >>> softmax(sparkle.tensor([0.0, 0.0]), dim=0)
    tensor([0.5000, 0.5000])
    """
    return normalised.softmax(input, _implicit(dim, input), dtype=dtype)


def log_softmax(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """log(softmax(input)) along dim, without overflow."""
    return normalised.log_softmax(input, _implicit(dim, input), dtype=dtype)


def softmin(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """softmax(-input) along dim."""
    return normalised.softmax(-input, _implicit(dim, input), dtype=dtype)


def _implicit(dim: int | None, input: Any) -> int:
    if dim is not None:
        return dim
    return 0 if input.array.ndim in (0, 1, 3) else 1


def gumbel_softmax(logits: Any, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Any:
    """A sample of the Gumbel-softmax distribution (Jang et al., 2017) along dim, at temperature tau.

    hard: one-hot, while the gradient is that of the soft sample. eps has no effect, as in torch.
    """
    check_floating(logits, "gumbel_softmax")
    x = logits.array
    stream = random.stream_of(x)
    noise = wrap(stream.exponential(x.shape, x.dtype)).log()
    soft = normalised.softmax((logits - noise) / tau, dim)
    return apply(ops.OneHotOfLargest(axis_of(dim, x.ndim)), soft) if hard else soft
