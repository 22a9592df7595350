"""Optional faster bodies of ops."""

from .registry import KERNELS, register

__all__ = ["KERNELS", "register"]
