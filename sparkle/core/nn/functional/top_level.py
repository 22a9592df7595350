"""Functions at the top level that share a name with `nn.functional`, but have other arguments or results."""

from __future__ import annotations

from typing import Any

from .dropout import alpha_dropout as _alpha_dropout
from .dropout import dropout as _dropout
from .dropout import feature_alpha_dropout as _feature_alpha_dropout
from .embedding import embedding as _embedding
from .norm import batch_norm as _batch_norm
from .norm import instance_norm as _instance_norm
from .pool import adaptive_max_pool1d as _adaptive_max_pool1d


def embedding(weight: Any, indices: Any, padding_idx: int = -1, scale_grad_by_freq: bool = False) -> Any:
    """`nn.functional.embedding(indices, weight)`: the rows of weight that indices name; padding_idx -1 means none.

    >>> import sparkle
    >>> sparkle.embedding(sparkle.eye(2), sparkle.tensor([1])).tolist()
    [[0.0, 1.0]]
    """
    padding = None if padding_idx < 0 else padding_idx
    return _embedding(indices, weight, padding, scale_grad_by_freq=scale_grad_by_freq)


def batch_norm(
    input: Any,
    weight: Any,
    bias: Any,
    running_mean: Any,
    running_var: Any,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool = False,
) -> Any:
    """`nn.functional.batch_norm` with weight and bias before the running statistics; the last argument says nothing."""
    return _batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def instance_norm(
    input: Any,
    weight: Any,
    bias: Any,
    running_mean: Any,
    running_var: Any,
    use_input_stats: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool = False,
) -> Any:
    """`nn.functional.instance_norm` with weight and bias first; the last argument says nothing."""
    return _instance_norm(input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)


def dropout(input: Any, p: float, train: bool) -> Any:
    """`nn.functional.dropout` whose arguments must all be given."""
    return _dropout(input, p, train)


def alpha_dropout(input: Any, p: float, train: bool) -> Any:
    """`nn.functional.alpha_dropout` whose arguments must all be given."""
    return _alpha_dropout(input, p, train)


def feature_alpha_dropout(input: Any, p: float, train: bool) -> Any:
    """`nn.functional.feature_alpha_dropout` whose arguments must all be given."""
    return _feature_alpha_dropout(input, p, train)


def adaptive_max_pool1d(input: Any, output_size: Any) -> Any:
    """`nn.functional.adaptive_max_pool1d` with return_indices=True: the largest elements and where they were."""
    return _adaptive_max_pool1d(input, output_size, return_indices=True)
