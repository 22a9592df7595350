"""Truncated backpropagation through time: long sequences in pieces, with a step of the optimizer after each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .batches import prepare_batch as _prepare_batch
from .engine import Engine
from .events import EventEnum


class Tbptt_Events(EventEnum):
    """Fired around each piece of a sequence."""

    TIME_ITERATION_STARTED = "time_iteration_started"
    TIME_ITERATION_COMPLETED = "time_iteration_completed"


def create_supervised_tbptt_trainer(
    model: Any,
    optimizer: Any,
    loss_fn: Callable[[Any, Any], Any],
    tbtt_step: int,
    dim: int = 0,
    device: Any = None,
    non_blocking: bool = False,
    prepare_batch: Callable[..., tuple[Any, Any]] = _prepare_batch,
) -> Engine:
    """An engine that trains a recurrent model on pieces of `tbtt_step` time steps.

    The model is called as `model(x)` for the first piece and as `model(x, hidden)` for the others, and returns
    (y_pred, hidden); hidden, a tensor or any nesting of tensors, is detached between two pieces. dim: the axis of time
    in x and y. Tbptt_Events are fired around each piece, whose loss is `engine.state.output` meanwhile; the output of
    the iteration is the mean of these losses. Raises ValueError for a `tbtt_step` that is not positive.

    >>> import sparkle
    >>> class Sum(sparkle.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.cell = sparkle.nn.RNN(1, 1)
    ...     def forward(self, x, hidden=None):
    ...         return self.cell(x, hidden)
    >>> model = Sum()
    >>> optimizer = sparkle.optim.SGD(model.parameters(), lr=0.1)
    >>> trainer = create_supervised_tbptt_trainer(model, optimizer, sparkle.nn.functional.mse_loss, tbtt_step=2)
    >>> pieces = []
    >>> handle = trainer.add_event_handler(Tbptt_Events.TIME_ITERATION_COMPLETED, lambda: pieces.append(1))
    >>> state = trainer.run([(sparkle.ones(5, 3, 1), sparkle.zeros(5, 3, 1))])
    >>> len(pieces)
    3
    """
    if tbtt_step < 1:
        raise ValueError(f"create_supervised_tbptt_trainer: tbtt_step must be strictly positive, got {tbtt_step}")

    def update(engine: Engine, batch: Any) -> float:
        losses: list[float] = []
        hidden = None
        x, y = batch
        for piece in zip(x.split(tbtt_step, dim=dim), y.split(tbtt_step, dim=dim), strict=True):
            x_t, y_t = prepare_batch(piece, device=device, non_blocking=non_blocking)
            engine.fire_event(Tbptt_Events.TIME_ITERATION_STARTED)
            if not getattr(model, "training", False):
                model.train()
            optimizer.zero_grad()
            y_pred, hidden = model(x_t) if hidden is None else model(x_t, _detached(hidden))
            loss = loss_fn(y_pred, y_t)
            loss.backward()
            optimizer.step()
            engine.state.output = loss.item()
            losses.append(engine.state.output)
            engine.fire_event(Tbptt_Events.TIME_ITERATION_COMPLETED)
        return sum(losses) / len(losses)

    engine = Engine(update)
    engine.register_events(*Tbptt_Events)
    return engine


def _detached(value: Any) -> Any:
    """The same without its history, in any nesting of mappings and sequences."""
    if hasattr(value, "detach"):
        return value.detach()
    if isinstance(value, Mapping):
        return type(value)({key: _detached(item) for key, item in value.items()})  # type: ignore[call-arg]
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        items = [_detached(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)  # type: ignore[call-arg]
    raise TypeError(f"create_supervised_tbptt_trainer: hidden holds a {type(value).__name__}; wanted tensors")
