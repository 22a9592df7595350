"""Where Ignite has HSIC."""

from .similarity.kernels import HSIC

__all__ = ["HSIC"]
