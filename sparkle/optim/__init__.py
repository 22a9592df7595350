"""Optimizers; `sparkle.optim.lr_scheduler` holds the learning rate schedulers."""

from ..core.optim import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop
from . import lr_scheduler

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler"]
