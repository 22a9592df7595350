"""Data sets: one that is shipped, and readers of files that others provide."""

from .digits import Digits, digits
from .idx import read_idx, write_idx
from .mnist import MNIST, FashionMNIST

__all__ = ["MNIST", "Digits", "FashionMNIST", "digits", "read_idx", "write_idx"]
