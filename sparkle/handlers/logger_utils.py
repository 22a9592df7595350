"""The usual loggings in one call: training metrics, learning rates, metrics of evaluators."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..engine import Engine, Events
from .base_logger import BaseLogger
from .clearml_logger import ClearMLLogger
from .console_logger import ConsoleLogger
from .file_loggers import CSVLogger, JSONLinesLogger
from .mlflow_logger import MLflowLogger
from .neptune_logger import NeptuneLogger
from .polyaxon_logger import PolyaxonLogger
from .tensorboard_logger import TensorboardLogger
from .utils import global_step_from_engine
from .visdom_logger import VisdomLogger
from .wandb_logger import WandBLogger

__all__ = [
    "setup_clearml_logging",
    "setup_console_logging",
    "setup_csv_logging",
    "setup_jsonl_logging",
    "setup_logging",
    "setup_mlflow_logging",
    "setup_neptune_logging",
    "setup_plx_logging",
    "setup_tb_logging",
    "setup_trains_logging",
    "setup_visdom_logging",
    "setup_wandb_logging",
]

Engines = Engine | Mapping[str, Engine] | None
Names = str | list[str]


def setup_logging(
    logger: BaseLogger,
    trainer: Engine,
    optimizers: Any = None,
    evaluators: Engines = None,
    log_every_iters: int | None = 100,
    *,
    trainer_metric_names: Names = "all",
    evaluator_metric_names: Names = "all",
) -> None:
    """Attach a logger to a trainer, its optimizers and its evaluators.

    The trainer's metrics are logged as "training/...", learning rates as "lr/group_0", and when an evaluator is done
    its metrics as "validation/..." at the trainer's step. In mappings the keys are the tags.

    Args:
        logger: any logger.
        trainer: the engine that trains.
        optimizers: one, or name -> optimizer.
        evaluators: one, or name -> engine.
        log_every_iters: iterations of the trainer from record to record; None for each.
        trainer_metric_names, evaluator_metric_names: names of metrics, or "all".

    Raises:
        TypeError: optimizers or evaluators are of the wrong kind.
    """
    named_optimizers = _named(optimizers, None, "optimizers", lambda item: hasattr(item, "param_groups"))
    named_evaluators = _named(evaluators, "validation", "evaluators", lambda item: isinstance(item, Engine))
    every = 1 if log_every_iters is None else log_every_iters
    logger.attach_output_handler(
        trainer, Events.ITERATION_COMPLETED(every=every), tag="training", metric_names=trainer_metric_names
    )
    for tag, optimizer in named_optimizers.items():
        started = Events.ITERATION_STARTED(every=every)
        logger.attach_opt_params_handler(trainer, started, optimizer, param_name="lr", tag=tag)
    # wandb drops records of steps that are past, so there all records must count iterations.
    event = Events.ITERATION_COMPLETED if isinstance(logger, WandBLogger) else None
    step = global_step_from_engine(trainer, custom_event_name=event)
    for tag, evaluator in named_evaluators.items():
        logger.attach_output_handler(
            evaluator, Events.COMPLETED, tag=tag, metric_names=evaluator_metric_names, global_step_transform=step
        )


def _named(items: Any, tag: str | None, where: str, is_one: Any) -> Mapping[Any, Any]:
    """A single item under the tag, a mapping as it is."""
    if items is None:
        return {}
    if is_one(items):
        return {tag: items}
    if isinstance(items, Mapping):
        return items
    raise TypeError(f"{where}: met {type(items).__name__}, wanted one of them, or a dictionary of name: one")


def _setup_with(make: Callable[..., Any], name: str, doc: str) -> Callable[..., Any]:
    """The function that makes a logger and attaches it."""

    def setup(
        trainer: Engine,
        optimizers: Any = None,
        evaluators: Engines = None,
        log_every_iters: int | None = 100,
        *,
        trainer_metric_names: Names = "all",
        evaluator_metric_names: Names = "all",
        **kwargs: Any,
    ) -> Any:
        logger = make(**kwargs)
        try:
            setup_logging(
                logger,
                trainer,
                optimizers,
                evaluators,
                log_every_iters,
                trainer_metric_names=trainer_metric_names,
                evaluator_metric_names=evaluator_metric_names,
            )
        except BaseException:
            logger.close()
            raise
        return logger

    setup.__name__ = setup.__qualname__ = name
    setup.__doc__ = doc
    return setup


def _setup_at(make: Callable[[Any, dict[str, Any]], Any], name: str, doc: str) -> Callable[..., Any]:
    """The same for loggers that write to a path, which comes first."""

    def setup(
        output_path: str | Path,
        trainer: Engine,
        optimizers: Any = None,
        evaluators: Engines = None,
        log_every_iters: int | None = 100,
        *,
        trainer_metric_names: Names = "all",
        evaluator_metric_names: Names = "all",
        **kwargs: Any,
    ) -> Any:
        return _setup_with(lambda: make(output_path, kwargs), name, doc)(
            trainer,
            optimizers,
            evaluators,
            log_every_iters,
            trainer_metric_names=trainer_metric_names,
            evaluator_metric_names=evaluator_metric_names,
        )

    setup.__name__ = setup.__qualname__ = name
    setup.__doc__ = doc
    return setup


def _returned(made: str) -> str:
    return f"`setup_logging` with a new {made}, which is returned."


def _raises(name: str) -> str:
    return f"Raise NotImplementedError, as {name} does."


setup_tb_logging = _setup_at(
    lambda path, kwargs: TensorboardLogger(log_dir=str(path), **kwargs),
    "setup_tb_logging",
    _returned("TensorboardLogger(log_dir=output_path, **kwargs)"),
)
setup_csv_logging = _setup_at(
    lambda path, kwargs: CSVLogger(path, **kwargs), "setup_csv_logging", _returned("CSVLogger(output_path, **kwargs)")
)
setup_jsonl_logging = _setup_at(
    lambda path, kwargs: JSONLinesLogger(path, **kwargs),
    "setup_jsonl_logging",
    _returned("JSONLinesLogger(output_path, **kwargs)"),
)
setup_console_logging = _setup_with(ConsoleLogger, "setup_console_logging", _returned("ConsoleLogger(**kwargs)"))
setup_wandb_logging = _setup_with(WandBLogger, "setup_wandb_logging", _returned("WandBLogger(**kwargs)"))
setup_mlflow_logging = _setup_with(MLflowLogger, "setup_mlflow_logging", _returned("MLflowLogger(**kwargs)"))
setup_visdom_logging = _setup_with(VisdomLogger, "setup_visdom_logging", _raises("VisdomLogger"))
setup_neptune_logging = _setup_with(NeptuneLogger, "setup_neptune_logging", _raises("NeptuneLogger"))
setup_plx_logging = _setup_with(PolyaxonLogger, "setup_plx_logging", _raises("PolyaxonLogger"))
setup_clearml_logging = _setup_with(ClearMLLogger, "setup_clearml_logging", _raises("ClearMLLogger"))


def setup_trains_logging(*args: Any, **kwargs: Any) -> Any:
    """Older name of setup_clearml_logging; warns."""
    warnings.warn("setup_trains_logging was renamed to setup_clearml_logging.", stacklevel=2)
    return setup_clearml_logging(*args, **kwargs)
