"""Functions that are two others in one."""

from __future__ import annotations

from typing import Any

from ...tensor.autocast import lowered
from .arguments import check_same_dtype
from .classification import cross_entropy
from .conv import conv1d
from .linear import linear


def linear_cross_entropy(
    input: Any,
    linear_weight: Any,
    target: Any,
    *,
    linear_bias: Any = None,
    weight: Any = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: Any = None,
) -> Any:
    """`cross_entropy(linear(input, linear_weight, linear_bias), target, ...)`.

    input (in_features) or (N, in_features); linear_weight (C, in_features), or (C, d1, ..., dk, in_features) for
    targets of shape (N, d1, ..., dk); linear_bias as linear_weight without its last dim. target: class numbers, or
    probabilities of the shape of the logits, with which ignore_index cannot be given.
    Raises RuntimeError where shapes do not fit, NotImplementedError for options, torch's way of doing it in chunks.

    >>> import sparkle
    >>> linear_cross_entropy(sparkle.ones(2, 3), sparkle.zeros(4, 3), sparkle.tensor([0, 1]))
    tensor(1.3863)
    """
    if options is not None:
        raise NotImplementedError(f"linear_cross_entropy: options is not supported, wanted None, met {options!r}")
    _check_shapes(input, linear_weight, linear_bias)
    classes, *places, features = linear_weight.shape
    shape = (*input.shape[:-1], classes, *places)
    if tuple(target.shape) == shape and ignore_index is not None:
        raise RuntimeError("ignore_index cannot be specified when target contains probabilities")
    if places:
        linear_weight = linear_weight.reshape(-1, features)
        linear_bias = None if linear_bias is None else linear_bias.reshape(-1)
    logits = linear(input, linear_weight, linear_bias).reshape(shape)
    return cross_entropy(
        logits,
        target,
        weight=weight,
        ignore_index=-100 if ignore_index is None else ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )


def _check_shapes(input: Any, weight: Any, bias: Any) -> None:
    if input.dim() not in (1, 2):
        raise RuntimeError(f"expected input with dimensionality 1 or 2, got {input.dim()}")
    if weight.dim() < 2:
        raise RuntimeError(f"expected linear_weight with dimensionality at least 2, got {weight.dim()}")
    if input.shape[-1] != weight.shape[-1]:
        raise RuntimeError(
            "expected equal input and linear_weight last dimensions (in_features), got "
            f"{input.shape[-1]} and {weight.shape[-1]}, respectively"
        )
    if bias is not None and bias.shape != weight.shape[:-1]:
        raise RuntimeError(f"expected linear_bias shape {tuple(weight.shape[:-1])}, got {tuple(bias.shape)}")
    if weight.dim() > 2 and input.dim() == 1:
        raise RuntimeError(
            f"K-dimensional loss defined by linear_weight shape {tuple(weight.shape)} requires batched input, "
            f"(N, {input.shape[-1]}), got unbatched input with shape {tuple(input.shape)}"
        )


@lowered
def conv_tbc(input: Any, weight: Any, bias: Any, pad: int = 0) -> Any:
    """`conv1d` with time first: (T, N, C) and weight (kernel size, C, out_channels) give (T', N, out_channels).

    pad: rows of zeros at both ends. Raises RuntimeError where shapes or types do not fit.

    >>> import sparkle
    >>> conv_tbc(sparkle.ones(4, 1, 2), sparkle.ones(3, 2, 1), sparkle.zeros(1), pad=1).flatten()
    tensor([4., 6., 6., 4.])
    """
    check_same_dtype("conv_tbc", input=input, weight=weight, bias=bias)
    a, w = tuple(input.shape), tuple(weight.shape)
    if len(a) != 3 or len(w) != 3 or a[2] != w[1] or tuple(bias.shape) != w[2:]:
        raise RuntimeError(
            f"conv_tbc: input {a}, weight {w}, bias {tuple(bias.shape)}: wanted (time, batch, channels), (kernel size, "
            "channels, out_channels) and (out_channels)"
        )
    return conv1d(input.permute(1, 2, 0), weight.permute(2, 1, 0), bias, padding=pad).permute(2, 0, 1)
