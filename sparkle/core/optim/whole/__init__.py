"""Optimizers whose steps need whole tensors, or all parameters at once."""

from .adafactor import Adafactor
from .lbfgs import LBFGS
from .muon import Muon
from .sparse_adam import SparseAdam

__all__ = ["LBFGS", "Adafactor", "Muon", "SparseAdam"]
