"""Optional faster bodies of ops."""

from .registry import CPU, CUDA, register

__all__ = ["CPU", "CUDA", "register"]
