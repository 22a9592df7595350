"""Handlers: what is attached to the events of an engine to save, stop, time, show and log a run."""

from .background_saver import BackgroundSaver
from .checkpoint import (
    Checkpoint,
    ModelCheckpoint,
)
from .early_stopping import EarlyStopping
from .ema_handler import EMAHandler
from .lr_finder import FastaiLRFinder
from .param_scheduler import (
    BaseParamScheduler,
    BatchSizeScheduler,
    ConcatScheduler,
    CosineAnnealingScheduler,
    CyclicalScheduler,
    LinearCyclicalScheduler,
    LRScheduler,
    ParamGroupScheduler,
    ParamScheduler,
    PiecewiseLinear,
    ReduceLROnPlateauScheduler,
    create_lr_scheduler_with_warmup,
)
from .save_handlers import DiskSaver
from .state_param_scheduler import (
    ExpStateScheduler,
    LambdaStateScheduler,
    MultiStepStateScheduler,
    PiecewiseLinearStateScheduler,
    StateParamScheduler,
    StepStateScheduler,
)
from .stores import EpochOutputStore
from .tensorboard_logger import TensorboardLogger
from .terminate_on_nan import TerminateOnNan
from .time_limit import TimeLimit
from .time_profilers import (
    BasicTimeProfiler,
    HandlersTimeProfiler,
)
from .timing import Timer
from .tqdm_logger import ProgressBar
from .utils import global_step_from_engine

__all__ = [
    "BackgroundSaver",
    "BaseParamScheduler",
    "BasicTimeProfiler",
    "BatchSizeScheduler",
    "Checkpoint",
    "ConcatScheduler",
    "CosineAnnealingScheduler",
    "CyclicalScheduler",
    "DiskSaver",
    "EMAHandler",
    "EarlyStopping",
    "EpochOutputStore",
    "ExpStateScheduler",
    "FastaiLRFinder",
    "HandlersTimeProfiler",
    "LRScheduler",
    "LambdaStateScheduler",
    "LinearCyclicalScheduler",
    "ModelCheckpoint",
    "MultiStepStateScheduler",
    "ParamGroupScheduler",
    "ParamScheduler",
    "PiecewiseLinear",
    "PiecewiseLinearStateScheduler",
    "ProgressBar",
    "ReduceLROnPlateauScheduler",
    "StateParamScheduler",
    "StepStateScheduler",
    "TensorboardLogger",
    "TerminateOnNan",
    "TimeLimit",
    "Timer",
    "create_lr_scheduler_with_warmup",
    "global_step_from_engine",
]
