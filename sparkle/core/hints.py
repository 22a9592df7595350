"""Switches of libraries that PyTorch programs set: kept, so that such programs run, and without effect here.

CuPy chooses its algorithms itself, the same at each call, so that there is nothing to search (`benchmark`) and nothing
to forbid (`deterministic`; see `use_deterministic_algorithms` for what can be).
"""

from __future__ import annotations

import importlib.util
from typing import Any

from . import backend

allow_tf32 = True
benchmark = False
benchmark_limit: int | None = 10
deterministic = False
enabled = True


class _Products:
    """How CUDA multiplies matrices; set, and kept without effect."""

    allow_tf32 = False
    allow_fp16_reduced_precision_reduction = True
    allow_bf16_reduced_precision_reduction = True


matmul = _Products()


def cudnn_is_available() -> bool:
    """Is there a CUDA device for CuPy to use?"""
    return importlib.util.find_spec("cupy") is not None and backend.cuda_device_count() > 0


def not_available(*_: Any) -> bool:
    """False: nothing here runs on it."""
    return False
