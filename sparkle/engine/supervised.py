"""Engines for the usual training and evaluation: a model, a loss function, batches of (x, y).

Nothing here knows tensors: models, optimizers, losses and batches are asked by method calls.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from .engine import Engine


def _same(output: Any) -> Any:
    return output


def _loss_as_number(x: Any, y: Any, y_pred: Any, loss: Any) -> Any:
    return loss.item()


def _prediction_and_target(x: Any, y: Any, y_pred: Any) -> Any:
    return y_pred, y


def _call(model: Any, x: Any) -> Any:
    return model(x)


def _prepare_batch(batch: Any, device: Any = None, non_blocking: bool = False) -> tuple[Any, Any]:
    """x and y of a batch, on the device."""
    x, y = batch
    return _moved(x, device, non_blocking), _moved(y, device, non_blocking)


def _moved(value: Any, device: Any, non_blocking: bool) -> Any:
    """Everything with a method `to`, in any nesting of mappings and sequences, on the device."""
    if hasattr(value, "to"):
        return value if device is None else value.to(device=device, non_blocking=non_blocking)
    if isinstance(value, (str, bytes)):
        return value
    if isinstance(value, Mapping):
        return type(value)({key: _moved(item, device, non_blocking) for key, item in value.items()})  # type: ignore[call-arg]
    if isinstance(value, Sequence):
        items = [_moved(item, device, non_blocking) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)  # type: ignore[call-arg]
    raise TypeError(
        f"prepare_batch: met a {type(value).__name__} in the batch; wanted tensors, or mappings and sequences of them: "
        "pass your own prepare_batch(batch, device, non_blocking)"
    )


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
) -> Callable[[Engine, Any], Any]:
    """The process function of a supervised training, for `Engine`.

    The loss is `loss_fn(model_transform(model_fn(model, x)), y)`, where model_fn is `model(x)` by default.
    device, non_blocking: where x and y are moved to; the model is not moved. prepare_batch: from
    `(batch, device=, non_blocking=)` to (x, y). output_transform: from (x, y, y_pred, loss) to `engine.state.output`,
    by default `loss.item()`. gradient_accumulation_steps: the optimizer makes a step after so many iterations, with
    the mean of their gradients; an incomplete group at the end makes none. Raises ValueError where that is less than 1.
    """
    steps = gradient_accumulation_steps
    if steps <= 0:
        raise ValueError(
            f"gradient_accumulation_steps must be strictly positive, got {steps}. No gradient accumulation if the "
            "value set to one (default)."
        )

    def update(engine: Engine, batch: Any) -> Any:
        if (engine.state.iteration - 1) % steps == 0:
            optimizer.zero_grad()
        model.train()
        x, y = prepare_batch(batch, device=device, non_blocking=non_blocking)
        y_pred = model_transform(model_fn(model, x))
        loss = loss_fn(y_pred, y)
        (loss if steps == 1 else loss / steps).backward()
        if engine.state.iteration % steps == 0:
            optimizer.step()
        return output_transform(x, y, y_pred, loss)

    return update


def create_supervised_trainer(
    model: Any,
    optimizer: Any,
    loss_fn: Callable[[Any, Any], Any],
    device: Any = None,
    non_blocking: bool = False,
    prepare_batch: Callable[..., tuple[Any, Any]] = _prepare_batch,
    model_transform: Callable[[Any], Any] = _same,
    output_transform: Callable[[Any, Any, Any, Any], Any] = _loss_as_number,
    deterministic: bool = False,
    amp_mode: str | None = None,
    scaler: Any = False,
    gradient_accumulation_steps: int = 1,
    model_fn: Callable[[Any, Any], Any] = _call,
) -> Engine:
    """An engine that trains the model; see `supervised_training_step` for the arguments.

    Not there yet: deterministic=True, and mixed precision (amp_mode, scaler); NotImplementedError where they are asked
    for. Raises ValueError for arguments that do not go together.

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
    _check_mode("create_supervised_trainer", device, amp_mode, scaler)
    if deterministic:
        raise NotImplementedError(
            "create_supervised_trainer: deterministic=True needs DeterministicEngine, which is not there yet; seed "
            "the run with manual_seed and leave deterministic=False"
        )
    return Engine(
        supervised_training_step(
            model,
            optimizer,
            loss_fn,
            device,
            non_blocking,
            prepare_batch,
            model_transform,
            output_transform,
            gradient_accumulation_steps,
            model_fn,
        )
    )


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
    no_grad = _no_grad_for(model)

    def evaluate(engine: Engine, batch: Any) -> Any:
        model.eval()
        with no_grad():
            x, y = prepare_batch(batch, device=device, non_blocking=non_blocking)
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
) -> Engine:
    """An engine that evaluates the model, with metrics, a dict by name, attached; see `supervised_evaluation_step`.

    Raises NotImplementedError where mixed precision (amp_mode) is asked for, which is not there yet.

    >>> import sparkle
    >>> from sparkle.metrics import Accuracy
    >>> evaluator = create_supervised_evaluator(sparkle.nn.Identity(), {"accuracy": Accuracy()})
    >>> scores, labels = sparkle.eye(3), sparkle.tensor([0, 1, 1])
    >>> round(evaluator.run([(scores, labels)]).metrics["accuracy"], 3)
    0.667
    """
    _check_mode("create_supervised_evaluator", device, amp_mode, None)
    evaluator = Engine(
        supervised_evaluation_step(
            model, device, non_blocking, prepare_batch, model_transform, output_transform, model_fn
        )
    )
    for name, metric in (metrics or {}).items():
        metric.attach(evaluator, name)
    return evaluator


def _check_mode(factory: str, device: Any, amp_mode: str | None, scaler: Any) -> None:
    """Refuse devices and modes that are not there."""
    place = str(device)
    if amp_mode and "mps" in place:
        raise ValueError(
            f"{factory}: amp_mode cannot be used with mps device. Consider using amp_mode=None or device='cuda'."
        )
    if "xla" in place:
        raise RuntimeError(f"{factory}: device={place!r} needs PyTorch XLA; the devices here are 'cpu' and 'cuda'")
    if amp_mode not in (None, "amp", "apex"):
        raise ValueError(f"{factory}: amp_mode should be None, 'amp' or 'apex', got {amp_mode!r}")
    if scaler and amp_mode != "amp":
        raise ValueError(
            f"{factory}: scaler argument is {scaler}, but amp_mode is {amp_mode}. Consider using amp_mode='amp'."
        )
    if amp_mode == "apex":
        raise ModuleNotFoundError(f"{factory}: amp_mode='apex' needs NVIDIA apex, which is for PyTorch models only")
    if amp_mode:
        raise NotImplementedError(f"{factory}: amp_mode='amp', mixed precision, is not there yet; use amp_mode=None")


def _no_grad_for(model: Any) -> Callable[[], AbstractContextManager[Any]]:
    """The `no_grad` of the library that the model's class derives from, or of the one that this engine belongs to.

    The engine imports no library of tensors. The one that a model needs is loaded already, and has this under the name
    that all of them use.
    """
    roots = [kind.__module__.partition(".")[0] for kind in reversed(type(model).__mro__)]
    for root in (*roots, __name__.partition(".")[0]):
        switch = getattr(sys.modules.get(root), "no_grad", None)
        if callable(switch):
            return switch
    return nullcontext
