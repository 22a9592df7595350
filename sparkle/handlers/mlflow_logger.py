"""Logging to MLflow."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from ..engine import Engine
from .base_logger import BaseOptimizerParamsHandler, BaseOutputHandler
from .record_logger import RecordLogger, check_logger, missing
from .utils import global_step_from_engine

__all__ = ["MLflowLogger", "OptimizerParamsHandler", "OutputHandler", "global_step_from_engine"]


class MLflowLogger(RecordLogger):
    """Logs to the active run of MLflow, or to a new one. All of the module mlflow can be called on the logger.

    Args:
        tracking_uri: where the runs are kept, as a folder ("file:runs"), a database or a server.

    Raises:
        ModuleNotFoundError: mlflow is not installed: pip install 'sparkle-engine[mlflow]'.
    """

    def __init__(self, tracking_uri: str | None = None) -> None:
        try:
            import mlflow
        except ImportError as error:
            raise missing("MLflowLogger", "mlflow", "mlflow") from error
        self._mlflow = mlflow
        if tracking_uri is not None:
            mlflow.set_tracking_uri(tracking_uri)
        self.active_run = mlflow.active_run() or mlflow.start_run()

    def __getattr__(self, name: str) -> Any:
        if name == "_mlflow":  # asked for before __init__ has found it, as by copy and pickle
            raise AttributeError(f"{type(self).__name__} has no run yet")
        return getattr(self._mlflow, name)

    def log(self, record: Mapping[str, Any], step: int) -> None:
        """Log the numbers of a record; a name that MLflow does not take, and text, is left out with a warning."""
        metrics = {}
        for name, value in record.items():
            if isinstance(value, str):
                warnings.warn(f"MLflowLogger: {name!r} is text, no metric, and is not logged", stacklevel=3)
            elif not _is_valid(name):
                warnings.warn(f"MLflowLogger: {name!r} is an invalid metric name and is not logged", stacklevel=3)
            else:
                metrics[name] = value
        if metrics:
            self._mlflow.log_metrics(metrics, step=step)

    def close(self) -> None:
        """End the run."""
        self._mlflow.end_run()

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        """End the run, as a failed one when an exception ended the block."""
        self._mlflow.end_run("FINISHED" if kind is None else "FAILED")

    def _create_output_handler(self, *args: Any, **kwargs: Any) -> OutputHandler:  # type: ignore[override]
        return OutputHandler(*args, **kwargs)

    def _create_opt_params_handler(self, *args: Any, **kwargs: Any) -> OptimizerParamsHandler:  # type: ignore[override]
        return OptimizerParamsHandler(*args, **kwargs)


class OutputHandler(BaseOutputHandler):
    """Logs metrics, the output and state attributes as "tag name"; see BaseOutputHandler. No text.

    TypeError with another logger.
    """

    def __call__(self, engine: Engine, logger: MLflowLogger, event_name: Any) -> None:
        """Log the values at the engine's step."""
        check_logger(self, logger, MLflowLogger, TypeError)
        values = self._setup_output_metrics_state_attrs(engine)
        record = {" ".join(key): value for key, value in values.items()}
        logger.log(record, step=self.global_step(engine, event_name))


class OptimizerParamsHandler(BaseOptimizerParamsHandler):
    """Logs a setting of each parameter group as "tag lr group_0"; TypeError with another logger."""

    def __call__(self, engine: Engine, logger: MLflowLogger, event_name: Any) -> None:
        """Log the values at the engine's step."""
        check_logger(self, logger, MLflowLogger, TypeError)
        record = {name.replace("/", " "): value for name, value in self.values()}
        logger.log(record, step=engine.state.get_event_attrib_value(event_name))


def _is_valid(name: str) -> bool:
    from mlflow.utils.validation import validate_param_and_metric_name

    return bool(validate_param_and_metric_name(name))
