"""Handlers: what is attached to the events of an engine to save, stop, time, show and log a run."""

from .background_saver import BackgroundSaver
from .checkpoint import (
    Checkpoint,
    ModelCheckpoint,
)
from .clearml_logger import ClearMLLogger
from .console_logger import ConsoleLogger
from .early_stopping import EarlyStopping
from .ema_handler import EMAHandler
from .fbresearch_logger import FBResearchLogger
from .file_loggers import (
    CSVLogger,
    JSONLinesLogger,
)
from .lr_finder import FastaiLRFinder
from .mlflow_logger import MLflowLogger
from .neptune_logger import NeptuneLogger
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
from .polyaxon_logger import PolyaxonLogger
from .record_logger import RecordLogger
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
from .visdom_logger import VisdomLogger
from .wandb_logger import WandBLogger

__all__ = [
    "BackgroundSaver",
    "BaseParamScheduler",
    "BasicTimeProfiler",
    "BatchSizeScheduler",
    "CSVLogger",
    "Checkpoint",
    "ClearMLLogger",
    "ConcatScheduler",
    "ConsoleLogger",
    "CosineAnnealingScheduler",
    "CyclicalScheduler",
    "DiskSaver",
    "EMAHandler",
    "EarlyStopping",
    "EpochOutputStore",
    "ExpStateScheduler",
    "FBResearchLogger",
    "FastaiLRFinder",
    "HandlersTimeProfiler",
    "JSONLinesLogger",
    "LRScheduler",
    "LambdaStateScheduler",
    "LinearCyclicalScheduler",
    "MLflowLogger",
    "ModelCheckpoint",
    "MultiStepStateScheduler",
    "NeptuneLogger",
    "ParamGroupScheduler",
    "ParamScheduler",
    "PiecewiseLinear",
    "PiecewiseLinearStateScheduler",
    "PolyaxonLogger",
    "ProgressBar",
    "RecordLogger",
    "ReduceLROnPlateauScheduler",
    "StateParamScheduler",
    "StepStateScheduler",
    "TensorboardLogger",
    "TerminateOnNan",
    "TimeLimit",
    "Timer",
    "VisdomLogger",
    "WandBLogger",
    "create_lr_scheduler_with_warmup",
    "global_step_from_engine",
]
