"""Switches of the libraries underneath, as `torch.backends`; they are kept and have no effect."""

from . import cuda, cudnn, mkl, mps

__all__ = ["cuda", "cudnn", "mkl", "mps"]
