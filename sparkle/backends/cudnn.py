"""`backends.cudnn.benchmark = True` and its like: kept, and without effect."""

from ..core.hints import allow_tf32, benchmark, benchmark_limit, deterministic, enabled
from ..core.hints import cudnn_is_available as is_available

__all__ = ["allow_tf32", "benchmark", "benchmark_limit", "deterministic", "enabled", "is_available"]
