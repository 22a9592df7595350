"""Sparkle."""

from .core.tensor.creation import tensor, as_tensor, from_numpy
from .core.tensor.tensor import Tensor
from .core.tensor.switches import no_grad
