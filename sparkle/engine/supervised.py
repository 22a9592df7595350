"""Engines for the usual training: a model, a loss function, batches of (x, y).

Nothing here knows tensors: models, optimizers, losses and batches are asked by method calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

from .batches import prepare_batch as _prepare_batch
from .deterministic import DeterministicEngine
from .engine import Engine
from .events import Events
from .gradients import GradientSteps
from .libraries import autocast_for, grad_scaler_for
from .modes import check_mode
from .priorities import Priority


def _same(output: Any) -> Any:
    return output


def _loss_as_number(x: Any, y: Any, y_pred: Any, loss: Any) -> Any:
    return loss.item()


def _for_metrics(x: Any, y: Any, y_pred: Any, loss: Any) -> Any:
    return {"loss": loss.item(), "y_pred": y_pred.detach() if hasattr(y_pred, "detach") else y_pred, "y": y}


def _call(model: Any, x: Any) -> Any:
    return model(x)


def supervised_training_step(
    model: Any,
    optimizer: Any,
    loss_fn: Callable[[Any, Any], Any],
    device: Any = None,
    non_blocking: bool = False,
    prepare_batch: Callable[..., tuple[Any, Any]] = _prepare_batch,
    model_transform: Callable[[Any], Any] = _same,
    output_transform: Callable[[Any, Any, Any, Any], Any] = _loss_as_number,
    gradient_accumulation_steps: int = 1,
    model_fn: Callable[[Any, Any], Any] = _call,
    *,
    clip_grad_norm: float | None = None,
    clip_grad_value: float | None = None,
    lr_scheduler: Any = None,
) -> Callable[[Engine, Any], Any]:
    """The process function of a supervised training, for `Engine`.

    The loss is `loss_fn(model_transform(model_fn(model, x)), y)`, where model_fn is `model(x)` by default. The model is
    put into train mode when it is not in it.

    device, non_blocking: where x and y are moved to; the model is not moved.
    prepare_batch: from `(batch, device=, non_blocking=)` to (x, y).
    output_transform: from (x, y, y_pred, loss) to `engine.state.output`, by default `loss.item()`.
    gradient_accumulation_steps: the optimizer makes a step after so many iterations, and after the last one, with the
    mean of their gradients.
    clip_grad_norm, clip_grad_value: bounds of the gradients' joint norm, and of each of them, before each step.
    lr_scheduler: its `step()` is called after each step of the optimizer.

    Each step fires BACKWARD_COMPLETED when its gradients are there, before they are clipped, and OPTIM_STEP_COMPLETED
    afterwards. Raises ValueError for a number of steps or a bound that is not positive.
    """
    gradients = GradientSteps(
        model, optimizer, gradient_accumulation_steps, None, clip_grad_norm, clip_grad_value, lr_scheduler
    )
    return _update(
        model, loss_fn, device, non_blocking, prepare_batch, model_transform, output_transform, model_fn, gradients
    )


def supervised_training_step_amp(
    model: Any,
    optimizer: Any,
    loss_fn: Callable[[Any, Any], Any],
    device: Any = None,
    non_blocking: bool = False,
    prepare_batch: Callable[..., tuple[Any, Any]] = _prepare_batch,
    model_transform: Callable[[Any], Any] = _same,
    output_transform: Callable[[Any, Any, Any, Any], Any] = _loss_as_number,
    scaler: Any = None,
    gradient_accumulation_steps: int = 1,
    model_fn: Callable[[Any, Any], Any] = _call,
    *,
    clip_grad_norm: float | None = None,
    clip_grad_value: float | None = None,
    lr_scheduler: Any = None,
) -> Callable[[Engine, Any], Any]:
    """`supervised_training_step` with the forward pass and the loss under `amp.autocast`, on the device of the model.

    scaler: a GradScaler, which scales the loss, unscales the gradients and leaves out steps that overflow.
    """
    gradients = GradientSteps(
        model, optimizer, gradient_accumulation_steps, scaler, clip_grad_norm, clip_grad_value, lr_scheduler
    )
    autocast = autocast_for(model, device)
    return _update(
        model,
        loss_fn,
        device,
        non_blocking,
        prepare_batch,
        model_transform,
        output_transform,
        model_fn,
        gradients,
        autocast,
    )


def supervised_training_step_apex(*args: Any, **kwargs: Any) -> Callable[[Engine, Any], Any]:
    """Not possible: raises ModuleNotFoundError, for NVIDIA apex works on PyTorch's models only."""
    raise ModuleNotFoundError(
        "supervised_training_step_apex: NVIDIA apex is for PyTorch models only; use amp_mode='amp'"
    )


def supervised_training_step_tpu(*args: Any, **kwargs: Any) -> Callable[[Engine, Any], Any]:
    """Not possible: raises ModuleNotFoundError, for the devices here are CPUs and CUDA GPUs."""
    raise ModuleNotFoundError("supervised_training_step_tpu: needs PyTorch XLA; the devices here are 'cpu' and 'cuda'")


def _update(
    model: Any,
    loss_fn: Callable[[Any, Any], Any],
    device: Any,
    non_blocking: bool,
    prepare_batch: Callable[..., tuple[Any, Any]],
    model_transform: Callable[[Any], Any],
    output_transform: Callable[[Any, Any, Any, Any], Any],
    model_fn: Callable[[Any, Any], Any],
    gradients: GradientSteps,
    autocast: Callable[[], Any] = nullcontext,
) -> Callable[[Engine, Any], Any]:
    def update(engine: Engine, batch: Any) -> Any:
        gradients.begin()
        if not getattr(model, "training", False):  # train() visits every module
            model.train()
        x, y = prepare_batch(batch, device=device, non_blocking=non_blocking)
        with autocast():
            y_pred = model_transform(model_fn(model, x))
            loss = loss_fn(y_pred, y)
        gradients.backward(engine, loss)
        return output_transform(x, y, y_pred, loss)

    update.gradients = gradients  # type: ignore[attr-defined]
    return update


def create_supervised_trainer(
    model: Any,
    optimizer: Any,
    loss_fn: Callable[[Any, Any], Any],
    device: Any = None,
    non_blocking: bool = False,
    prepare_batch: Callable[..., tuple[Any, Any]] = _prepare_batch,
    model_transform: Callable[[Any], Any] = _same,
    output_transform: Callable[[Any, Any, Any, Any], Any] | None = None,
    deterministic: bool = False,
    amp_mode: str | None = None,
    scaler: Any = False,
    gradient_accumulation_steps: int = 1,
    model_fn: Callable[[Any, Any], Any] = _call,
    *,
    clip_grad_norm: float | None = None,
    clip_grad_value: float | None = None,
    lr_scheduler: Any = None,
    metrics: Mapping[str, Any] | None = None,
) -> Engine:
    """An engine that trains the model; see `supervised_training_step` for the arguments that are not named here.

    deterministic: make a `DeterministicEngine`. amp_mode: "amp" for mixed precision. scaler: with it, a GradScaler, or
    True for a new one, which is then `trainer.state.scaler`. metrics: by name, attached to the trainer; its output is
    then, unless output_transform is given, a dict of "loss", "y_pred" and "y", which metrics take as it is.

    Gradients that are accumulated are part of `trainer.state_dict()`. A last, incomplete group makes its step in the
    last iteration, or when the last epoch ends where the length of the data is not known.

    Raises ValueError for arguments that do not go together, RuntimeError and ModuleNotFoundError for devices and modes
    that are not there.

    >>> import sparkle
    >>> class Scale(sparkle.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = sparkle.nn.Parameter(sparkle.tensor(0.0))
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> model = Scale()
    >>> optimizer = sparkle.optim.SGD(model.parameters(), lr=0.25)
    >>> trainer = create_supervised_trainer(model, optimizer, lambda y_pred, y: ((y_pred - y) ** 2).mean())
    >>> x = sparkle.tensor([1.0, -1.0])
    >>> state = trainer.run([(x, 2 * x)], max_epochs=20)
    >>> round(model.factor.item(), 3)
    2.0
    """
    check_mode("create_supervised_trainer", device, amp_mode, scaler)
    if scaler is True:
        scaler = grad_scaler_for(model, device)
    if output_transform is None:
        output_transform = _for_metrics if metrics else _loss_as_number
    gradients = GradientSteps(
        model, optimizer, gradient_accumulation_steps, scaler or None, clip_grad_norm, clip_grad_value, lr_scheduler
    )
    autocast = autocast_for(model, device) if amp_mode else nullcontext
    update = _update(
        model,
        loss_fn,
        device,
        non_blocking,
        prepare_batch,
        model_transform,
        output_transform,
        model_fn,
        gradients,
        autocast,
    )
    trainer = DeterministicEngine(update) if deterministic else Engine(update)
    if scaler:
        trainer.state.scaler = scaler  # type: ignore[attr-defined]
    if gradient_accumulation_steps > 1:
        trainer.state_dict_objects["gradients"] = gradients
        trainer.add_event_handler(Events.EPOCH_COMPLETED, gradients.flush, priority=Priority.METRICS + 10)
    for name, metric in (metrics or {}).items():
        metric.attach(trainer, name)
    return trainer
