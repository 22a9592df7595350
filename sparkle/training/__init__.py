"""Whole trainings put together of engine, metrics and handlers: `fit`, and the usual handlers in one call."""

from .common import (
    add_early_stopping_by_val_score,
    empty_cuda_cache,
    gen_save_best_models_by_val_score,
    get_default_score_fn,
    save_best_model_by_val_score,
    setup_common_distrib_training_handlers,
    setup_common_training_handlers,
)
from .fit import fit
from .history import History

__all__ = [
    "History",
    "add_early_stopping_by_val_score",
    "empty_cuda_cache",
    "fit",
    "gen_save_best_models_by_val_score",
    "get_default_score_fn",
    "save_best_model_by_val_score",
    "setup_common_distrib_training_handlers",
    "setup_common_training_handlers",
]
