"""Engines for the usual evaluation: a model, batches of (x, y), metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from typing import Any

from .batches import prepare_batch as _prepare_batch
from .engine import Engine
from .events import Events
from .libraries import autocast_for, no_grad_for
from .modes import check_mode


def _same(output: Any) -> Any:
    return output


def _prediction_and_target(x: Any, y: Any, y_pred: Any) -> Any:
    return y_pred, y


def _call(model: Any, x: Any) -> Any:
    return model(x)


def supervised_evaluation_step(
    model: Any,
    device: Any = None,
    non_blocking: bool = False,
    prepare_batch: Callable[..., tuple[Any, Any]] = _prepare_batch,
    model_transform: Callable[[Any], Any] = _same,
    output_transform: Callable[[Any, Any, Any], Any] = _prediction_and_target,
    model_fn: Callable[[Any, Any], Any] = _call,
) -> Callable[[Engine, Any], Any]:
    """The process function of an evaluation, for `Engine`: the model in eval mode, no gradients recorded.

    output_transform: from (x, y, y_pred) to `engine.state.output`, by default (y_pred, y). The other arguments are
    those of `supervised_training_step`.
    """
    return _evaluate(model, device, non_blocking, prepare_batch, model_transform, output_transform, model_fn)


def supervised_evaluation_step_amp(
    model: Any,
    device: Any = None,
    non_blocking: bool = False,
    prepare_batch: Callable[..., tuple[Any, Any]] = _prepare_batch,
    model_transform: Callable[[Any], Any] = _same,
    output_transform: Callable[[Any, Any, Any], Any] = _prediction_and_target,
    model_fn: Callable[[Any, Any], Any] = _call,
) -> Callable[[Engine, Any], Any]:
    """`supervised_evaluation_step` under `amp.autocast`, on the device of the model."""
    autocast = autocast_for(model, device)
    return _evaluate(model, device, non_blocking, prepare_batch, model_transform, output_transform, model_fn, autocast)


def _evaluate(
    model: Any,
    device: Any,
    non_blocking: bool,
    prepare_batch: Callable[..., tuple[Any, Any]],
    model_transform: Callable[[Any], Any],
    output_transform: Callable[[Any, Any, Any], Any],
    model_fn: Callable[[Any, Any], Any],
    autocast: Callable[[], Any] = nullcontext,
) -> Callable[[Engine, Any], Any]:
    no_grad = no_grad_for(model)

    def evaluate(engine: Engine, batch: Any) -> Any:
        if getattr(model, "training", True):  # eval() visits every module
            model.eval()
        with no_grad():
            x, y = prepare_batch(batch, device=device, non_blocking=non_blocking)
            with autocast():
                y_pred = model_transform(model_fn(model, x))
            return output_transform(x, y, y_pred)

    return evaluate


def create_supervised_evaluator(
    model: Any,
    metrics: Mapping[str, Any] | None = None,
    device: Any = None,
    non_blocking: bool = False,
    prepare_batch: Callable[..., tuple[Any, Any]] = _prepare_batch,
    model_transform: Callable[[Any], Any] = _same,
    output_transform: Callable[[Any, Any, Any], Any] = _prediction_and_target,
    amp_mode: str | None = None,
    model_fn: Callable[[Any, Any], Any] = _call,
    *,
    trainer: Engine | None = None,
    data: Iterable | None = None,
    event: Any = Events.EPOCH_COMPLETED,
) -> Engine:
    """An engine that evaluates the model, with metrics, a dict by name, attached; see `supervised_evaluation_step`.

    amp_mode: "amp" for mixed precision. trainer: the engine whose model this is, `evaluator.trainer` afterwards; with
    data as well, the evaluator runs over it at the trainer's event. Raises ValueError for data without a trainer,
    RuntimeError and ModuleNotFoundError for devices and modes that are not there.

    >>> import sparkle
    >>> from sparkle.metrics import Accuracy
    >>> evaluator = create_supervised_evaluator(sparkle.nn.Identity(), {"accuracy": Accuracy()})
    >>> scores, labels = sparkle.eye(3), sparkle.tensor([0, 1, 1])
    >>> round(evaluator.run([(scores, labels)]).metrics["accuracy"], 3)
    0.667
    """
    check_mode("create_supervised_evaluator", device, amp_mode)
    if data is not None and trainer is None:
        raise ValueError("create_supervised_evaluator: data is run at an event of the trainer, but trainer is None")
    step = supervised_evaluation_step_amp if amp_mode else supervised_evaluation_step
    evaluator = Engine(step(model, device, non_blocking, prepare_batch, model_transform, output_transform, model_fn))
    for name, metric in (metrics or {}).items():
        metric.attach(evaluator, name)
    evaluator.trainer = trainer
    if trainer is not None and data is not None:
        trainer.add_event_handler(event, lambda: evaluator.run(data))
    return evaluator
