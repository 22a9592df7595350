"""The base of all optimizers."""

from ..core.optim.optimizer import Optimizer, required

__all__ = ["Optimizer", "required"]
