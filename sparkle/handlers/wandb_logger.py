"""Logging to Weights & Biases."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from ..engine import Engine
from . import record_logger
from .record_logger import RecordLogger, check_logger, missing
from .utils import global_step_from_engine

__all__ = ["OptimizerParamsHandler", "OutputHandler", "WandBLogger", "global_step_from_engine"]


class WandBLogger(RecordLogger):
    """Logs to a run of Weights & Biases. All of the module wandb can be called on the logger: `logger.save(...)`.

    wandb takes records in the order of their steps only and drops what comes late: log an evaluator's metrics at the
    trainer's iteration, `global_step_transform=global_step_from_engine(trainer, Events.ITERATION_COMPLETED)`.

    Args:
        args, kwargs: those of wandb.init, as project, name, config; `mode="offline"` needs no account.
            `init=False` logs to the run that is active already.

    Raises:
        ModuleNotFoundError: wandb is not installed: pip install 'sparkle-engine[wandb]'.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        try:
            import wandb
        except ImportError as error:
            raise missing("WandBLogger", "wandb", "wandb") from error
        self._wandb = wandb
        if kwargs.pop("init", True):
            wandb.init(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name == "_wandb":  # asked for before __init__ has found it, as by copy and pickle
            raise AttributeError(f"{type(self).__name__} has no run yet")
        return getattr(self._wandb, name)

    def log(self, record: Mapping[str, Any], step: int | None = None, **kwargs: Any) -> None:
        """Call wandb.log."""
        self._wandb.log(dict(record), step=step, **kwargs)

    def close(self) -> None:
        """End the run: everything is written, or sent."""
        self._wandb.finish()

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        """End the run, as a failed one when an exception ended the block."""
        self._wandb.finish(exit_code=0 if kind is None else 1)

    def _create_output_handler(self, *args: Any, **kwargs: Any) -> OutputHandler:
        return OutputHandler(*args, **kwargs)

    def _create_opt_params_handler(self, *args: Any, **kwargs: Any) -> OptimizerParamsHandler:
        return OptimizerParamsHandler(*args, **kwargs)


class OutputHandler(record_logger.OutputHandler):
    """Logs metrics, the output and state attributes; see BaseOutputHandler. `sync` has no effect, and warns.

    RuntimeError with another logger.
    """

    def __init__(
        self,
        tag: str,
        metric_names: str | list[str] | None = None,
        output_transform: Callable[[Any], Any] | None = None,
        global_step_transform: Callable[[Engine, Any], int] | None = None,
        sync: bool | None = None,
        state_attributes: list[str] | None = None,
    ) -> None:
        super().__init__(tag, metric_names, output_transform, global_step_transform, state_attributes)
        _warn_of(sync)

    def __call__(self, engine: Engine, logger: WandBLogger, event_name: Any) -> None:  # type: ignore[override]
        """Log the values at the engine's step."""
        check_logger(self, logger, WandBLogger)
        super().__call__(engine, logger, event_name)


class OptimizerParamsHandler(record_logger.OptimizerParamsHandler):
    """Logs a setting of each parameter group as "tag/lr/group_0". `sync` has no effect, and warns.

    RuntimeError with another logger.
    """

    def __init__(
        self, optimizer: Any, param_name: str = "lr", tag: str | None = None, sync: bool | None = None
    ) -> None:
        super().__init__(optimizer, param_name, tag)
        _warn_of(sync)

    def __call__(self, engine: Engine, logger: WandBLogger, event_name: Any) -> None:  # type: ignore[override]
        """Log the values at the engine's step."""
        check_logger(self, logger, WandBLogger)
        super().__call__(engine, logger, event_name)


def _warn_of(sync: bool | None) -> None:
    if sync is not None:
        warnings.warn("WandBLogger: the argument sync is no longer used", stacklevel=3)
