"""How many multiply-adds a layer does in one call."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from ..tensor.base import TensorBase
from .modules.attention import MultiheadAttention
from .modules.conv import _Forward, _Transposed
from .modules.linear import Bilinear, Linear
from .modules.rare_losses import LinearCrossEntropyLoss
from .modules.recurrent import RNNBase
from .modules.recurrent_cells import RNNCellBase
from .packed import PackedSequence

Counter = Callable[[Any, dict[str, Any], Any], int]


def _elements(x: Any) -> int:
    return math.prod(x.shape)


def _first(given: dict[str, Any]) -> Any:
    """The first tensor among the arguments; of packed sequences all rows."""
    return tensors(given)[0]


def _linear(layer: Any, given: dict[str, Any], output: Any) -> int:
    return _elements(output) * int(layer.in_features)


def _bilinear(layer: Any, given: dict[str, Any], output: Any) -> int:
    """x1ᵀ·W for every output and element of x2, then that times x2."""
    return _elements(output) * layer.in2_features * (layer.in1_features + 1)


def _convolution(layer: Any, given: dict[str, Any], output: Any) -> int:
    return _elements(output) * math.prod(layer.weight.shape[1:])


def _transposed(layer: Any, given: dict[str, Any], output: Any) -> int:
    """Every input element meets every weight of its channel."""
    return _elements(_first(given)) * math.prod(layer.weight.shape[1:])


def _matrices(layer: Any) -> int:
    return sum(_elements(p) for name, p in layer.named_parameters(recurse=False) if name.startswith("weight"))


def _recurrent(layer: Any, given: dict[str, Any], output: Any) -> int:
    """All matrices, once for each step of each sequence."""
    return math.prod(_first(given).shape[:-1]) * _matrices(layer)


def _attention(layer: Any, given: dict[str, Any], output: Any) -> int:
    """The projections of queries, keys and values, scores, weighted sums of values, and the last projection."""
    query, key = given["query"], given["key"]
    width, place = layer.embed_dim, 1 if layer.batch_first and query.dim() == 3 else 0
    batch = query.shape[1 - place] if query.dim() == 3 else 1
    queries, keys = query.shape[place], key.shape[place]
    seen = keys + (layer.bias_k is not None) + layer.add_zero_attn
    projections = 2 * queries * width * width + keys * width * (layer.kdim + layer.vdim)
    return int(batch * (projections + 2 * queries * seen * width))


def _loss_of_linear(layer: Any, given: dict[str, Any], output: Any) -> int:
    return math.prod(_first(given).shape[:-1]) * _elements(layer.linear.weight)


COUNTERS: dict[type, Counter] = {
    Linear: _linear,
    Bilinear: _bilinear,
    _Forward: _convolution,
    _Transposed: _transposed,
    RNNBase: _recurrent,
    RNNCellBase: _recurrent,
    MultiheadAttention: _attention,
    LinearCrossEntropyLoss: _loss_of_linear,
}


def counter_of(module: Any, own: Mapping[type, Counter]) -> Counter | None:
    """What counts for a module: the first of its classes that has a counter, the user's before those above."""
    for kind in type(module).__mro__:
        found = own.get(kind) or COUNTERS.get(kind)
        if found is not None:
            return found
    return None


def sizes(value: Any) -> Any:
    """The shape of a tensor, and of those in tuples, lists and dicts; None for what is none."""
    if isinstance(value, TensorBase):
        return tuple(value.shape)  # type: ignore[attr-defined]
    if isinstance(value, PackedSequence):
        return sizes(value.data)
    if isinstance(value, (tuple, list)):
        return [sizes(one) for one in value]
    return {key: sizes(one) for key, one in value.items()} if isinstance(value, Mapping) else None


def tensors(value: Any) -> list[Any]:
    """The tensors in a structure."""
    if isinstance(value, TensorBase):
        return [value]
    if isinstance(value, PackedSequence):
        return [value.data]
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, (tuple, list)) else ()
    return [x for one in inside for x in tensors(one)]


def memory(values: list[Any]) -> int:
    """Bytes of all elements."""
    return sum(_elements(x) * int(x.array.dtype.itemsize) for x in values)
