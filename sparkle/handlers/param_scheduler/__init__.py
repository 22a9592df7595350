"""Schedulers of parameters in an optimizer, and of the batch size."""

from .base import BaseParamScheduler, ParamScheduler
from .batch_size import BatchSizeScheduler
from .cyclical import CosineAnnealingScheduler, CyclicalScheduler, LinearCyclicalScheduler
from .joined import ConcatScheduler, ParamGroupScheduler
from .lr import LRScheduler, create_lr_scheduler_with_warmup
from .piecewise import PiecewiseLinear
from .plateau import ReduceLROnPlateauScheduler

__all__ = [
    "BaseParamScheduler",
    "BatchSizeScheduler",
    "ConcatScheduler",
    "CosineAnnealingScheduler",
    "CyclicalScheduler",
    "LRScheduler",
    "LinearCyclicalScheduler",
    "ParamGroupScheduler",
    "ParamScheduler",
    "PiecewiseLinear",
    "ReduceLROnPlateauScheduler",
    "create_lr_scheduler_with_warmup",
]
