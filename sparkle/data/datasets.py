"""Data sets: the shipped digits, and readers of MNIST's files."""

from ..core.data.datasets import MNIST, Digits, FashionMNIST, digits, read_idx, write_idx

__all__ = ["MNIST", "Digits", "FashionMNIST", "digits", "read_idx", "write_idx"]
