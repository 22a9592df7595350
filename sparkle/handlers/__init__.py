"""Handlers: what is attached to the events of an engine to save, stop, time, show and log a run."""

from .checkpoint import Checkpoint, ModelCheckpoint
from .early_stopping import EarlyStopping
from .save_handlers import DiskSaver
from .tensorboard_logger import TensorboardLogger
from .terminate_on_nan import TerminateOnNan
from .timing import Timer
from .tqdm_logger import ProgressBar
from .utils import global_step_from_engine

__all__ = [
    "Checkpoint",
    "DiskSaver",
    "EarlyStopping",
    "ModelCheckpoint",
    "ProgressBar",
    "TensorboardLogger",
    "TerminateOnNan",
    "Timer",
    "global_step_from_engine",
]
