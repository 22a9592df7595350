"""`backends.cuda.matmul.allow_tf32 = True` and its like: kept, and without effect."""

from ..core.hints import matmul

__all__ = ["matmul"]
