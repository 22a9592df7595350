"""The handlers of nearly every training, attached in one call: Ignite's `contrib.engines.common`."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ..core import cuda
from ..engine import Engine, Events
from ..handlers.checkpoint import BaseSaveHandler, Checkpoint
from ..handlers.early_stopping import EarlyStopping
from ..handlers.save_handlers import DiskSaver
from ..handlers.terminate_on_nan import TerminateOnNan
from ..handlers.tqdm_logger import ProgressBar
from ..handlers.utils import global_step_from_engine
from ..metrics.gpu_info import GpuInfo
from ..metrics.running_average import RunningAverage
from ..metrics.usage import RunningBatchWise

get_default_score_fn = Checkpoint.get_default_score_fn


def setup_common_training_handlers(
    trainer: Engine,
    train_sampler: Any = None,
    to_save: Mapping[str, Any] | None = None,
    save_every_iters: int = 1000,
    output_path: str | None = None,
    lr_scheduler: Any = None,
    with_gpu_stats: bool = False,
    output_names: Iterable[str] | None = None,
    with_pbars: bool = True,
    with_pbar_on_iters: bool = True,
    log_every_iters: int = 100,
    stop_on_nan: bool = True,
    clear_cuda_cache: bool = True,
    save_handler: Callable | BaseSaveHandler | None = None,
    **kwargs: Any,
) -> None:
    """Attach what nearly every training has: a stop at NaN, scheduling, checkpoints, running averages, progress bars.

    Args:
        trainer: the engine; its output is a number, a tensor, a sequence or a mapping.
        train_sampler: its `set_epoch` is called as each epoch starts, with the epochs done.
        to_save: name -> object, saved as "training_checkpoint_<iteration>.pt".
        save_every_iters: iterations from checkpoint to checkpoint.
        output_path, save_handler: where checkpoints go: a directory, or a save handler.
        lr_scheduler: one with `step()`, called after each iteration, or a handler, called before each.
        with_gpu_stats: attach GpuInfo as "gpu".
        output_names: the names of what is in the output; a running average of each becomes a metric.
        with_pbars: show a bar of epochs and, if with_pbar_on_iters, one of iterations with the metrics.
        log_every_iters: iterations from one look at the GPU, or move of the bar, to the next.
        stop_on_nan: terminate when a number in the output is not finite.
        clear_cuda_cache: give unused GPU memory back after each epoch, where there is a GPU.
        kwargs: options of Checkpoint.

    Raises:
        ValueError: both output_path and save_handler are given, or to_save without either of them.
        TypeError: train_sampler has no set_epoch.
    """
    saver = _save_handler(to_save, output_path, save_handler)
    if train_sampler is not None:
        _follow_epochs(trainer, train_sampler)
    if stop_on_nan:
        trainer.add_event_handler(Events.ITERATION_COMPLETED, TerminateOnNan())
    if lr_scheduler is not None:
        _schedule(trainer, lr_scheduler)
    if clear_cuda_cache and cuda.is_available():
        trainer.add_event_handler(Events.EPOCH_COMPLETED, empty_cuda_cache)
    if to_save is not None and saver is not None:
        keeper = Checkpoint(to_save, saver, filename_prefix="training", **kwargs)
        trainer.add_event_handler(Events.ITERATION_COMPLETED(every=save_every_iters), keeper)
    if with_gpu_stats:
        GpuInfo().attach(trainer, name="gpu", event_name=Events.ITERATION_COMPLETED(every=log_every_iters))
    for index, name in enumerate(output_names or ()):
        average = RunningAverage(output_transform=partial(_part, index=index, name=name))
        average.attach(trainer, name, usage=RunningBatchWise())
    if with_pbars:
        _show(trainer, with_pbar_on_iters, log_every_iters)


setup_common_distrib_training_handlers = setup_common_training_handlers


def _save_handler(to_save: Any, output_path: Any, save_handler: Any) -> Callable | None:
    if output_path is not None and save_handler is not None:
        raise ValueError("Arguments output_path and save_handler are mutually exclusive: give one of them")
    if to_save is not None and output_path is None and save_handler is None:
        raise ValueError("to_save is given, but not where to: give output_path or save_handler, too")
    return save_handler if output_path is None else DiskSaver(output_path, require_empty=False)


def _follow_epochs(trainer: Engine, sampler: Any) -> None:
    if not callable(getattr(sampler, "set_epoch", None)):
        raise TypeError(f"train_sampler: met {type(sampler).__name__}, wanted a sampler with the method set_epoch")
    trainer.add_event_handler(Events.EPOCH_STARTED, lambda engine: sampler.set_epoch(engine.state.epoch - 1))


def _schedule(trainer: Engine, scheduler: Any) -> None:
    """A handler is called with the engine; a plain scheduler only knows steps."""
    if callable(scheduler):
        trainer.add_event_handler(Events.ITERATION_STARTED, scheduler)
    else:
        trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda: scheduler.step())


def _part(output: Any, index: int, name: str) -> Any:
    """The part of an output that goes by this name."""
    if isinstance(output, Mapping):
        return output[name]
    if isinstance(output, Sequence) and not isinstance(output, str):
        return output[index]
    if isinstance(output, (int, float)) or hasattr(output, "ndim"):
        return output
    raise TypeError(f"output_names: the output is a {type(output).__name__}, wanted a mapping, sequence or number")


def _show(trainer: Engine, on_iterations: bool, every: int) -> None:
    if on_iterations:
        bar = ProgressBar(persist=False)
        bar.attach(trainer, metric_names="all", event_name=Events.ITERATION_COMPLETED(every=every))
    epochs = ProgressBar(persist=True, bar_format="")
    epochs.attach(trainer, event_name=Events.EPOCH_STARTED, closing_event_name=Events.COMPLETED)


def empty_cuda_cache(engine: Engine | None = None) -> None:
    """Give the memory that nothing uses back to the GPU; nothing happens where there is none."""
    gc.collect()
    if cuda.is_available():
        cuda.empty_cache()


def gen_save_best_models_by_val_score(
    save_handler: Callable | BaseSaveHandler,
    evaluator: Engine,
    models: Any,
    metric_name: str,
    n_saved: int = 3,
    trainer: Engine | None = None,
    tag: str = "val",
    score_sign: float = 1.0,
    **kwargs: Any,
) -> Checkpoint:
    """Save the models with the highest `score_sign * metric` whenever the evaluator is done; return the handler.

    Files are named "best_model_<trainer's epoch>_<tag>_<metric>=<score>.pt".

    Args:
        save_handler: as that of Checkpoint.
        evaluator: the engine with the metric.
        models: one, or name -> model.
        metric_name: an entry of `evaluator.state.metrics`.
        n_saved: how many to keep.
        trainer: whose epoch stands in the names.
        tag: put before the metric's name.
        score_sign: -1.0 where smaller is better.
        kwargs: options of Checkpoint.
    """
    handler = Checkpoint(
        models if isinstance(models, Mapping) else {"model": models},
        save_handler,
        filename_prefix="best",
        n_saved=n_saved,
        global_step_transform=None if trainer is None else global_step_from_engine(trainer),
        score_name=f"{tag}_{metric_name.lower()}",
        score_function=get_default_score_fn(metric_name, score_sign=score_sign),
        **kwargs,
    )
    evaluator.add_event_handler(Events.COMPLETED, handler)
    return handler


def save_best_model_by_val_score(
    output_path: str,
    evaluator: Engine,
    model: Any,
    metric_name: str,
    n_saved: int = 3,
    trainer: Engine | None = None,
    tag: str = "val",
    score_sign: float = 1.0,
    **kwargs: Any,
) -> Checkpoint:
    """`gen_save_best_models_by_val_score` into a directory."""
    saver = DiskSaver(output_path, require_empty=False)
    return gen_save_best_models_by_val_score(
        saver, evaluator, model, metric_name, n_saved, trainer, tag, score_sign, **kwargs
    )


def add_early_stopping_by_val_score(
    patience: int, evaluator: Engine, trainer: Engine, metric_name: str, score_sign: float = 1.0
) -> EarlyStopping:
    """Stop the trainer after so many evaluations without a higher `score_sign * metric`; return the handler."""
    handler = EarlyStopping(patience, get_default_score_fn(metric_name, score_sign=score_sign), trainer)
    evaluator.add_event_handler(Events.COMPLETED, handler)
    return handler


def setup_any_logging(*args: Any, **kwargs: Any) -> None:
    """Gone; DeprecationWarning is raised and names the functions of sparkle.handlers.logger_utils."""
    raise DeprecationWarning("setup_any_logging is gone: use setup_tb_logging, setup_wandb_logging, setup_logging...")
